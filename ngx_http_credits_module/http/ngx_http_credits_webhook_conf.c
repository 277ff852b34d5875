/*
 * The arguments of credits_webhook, and its secrets.
 */

#include "ngx_http_credits_webhook_conf.h"
#include "ngx_http_credits_args.h"
#include "ngx_http_credits_secret.h"


#define NGX_HTTP_CREDITS_WHSEC      "whsec_"
#define NGX_HTTP_CREDITS_WHSEC_LEN  (sizeof(NGX_HTTP_CREDITS_WHSEC) - 1)


static ngx_int_t ngx_http_credits_webhook_conf_arg(ngx_conf_t *cf,
    ngx_http_credits_webhook_conf_t *webhook, ngx_str_t *value);
static ngx_int_t ngx_http_credits_webhook_conf_secret(ngx_conf_t *cf,
    ngx_http_credits_webhook_conf_t *webhook, ngx_str_t *value,
    ngx_uint_t standard);


ngx_http_credits_webhook_conf_t *
ngx_http_credits_webhook_conf_parse(ngx_conf_t *cf)
{
    ngx_str_t                        *value;
    ngx_uint_t                        i;
    ngx_http_credits_webhook_conf_t  *webhook;

    value = cf->args->elts;

    if (ngx_strcmp(value[1].data, "polar") != 0) {
        (void) ngx_http_credits_args_invalid(cf, &value[1]);
        return NULL;
    }

    webhook = ngx_pcalloc(cf->pool, sizeof(ngx_http_credits_webhook_conf_t));
    if (webhook == NULL) {
        return NULL;
    }

    for (i = 2; i < cf->args->nelts; i++) {
        if (ngx_http_credits_webhook_conf_arg(cf, webhook, &value[i])
            != NGX_OK)
        {
            return NULL;
        }
    }

    if (webhook->nsecrets == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"credits_webhook\" needs a secret");
        return NULL;
    }

    return webhook;
}


static ngx_int_t
ngx_http_credits_webhook_conf_arg(ngx_conf_t *cf,
    ngx_http_credits_webhook_conf_t *webhook, ngx_str_t *value)
{
    ngx_str_t  rest;

    if (ngx_http_credits_args_parameter(value, "secret=", &rest)) {
        return ngx_http_credits_webhook_conf_secret(cf, webhook, &rest, 0);
    }

    if (ngx_http_credits_args_parameter(value, "standard_secret=", &rest)) {
        return ngx_http_credits_webhook_conf_secret(cf, webhook, &rest, 1);
    }

    if (ngx_strcmp(value->data, "refund_debt=on") == 0) {
        webhook->refund_debt = 1;
        return NGX_OK;
    }

    if (ngx_strcmp(value->data, "refund_debt=off") == 0) {
        webhook->refund_debt = 0;
        return NGX_OK;
    }

    (void) ngx_http_credits_args_invalid(cf, value);

    return NGX_ERROR;
}


/* standard: the key is what the secret is the base64 of, after "whsec_" */

static ngx_int_t
ngx_http_credits_webhook_conf_secret(ngx_conf_t *cf,
    ngx_http_credits_webhook_conf_t *webhook, ngx_str_t *value,
    ngx_uint_t standard)
{
    ngx_str_t  secret, key;

    if (webhook->nsecrets == CREDITS_WEBHOOK_SECRETS) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"credits_webhook\" takes %d secrets at most",
                           CREDITS_WEBHOOK_SECRETS);
        return NGX_ERROR;
    }

    if (ngx_http_credits_secret_read(cf, value, &secret) != NGX_OK) {
        return NGX_ERROR;
    }

    if (standard) {
        if (secret.len > NGX_HTTP_CREDITS_WHSEC_LEN
            && ngx_strncmp(secret.data, NGX_HTTP_CREDITS_WHSEC,
                           NGX_HTTP_CREDITS_WHSEC_LEN)
               == 0)
        {
            secret.data += NGX_HTTP_CREDITS_WHSEC_LEN;
            secret.len -= NGX_HTTP_CREDITS_WHSEC_LEN;
        }

        key.data = ngx_pnalloc(cf->pool,
                               ngx_base64_decoded_length(secret.len));
        if (key.data == NULL) {
            return NGX_ERROR;
        }

        if (ngx_decode_base64(&key, &secret) != NGX_OK) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "a standard_secret of \"credits_webhook\" is "
                               "not base64");
            return NGX_ERROR;
        }

        secret = key;
    }

    if (secret.len < NGX_HTTP_CREDITS_SECRET_MIN) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "a secret of \"credits_webhook\" is shorter than "
                           "%d bytes", NGX_HTTP_CREDITS_SECRET_MIN);
        return NGX_ERROR;
    }

    webhook->secrets[webhook->nsecrets].p = secret.data;
    webhook->secrets[webhook->nsecrets].n = secret.len;
    webhook->nsecrets++;

    return NGX_OK;
}
