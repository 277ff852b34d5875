// Subscriptions: begun, renewed, canceled, revoked.
import { randomUUID } from 'node:crypto';
import { emit } from './deliveries.mjs';
import { legacyUser } from './customers.mjs';
import { addInterval, stamp } from './wire.mjs';

// { subscription, customer, product }
const entries = [];


function view({ subscription, customer, product }) {
    return {
        ...subscription,
        customer,
        user_id: customer.id,
        user: legacyUser(customer),
        product,
        price: null,
        price_id: null,
        discount: null,
        prices: product.prices,
        meters: [],
        pending_update: null,
    };
}


export const subscriptions = () => entries.map(view);

export const findSubscription = (id) =>
    entries.find(({ subscription }) => subscription.id === id);


function stateChanged({ customer }) {
    emit('customer.state_changed', {
        ...customer,
        active_subscriptions: entries
            .filter((each) => each.customer === customer
                && each.subscription.status === 'active')
            .map(({ subscription }) => ({ ...subscription, meters: [] })),
        granted_benefits: [],
        active_meters: [],
    });
}


function change(entry, event, fields) {
    Object.assign(entry.subscription, { ...fields, modified_at: stamp() });
    emit('subscription.updated', view(entry));
    emit(event, view(entry));
    stateChanged(entry);
}


// paid for by the order that the caller makes then
export function subscribe({ customer, product, checkout }) {
    const now = new Date();
    const [price] = product.prices;
    const subscription = {
        created_at: stamp(now),
        modified_at: null,
        id: randomUUID(),
        amount: price.price_amount,
        currency: price.price_currency,
        recurring_interval: product.recurring_interval,
        recurring_interval_count: 1,
        status: 'active',
        current_period_start: stamp(now),
        current_period_end: stamp(
            addInterval(now, product.recurring_interval)),
        current_meter_period_start: null,
        current_meter_period_end: null,
        trial_start: null,
        trial_end: null,
        cancel_at_period_end: false,
        canceled_at: null,
        started_at: stamp(now),
        ends_at: null,
        ended_at: null,
        past_due_at: null,
        pause_at_period_end: false,
        paused_at: null,
        resumes_at: null,
        customer_id: customer.id,
        product_id: product.id,
        discount_id: null,
        checkout_id: checkout.id,
        seats: null,
        customer_cancellation_reason: null,
        customer_cancellation_comment: null,
        metadata: checkout.metadata,
        custom_field_data: {},
    };
    const entry = { subscription, customer, product };

    entries.push(entry);
    emit('subscription.created', view(entry));
    emit('subscription.active', view(entry));
    stateChanged(entry);
    return subscription;
}


// The period ends now, whatever the clock says: false when the subscription
// ends with it, else the next one has begun and is to be paid for.
export function cycle(entry) {
    const { subscription } = entry;

    if (subscription.cancel_at_period_end) {
        revoke(entry);
        return false;
    }

    const start = new Date(subscription.current_period_end);
    Object.assign(subscription, {
        modified_at: stamp(),
        current_period_start: stamp(start),
        current_period_end: stamp(
            addInterval(start, subscription.recurring_interval)),
    });
    emit('subscription.cycled', view(entry));
    emit('subscription.updated', view(entry));
    return true;
}


export function cancel(entry) {
    change(entry, 'subscription.canceled', {
        cancel_at_period_end: true, canceled_at: stamp(),
        ends_at: entry.subscription.current_period_end,
    });
}


export function uncancel(entry) {
    change(entry, 'subscription.uncanceled', {
        cancel_at_period_end: false, canceled_at: null, ends_at: null,
    });
}


export function revoke(entry) {
    const now = stamp();

    change(entry, 'subscription.revoked', {
        status: 'canceled', ended_at: now, ends_at: now,
        canceled_at: entry.subscription.canceled_at ?? now,
    });
}
