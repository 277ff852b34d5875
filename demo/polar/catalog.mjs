// What the shop sells.  The ids are the same in every run.
import { stamp } from './wire.mjs';

export const ORGANIZATION = '3f1c9a52-7d0e-4b86-9a31-c2e5d8f04b17';


function product(id, priceId, sold) {
    const { name, description, interval, amount, metadata } = sold;
    const created = stamp();

    return {
        id,
        created_at: created,
        modified_at: null,
        trial_interval: null,
        trial_interval_count: null,
        name,
        description,
        visibility: 'public',
        recurring_interval: interval ?? null,
        recurring_interval_count: interval ? 1 : null,
        meter_interval: null,
        meter_interval_count: null,
        is_recurring: interval !== undefined,
        is_archived: false,
        organization_id: ORGANIZATION,
        metadata,
        prices: [{
            created_at: created,
            modified_at: null,
            id: priceId,
            source: 'catalog',
            amount_type: 'fixed',
            price_currency: 'usd',
            tax_behavior: null,
            is_archived: false,
            product_id: id,
            price_amount: amount,
        }],
        benefits: [],
        medias: [],
        attached_custom_fields: [],
    };
}


export const products = [
    product('8a4f2c1e-5b7d-4e93-8c60-1f2a3b4c5d6e',
        'c0b7d9e4-16f3-4a58-b2c9-7e8f90a1b2c3', {
            name: '100 credits',
            description: 'To try it: some 100 short answers.',
            amount: 200,
            metadata: { credits: 100, validity_period: 30 },
        }),
    product('b61d0e97-3c24-4f8a-a5e1-92d7c6b80f43',
        'd4e8a1c7-92b5-4d06-8f3e-5a6b7c8d9e0f', {
            name: '10,000 credits',
            description: 'For everyday work, valid for a year.',
            amount: 1000,
            // a text field of Polar's form gives strings
            metadata: { credits: '10000', validity_period: '365' },
        }),
    product('e27b5f80-6a19-4c3d-9b74-08f1e2d3c4b5',
        'a9c3e5f1-04d8-4b67-9e12-3c4d5e6f7a8b', {
            name: '2,000 credits a month',
            description: 'New credits every month, until you cancel.',
            interval: 'month',
            amount: 500,
            metadata: { credits: 2000 },
        }),
];

export const findProduct = (id) => products.find((each) => each.id === id);
