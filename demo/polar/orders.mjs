// Orders: made, paid, refunded.  Amounts are cents; what is refunded is
// counted apart from its tax, as Polar does.
import { randomUUID } from 'node:crypto';
import { ORGANIZATION } from './catalog.mjs';
import { legacyUser } from './customers.mjs';
import { emit } from './deliveries.mjs';
import { orderProduct, stamp } from './wire.mjs';

// { order, customer, product, subscription }
const entries = [];

// percent, by country; a shop in the USA that sells to Germany
const TAX = { DE: 19 };


function view({ order, customer, product, subscription }) {
    return {
        ...order,
        customer,
        user_id: customer.id,
        user: legacyUser(customer),
        product: orderProduct(product),
        product_price: null,
        discount: null,
        subscription: subscription ?? null,
        items: [{
            id: order.id,
            created_at: order.created_at,
            modified_at: null,
            label: product.name,
            amount: order.net_amount,
            tax_amount: order.tax_amount,
            proration: false,
            product_price_id: product.prices[0].id,
        }],
        description: product.name,
    };
}


function pending({ customer, product, subscription, checkout, reason }) {
    const net = product.prices[0].price_amount;
    const tax = Math.round(
        net * (TAX[customer.billing_address.country] ?? 0) / 100);

    return {
        id: randomUUID(),
        created_at: stamp(),
        modified_at: null,
        status: 'pending',
        paid: false,
        subtotal_amount: net,
        discount_amount: 0,
        net_amount: net,
        amount: net,
        tax_amount: tax,
        total_amount: net + tax,
        applied_balance_amount: 0,
        from_balance_amount: 0,
        due_amount: net + tax,
        refunded_amount: 0,
        refunded_tax_amount: 0,
        refundable_amount: net,
        refundable_tax_amount: tax,
        currency: product.prices[0].price_currency,
        billing_reason: reason,
        billing_name: customer.billing_name,
        billing_address: customer.billing_address,
        invoice_number:
            `STANDIN-${String(entries.length + 1).padStart(4, '0')}`,
        is_invoice_generated: false,
        receipt_number: null,
        seats: null,
        units: null,
        customer_id: customer.id,
        product_id: product.id,
        product_price_id: null,
        discount_id: null,
        subscription_id: subscription?.id ?? null,
        checkout_id: checkout?.id ?? null,
        next_payment_attempt_at: null,
        // a copy of the checkout's, never of the product's
        metadata: checkout?.metadata ?? subscription?.metadata ?? {},
        custom_field_data: {},
        platform_fee_amount: Math.round(net * 0.04) + 40,
        platform_fee_currency: product.prices[0].price_currency,
    };
}


export const orders = () => entries.map(view);

export const findOrder = (id) => entries.find(({ order }) => order.id === id);


// Resolves when Polar has told of all of it once.
export function bill(sale) {
    const entry = { ...sale, order: pending(sale) };

    entries.push(entry);
    emit('order.created', view(entry));
    Object.assign(entry.order, {
        status: 'paid', paid: true, modified_at: stamp(),
    });
    emit('order.updated', view(entry));
    return emit('order.paid', view(entry));
}


// `amount` without tax; of the tax goes back its share.  false: more than is
// left
export function refund(entry, amount) {
    const { order } = entry;

    if (amount > order.refundable_amount) {
        return false;
    }

    const last = amount === order.refundable_amount;
    const tax = last ? order.refundable_tax_amount
        : Math.round(order.tax_amount * amount / order.net_amount);

    Object.assign(order, {
        modified_at: stamp(),
        status: last ? 'refunded' : 'partially_refunded',
        refunded_amount: order.refunded_amount + amount,
        refunded_tax_amount: order.refunded_tax_amount + tax,
        refundable_amount: order.refundable_amount - amount,
        refundable_tax_amount: order.refundable_tax_amount - tax,
    });

    emit('refund.created', {
        created_at: stamp(),
        modified_at: null,
        id: randomUUID(),
        metadata: {},
        status: 'succeeded',
        reason: 'customer_request',
        amount,
        tax_amount: tax,
        currency: order.currency,
        organization_id: ORGANIZATION,
        order_id: order.id,
        subscription_id: order.subscription_id,
        customer_id: order.customer_id,
        revoke_benefits: last,
        dispute: null,
    });
    emit('order.updated', view(entry));
    emit('order.refunded', view(entry));
    return true;
}
