/*
 * Who is asking: a cookie that Better Auth signed, or a variable.
 */

#include "ngx_http_credits_identity.h"
#include "ngx_http_credits_args.h"
#include "ngx_http_credits_compat.h"
#include "ngx_http_credits_reply.h"
#include "ngx_http_credits_secret.h"
#include "ngx_http_credits_wait.h"

#include "../core/credits_cookie.h"
#include "../core/credits_record.h"
#include "../core/credits_signature.h"


/* how long the node may take a session for valid, in ms */
#define NGX_HTTP_CREDITS_CACHE      5000
#define NGX_HTTP_CREDITS_CACHE_MAX  300000


struct ngx_http_credits_session_s {
    ngx_str_t    secret;
    ngx_str_t    cookie;
    ngx_msec_t   cache;
};


static ngx_int_t ngx_http_credits_identity_find(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx);
static ngx_int_t ngx_http_credits_identity_variable(ngx_http_request_t *r,
    ngx_http_credits_identity_t *identity, ngx_http_complex_value_t *value);
static ngx_int_t ngx_http_credits_identity_cookie(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx, ngx_http_credits_session_t *session);
static ngx_uint_t ngx_http_credits_identity_find_cookie(
    ngx_http_request_t *r, ngx_str_t *name, ngx_str_t *value);
static void ngx_http_credits_identity_done(void *data,
    ngx_credits_status_e status, const ngx_credits_session_result_t *result);
static ngx_int_t ngx_http_credits_identity_set(ngx_http_request_t *r,
    ngx_http_credits_identity_t *identity, ngx_str_t *user);
static ngx_uint_t ngx_http_credits_identity_printable(ngx_str_t *s);
static ngx_int_t ngx_http_credits_identity_session_arg(ngx_conf_t *cf,
    ngx_http_credits_session_t *session, ngx_str_t *value);


ngx_int_t
ngx_http_credits_identity_access_handler(ngx_http_request_t *r)
{
    ngx_int_t                     rc;
    ngx_http_credits_ctx_t       *ctx;
    ngx_http_core_loc_conf_t     *clcf;
    ngx_http_credits_loc_conf_t  *lcf;

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_credits_module);

    if (lcf->mode == NGX_HTTP_CREDITS_OFF || lcf->webhook) {
        return NGX_DECLINED;
    }

    ctx = ngx_http_credits_ctx_make(r);
    if (ctx == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    if (clcf->satisfy != NGX_HTTP_SATISFY_ANY) {
        return ngx_http_credits_identity_require(r, ctx);
    }

    /* another handler may let it in; then precontent asks again */

    rc = ngx_http_credits_identity_find(r, ctx);

    return (rc == NGX_DECLINED) ? NGX_HTTP_UNAUTHORIZED : rc;
}


ngx_int_t
ngx_http_credits_identity_require(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx)
{
    ngx_int_t  rc;

    rc = ngx_http_credits_identity_find(r, ctx);

    switch (rc) {

    case NGX_DECLINED:
        return ngx_http_credits_reply_refuse(r,
                                    ngx_http_credits_reply_unauthorized(r));

    case NGX_HTTP_SERVICE_UNAVAILABLE:
        return ngx_http_credits_reply_refuse(r,
                                    ngx_http_credits_reply_unavailable(r));

    default:
        return rc;
    }
}


/* NGX_OK, NGX_DECLINED: there is no user, NGX_AGAIN, or a status */

static ngx_int_t
ngx_http_credits_identity_find(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx)
{
    ngx_http_credits_identity_t  *identity;
    ngx_http_credits_loc_conf_t  *lcf;

    if (ctx->identity == NULL) {
        ctx->identity = ngx_pcalloc(r->pool,
                                    sizeof(ngx_http_credits_identity_t));
        if (ctx->identity == NULL) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }
    }

    identity = ctx->identity;

    switch (identity->state) {

    case NGX_HTTP_CREDITS_KNOWN:
        return NGX_OK;

    case NGX_HTTP_CREDITS_NOBODY:
        return NGX_DECLINED;

    case NGX_HTTP_CREDITS_ASKING:
        return NGX_AGAIN;

    case NGX_HTTP_CREDITS_FAILED:
        identity->state = NGX_HTTP_CREDITS_UNKNOWN;
        return NGX_HTTP_SERVICE_UNAVAILABLE;

    default: /* NGX_HTTP_CREDITS_UNKNOWN */
        break;
    }

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_credits_module);

    if (lcf->user) {
        return ngx_http_credits_identity_variable(r, identity, lcf->user);
    }

    if (lcf->session) {
        return ngx_http_credits_identity_cookie(r, ctx, lcf->session);
    }

    return NGX_DECLINED;
}


