/*
 * What kind of API a location speaks, and which of its operations a request
 * is.
 */

#include "ngx_http_credits_api.h"
#include "ngx_http_credits_args.h"
#include "ngx_http_credits_headers.h"
#include "ngx_http_credits_reply.h"

#include "../core/credits_media_type.h"
#include "../core/credits_request.h"


static ngx_int_t ngx_http_credits_api_make(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx, const credits_operation_t *operation,
    ngx_str_t *model);
static const credits_operation_t *ngx_http_credits_api_operation(
    ngx_http_request_t *r, ngx_http_credits_api_conf_t *conf,
    ngx_str_t *model);
static ngx_uint_t ngx_http_credits_api_upgrades(ngx_http_request_t *r);
static ngx_uint_t ngx_http_credits_api_plain(ngx_http_request_t *r);
static unsigned ngx_http_credits_api_method(ngx_http_request_t *r);
static ngx_int_t ngx_http_credits_api_not_allowed(ngx_http_request_t *r,
    unsigned methods);
static ngx_int_t ngx_http_credits_api_read_type(ngx_http_request_t *r,
    ngx_http_credits_api_t *api);
static ngx_int_t ngx_http_credits_api_arg(ngx_http_credits_api_conf_t *conf,
    ngx_str_t *value);


static const struct {
    ngx_uint_t   method;
    unsigned     bit;
    const char  *name;
} ngx_http_credits_api_methods[] = {
    { NGX_HTTP_GET, CREDITS_METHOD_GET, "GET" },
    { NGX_HTTP_HEAD, CREDITS_METHOD_HEAD, "HEAD" },
    { NGX_HTTP_POST, CREDITS_METHOD_POST, "POST" },
    { NGX_HTTP_PUT, CREDITS_METHOD_PUT, "PUT" },
    { NGX_HTTP_PATCH, CREDITS_METHOD_PATCH, "PATCH" },
    { NGX_HTTP_DELETE, CREDITS_METHOD_DELETE, "DELETE" },
    { 0, CREDITS_METHOD_OTHER, NULL }
};


ngx_int_t
ngx_http_credits_api_find(ngx_http_request_t *r, ngx_http_credits_ctx_t *ctx)
{
    ngx_str_t                     model;
    const credits_operation_t    *operation;
    ngx_http_credits_api_conf_t  *conf;
    ngx_http_credits_loc_conf_t  *lcf;

    if (ctx->api) {
        return NGX_OK;
    }

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_credits_module);
    conf = lcf->api;

    if (ngx_http_credits_api_upgrades(r)) {
        return ngx_http_credits_api_refuse(r, "Upgrade",
                                           sizeof("Upgrade") - 1);
    }

    operation = ngx_http_credits_api_operation(r, conf, &model);

    if (operation == NULL) {
        return (conf->unlisted && ngx_http_credits_api_plain(r))
               ? NGX_DECLINED
               : ngx_http_credits_api_refuse(r, (char *) r->uri.data,
                                             r->uri.len);
    }

    if (operation->charging == CREDITS_REFUSED) {
        return ngx_http_credits_api_refuse(r, operation->name,
                                           ngx_strlen(operation->name));
    }

    if (!(operation->methods & ngx_http_credits_api_method(r))) {
        return ngx_http_credits_reply_refuse(r,
                   ngx_http_credits_api_not_allowed(r, operation->methods));
    }

    if (operation->charging == CREDITS_FREE) {
        return NGX_DECLINED;
    }

    return ngx_http_credits_api_make(r, ctx, operation, &model);
}


/* NGX_OK, NGX_DONE or a status: see ngx_http_credits_api_find() */

