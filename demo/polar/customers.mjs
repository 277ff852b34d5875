// Who buys.
import { randomUUID } from 'node:crypto';
import { ORGANIZATION } from './catalog.mjs';
import { emit } from './deliveries.mjs';
import { stamp } from './wire.mjs';

export const customers = [];


export const findCustomer = (id) => customers.find((each) => each.id === id);

export const findByExternalId = (externalId) => customers.find((each) =>
    externalId !== null && each.external_id === externalId);


// all of it may be null
export function createCustomer({ externalId, email, name, country }) {
    const id = randomUUID();
    const customer = {
        id,
        created_at: stamp(),
        modified_at: null,
        metadata: {},
        external_id: externalId,
        email: email ?? `customer-${id.slice(0, 8)}@example.com`,
        email_verified: false,
        type: 'individual',
        name,
        billing_name: null,
        billing_address: {
            line1: null, line2: null, postal_code: null, city: null,
            state: null, country: country ?? 'US',
        },
        tax_id: null,
        locale: 'en',
        organization_id: ORGANIZATION,
        deleted_at: null,
        avatar_url: null,
    };

    customers.push(customer);
    emit('customer.created', customer);
    return customer;
}


// what Polar repeats of the customer in each order
export const legacyUser = (customer) => ({
    id: customer.id,
    email: customer.email,
    public_name: customer.name ?? customer.email[0].toUpperCase(),
    avatar_url: null,
    github_username: null,
});
