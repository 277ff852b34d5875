// Whether a body is one that opens a checkout.
import { findProduct } from './catalog.mjs';
import { findCustomer } from './customers.mjs';
import { unprocessable } from './http.mjs';

const METADATA = { keys: 50, key: 40, text: 500 };

const isText = (value) => typeof value === 'string' && value !== '';


function isUrl(value) {
    try {
        return /^https?:$/.test(new URL(value).protocol);
    } catch {
        return false;
    }
}


const isMetadataValue = (value) => typeof value === 'boolean'
    || Number.isFinite(value)
    || isText(value) && value.length <= METADATA.text;

const isObject = (value) => typeof value === 'object' && value !== null
    && !Array.isArray(value);


function isMetadata(value) {
    if (!isObject(value)) {
        return false;
    }
    const pairs = Object.entries(value);

    return pairs.length <= METADATA.keys && pairs.every(([name, each]) =>
        isText(name) && name.length <= METADATA.key && isMetadataValue(each));
}


const OPTIONAL = {
    external_customer_id: [isText, 'Input should be a valid string'],
    customer_external_id: [isText, 'Input should be a valid string'],
    customer_id: [findCustomer, 'Customer does not exist.'],
    customer_email: [(value) => /^[^\s@]+@[^\s@]+$/.test(value),
        'value is not a valid email address'],
    customer_name: [isText, 'Input should be a valid string'],
    customer_billing_address: [(value) => isObject(value)
        && /^[A-Z]{2}$/.test(value.country), 'country is required'],
    success_url: [isUrl, 'Input should be a valid URL'],
    return_url: [isUrl, 'Input should be a valid URL'],
    metadata: [isMetadata, 'Input should be a valid dictionary'],
};


function productIssues({ products }) {
    const loc = ['body', 'products'];

    if (products === undefined) {
        return [[loc, 'Field required', 'missing', {}]];
    }
    if (!Array.isArray(products)) {
        return [[loc, 'Input should be a valid list', 'list_type', products]];
    }
    if (products.length === 0) {
        return [[loc, 'List should have at least 1 item after validation,'
            + ' not 0', 'too_short', products]];
    }
    return products
        .map((id, i) => [[...loc, i], 'Product does not exist.',
            'value_error', id])
        .filter(([, , , id]) => (findProduct(id)?.is_archived ?? true));
}


// throws an ApiError that tells all that is wrong
export function checkCheckout(body) {
    const issues = productIssues(body);

    for (const [name, [isValid, message]] of Object.entries(OPTIONAL)) {
        const value = body[name] ?? null;

        if (value !== null && !isValid(value)) {
            issues.push([['body', name], message, 'value_error', value]);
        }
    }
    if (issues.length) {
        throw unprocessable(...issues);
    }
}
