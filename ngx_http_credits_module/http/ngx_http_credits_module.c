/*
 * nginx-credits: prepaid credits in front of an LLM API.
 *
 * The module: directives, phases, start and end of a worker.
 */

#include "ngx_http_credits.h"


static ngx_int_t ngx_http_credits_preconfiguration(ngx_conf_t *cf);
static ngx_int_t ngx_http_credits_init(ngx_conf_t *cf);
static ngx_int_t ngx_http_credits_phase(ngx_conf_t *cf, ngx_uint_t phase,
    ngx_http_handler_pt handler);
static ngx_int_t ngx_http_credits_init_module(ngx_cycle_t *cycle);
static ngx_int_t ngx_http_credits_init_process(ngx_cycle_t *cycle);
static void ngx_http_credits_exit_process(ngx_cycle_t *cycle);
static void ngx_http_credits_cleanup(void *data);


#define NGX_HTTP_CREDITS_ANYWHERE                                             \
    NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF


static ngx_command_t  ngx_http_credits_commands[] = {

    { ngx_string("credits_database"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE123,
      ngx_http_credits_database,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("credits_zone"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_http_credits_zone,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("credits_journal"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE12,
      ngx_http_credits_journal,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("credits_lost_hold"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_enum_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      offsetof(ngx_http_credits_main_conf_t, ledger_conf.capture),
      ngx_http_credits_lost_hold },

    { ngx_string("credits_session"),
      NGX_HTTP_CREDITS_ANYWHERE|NGX_CONF_2MORE,
      ngx_http_credits_session,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("credits_user"),
      NGX_HTTP_CREDITS_ANYWHERE|NGX_CONF_TAKE1,
      ngx_http_credits_user,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("credits"),
      NGX_HTTP_CREDITS_ANYWHERE|NGX_CONF_TAKE1,
      ngx_conf_set_enum_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_credits_loc_conf_t, mode),
      ngx_http_credits_modes },

    { ngx_string("credits_type"),
      NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_credits_type,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("credits_unit"),
      NGX_HTTP_CREDITS_ANYWHERE|NGX_CONF_TAKE1,
      ngx_conf_set_num_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_credits_loc_conf_t, unit),
      &ngx_http_credits_unit_bounds },

    { ngx_string("credits_price"),
      NGX_HTTP_CREDITS_ANYWHERE|NGX_CONF_1MORE,
      ngx_http_credits_price,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("credits_hold"),
      NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_credits_hold,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("credits_max_output"),
      NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_num_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_credits_loc_conf_t, max_output),
      &ngx_http_credits_output_bounds },

    { ngx_string("credits_clamp"),
      NGX_HTTP_LOC_CONF|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_credits_loc_conf_t, clamp),
      NULL },

    { ngx_string("credits_drain"),
      NGX_HTTP_LOC_CONF|NGX_CONF_TAKE12,
      ngx_http_credits_drain,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("credits_on_database_error"),
      NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_enum_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_credits_loc_conf_t, on_error),
      ngx_http_credits_on_error },

    { ngx_string("credits_purchase_url"),
      NGX_HTTP_CREDITS_ANYWHERE|NGX_CONF_TAKE1,
      ngx_http_set_complex_value_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_credits_loc_conf_t, purchase_url),
      NULL },

    { ngx_string("credits_balance"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS,
      ngx_http_credits_balance,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("credits_transactions"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS,
      ngx_http_credits_transactions,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("credits_webhook"),
      NGX_HTTP_LOC_CONF|NGX_CONF_2MORE,
      ngx_http_credits_webhook,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("credits_metrics"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS,
      ngx_http_credits_metrics,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_credits_module_ctx = {
    ngx_http_credits_preconfiguration,     /* preconfiguration */
    ngx_http_credits_init,                 /* postconfiguration */

    ngx_http_credits_create_main_conf,     /* create main configuration */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    ngx_http_credits_create_loc_conf,      /* create location configuration */
    ngx_http_credits_merge_loc_conf        /* merge location configuration */
};


ngx_module_t  ngx_http_credits_module = {
    NGX_MODULE_V1,
    &ngx_http_credits_module_ctx,          /* module context */
    ngx_http_credits_commands,             /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    ngx_http_credits_init_module,          /* init module */
    ngx_http_credits_init_process,         /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    ngx_http_credits_exit_process,         /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


ngx_http_credits_ctx_t *
ngx_http_credits_get_ctx(ngx_http_request_t *r)
{
    ngx_http_cleanup_t      *cln;
    ngx_http_credits_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r->main, ngx_http_credits_module);

    if (ctx || !(r->main->internal || r->main->filter_finalize)) {
        return ctx;
    }

    /* an internal redirect wipes the contexts, but not the cleanups */

    for (cln = r->main->cleanup; cln; cln = cln->next) {
        if (cln->handler == ngx_http_credits_cleanup) {
            ctx = cln->data;
            ngx_http_set_ctx(r->main, ctx, ngx_http_credits_module);
            return ctx;
        }
    }

    return NULL;
}


ngx_http_credits_ctx_t *
ngx_http_credits_make_ctx(ngx_http_request_t *r)
{
    ngx_http_cleanup_t      *cln;
    ngx_http_credits_ctx_t  *ctx;

    ctx = ngx_http_credits_get_ctx(r);
    if (ctx) {
        return ctx;
    }

    ctx = ngx_pcalloc(r->main->pool, sizeof(ngx_http_credits_ctx_t));
    if (ctx == NULL) {
        return NULL;
    }

    /* runs before the log phase, whatever ends the request */

    cln = ngx_http_cleanup_add(r->main, 0);
    if (cln == NULL) {
        return NULL;
    }

    ctx->request = r->main;
    ctx->identity = NGX_AGAIN;
    ctx->usage.prompt = -1;
    ctx->usage.completion = -1;
    ctx->usage.total = -1;
    ctx->usage.cached = -1;

    cln->handler = ngx_http_credits_cleanup;
    cln->data = ctx;

    ngx_http_set_ctx(r->main, ctx, ngx_http_credits_module);

    return ctx;
}


static void
ngx_http_credits_cleanup(void *data)
{
    ngx_http_credits_ctx_t *ctx = data;

    ngx_http_credits_wait_cancel(ctx);
    ngx_http_credits_settle(ctx->request, ctx);
}


ngx_credits_zone_t *
ngx_http_credits_get_zone(ngx_http_request_t *r)
{
    ngx_http_credits_main_conf_t  *mcf;

    mcf = ngx_http_get_module_main_conf(r, ngx_http_credits_module);

    return mcf->shm_zone->data;
}


static ngx_int_t
ngx_http_credits_preconfiguration(ngx_conf_t *cf)
{
    return ngx_http_credits_add_variables(cf);
}


static ngx_int_t
ngx_http_credits_init(ngx_conf_t *cf)
{
    ngx_http_credits_main_conf_t  *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_credits_module);

    if (!mcf->enabled) {
        return NGX_OK;
    }

    if (ngx_http_credits_complete_main_conf(cf, mcf) != NGX_OK) {
        return NGX_ERROR;
    }

    if (ngx_http_credits_phase(cf, NGX_HTTP_ACCESS_PHASE,
                               ngx_http_credits_access_handler)
        != NGX_OK
        || ngx_http_credits_phase(cf, NGX_HTTP_PRECONTENT_PHASE,
                                  ngx_http_credits_admission_handler)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (ngx_http_credits_metering_init() != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_credits_errors_init();
}


static ngx_int_t
ngx_http_credits_phase(ngx_conf_t *cf, ngx_uint_t phase,
    ngx_http_handler_pt handler)
{
    ngx_http_handler_pt        *h, *first;
    ngx_http_core_main_conf_t  *cmcf;

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    h = ngx_array_push(&cmcf->phases[phase].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    /*
     * The handlers of a phase run last registered first.  Whoever is refused
     * by auth_request and its like is not looked up, and what they find out
     * may say who asks: our access handler goes behind them.  Admission is
     * the first of its phase: try_files would lead past it.
     */

    if (phase == NGX_HTTP_ACCESS_PHASE) {
        first = cmcf->phases[phase].handlers.elts;
        ngx_memmove(first + 1, first, (u_char *) h - (u_char *) first);
        h = first;
    }

    *h = handler;

    return NGX_OK;
}


/* the master says at start and reload which version it has loaded */

static ngx_int_t
ngx_http_credits_init_module(ngx_cycle_t *cycle)
{
    if (!ngx_test_config) {
        ngx_log_error(NGX_LOG_NOTICE, cycle->log, 0,
                      "nginx-credits/" NGX_HTTP_CREDITS_VERSION);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_credits_init_process(ngx_cycle_t *cycle)
{
    ngx_http_credits_main_conf_t  *mcf;

    if (ngx_process != NGX_PROCESS_WORKER
        && ngx_process != NGX_PROCESS_SINGLE)
    {
        return NGX_OK;
    }

    mcf = ngx_http_cycle_get_module_main_conf(cycle, ngx_http_credits_module);

    if (mcf == NULL || !mcf->enabled || mcf->postgres.keywords == NULL) {
        return NGX_OK;
    }

    ngx_queue_init(&mcf->admitted);

    mcf->ledger = ngx_credits_ledger_create(cycle, &mcf->ledger_conf,
                                            mcf->shm_zone->data);

    return mcf->ledger ? NGX_OK : NGX_ERROR;
}


static void
ngx_http_credits_exit_process(ngx_cycle_t *cycle)
{
    ngx_http_credits_main_conf_t  *mcf;

    mcf = ngx_http_cycle_get_module_main_conf(cycle, ngx_http_credits_module);

    if (mcf && mcf->ledger) {
        ngx_http_credits_settle_all(mcf);
        ngx_credits_ledger_destroy(mcf->ledger);
        mcf->ledger = NULL;
    }
}
