/*
 * The context of a request.
 */

#include "ngx_http_credits_ctx.h"


static void ngx_http_credits_ctx_mark(void *data);


ngx_http_credits_ctx_t *
ngx_http_credits_ctx_get(ngx_http_request_t *r)
{
    ngx_http_cleanup_t      *cln;
    ngx_http_credits_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_credits_module);

    if (ctx || !(r->internal || r->filter_finalize)) {
        return ctx;
    }

    /* an internal redirect wipes the contexts, but not the cleanups */

    for (cln = r->main->cleanup; cln; cln = cln->next) {
        if (cln->handler != ngx_http_credits_ctx_mark) {
            continue;
        }

        ctx = cln->data;

        if (ctx->request == r) {
            ngx_http_set_ctx(r, ctx, ngx_http_credits_module);
            return ctx;
        }
    }

    return NULL;
}


ngx_http_credits_ctx_t *
ngx_http_credits_ctx_make(ngx_http_request_t *r)
{
    ngx_http_cleanup_t      *cln;
    ngx_http_credits_ctx_t  *ctx;

    ctx = ngx_http_credits_ctx_get(r);
    if (ctx) {
        return ctx;
    }

    ctx = ngx_pcalloc(r->pool, sizeof(ngx_http_credits_ctx_t));
    if (ctx == NULL) {
        return NULL;
    }

    cln = ngx_http_cleanup_add(r, 0);
    if (cln == NULL) {
        return NULL;
    }

    ctx->request = r;

    cln->handler = ngx_http_credits_ctx_mark;
    cln->data = ctx;

    ngx_http_set_ctx(r, ctx, ngx_http_credits_module);

    return ctx;
}


/*
 * Does nothing: its place in the list of cleanups is where the context is
 * found again.  A part that has something to end has a cleanup of its own.
 */

static void
ngx_http_credits_ctx_mark(void *data)
{
}


ngx_credits_ledger_t *
ngx_http_credits_ctx_ledger(ngx_http_request_t *r)
{
    ngx_http_credits_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_credits_module);

    return mcf->ledger;
}


ngx_credits_zone_t *
ngx_http_credits_ctx_zone(ngx_http_request_t *r)
{
    ngx_http_credits_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_credits_module);

    return mcf->shm_zone->data;
}


void
ngx_http_credits_ctx_count(ngx_http_request_t *r,
    ngx_credits_counter_e counter, ngx_int_t n)
{
    ngx_credits_zone_count(ngx_http_credits_ctx_zone(r), counter, n);
}