static ngx_int_t
ngx_http_credits_identity_variable(ngx_http_request_t *r,
    ngx_http_credits_identity_t *identity, ngx_http_complex_value_t *value)
{
    ngx_str_t  user;

    if (ngx_http_complex_value(r, value, &user) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_credits_identity_set(r, identity, &user);
}


static ngx_int_t
ngx_http_credits_identity_cookie(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx, ngx_http_credits_session_t *session)
{
    int                           len;
    u_char                        token[CREDITS_COOKIE_TOKEN_MAX];
    u_char                        buf[CREDITS_USER_MAX];
    ngx_int_t                     rc;
    ngx_str_t                     value, user;
    ngx_credits_op_t             *op;
    ngx_http_credits_identity_t  *identity;

    identity = ctx->identity;
    identity->state = NGX_HTTP_CREDITS_NOBODY;

    /* with two cookies of the name it is not clear whose request it is */

    if (ngx_http_credits_identity_find_cookie(r, &session->cookie, &value)
        != 1)
    {
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

    if (credits_signature_sha256(token, (size_t) len, identity->session_key)
        != 0)
    {
        identity->state = NGX_HTTP_CREDITS_UNKNOWN;
        rc = NGX_HTTP_INTERNAL_SERVER_ERROR;
        goto done;
    }

    user.data = buf;

    if (session->cache
        && ngx_credits_zone_session_get(ngx_http_credits_ctx_zone(r),
                                        identity->session_key, &user)
           == NGX_OK)
    {
        ngx_http_credits_ctx_count(r, NGX_CREDITS_COUNT_session_hits, 1);

        rc = ngx_http_credits_identity_set(r, identity, &user);
        goto done;
    }

    value.data = token;
    value.len = (size_t) len;

    identity->state = NGX_HTTP_CREDITS_ASKING;

    op = ngx_credits_ledger_session(ngx_http_credits_ctx_ledger(r), &value,
                                    ngx_http_credits_identity_done, ctx);

    rc = ngx_http_credits_wait_op(r, ctx, op, NULL);

    if (rc != NGX_AGAIN) {
        identity->state = NGX_HTTP_CREDITS_UNKNOWN;
    }

done:

    ngx_explicit_memzero(token, sizeof(token));

    return rc;
}


/* how many cookies have this name, in all Cookie headers */

static ngx_uint_t
ngx_http_credits_identity_find_cookie(ngx_http_request_t *r,
    ngx_str_t *name, ngx_str_t *value)
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
ngx_http_credits_identity_done(void *data, ngx_credits_status_e status,
    const ngx_credits_session_result_t *result)
{
    ngx_http_credits_ctx_t *ctx = data;

    ngx_str_t                     user;
    ngx_http_request_t           *r;
    ngx_http_credits_identity_t  *identity;
    ngx_http_credits_loc_conf_t  *lcf;

    r = ctx->request;
    identity = ctx->identity;

    switch (status) {

    case NGX_CREDITS_OK:
        lcf = ngx_http_get_module_loc_conf(r, ngx_http_credits_module);
        user = result->user;

        if (ngx_http_credits_identity_set(r, identity, &user) == NGX_OK
            && lcf->session && lcf->session->cache)
        {
            ngx_credits_zone_session_put(ngx_http_credits_ctx_zone(r),
                                         identity->session_key, &user,
                                         ngx_min(lcf->session->cache,
                                                 result->ttl));
        }

        break;

    case NGX_CREDITS_DECLINED:
        identity->state = NGX_HTTP_CREDITS_NOBODY;
        break;

    default:
        identity->state = NGX_HTTP_CREDITS_FAILED;
    }

    ngx_http_credits_wait_done(ctx);
}


/* an id that could break a log line or a query is refused */

static ngx_int_t
ngx_http_credits_identity_set(ngx_http_request_t *r,
    ngx_http_credits_identity_t *identity, ngx_str_t *user)
{
    u_char  *p;

    identity->state = NGX_HTTP_CREDITS_NOBODY;

    if (user->len == 0) {
        return NGX_DECLINED;
    }

    if (user->len > CREDITS_USER_MAX
        || !ngx_http_credits_identity_printable(user))
    {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "credits: the user's id is not usable: 1 to %d bytes "
                      "of UTF-8 without control characters are",
                      CREDITS_USER_MAX);
        return NGX_DECLINED;
    }

    p = ngx_pnalloc(r->pool, user->len);
    if (p == NULL) {
        identity->state = NGX_HTTP_CREDITS_FAILED;
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_memcpy(p, user->data, user->len);
    identity->user.data = p;
    identity->user.len = user->len;
    identity->state = NGX_HTTP_CREDITS_KNOWN;

    ngx_log_debug1(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "credits identity: %V", user);

    return NGX_OK;
}


/* UTF-8 that Postgres takes, without control characters */

static ngx_uint_t
ngx_http_credits_identity_printable(ngx_str_t *s)
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


char *
ngx_http_credits_identity_set_session(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_credits_loc_conf_t *lcf = conf;

    ngx_str_t                   *value;
    ngx_uint_t                   i;
    ngx_http_credits_session_t  *session;

    if (lcf->session != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (ngx_strcmp(value[1].data, "better_auth") != 0) {
        return ngx_http_credits_args_invalid(cf, &value[1]);
    }

    session = ngx_pcalloc(cf->pool, sizeof(ngx_http_credits_session_t));
    if (session == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_str_set(&session->cookie, "better-auth.session_token");
    session->cache = NGX_HTTP_CREDITS_CACHE;

    for (i = 2; i < cf->args->nelts; i++) {
        if (ngx_http_credits_identity_session_arg(cf, session, &value[i])
            != NGX_OK)
        {
            return NGX_CONF_ERROR;
        }
    }

    if (session->secret.len < NGX_HTTP_CREDITS_SECRET_MIN
        || ngx_strncmp(session->secret.data, "better-auth-secret",
                       sizeof("better-auth-secret") - 1) == 0)
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "the secret of \"credits_session\" is missing, "
                           "shorter than %d bytes, or a published one",
                           NGX_HTTP_CREDITS_SECRET_MIN);
        return NGX_CONF_ERROR;
    }

    lcf->session = session;

    return NGX_CONF_OK;
}


/* NGX_OK, or NGX_ERROR after logging */

static ngx_int_t
ngx_http_credits_identity_session_arg(ngx_conf_t *cf,
    ngx_http_credits_session_t *session, ngx_str_t *value)
{
    ngx_int_t  n;
    ngx_str_t  rest;

    if (ngx_http_credits_args_parameter(value, "secret=", &rest)) {
        return ngx_http_credits_secret_read(cf, &rest, &session->secret);
    }

    if (ngx_http_credits_args_parameter(value, "cookie=", &rest)
        && rest.len)
    {
        session->cookie = rest;
        return NGX_OK;
    }

    if (ngx_http_credits_args_parameter(value, "cache=", &rest)) {
        n = ngx_parse_time(&rest, 0);

        if (n != NGX_ERROR && n <= NGX_HTTP_CREDITS_CACHE_MAX) {
            session->cache = (ngx_msec_t) n;
            return NGX_OK;
        }
    }

    (void) ngx_http_credits_args_invalid(cf, value);

    return NGX_ERROR;
}


char *
ngx_http_credits_identity_set_user(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_credits_loc_conf_t *lcf = conf;

    ngx_str_t                         *value;
    ngx_http_compile_complex_value_t   ccv;

    if (lcf->user != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    lcf->user = ngx_palloc(cf->pool, sizeof(ngx_http_complex_value_t));
    if (lcf->user == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(&ccv, sizeof(ngx_http_compile_complex_value_t));
    ccv.cf = cf;
    ccv.value = &value[1];
    ccv.complex_value = lcf->user;

    if (ngx_http_compile_complex_value(&ccv) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    if (lcf->user->lengths == NULL) {
        /* everybody would be one user */

        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"credits_user\" needs a variable, \"%V\" is "
                           "none", &value[1]);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}
