/*
 * Variables: what is known about a request so far.
 */

#include "ngx_http_credits_variables.h"
#include "ngx_http_credits_hold.h"
#include "ngx_http_credits_identity.h"
#include "ngx_http_credits_settlement.h"


/* data of the handlers below */

typedef enum {
    NGX_HTTP_CREDITS_VAR_USER = 0,
    NGX_HTTP_CREDITS_VAR_REQUEST_ID,
    NGX_HTTP_CREDITS_VAR_STATUS,
    NGX_HTTP_CREDITS_VAR_MODEL,
    NGX_HTTP_CREDITS_VAR_BALANCE,
    NGX_HTTP_CREDITS_VAR_HELD,
    NGX_HTTP_CREDITS_VAR_CHARGED,
    NGX_HTTP_CREDITS_VAR_PROMPT,
    NGX_HTTP_CREDITS_VAR_COMPLETION,
    NGX_HTTP_CREDITS_VAR_TOTAL
} ngx_http_credits_variables_e;


static ngx_int_t ngx_http_credits_variables_string(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_credits_variables_number(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_http_credits_ctx_t *ngx_http_credits_variables_ctx(
    ngx_http_request_t *r);
static void ngx_http_credits_variables_status(ngx_http_credits_hold_t *hold,
    ngx_http_credits_outcome_t *outcome, ngx_str_t *s);
static int64_t ngx_http_credits_variables_of_hold(
    ngx_http_credits_hold_t *hold, uintptr_t data);
static int64_t ngx_http_credits_variables_of_outcome(
    ngx_http_credits_outcome_t *outcome, uintptr_t data);


static ngx_http_variable_t  ngx_http_credits_variables[] = {

    { ngx_string("credits_user"), NULL,
      ngx_http_credits_variables_string, NGX_HTTP_CREDITS_VAR_USER,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("credits_request_id"), NULL,
      ngx_http_credits_variables_string, NGX_HTTP_CREDITS_VAR_REQUEST_ID,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("credits_status"), NULL,
      ngx_http_credits_variables_string, NGX_HTTP_CREDITS_VAR_STATUS,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("credits_model"), NULL,
      ngx_http_credits_variables_string, NGX_HTTP_CREDITS_VAR_MODEL,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("credits_balance"), NULL,
      ngx_http_credits_variables_number, NGX_HTTP_CREDITS_VAR_BALANCE,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("credits_held"), NULL,
      ngx_http_credits_variables_number, NGX_HTTP_CREDITS_VAR_HELD,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("credits_charged"), NULL,
      ngx_http_credits_variables_number, NGX_HTTP_CREDITS_VAR_CHARGED,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("credits_prompt_tokens"), NULL,
      ngx_http_credits_variables_number, NGX_HTTP_CREDITS_VAR_PROMPT,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("credits_completion_tokens"), NULL,
      ngx_http_credits_variables_number, NGX_HTTP_CREDITS_VAR_COMPLETION,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("credits_total_tokens"), NULL,
      ngx_http_credits_variables_number, NGX_HTTP_CREDITS_VAR_TOTAL,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

      ngx_http_null_variable
};


ngx_int_t
ngx_http_credits_variables_add(ngx_conf_t *cf)
{
    ngx_http_variable_t  *var, *v;

    for (v = ngx_http_credits_variables; v->name.len; v++) {
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
ngx_http_credits_variables_string(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_str_t                 s;
    ngx_http_credits_ctx_t   *ctx;
    ngx_http_credits_hold_t  *hold;

    ngx_str_null(&s);

    ctx = ngx_http_credits_variables_ctx(r);
    hold = ctx ? ctx->hold : NULL;

    switch (data) {

    case NGX_HTTP_CREDITS_VAR_USER:
        if (ctx && ctx->identity) {
            s = ctx->identity->user;
        }

        break;

    case NGX_HTTP_CREDITS_VAR_REQUEST_ID:
        if (hold) {
            s = hold->id_text;
        }

        break;

    case NGX_HTTP_CREDITS_VAR_STATUS:
        if (hold) {
            ngx_http_credits_variables_status(hold, ctx->outcome, &s);
        }

        break;

    default: /* NGX_HTTP_CREDITS_VAR_MODEL */
        if (hold) {
            s = hold->model;
        }
    }

    if (s.len == 0) {
        v->not_found = 1;
        return NGX_OK;
    }

    v->data = s.data;
    v->len = s.len;
    v->valid = 1;
    v->no_cacheable = 0;
    v->not_found = 0;

    return NGX_OK;
}


/* of a subrequest that has a context, else of its main request */

static ngx_http_credits_ctx_t *
ngx_http_credits_variables_ctx(ngx_http_request_t *r)
{
    ngx_http_credits_ctx_t  *ctx;

    ctx = ngx_http_credits_ctx_get(r);

    if (ctx == NULL && r != r->main) {
        ctx = ngx_http_credits_ctx_get(r->main);
    }

    return ctx;
}


static void
ngx_http_credits_variables_status(ngx_http_credits_hold_t *hold,
    ngx_http_credits_outcome_t *outcome, ngx_str_t *s)
{
    switch (hold->state) {

    case NGX_HTTP_CREDITS_HOLD_DENIED:
    case NGX_HTTP_CREDITS_HOLD_FROZEN:
        ngx_str_set(s, "denied");
        break;

    case NGX_HTTP_CREDITS_HOLD_GRANTED:
        ngx_str_set(s, "held");
        break;

    case NGX_HTTP_CREDITS_HOLD_CLOSED:

        switch (outcome->status) {

        case CREDITS_SETTLED:
            ngx_str_set(s, "settled");
            break;

        case CREDITS_ESTIMATED:
            ngx_str_set(s, "estimated");
            break;

        default: /* CREDITS_RELEASED */
            ngx_str_set(s, "released");
        }

        break;

    default:
        break;
    }
}


static ngx_int_t
ngx_http_credits_variables_number(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    u_char                  *p;
    int64_t                  n;
    ngx_http_credits_ctx_t  *ctx;

    n = -1;
    ctx = ngx_http_credits_variables_ctx(r);

    if (ctx && ctx->hold) {
        if (data == NGX_HTTP_CREDITS_VAR_BALANCE
            || data == NGX_HTTP_CREDITS_VAR_HELD)
        {
            n = ngx_http_credits_variables_of_hold(ctx->hold, data);

        } else if (ctx->hold->state == NGX_HTTP_CREDITS_HOLD_CLOSED) {
            n = ngx_http_credits_variables_of_outcome(ctx->outcome, data);
        }
    }

    if (n < 0) {
        v->not_found = 1;
        return NGX_OK;
    }

    p = ngx_pnalloc(r->pool, NGX_INT64_LEN);
    if (p == NULL) {
        return NGX_ERROR;
    }

    v->data = p;
    v->len = ngx_sprintf(p, "%L", n) - p;
    v->valid = 1;
    v->no_cacheable = 0;
    v->not_found = 0;

    return NGX_OK;
}


/* -1: not known yet */

static int64_t
ngx_http_credits_variables_of_hold(ngx_http_credits_hold_t *hold,
    uintptr_t data)
{
    if (hold->state == NGX_HTTP_CREDITS_HOLD_NEW
        || hold->state == NGX_HTTP_CREDITS_HOLD_ASKED
        || hold->state == NGX_HTTP_CREDITS_HOLD_FAILED)
    {
        return -1;
    }

    return (data == NGX_HTTP_CREDITS_VAR_BALANCE) ? hold->balance
                                                  : hold->amount;
}


/* -1: the provider has not said it */

static int64_t
ngx_http_credits_variables_of_outcome(ngx_http_credits_outcome_t *outcome,
    uintptr_t data)
{
    switch (data) {

    case NGX_HTTP_CREDITS_VAR_CHARGED:
        return outcome->charged;

    case NGX_HTTP_CREDITS_VAR_PROMPT:
        return outcome->usage.prompt;

    case NGX_HTTP_CREDITS_VAR_COMPLETION:
        return outcome->usage.completion;

    default: /* NGX_HTTP_CREDITS_VAR_TOTAL */
        return (outcome->status == CREDITS_RELEASED)
               ? -1 : credits_usage_billable(&outcome->usage);
    }
}
