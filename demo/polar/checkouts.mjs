// Checkouts: opened through the API, paid on a page.
import { randomBytes, randomUUID } from 'node:crypto';
import { ORGANIZATION, findProduct } from './catalog.mjs';
import { createCustomer, findByExternalId, findCustomer }
    from './customers.mjs';
import { emit } from './deliveries.mjs';
import { bill } from './orders.mjs';
import { subscribe } from './subscriptions.mjs';
import { checkoutProduct, stamp } from './wire.mjs';

const OPEN_FOR = 60 * 60_000;   // ms

// id → { checkout, product }
const entries = new Map();


function view({ checkout, product }) {
    const shown = checkoutProduct(product);

    return {
        ...checkout,
        products: [shown],
        product: shown,
        product_price: product.prices[0],
        prices: { [product.id]: product.prices },
        discount: null,
        subscription_id: null,
        attached_custom_fields: [],
        customer_metadata: {},
    };
}


export const checkouts = () => [...entries.values()].map(view);

export const findCheckout = (id) => entries.get(id);


// wanted: a body that has been checked; publicUrl: where the pages are
export function openCheckout(wanted, publicUrl) {
    const id = randomUUID();
    const now = new Date();
    const product = findProduct(wanted.products[0]);
    const page = `${publicUrl}/checkout/${id}`;
    const { price_amount: amount, price_currency: currency, id: priceId }
        = product.prices[0];

    const checkout = {
        id,
        created_at: stamp(now),
        modified_at: null,
        custom_field_data: {},
        payment_processor: 'stripe',
        status: 'open',
        client_secret: `polar_c_${randomBytes(32).toString('base64url')}`,
        url: page,
        expires_at: stamp(new Date(now.getTime() + OPEN_FOR)),
        success_url: (wanted.success_url ?? page)
            .replaceAll('{CHECKOUT_ID}', id),
        return_url: wanted.return_url ?? null,
        embed_origin: null,
        amount,
        seats: null,
        min_seats: null,
        max_seats: null,
        discount_amount: 0,
        net_amount: amount,
        tax_amount: null,
        tax_behavior: null,
        total_amount: amount,
        currency,
        allow_trial: true,
        active_trial_interval: null,
        active_trial_interval_count: null,
        trial_end: null,
        organization_id: ORGANIZATION,
        product_id: product.id,
        product_price_id: priceId,
        discount_id: null,
        allow_discount_codes: true,
        require_billing_address: false,
        is_discount_applicable: true,
        is_free_product_price: false,
        is_payment_required: true,
        is_payment_setup_required: product.is_recurring,
        is_payment_form_required: true,
        customer_id: wanted.customer_id ?? null,
        is_business_customer: false,
        customer_name: wanted.customer_name ?? null,
        customer_email: wanted.customer_email ?? null,
        customer_ip_address: null,
        customer_billing_name: null,
        customer_billing_address: wanted.customer_billing_address ?? null,
        customer_tax_id: null,
        locale: null,
        payment_processor_metadata: {},
        billing_address_fields: {
            country: 'required', state: 'disabled', city: 'disabled',
            postal_code: 'disabled', line1: 'disabled', line2: 'disabled',
        },
        trial_interval: null,
        trial_interval_count: null,
        metadata: wanted.metadata ?? {},
        external_customer_id: wanted.external_customer_id
            ?? wanted.customer_external_id ?? null,
    };
    const entry = { checkout, product };

    entries.set(id, entry);
    emit('checkout.created', view(entry));
    return view(entry);
}


const isOver = ({ checkout }) => new Date(checkout.expires_at) < new Date();


function move(entry, fields) {
    Object.assign(entry.checkout, { ...fields, modified_at: stamp() });
    return emit('checkout.updated', view(entry));
}


// 'open', 'succeeded' or 'expired'
export function statusOf(entry) {
    if (entry.checkout.status === 'open' && isOver(entry)) {
        entry.checkout.status = 'expired';
        emit('checkout.expired', view(entry));
    }
    return entry.checkout.status;
}


function customerOf({ checkout }) {
    return findCustomer(checkout.customer_id)
        ?? findByExternalId(checkout.external_customer_id)
        ?? createCustomer({
            externalId: checkout.external_customer_id,
            email: checkout.customer_email,
            name: checkout.customer_name,
            country: checkout.customer_billing_address?.country,
        });
}


// Once; resolves when Polar has told of all of it once.
export async function pay(entry) {
    const { checkout, product } = entry;

    if (statusOf(entry) !== 'open') {
        return;
    }

    const customer = customerOf(entry);
    move(entry, { status: 'confirmed', customer_id: customer.id });

    const sale = { customer, product, checkout };
    if (product.is_recurring) {
        sale.subscription = subscribe(sale);
        sale.reason = 'subscription_create';
    } else {
        sale.reason = 'purchase';
    }

    const told = bill(sale);
    move(entry, { status: 'succeeded' });
    await told;
}
