// What Polar, its dashboard or chance do, for tests to order.
//
// GET    /_state                     customers, checkouts, orders,
//                                    subscriptions
// GET    /_deliveries                all webhooks: id, type, payload, state
//                                    and the answer to each attempt
// POST   /_deliveries/<id>           send it now, whatever has become of it;
//                                    {"times":n} at once
// POST   /_hold, DELETE /_hold       hold new webhooks back; let them go
// POST   /_events                    {"type","data"}: a webhook of any type
// POST   /_customers                 {"external_id","email","name"}: all of it
//                                    optional
// PATCH  /_products/<id>             {"metadata"}
// POST   /_orders/<id>/refund        {"amount":cents without tax}; all that is
//                                    left if absent
// POST   /_subscriptions/<id>/<act>  cycle, cancel, uncancel or revoke
import { findProduct } from './catalog.mjs';
import { checkouts } from './checkouts.mjs';
import { createCustomer, customers } from './customers.mjs';
import { emit, events, hold, release, send } from './deliveries.mjs';
import { notFound, readObject, replyJson, unprocessable } from './http.mjs';
import { bill, findOrder, orders, refund } from './orders.mjs';
import * as subscriptions from './subscriptions.mjs';
import { stamp } from './wire.mjs';


function found(value) {
    if (value === undefined) {
        throw notFound();
    }
    return value;
}


const shown = ({ id, type, payload, state, attempts }) =>
    ({ id, type, payload, state, attempts });


async function deliver(request, response, id) {
    const event = found(events.find((each) => each.id === id));
    const { times = 1 } = await readObject(request);

    replyJson(response, 200, await send(event, times));
}


async function makeEvent(request, response) {
    const { type, data } = await readObject(request);

    emit(type, data);
    replyJson(response, 201, shown(events.at(-1)));
}


async function makeCustomer(request, response) {
    const { external_id: externalId = null, email, name = null }
        = await readObject(request);

    replyJson(response, 201, createCustomer({ externalId, email, name }));
}


async function changeProduct(request, response, id) {
    const product = found(findProduct(id));
    const { metadata } = await readObject(request);

    Object.assign(product, { metadata, modified_at: stamp() });
    emit('product.updated', product);
    replyJson(response, 200, product);
}


async function refundOrder(request, response, id) {
    const entry = found(findOrder(id));
    const { amount = entry.order.refundable_amount }
        = await readObject(request);

    if (!(Number.isInteger(amount) && amount > 0 && refund(entry, amount))) {
        throw unprocessable([['body', 'amount'],
            'More than is left, or nothing.', 'value_error', amount]);
    }
    replyJson(response, 200, entry.order);
}


function actOnSubscription(request, response, id, act) {
    const entry = found(subscriptions.findSubscription(id));

    if (act !== 'cycle') {
        subscriptions[act](entry);
    } else if (subscriptions.cycle(entry)) {
        bill({ ...entry, reason: 'subscription_cycle' });
    }
    replyJson(response, 200, entry.subscription);
}


export const routes = [
    ['GET', /^\/_state$/, (request, response) => replyJson(response, 200, {
        customers, checkouts: checkouts(), orders: orders(),
        subscriptions: subscriptions.subscriptions(),
    })],
    ['GET', /^\/_deliveries$/, (request, response) =>
        replyJson(response, 200, events.map(shown))],
    ['POST', /^\/_deliveries\/([^/]+)$/, deliver],
    ['POST', /^\/_hold$/, (request, response) => {
        hold();
        replyJson(response, 200, {});
    }],
    ['DELETE', /^\/_hold$/, (request, response) => {
        release();
        replyJson(response, 200, {});
    }],
    ['POST', /^\/_events$/, makeEvent],
    ['POST', /^\/_customers$/, makeCustomer],
    ['PATCH', /^\/_products\/([^/]+)$/, changeProduct],
    ['POST', /^\/_orders\/([^/]+)\/refund$/, refundOrder],
    ['POST', /^\/_subscriptions\/([^/]+)\/(cycle|cancel|uncancel|revoke)$/,
        actOnSubscription],
];
