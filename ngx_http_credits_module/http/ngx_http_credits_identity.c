/*
 * Who is asking: a cookie that Better Auth signed, or a variable.
 */

#include "ngx_http_credits.h"


static ngx_int_t ngx_http_credits_identify(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx, ngx_http_credits_loc_conf_t *lcf);
static ngx_int_t ngx_http_credits_identify_variable(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx, ngx_http_credits_loc_conf_t *lcf);
static ngx_int_t ngx_http_credits_identify_cookie(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx, ngx_http_credits_session_t *session);
static ngx_uint_t ngx_http_credits_find_cookie(ngx_http_request_t *r,
    ngx_str_t *name, ngx_str_t *value);
static void ngx_http_credits_session_done(void *data,
    ngx_credits_status_e status, const ngx_credits_session_result_t *result);
static ngx_int_t ngx_http_credits_user_set(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx, ngx_str_t *user);
static ngx_uint_t ngx_http_credits_printable(ngx_str_t *s);


ngx_int_t
ngx_http_credits_access_handler(ngx_http_request_t *r)
{
    ngx_int_t                     rc;
    ngx_http_credits_ctx_t       *ctx;
    ngx_http_core_loc_conf_t     *clcf;
    ngx_http_credits_loc_conf_t  *lcf;

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_credits_module);

    if (lcf->mode == NGX_HTTP_CREDITS_OFF || lcf->webhook) {
        return NGX_DECLINED;
    }

    ctx = ngx_http_credits_make_ctx(r);
    if (ctx == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    if (clcf->satisfy != NGX_HTTP_SATISFY_ANY) {
        return ngx_http_credits_require_user(r, ctx);
    }

    /* others may let it in; then precontent asks again */

    rc = ngx_http_credits_identify(r, ctx, lcf);

    return (rc == NGX_DECLINED) ? NGX_HTTP_UNAUTHORIZED : rc;
}


ngx_int_t
ngx_http_credits_require_user(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx)
{
    ngx_int_t                     rc;
    ngx_http_credits_loc_conf_t  *lcf;

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_credits_module);

    rc = ngx_http_credits_identify(r, ctx, lcf);

    switch (rc) {

    case NGX_DECLINED:
        return ngx_http_credits_reply_unauthorized(r);

    case NGX_HTTP_SERVICE_UNAVAILABLE:
        return ngx_http_credits_reply_unavailable(r);

    default:
        return rc;
    }
}


/* NGX_OK, NGX_DECLINED: nobody, NGX_AGAIN, or a status */

