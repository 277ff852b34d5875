/*
 * Configuration: what is set for the whole of http, and for a location.
 */

#ifndef NGX_HTTP_CREDITS_CONF_H
#define NGX_HTTP_CREDITS_CONF_H

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "../core/credits_operation.h"
#include "../core/credits_request.h"
#include "../engine/ngx_credits_ledger.h"


#define NGX_HTTP_CREDITS_OFF        0
#define NGX_HTTP_CREDITS_USER       1       /* a user is needed */
#define NGX_HTTP_CREDITS_ON         2       /* and credits */

#define NGX_HTTP_CREDITS_AUTO       0       /* hold what is available */
#define NGX_HTTP_CREDITS_STRICT     -2      /* hold the estimate or refuse */

#define NGX_HTTP_CREDITS_DENY       0
#define NGX_HTTP_CREDITS_ALLOW      1


/* what credits_drain is where nothing is said; ms, bytes, ms */
#define NGX_HTTP_CREDITS_DRAIN_TIME  5000
#define NGX_HTTP_CREDITS_DRAIN_SIZE  (4 * 1024 * 1024)
#define NGX_HTTP_CREDITS_DRAIN_END   30000

/* declared by the stations that they belong to */
typedef struct ngx_http_credits_session_s  ngx_http_credits_session_t;
typedef struct ngx_http_credits_webhook_conf_s
    ngx_http_credits_webhook_conf_t;
typedef struct ngx_http_credits_price_list_s  ngx_http_credits_price_list_t;


typedef struct {
    ngx_credits_pg_conf_t             postgres;
    ngx_credits_ledger_conf_t         ledger_conf;
    ngx_shm_zone_t                   *shm_zone;
    ngx_path_t                       *journal;
    ngx_array_t                      *locations;    /* with credits on: each
                                                       a loc_conf */
    ngx_credits_ledger_t             *ledger;   /* of this process */
    ngx_queue_t                       granted;  /* holds of this process */
    unsigned                          enabled:1;    /* some location uses
                                                       credits */
} ngx_http_credits_main_conf_t;


typedef struct {
    credits_dialect_t                 dialect;
    const credits_operation_t        *operation;    /* NULL: the path says */
    ngx_uint_t                        unlisted;     /* 1: for users */
} ngx_http_credits_api_conf_t;


typedef struct {
    ngx_uint_t                        mode;
    ngx_http_credits_session_t       *session;
    ngx_http_complex_value_t         *user;
    ngx_http_credits_api_conf_t      *api;
    ngx_flag_t                        include_usage;    /* asked for */
    ngx_uint_t                        capture;      /* 1: what cannot be read
                                                       costs its hold */
    ngx_uint_t                        allowed;      /* unbounded members */
    credits_part_tokens_t            *part_tokens;
    ngx_str_t                         type;
    ngx_int_t                         unit;         /* tokens per credit */
    ngx_array_t                      *prices;       /* lines of prices */
    ngx_http_credits_price_list_t    *price_list;
    ngx_int_t                         hold;         /* credits, AUTO, STRICT */
    ngx_int_t                         max_output;   /* tokens */
    ngx_flag_t                        clamp;
    ngx_msec_t                        drain;
    size_t                            drain_size;
    ngx_msec_t                        drain_end;
    ngx_uint_t                        on_error;
    ngx_http_complex_value_t         *purchase_url;
    ngx_http_credits_webhook_conf_t  *webhook;      /* not inherited */
    unsigned                          document:1;   /* the content handler
                                                       needs a user */
} ngx_http_credits_loc_conf_t;


extern ngx_module_t  ngx_http_credits_module;

extern ngx_conf_enum_t        ngx_http_credits_conf_modes[];
extern ngx_conf_enum_t        ngx_http_credits_conf_on_error[];
extern ngx_conf_enum_t        ngx_http_credits_conf_missing_usage[];
extern ngx_conf_enum_t        ngx_http_credits_conf_lost_hold[];
extern ngx_conf_post_t        ngx_http_credits_conf_hold_life_post;
extern ngx_conf_num_bounds_t  ngx_http_credits_conf_unit_bounds;
extern ngx_conf_num_bounds_t  ngx_http_credits_conf_output_bounds;


void *ngx_http_credits_conf_create_main(ngx_conf_t *cf);

/* after all locations are merged, when one of them uses credits */
ngx_int_t ngx_http_credits_conf_complete_main(ngx_conf_t *cf,
    ngx_http_credits_main_conf_t *mcf);

void *ngx_http_credits_conf_create_loc(ngx_conf_t *cf);
char *ngx_http_credits_conf_merge_loc(ngx_conf_t *cf, void *parent,
    void *child);

/* directives */
char *ngx_http_credits_conf_set_database(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_credits_conf_set_zone(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_credits_conf_set_journal(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

#endif /* NGX_HTTP_CREDITS_CONF_H */
