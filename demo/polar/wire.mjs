// How Polar writes things: times, intervals, and what of a product goes into
// an order or a checkout.

// microseconds, as Python has them
export const stamp = (date = new Date()) =>
    date.toISOString().replace('Z', '000Z');


// the same day of the month, or its last day
function addMonths(date, months) {
    const sum = new Date(date);

    sum.setUTCDate(1);
    sum.setUTCMonth(sum.getUTCMonth() + months);
    const last = new Date(
        Date.UTC(sum.getUTCFullYear(), sum.getUTCMonth() + 1, 0));
    sum.setUTCDate(Math.min(date.getUTCDate(), last.getUTCDate()));
    return sum;
}


const INTERVALS = {
    day: (date) => new Date(date.getTime() + 86_400_000),
    week: (date) => new Date(date.getTime() + 7 * 86_400_000),
    month: (date) => addMonths(date, 1),
    year: (date) => addMonths(date, 12),
};

export const addInterval = (date, interval) => INTERVALS[interval](date);


function without(object, ...names) {
    return Object.fromEntries(
        Object.entries(object).filter(([name]) => !names.includes(name)));
}


export const orderProduct = (product) => without(product,
    'prices', 'benefits', 'medias', 'attached_custom_fields');

export const checkoutProduct = (product) => without(product,
    'metadata', 'attached_custom_fields');