static ngx_int_t
ngx_http_credits_identify(ngx_http_request_t *r, ngx_http_credits_ctx_t *ctx,
    ngx_http_credits_loc_conf_t *lcf)
{
    ngx_http_credits_session_t  *session;

    if (ctx->identity == NGX_OK && ctx->user.len) {
        return NGX_OK;
    }

    if (ctx->op) {
        return NGX_AGAIN;
    }

    if (ctx->identity == NGX_ERROR) {
        ctx->identity = NGX_AGAIN;
        return NGX_HTTP_SERVICE_UNAVAILABLE;
    }

    if (ctx->identity == NGX_DECLINED) {
        return NGX_DECLINED;
    }

    if (lcf->user) {
        return ngx_http_credits_identify_variable(r, ctx, lcf);
    }

    session = lcf->session;
    if (session == NULL) {
        return NGX_DECLINED;
    }

    ctx->identity = ngx_http_credits_identify_cookie(r, ctx, session);

    if (ctx->identity != NGX_AGAIN) {
        return ctx->identity;
    }

    if (ctx->op == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_credits_suspend(r, ctx) == NGX_AGAIN
           ? NGX_AGAIN : NGX_HTTP_INTERNAL_SERVER_ERROR;
}


static ngx_int_t
ngx_http_credits_identify_variable(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx, ngx_http_credits_loc_conf_t *lcf)
{
    ngx_str_t  user;

    if (ngx_http_complex_value(r, lcf->user, &user) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ctx->identity = ngx_http_credits_user_set(r, ctx, &user);

    return ctx->identity;
}


static ngx_int_t
ngx_http_credits_identify_cookie(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx, ngx_http_credits_session_t *session)
{
    int                            len;
    u_char                         token[CREDITS_COOKIE_TOKEN_MAX];
    u_char                         buf[CREDITS_USER_MAX];
    ngx_str_t                      value, user;
    ngx_credits_zone_t            *zone;
    ngx_http_credits_main_conf_t  *mcf;

    /* two cookies of the name: whose? */

    if (ngx_http_credits_find_cookie(r, &session->cookie, &value) != 1) {
        return NGX_DECLINED;
    }

    len = credits_cookie_verify(value.data, value.len, session->secret.data,
                                session->secret.len, token);
    if (len <= 0) {
        ngx_log_error(NGX_LOG_INFO, r->connection->log, 0,
                      "credits: the cookie \"%V\" is not signed by us",
                      &session->cookie);
        return NGX_DECLINED;
    }

    /* the zone knows tokens by their digest only */

    if (credits_signature_sha256(token, (size_t) len, ctx->session_key) != 0) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    zone = ngx_http_credits_get_zone(r);
    user.data = buf;

    if (session->cache
        && ngx_credits_zone_session_get(zone, ctx->session_key, &user)
           == NGX_OK)
    {
        ngx_credits_zone_count(zone, NGX_CREDITS_COUNT_session_hits, 1);
        ngx_explicit_memzero(token, sizeof(token));

        return ngx_http_credits_user_set(r, ctx, &user);
    }

    value.data = token;
    value.len = (size_t) len;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_credits_module);

    ctx->resume = NULL;
    ctx->op = ngx_credits_ledger_session(mcf->ledger, &value,
                                         ngx_http_credits_session_done, ctx);

    ngx_explicit_memzero(token, sizeof(token));

    return NGX_AGAIN;
}


/* how many cookies have this name, in all Cookie headers */

static ngx_uint_t
ngx_http_credits_find_cookie(ngx_http_request_t *r, ngx_str_t *name,
    ngx_str_t *value)
{
    size_t                       len;
    ngx_str_t                   *header;
    ngx_uint_t                   n, found;
    const u_char                *p;
    ngx_http_credits_cookies_t   it;

    found = 0;

    for (ngx_http_credits_cookies_begin(r, it);
         !ngx_http_credits_cookies_end(r, it);
         ngx_http_credits_cookies_next(r, it))
    {
        header = ngx_http_credits_cookies_value(it);

        n = credits_cookie_find(header->data, header->len, name->data,
                                name->len, &p, &len);
        if (n && found == 0) {
            value->data = (u_char *) p;
            value->len = len;
        }

        found += n;
    }

    return found;
}


static void
ngx_http_credits_session_done(void *data, ngx_credits_status_e status,
    const ngx_credits_session_result_t *result)
{
    ngx_str_t                     user;
    ngx_msec_t                    ttl;
    ngx_http_request_t           *r;
    ngx_http_credits_ctx_t       *ctx = data;
    ngx_http_credits_loc_conf_t  *lcf;

    r = ctx->request;
    ctx->op = NULL;
    ctx->identity = (status == NGX_CREDITS_DECLINED) ? NGX_DECLINED
                                                     : NGX_ERROR;

    if (result) {
        user = result->user;
        ctx->identity = ngx_http_credits_user_set(r, ctx, &user);
        lcf = ngx_http_get_module_loc_conf(r, ngx_http_credits_module);

        if (ctx->identity == NGX_OK && lcf->session && lcf->session->cache) {
            ttl = ngx_min(lcf->session->cache, result->ttl);
            ngx_credits_zone_session_put(ngx_http_credits_get_zone(r),
                                         ctx->session_key, &user, ttl);
        }
    }

    ngx_http_credits_resume(ctx);
}


/* an id that could break a log line or a query is nobody's */

static ngx_int_t
ngx_http_credits_user_set(ngx_http_request_t *r, ngx_http_credits_ctx_t *ctx,
    ngx_str_t *user)
{
    u_char  *p;

    if (user->len == 0) {
        return NGX_DECLINED;
    }

    if (user->len > CREDITS_USER_MAX || !ngx_http_credits_printable(user)) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "credits: the user's id is not usable: 1 to %d bytes "
                      "of UTF-8 without control characters are",
                      CREDITS_USER_MAX);
        return NGX_DECLINED;
    }

    p = ngx_pnalloc(r->pool, user->len);
    if (p == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_memcpy(p, user->data, user->len);
    ctx->user.data = p;
    ctx->user.len = user->len;

    return NGX_OK;
}


/* UTF-8 that Postgres takes, without control characters */

static ngx_uint_t
ngx_http_credits_printable(ngx_str_t *s)
{
    u_char    *p, *last;
    uint32_t   c;

    p = s->data;
    last = s->data + s->len;

    while (p < last) {
        c = (*p < 0x80) ? *p++ : ngx_utf8_decode(&p, last - p);

        if (c < 0x20 || c == 0x7f || c > 0x10ffff
            || (c >= 0xd800 && c <= 0xdfff))
        {
            return 0;
        }
    }

    return 1;
}
