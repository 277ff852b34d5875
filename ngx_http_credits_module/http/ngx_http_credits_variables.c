/*
 * Variables: what is known about a request so far.
 */

#include "ngx_http_credits.h"


static ngx_int_t ngx_http_credits_string_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_credits_number_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_credits_status_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_credits_model_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_credits_total_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_credits_number(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, int64_t n);


/* which number is known when */
#define NGX_HTTP_CREDITS_HELD_STEP   0x10000    /* once there is a hold */
#define NGX_HTTP_CREDITS_ENDED_STEP  0x20000    /* at the end */
#define NGX_HTTP_CREDITS_OFFSET      0xffff

#define ngx_http_credits_held_field(name)                                     \
    (offsetof(ngx_http_credits_ctx_t, name) | NGX_HTTP_CREDITS_HELD_STEP)
#define ngx_http_credits_ended_field(name)                                    \
    (offsetof(ngx_http_credits_ctx_t, name) | NGX_HTTP_CREDITS_ENDED_STEP)


static ngx_http_variable_t  ngx_http_credits_vars[] = {

    { ngx_string("credits_user"), NULL,
      ngx_http_credits_string_variable,
      offsetof(ngx_http_credits_ctx_t, user),
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("credits_request_id"), NULL,
      ngx_http_credits_string_variable,
      offsetof(ngx_http_credits_ctx_t, id_text),
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("credits_status"), NULL,
      ngx_http_credits_status_variable, 0,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("credits_model"), NULL,
      ngx_http_credits_model_variable, 0,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("credits_balance"), NULL,
      ngx_http_credits_number_variable,
      ngx_http_credits_held_field(balance),
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("credits_held"), NULL,
      ngx_http_credits_number_variable,
      ngx_http_credits_held_field(hold),
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("credits_charged"), NULL,
      ngx_http_credits_number_variable,
      ngx_http_credits_ended_field(charged),
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("credits_prompt_tokens"), NULL,
      ngx_http_credits_number_variable,
      ngx_http_credits_ended_field(usage.prompt),
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("credits_completion_tokens"), NULL,
      ngx_http_credits_number_variable,
      ngx_http_credits_ended_field(usage.completion),
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("credits_total_tokens"), NULL,
      ngx_http_credits_total_variable, 0,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

      ngx_http_null_variable
};


ngx_int_t
ngx_http_credits_add_variables(ngx_conf_t *cf)
{
    ngx_http_variable_t  *var, *v;

    for (v = ngx_http_credits_vars; v->name.len; v++) {
        var = ngx_http_add_variable(cf, &v->name, v->flags);
        if (var == NULL) {
            return NGX_ERROR;
        }

        var->get_handler = v->get_handler;
        var->data = v->data;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_credits_string(ngx_http_variable_value_t *v, u_char *data,
    size_t len)
{
    if (len == 0) {
        v->not_found = 1;
        return NGX_OK;
    }

    v->data = data;
    v->len = len;
    v->valid = 1;
    v->no_cacheable = 0;
    v->not_found = 0;

    return NGX_OK;
}


static ngx_int_t
ngx_http_credits_string_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_str_t               *s;
    ngx_http_credits_ctx_t  *ctx;

    ctx = ngx_http_credits_get_ctx(r);
    if (ctx == NULL) {
        v->not_found = 1;
        return NGX_OK;
    }

    s = (ngx_str_t *) ((u_char *) ctx + data);

    return ngx_http_credits_string(v, s->data, s->len);
}


static ngx_int_t
ngx_http_credits_status_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    const char              *status;
    ngx_http_credits_ctx_t  *ctx;

    ctx = ngx_http_credits_get_ctx(r);
    status = "";

    if (ctx == NULL) {
        status = "";

    } else if (ctx->denied) {
        status = "denied";

    } else if (ctx->ended) {
        status = ctx->status == CREDITS_SETTLED ? "settled"
                 : ctx->status == CREDITS_ESTIMATED ? "estimated"
                 : "released";

    } else if (ctx->step == NGX_HTTP_CREDITS_ADMITTED) {
        status = "held";
    }

    return ngx_http_credits_string(v, (u_char *) status, ngx_strlen(status));
}


static ngx_int_t
ngx_http_credits_model_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_http_credits_ctx_t  *ctx;

    ctx = ngx_http_credits_get_ctx(r);

    if (ctx == NULL || ctx->want == 0) {
        v->not_found = 1;
        return NGX_OK;
    }

    return ngx_http_credits_string(v, ctx->chat->model, ctx->chat->model_len);
}


static ngx_int_t
ngx_http_credits_number_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_http_credits_ctx_t  *ctx;

    ctx = ngx_http_credits_get_ctx(r);

    if (ctx == NULL
        || ((data & NGX_HTTP_CREDITS_HELD_STEP)
            && ctx->step != NGX_HTTP_CREDITS_ADMITTED && !ctx->denied)
        || ((data & NGX_HTTP_CREDITS_ENDED_STEP) && !ctx->ended))
    {
        v->not_found = 1;
        return NGX_OK;
    }

    return ngx_http_credits_number(r, v,
                 *(int64_t *) ((u_char *) ctx
                               + (data & NGX_HTTP_CREDITS_OFFSET)));
}


static ngx_int_t
ngx_http_credits_total_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_http_credits_ctx_t  *ctx;

    ctx = ngx_http_credits_get_ctx(r);

    if (ctx == NULL || !ctx->ended || ctx->status == CREDITS_RELEASED) {
        v->not_found = 1;
        return NGX_OK;
    }

    return ngx_http_credits_number(r, v, credits_usage_billable(&ctx->usage));
}


/* a negative number is one that nobody said */

static ngx_int_t
ngx_http_credits_number(ngx_http_request_t *r, ngx_http_variable_value_t *v,
    int64_t n)
{
    u_char  *p;

    if (n < 0) {
        v->not_found = 1;
        return NGX_OK;
    }

    p = ngx_pnalloc(r->pool, NGX_INT64_LEN);
    if (p == NULL) {
        return NGX_ERROR;
    }

    return ngx_http_credits_string(v, p, ngx_sprintf(p, "%L", n) - p);
}
