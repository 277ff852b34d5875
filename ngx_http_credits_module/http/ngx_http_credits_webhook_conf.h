/*
 * The arguments of credits_webhook, and its secrets.
 */

#ifndef NGX_HTTP_CREDITS_WEBHOOK_CONF_H
#define NGX_HTTP_CREDITS_WEBHOOK_CONF_H

#include "ngx_http_credits_conf.h"

#include "../core/credits_webhook.h"


struct ngx_http_credits_webhook_conf_s {
    credits_webhook_str_t   secrets[CREDITS_WEBHOOK_SECRETS];
    ngx_uint_t              nsecrets;
    ngx_flag_t              refund_debt;    /* what a refund cannot take back
                                               becomes debt */
};


/* of the directive at hand; NULL after logging what is wrong */
ngx_http_credits_webhook_conf_t *ngx_http_credits_webhook_conf_parse(
    ngx_conf_t *cf);

#endif /* NGX_HTTP_CREDITS_WEBHOOK_CONF_H */
