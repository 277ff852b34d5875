/*
 * JSON replies, in the shape that the OpenAI SDKs know.
 */

#include "ngx_http_credits.h"


static ngx_int_t ngx_http_credits_reply(ngx_http_request_t *r,
    ngx_uint_t status, const char *type, const char *code,
    const char *message, ngx_str_t *more);


ngx_int_t
ngx_http_credits_reply_unauthorized(ngx_http_request_t *r)
{
    ngx_credits_zone_count(ngx_http_credits_get_zone(r),
                           NGX_CREDITS_COUNT_unauthorized, 1);

    return ngx_http_credits_reply(r, NGX_HTTP_UNAUTHORIZED,
                                  "authentication_error", "unauthorized",
                                  "You are not signed in.", NULL);
}


ngx_int_t
ngx_http_credits_reply_insufficient(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx)
{
    u_char                       *p;
    size_t                        len;
    int64_t                       required;
    ngx_str_t                     url, more;
    const char                   *message;
    ngx_http_credits_loc_conf_t  *lcf;

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_credits_module);

    ngx_str_null(&url);

    if (lcf->purchase_url
        && ngx_http_complex_value(r, lcf->purchase_url, &url) != NGX_OK)
    {
        ngx_http_finalize_request(r, NGX_HTTP_INTERNAL_SERVER_ERROR);
        return NGX_DONE;
    }

    len = sizeof(",\"available\":,\"required\":,\"held\":")
          + sizeof(",\"purchase_url\":null\"\"") + 3 * NGX_INT64_LEN
          + url.len + ngx_escape_json(NULL, url.data, url.len);

    more.data = ngx_pnalloc(r->pool, len);
    if (more.data == NULL) {
        ngx_http_finalize_request(r, NGX_HTTP_INTERNAL_SERVER_ERROR);
        return NGX_DONE;
    }

    required = (lcf->hold == NGX_HTTP_CREDITS_AUTO) ? 1 : ctx->want;

    p = ngx_sprintf(more.data, ",\"available\":%L,\"required\":%L,\"held\":%L",
                    ngx_max(ctx->available, 0), required, ctx->held);

    if (url.len) {
        p = ngx_cpymem(p, ",\"purchase_url\":\"",
                       sizeof(",\"purchase_url\":\"") - 1);
        p = (u_char *) ngx_escape_json(p, url.data, url.len);
        *p++ = '"';

    } else {
        p = ngx_cpymem(p, ",\"purchase_url\":null",
                       sizeof(",\"purchase_url\":null") - 1);
    }

    more.len = p - more.data;

    message = (ctx->held > 0 && ctx->available + ctx->held >= required)
              ? "Your credits are held by your own requests in flight. "
                "Try again when one of them has ended."
              : "You are out of credits. Buy more to go on.";

    return ngx_http_credits_reply(r, 402, "insufficient_quota",
                                  "insufficient_credits", message, &more);
}


ngx_int_t
ngx_http_credits_reply_unavailable(ngx_http_request_t *r)
{
    ngx_str_t  seconds = ngx_string("1");

    ngx_credits_zone_count(ngx_http_credits_get_zone(r),
                           NGX_CREDITS_COUNT_unavailable, 1);

    if (ngx_http_credits_add_header(r, "Retry-After", &seconds) != NGX_OK) {
        ngx_http_finalize_request(r, NGX_HTTP_INTERNAL_SERVER_ERROR);
        return NGX_DONE;
    }

    return ngx_http_credits_reply(r, NGX_HTTP_SERVICE_UNAVAILABLE,
                                  "server_error", "service_unavailable",
                                  "Credits cannot be checked at the moment. "
                                  "Nothing was charged; try again.", NULL);
}


ngx_int_t
ngx_http_credits_reply_frozen(ngx_http_request_t *r)
{
    return ngx_http_credits_reply(r, NGX_HTTP_FORBIDDEN, "permission_error",
                                  "account_frozen", "This account is frozen.",
                                  NULL);
}


/* which of the checks failed is in the log only */

ngx_int_t
ngx_http_credits_reply_unsigned(ngx_http_request_t *r)
{
    return ngx_http_credits_reply(r, NGX_HTTP_UNAUTHORIZED,
                                  "authentication_error", "invalid_signature",
                                  "The signature is not valid.", NULL);
}


ngx_int_t
ngx_http_credits_reply_error(ngx_http_request_t *r, ngx_uint_t status,
    const char *code, const char *message)
{
    return ngx_http_credits_reply(r, status, "invalid_request_error", code,
                                  message, NULL);
}


static ngx_int_t
ngx_http_credits_reply(ngx_http_request_t *r, ngx_uint_t status,
    const char *type, const char *code, const char *message, ngx_str_t *more)
{
    ngx_str_t  text;

    if (ngx_http_credits_error_text(r, type, code, message, more, &text)
        != NGX_OK)
    {
        ngx_http_finalize_request(r, NGX_HTTP_INTERNAL_SERVER_ERROR);
        return NGX_DONE;
    }

    /* nginx would prefer the status of an error_page that led here */
    r->err_status = 0;

    ngx_http_finalize_request(r, ngx_http_credits_send_json(r, status, &text));

    return NGX_DONE;
}


ngx_int_t
ngx_http_credits_error_text(ngx_http_request_t *r, const char *type,
    const char *code, const char *message, ngx_str_t *more, ngx_str_t *text)
{
    ngx_str_t  none = ngx_null_string;

    if (more == NULL) {
        more = &none;
    }

    /* our own words hold nothing that JSON would want escaped */

    text->data = ngx_pnalloc(r->pool,
                     sizeof("{\"error\":{\"message\":\"\",\"type\":\"\","
                            "\"param\":null,\"code\":\"\"}}\n")
                     + ngx_strlen(message) + ngx_strlen(type)
                     + ngx_strlen(code) + more->len);

    if (text->data == NULL) {
        return NGX_ERROR;
    }

    text->len = ngx_sprintf(text->data,
                            "{\"error\":{\"message\":\"%s\",\"type\":\"%s\","
                            "\"param\":null,\"code\":\"%s\"%V}}\n",
                            message, type, code, more)
                - text->data;

    return NGX_OK;
}


ngx_int_t
ngx_http_credits_send_json(ngx_http_request_t *r, ngx_uint_t status,
    ngx_str_t *text)
{
    ngx_str_t                 type = ngx_string("application/json");
    ngx_str_t                 cache = ngx_string("private, no-store");
    ngx_http_complex_value_t  cv;

    if (ngx_http_credits_add_header(r, "Cache-Control", &cache) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_memzero(&cv, sizeof(ngx_http_complex_value_t));
    cv.value = *text;

    return ngx_http_send_response(r, status, &type, &cv);
}


ngx_int_t
ngx_http_credits_add_header(ngx_http_request_t *r, const char *name,
    ngx_str_t *value)
{
    ngx_table_elt_t  *h;

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    h->hash = 1;
    ngx_http_credits_header_single(h);
    h->key.data = (u_char *) name;
    h->key.len = ngx_strlen(name);
    h->value = *value;

    return NGX_OK;
}