static ngx_int_t
ngx_http_credits_api_make(ngx_http_request_t *r, ngx_http_credits_ctx_t *ctx,
    const credits_operation_t *operation, ngx_str_t *model)
{
    const char              *message;
    ngx_http_credits_api_t  *api;

    api = ngx_pcalloc(r->pool, sizeof(ngx_http_credits_api_t));
    if (api == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    api->operation = operation;
    api->model = *model;

    if (ngx_http_credits_api_read_type(r, api) != NGX_OK) {
        message = (operation->bodies & CREDITS_BODY_JSON)
                  ? "The request's body must be application/json, in UTF-8."
                  : "The request's body must be multipart/form-data.";

        return ngx_http_credits_reply_refuse(r,
                   ngx_http_credits_reply_error(r,
                                            NGX_HTTP_UNSUPPORTED_MEDIA_TYPE,
                                            "unsupported_content_type",
                                            message));
    }

    ctx->api = api;

    return NGX_OK;
}


/* NULL: no row of the table has the path, or it is written in a strange way */

static const credits_operation_t *
ngx_http_credits_api_operation(ngx_http_request_t *r,
    ngx_http_credits_api_conf_t *conf, ngx_str_t *model)
{
    credits_span_t              span;
    const credits_operation_t  *operation;

    if (conf->operation) {
        operation = credits_operation_variant(conf->operation, r->uri.data,
                                              r->uri.len, &span);

    } else {
        operation = credits_operation_find(conf->dialect,
                                           ngx_http_credits_api_method(r),
                                           r->uri.data, r->uri.len, &span);

        if (operation && !operation->model_in_path
            && !ngx_http_credits_api_plain(r))
        {
            return NULL;
        }
    }

    model->data = (u_char *) span.data;
    model->len = span.len;

    return operation;
}


/* what goes on as frames is not metered; HTTP/2 without TLS is refused by
   nginx anyway */

static ngx_uint_t
ngx_http_credits_api_upgrades(ngx_http_request_t *r)
{
    ngx_table_elt_t  *h;

    h = NULL;

    for ( ;; ) {
        h = ngx_http_credits_headers_find(r, h, "upgrade");

        if (h == NULL) {
            return 0;
        }

        if (h->value.len != sizeof("h2c") - 1
            || ngx_strncasecmp(h->value.data, (u_char *) "h2c",
                               sizeof("h2c") - 1)
               != 0)
        {
            return 1;
        }
    }
}


/*
 * The path is sent to the provider as the client wrote it, and is looked up as
 * nginx has decoded it.  They must not be two different paths to a provider
 * that decodes, cuts or joins in another way.
 */

static ngx_uint_t
ngx_http_credits_api_plain(ngx_http_request_t *r)
{
    u_char     *p, *end;
    ngx_int_t   ch;

    p = r->unparsed_uri.data;
    end = p + r->unparsed_uri.len;

    for ( /* void */ ; p < end && *p != '?'; p++) {
        ch = *p;

        if (ch == '%') {
            if (end - p < 3) {
                return 0;
            }

            ch = ngx_hextoi(p + 1, 2);

            if (ch == '/' || ch == '.' || ch == '%' || ch == '?') {
                return 0;
            }

            p += 2;
        }

        if (ch == NGX_ERROR || ch < ' ' || ch == '\\' || ch == ';'
            || ch == '#')
        {
            return 0;
        }

        if (ch == '/' && p + 1 < end && (p[1] == '/' || p[1] == '.')) {
            return 0;
        }
    }

    return 1;
}


static unsigned
ngx_http_credits_api_method(ngx_http_request_t *r)
{
    ngx_uint_t  i;

    for (i = 0; ngx_http_credits_api_methods[i].method; i++) {
        if (r->method == ngx_http_credits_api_methods[i].method) {
            break;
        }
    }

    return ngx_http_credits_api_methods[i].bit;
}


static ngx_int_t
ngx_http_credits_api_not_allowed(ngx_http_request_t *r, unsigned methods)
{
    u_char      *p, *allow;
    ngx_uint_t   i;

    if (methods == CREDITS_METHOD_POST) {
        return ngx_http_credits_reply_not_allowed(r, "POST",
                                              "Only POST is answered here.");
    }

    allow = ngx_pnalloc(r->pool,
                        sizeof("GET, HEAD, POST, PUT, PATCH, DELETE"));
    if (allow == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    p = allow;

    for (i = 0; ngx_http_credits_api_methods[i].method; i++) {
        if (methods & ngx_http_credits_api_methods[i].bit) {
            p = ngx_sprintf(p, "%s%s", p == allow ? "" : ", ",
                            ngx_http_credits_api_methods[i].name);
        }
    }

    *p = '\0';

    return ngx_http_credits_reply_not_allowed(r, (char *) allow,
                                              "This method is not answered "
                                              "here.");
}


/* one content type, of a form that the operation takes; NGX_DECLINED */

static ngx_int_t
ngx_http_credits_api_read_type(ngx_http_request_t *r,
    ngx_http_credits_api_t *api)
{
    ngx_table_elt_t  *h;

    h = ngx_http_credits_headers_find(r, NULL, "content-type");

    if (h == NULL || ngx_http_credits_headers_find(r, h, "content-type")) {
        return NGX_DECLINED;
    }

    return credits_media_type(h->value.data, h->value.len,
                              api->operation->bodies, &api->boundary) < 0
           ? NGX_DECLINED : NGX_OK;
}


ngx_int_t
ngx_http_credits_api_refuse(ngx_http_request_t *r, const char *name,
    size_t len)
{
    ngx_str_t  what;

    what.data = (u_char *) name;
    what.len = len;

    return ngx_http_credits_reply_refuse(r,
               ngx_http_credits_reply_naming(r, NGX_HTTP_FORBIDDEN,
                                             "operation_not_metered",
                                             "\"%V\" cannot be metered here.",
                                             &what));
}


char *
ngx_http_credits_api_set(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_credits_loc_conf_t *lcf = conf;

    int                           dialect;
    ngx_str_t                    *value;
    ngx_uint_t                    i;
    ngx_http_credits_api_conf_t  *api;

    if (lcf->api != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    api = ngx_pcalloc(cf->pool, sizeof(ngx_http_credits_api_conf_t));
    if (api == NULL) {
        return NGX_CONF_ERROR;
    }

    value = cf->args->elts;

    dialect = credits_dialect_find(value[1].data, value[1].len);

    if (dialect < 0) {
        return ngx_http_credits_args_invalid(cf, &value[1]);
    }

    api->dialect = (credits_dialect_t) dialect;

    for (i = 2; i < cf->args->nelts; i++) {
        if (ngx_http_credits_api_arg(api, &value[i]) != NGX_OK) {
            return ngx_http_credits_args_invalid(cf, &value[i]);
        }
    }

    lcf->api = api;

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_credits_api_arg(ngx_http_credits_api_conf_t *conf, ngx_str_t *value)
{
    ngx_str_t  rest;

    if (ngx_http_credits_args_parameter(value, "unlisted=", &rest)) {
        conf->unlisted = (ngx_strcmp(rest.data, "user") == 0);

        return (conf->unlisted || ngx_strcmp(rest.data, "refuse") == 0)
               ? NGX_OK : NGX_ERROR;
    }

    if (conf->operation) {
        return NGX_ERROR;
    }

    conf->operation = credits_operation_named(conf->dialect, value->data,
                                              value->len);

    return conf->operation ? NGX_OK : NGX_ERROR;
}


char *
ngx_http_credits_api_set_allow(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_credits_loc_conf_t *lcf = conf;

    uint32_t     bit;
    ngx_str_t   *value;
    ngx_uint_t   i;

    if (lcf->allowed != NGX_CONF_UNSET_UINT) {
        return "is duplicate";
    }

    lcf->allowed = 0;
    value = cf->args->elts;

    for (i = 1; i < cf->args->nelts; i++) {
        bit = credits_request_allow(value[i].data, value[i].len);

        if (bit == 0) {
            return ngx_http_credits_args_invalid(cf, &value[i]);
        }

        lcf->allowed |= bit;
    }

    return NGX_CONF_OK;
}


char *
ngx_http_credits_api_set_parts(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_credits_loc_conf_t *lcf = conf;

    int64_t                *tokens;
    ngx_int_t               n;
    ngx_str_t              *value, rest;
    ngx_uint_t              i;
    credits_part_tokens_t  *parts;

    if (lcf->part_tokens != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    parts = ngx_palloc(cf->pool, sizeof(credits_part_tokens_t));
    if (parts == NULL) {
        return NGX_CONF_ERROR;
    }

    parts->image = CREDITS_PART_IMAGE_TOKENS;
    parts->audio = CREDITS_PART_AUDIO_TOKENS;
    parts->file = CREDITS_PART_FILE_TOKENS;

    value = cf->args->elts;

    for (i = 1; i < cf->args->nelts; i++) {

        if (ngx_http_credits_args_parameter(&value[i], "image=", &rest)) {
            tokens = &parts->image;

        } else if (ngx_http_credits_args_parameter(&value[i], "audio=",
                                                   &rest))
        {
            tokens = &parts->audio;

        } else if (ngx_http_credits_args_parameter(&value[i], "file=", &rest))
        {
            tokens = &parts->file;

        } else {
            return ngx_http_credits_args_invalid(cf, &value[i]);
        }

        n = ngx_atoi(rest.data, rest.len);

        if (n == NGX_ERROR || n > CREDITS_REQUEST_OUTPUT_MAX) {
            return ngx_http_credits_args_invalid(cf, &value[i]);
        }

        *tokens = n;
    }

    lcf->part_tokens = parts;

    return NGX_CONF_OK;
}
