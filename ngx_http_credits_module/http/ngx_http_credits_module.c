/*
 * nginx-credits: prepaid credits in front of an LLM API.
 *
 * The module: directives, phases, start and end of a worker.
 */

#include "ngx_http_credits_admission.h"
#include "ngx_http_credits_api.h"
#include "ngx_http_credits_conf.h"
#include "ngx_http_credits_documents.h"
#include "ngx_http_credits_drain.h"
#include "ngx_http_credits_errors.h"
#include "ngx_http_credits_filter.h"
#include "ngx_http_credits_hold.h"
#include "ngx_http_credits_identity.h"
#include "ngx_http_credits_metrics.h"
#include "ngx_http_credits_price.h"
#include "ngx_http_credits_proxy.h"
#include "ngx_http_credits_settlement.h"
#include "ngx_http_credits_variables.h"
#include "ngx_http_credits_webhook.h"


static ngx_int_t ngx_http_credits_preconfiguration(ngx_conf_t *cf);
static ngx_int_t ngx_http_credits_init(ngx_conf_t *cf);
static ngx_int_t ngx_http_credits_phase(ngx_conf_t *cf, ngx_uint_t phase,
    ngx_http_handler_pt handler);
static ngx_int_t ngx_http_credits_init_module(ngx_cycle_t *cycle);
static ngx_int_t ngx_http_credits_init_process(ngx_cycle_t *cycle);
static void ngx_http_credits_exit_process(ngx_cycle_t *cycle);


#define NGX_HTTP_CREDITS_ANYWHERE                                             \
    NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF


static ngx_command_t  ngx_http_credits_commands[] = {

    { ngx_string("credits_database"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE123,
      ngx_http_credits_conf_set_database,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("credits_zone"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_http_credits_conf_set_zone,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("credits_journal"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE12,
      ngx_http_credits_conf_set_journal,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("credits_lost_hold"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_enum_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      offsetof(ngx_http_credits_main_conf_t, ledger_conf.capture),
      ngx_http_credits_conf_lost_hold },

    { ngx_string("credits_hold_life"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      offsetof(ngx_http_credits_main_conf_t, ledger_conf.hold_ttl),
      &ngx_http_credits_conf_hold_life_post },

    { ngx_string("credits_session"),
      NGX_HTTP_CREDITS_ANYWHERE|NGX_CONF_2MORE,
      ngx_http_credits_identity_set_session,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("credits_user"),
      NGX_HTTP_CREDITS_ANYWHERE|NGX_CONF_TAKE1,
      ngx_http_credits_identity_set_user,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("credits"),
      NGX_HTTP_CREDITS_ANYWHERE|NGX_CONF_TAKE1,
      ngx_conf_set_enum_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_credits_loc_conf_t, mode),
      ngx_http_credits_conf_modes },

    { ngx_string("credits_api"),
      NGX_HTTP_CREDITS_ANYWHERE|NGX_CONF_TAKE123,
      ngx_http_credits_api_set,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("credits_include_usage"),
      NGX_HTTP_CREDITS_ANYWHERE|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_credits_loc_conf_t, include_usage),
      NULL },

    { ngx_string("credits_on_missing_usage"),
      NGX_HTTP_CREDITS_ANYWHERE|NGX_CONF_TAKE1,
      ngx_conf_set_enum_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_credits_loc_conf_t, capture),
      ngx_http_credits_conf_missing_usage },

    { ngx_string("credits_allow"),
      NGX_HTTP_CREDITS_ANYWHERE|NGX_CONF_1MORE,
      ngx_http_credits_api_set_allow,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("credits_part_tokens"),
      NGX_HTTP_CREDITS_ANYWHERE|NGX_CONF_1MORE,
      ngx_http_credits_api_set_parts,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("credits_type"),
      NGX_HTTP_CREDITS_ANYWHERE|NGX_CONF_TAKE1,
      ngx_http_credits_hold_set_type,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("credits_unit"),
      NGX_HTTP_CREDITS_ANYWHERE|NGX_CONF_TAKE1,
      ngx_conf_set_num_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_credits_loc_conf_t, unit),
      &ngx_http_credits_conf_unit_bounds },

    { ngx_string("credits_price"),
      NGX_HTTP_CREDITS_ANYWHERE|NGX_CONF_1MORE,
      ngx_http_credits_price_set,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("credits_price_list"),
      NGX_HTTP_CREDITS_ANYWHERE|NGX_CONF_2MORE,
      ngx_http_credits_price_set_list,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("credits_hold"),
      NGX_HTTP_CREDITS_ANYWHERE|NGX_CONF_TAKE1,
      ngx_http_credits_hold_set_amount,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("credits_max_output"),
      NGX_HTTP_CREDITS_ANYWHERE|NGX_CONF_TAKE1,
      ngx_conf_set_num_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_credits_loc_conf_t, max_output),
      &ngx_http_credits_conf_output_bounds },

    { ngx_string("credits_clamp"),
      NGX_HTTP_CREDITS_ANYWHERE|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_credits_loc_conf_t, clamp),
      NULL },

    { ngx_string("credits_drain"),
      NGX_HTTP_CREDITS_ANYWHERE|NGX_CONF_TAKE123,
      ngx_http_credits_drain_set,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("credits_on_database_error"),
      NGX_HTTP_CREDITS_ANYWHERE|NGX_CONF_TAKE1,
      ngx_conf_set_enum_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_credits_loc_conf_t, on_error),
      ngx_http_credits_conf_on_error },

    { ngx_string("credits_purchase_url"),
      NGX_HTTP_CREDITS_ANYWHERE|NGX_CONF_TAKE1,
      ngx_http_set_complex_value_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_credits_loc_conf_t, purchase_url),
      NULL },

    { ngx_string("credits_balance"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS,
      ngx_http_credits_documents_set_balance,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("credits_transactions"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS,
      ngx_http_credits_documents_set_transactions,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("credits_webhook"),
      NGX_HTTP_LOC_CONF|NGX_CONF_2MORE,
      ngx_http_credits_webhook_set,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("credits_metrics"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS,
      ngx_http_credits_metrics_set,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_credits_module_ctx = {
    ngx_http_credits_preconfiguration,     /* preconfiguration */
    ngx_http_credits_init,                 /* postconfiguration */

    ngx_http_credits_conf_create_main,     /* create main configuration */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    ngx_http_credits_conf_create_loc,      /* create location configuration */
    ngx_http_credits_conf_merge_loc        /* merge location configuration */
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


static ngx_int_t
ngx_http_credits_preconfiguration(ngx_conf_t *cf)
{
    return ngx_http_credits_variables_add(cf);
}


static ngx_int_t
ngx_http_credits_init(ngx_conf_t *cf)
{
    ngx_http_credits_main_conf_t  *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_credits_module);

    if (!mcf->enabled) {
        return NGX_OK;
    }

    if (ngx_http_credits_proxy_check(cf, mcf) != NGX_OK
        || ngx_http_credits_conf_complete_main(cf, mcf) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (ngx_http_credits_phase(cf, NGX_HTTP_ACCESS_PHASE,
                               ngx_http_credits_identity_access_handler)
        != NGX_OK
        || ngx_http_credits_phase(cf, NGX_HTTP_PRECONTENT_PHASE,
                                  ngx_http_credits_admission_handler)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (ngx_http_credits_filter_init() != NGX_OK) {
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

    ngx_queue_init(&mcf->granted);

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
        ngx_http_credits_settlement_settle_all(mcf);
        ngx_credits_ledger_destroy(mcf->ledger);
        mcf->ledger = NULL;
    }
}
