// The page on which a checkout is paid: no script, nothing from elsewhere.
import { readFileSync } from 'node:fs';
import { statusOf } from './checkouts.mjs';

export const style = readFileSync(
    new URL('style.css', import.meta.url), 'utf8');

const TEXTS = {
    en: {
        title: 'Checkout', pay: 'Pay', cancel: 'Cancel', go: 'Continue',
        monthly: 'per month', total: 'Due today',
        notice: 'This is a stand-in for Polar. No card is asked for and no '
            + 'money moves: “Pay” makes a paid order.',
        succeeded: 'This checkout is paid. Thank you!',
        expired: 'This checkout has expired. Please start again.',
    },
    zh: {
        title: '结账', pay: '支付', cancel: '取消', go: '继续',
        monthly: '每月', total: '今日应付',
        notice: '这是 Polar 的模拟页面：不需要银行卡，也不会产生任何扣款。'
            + '点击“支付”即生成一个已支付的订单。',
        succeeded: '该订单已支付，谢谢！',
        expired: '该结账已过期，请重新开始。',
    },
};

const ENTITIES = {
    '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;',
};

const escape = (text) => text.replace(/[&<>"']/g, (each) => ENTITIES[each]);


const languageOf = (request) =>
    /^zh\b/i.test(request.headers['accept-language'] ?? '') ? 'zh' : 'en';


// links are relative: the page works behind any prefix and host name
function actions(entry, text) {
    const { checkout } = entry;
    const back = checkout.return_url ?? new URL(checkout.success_url).origin;
    const link = (url, label) =>
        `<a class="quiet" href="${escape(url)}">${label}</a>`;

    switch (statusOf(entry)) {
    case 'open':
        return `<form method="post" action="${checkout.id}/pay">
    <button>${text.pay}</button>
  </form>
  ${link(back, text.cancel)}`;

    case 'succeeded':
        return `<p role="status">${text.succeeded}</p>
  ${link(checkout.success_url, text.go)}`;

    default:
        return `<p role="status">${text.expired}</p>
  ${link(back, text.go)}`;
    }
}


// { html, headers }
export function checkoutPage(entry, request) {
    const { checkout, product } = entry;
    const language = languageOf(request);
    const text = TEXTS[language];
    const price = new Intl.NumberFormat(language, {
        style: 'currency', currency: checkout.currency,
    }).format(checkout.total_amount / 100);

    const html = `<!doctype html>
<html lang="${language}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text.title} · ${escape(product.name)}</title>
<link rel="stylesheet" href="style.css">
<main>
  <p class="notice">${text.notice}</p>
  <h1>${escape(product.name)}</h1>
  <p>${escape(product.description)}</p>
  <dl>
    <dt>${text.total}</dt>
    <dd>${price}${product.is_recurring
        ? ` <small>${text.monthly}</small>` : ''}</dd>
  </dl>
  ${actions(entry, text)}
</main>
`;

    return {
        html,
        headers: {
            'Content-Language': language,
            // the form is answered with a redirect, which is a form-action too
            'Content-Security-Policy': "default-src 'none'; style-src 'self';"
                + ` form-action 'self' ${new URL(checkout.success_url).origin};`
                + " base-uri 'none'; frame-ancestors 'none'",
            'Referrer-Policy': 'no-referrer',
            'Vary': 'Accept-Language',
        },
    };
}
