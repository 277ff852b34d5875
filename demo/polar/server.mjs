// A stand-in for Polar: as much of its API as sells something, a page to pay
// on, and its webhooks.  What tests may order is in control.mjs; it should not
// be reachable from outside.
//
// POLAR_PORT             to listen on at 127.0.0.1; 0 or unset: any free port
// POLAR_TOKEN            the access token that is asked for; unset: any
//                        polar_oat_…
// POLAR_WEBHOOK_SECRET   signs the webhooks
// POLAR_SIGNATURE        polar (default): with all bytes of the secret;
//                        standard: as Standard Webhooks says
// POLAR_RETRY            ms before the second attempt of a webhook, twice as
//                        long before each other; unset: 2000
// WEBHOOK_URL            where they go
// PUBLIC_URL             of the checkout pages, as the browser sees them;
//                        unset: this server itself
import { timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { products } from './catalog.mjs';
import { findCheckout, openCheckout, pay } from './checkouts.mjs';
import { routes as controlRoutes } from './control.mjs';
import { ApiError, notFound, readObject, reply, replyJson } from './http.mjs';
import { checkoutPage, style } from './page.mjs';
import { checkCheckout } from './validate.mjs';

const { POLAR_PORT = 0, POLAR_TOKEN, PUBLIC_URL } = process.env;

// who has paid sees the credits when they come back, unless it takes longer
const WEBHOOKS_WITHIN = 3000;   // ms


function publicUrl() {
    return PUBLIC_URL
        ? PUBLIC_URL.replace(/\/$/, '')
        : `http://127.0.0.1:${server.address().port}`;
}


function isToken(token) {
    if (POLAR_TOKEN === undefined) {
        return /^polar_oat_\S+$/.test(token);
    }
    const [given, wanted] = [Buffer.from(token), Buffer.from(POLAR_TOKEN)];

    return given.length === wanted.length && timingSafeEqual(given, wanted);
}


function authorize({ headers: { authorization = '' } }) {
    const [, token = ''] = /^Bearer (.*)$/.exec(authorization) ?? [];

    if (!isToken(token)) {
        throw new ApiError(401,
            { error: 'Unauthorized', detail: 'Not authenticated' });
    }
}


function listProducts(request, response) {
    authorize(request);
    replyJson(response, 200, {
        items: products,
        pagination: { total_count: products.length, max_page: 1 },
    });
}


async function createCheckout(request, response) {
    authorize(request);
    const body = await readObject(request);

    checkCheckout(body);
    replyJson(response, 201, openCheckout(body, publicUrl()));
}


function find(id) {
    const entry = findCheckout(id);

    if (entry === undefined) {
        throw notFound();
    }
    return entry;
}


function showCheckout(request, response, id) {
    const { html, headers } = checkoutPage(find(id), request);

    reply(response, 200, 'text/html; charset=utf-8', html, headers);
}


async function payCheckout(request, response, id) {
    const entry = find(id);
    const { checkout } = entry;

    request.resume();
    await Promise.race(
        [pay(entry), sleep(WEBHOOKS_WITHIN, undefined, { ref: false })]);

    reply(response, 303, 'text/plain', '', {
        Location: checkout.status === 'succeeded'
            ? new URL(checkout.success_url).href
            : `${publicUrl()}/checkout/${id}`,
    });
}


const ROUTES = [
    ['GET', /^\/v1\/products\/$/, listProducts],
    ['POST', /^\/v1\/checkouts\/$/, createCheckout],
    ['GET', /^\/checkout\/style\.css$/, (request, response) =>
        reply(response, 200, 'text/css; charset=utf-8', style)],
    ['GET', /^\/checkout\/([^/]+)$/, showCheckout],
    ['POST', /^\/checkout\/([^/]+)\/pay$/, payCheckout],
    ...controlRoutes,
];


async function route(request, response) {
    const { pathname } = new URL(request.url, 'http://polar');

    for (const [method, pattern, handler] of ROUTES) {
        const match = pattern.exec(pathname);

        if (match !== null && request.method === method) {
            await handler(request, response, ...match.slice(1));
            return;
        }
    }
    throw notFound();
}


async function handle(request, response) {
    try {
        await route(request, response);
    } catch (error) {
        if (error instanceof ApiError) {
            replyJson(response, error.status, error.body);
        } else if (!response.destroyed) {
            // not the end of a connection: a fault of this program
            console.error(error);
            response.destroy();
        }
    }
}


const server = createServer(handle);
server.keepAliveTimeout = 0;  // nginx keeps the connections

server.listen(POLAR_PORT, '127.0.0.1', () => {
    console.log(`listening on http://127.0.0.1:${server.address().port}`);
});

// nothing is worth finishing: all state is in memory
process.once('SIGTERM', () => process.exit());
