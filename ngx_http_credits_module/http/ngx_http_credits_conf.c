/*
 * Configuration: defaults, inheritance, what must be there, and the directives
 * of the node: database, zone and journal.
 */

#include "ngx_http_credits_conf.h"
#include "ngx_http_credits_args.h"
#include "ngx_http_credits_secret.h"

#include "../core/credits_price.h"
#include "../engine/ngx_credits_sync.h"


#define NGX_HTTP_CREDITS_ZONE_SIZE        (8 * 1024 * 1024)
#define NGX_HTTP_CREDITS_CONNECTIONS_MAX  32        /* of a worker */

#define NGX_HTTP_CREDITS_HOLD_LIFE        (60 * 60 * 1000)      /* ms */
#define NGX_HTTP_CREDITS_HOLD_LIFE_MIN    1000
#define NGX_HTTP_CREDITS_HOLD_LIFE_MAX    (24 * 60 * 60 * 1000) /* of SQL's */


static char *ngx_http_credits_conf_hold_life(ngx_conf_t *cf, void *post,
    void *data);
static char *ngx_http_credits_conf_check_loc(ngx_conf_t *cf,
    ngx_http_credits_loc_conf_t *conf);
static ngx_int_t ngx_http_credits_conf_add_location(ngx_conf_t *cf,
    ngx_http_credits_main_conf_t *mcf);
static ngx_int_t ngx_http_credits_conf_database_arg(
    ngx_http_credits_main_conf_t *mcf, ngx_str_t *value);
static ngx_int_t ngx_http_credits_conf_sync(ngx_conf_t *cf,
    ngx_http_credits_main_conf_t *mcf, ngx_str_t *value);


ngx_conf_enum_t  ngx_http_credits_conf_modes[] = {
    { ngx_string("off"), NGX_HTTP_CREDITS_OFF },
    { ngx_string("user"), NGX_HTTP_CREDITS_USER },
    { ngx_string("on"), NGX_HTTP_CREDITS_ON },
    { ngx_null_string, 0 }
};


ngx_conf_enum_t  ngx_http_credits_conf_on_error[] = {
    { ngx_string("deny"), NGX_HTTP_CREDITS_DENY },
    { ngx_string("allow"), NGX_HTTP_CREDITS_ALLOW },
    { ngx_null_string, 0 }
};


ngx_conf_enum_t  ngx_http_credits_conf_lost_hold[] = {
    { ngx_string("release"), 0 },
    { ngx_string("capture"), 1 },
    { ngx_null_string, 0 }
};


ngx_conf_enum_t  ngx_http_credits_conf_missing_usage[] = {
    { ngx_string("estimate"), 0 },
    { ngx_string("capture"), 1 },
    { ngx_null_string, 0 }
};


ngx_conf_post_t  ngx_http_credits_conf_hold_life_post = {
    ngx_http_credits_conf_hold_life
};


ngx_conf_num_bounds_t  ngx_http_credits_conf_unit_bounds = {
    ngx_conf_check_num_bounds, 1, CREDITS_UNIT_MAX
};


ngx_conf_num_bounds_t  ngx_http_credits_conf_output_bounds = {
    ngx_conf_check_num_bounds, 1, CREDITS_REQUEST_OUTPUT_MAX
};


/* what credits_api and credits_part_tokens are by default */

static ngx_http_credits_api_conf_t  ngx_http_credits_conf_api;

static credits_part_tokens_t  ngx_http_credits_conf_part_tokens = {
    CREDITS_PART_IMAGE_TOKENS,
    CREDITS_PART_AUDIO_TOKENS,
    CREDITS_PART_FILE_TOKENS
};


void *
ngx_http_credits_conf_create_main(ngx_conf_t *cf)
{
    ngx_http_credits_main_conf_t  *mcf;

    mcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_credits_main_conf_t));
    if (mcf == NULL) {
        return NULL;
    }

    mcf->ledger_conf.capture = NGX_CONF_UNSET_UINT;
    mcf->ledger_conf.hold_ttl = NGX_CONF_UNSET_MSEC;

    ngx_http_credits_conf_api.dialect = CREDITS_OPENAI;
    ngx_http_credits_conf_api.operation =
                 credits_operation_named(CREDITS_OPENAI, (u_char *) "chat", 4);

    /*
     * set by ngx_pcalloc():
     *
     *     mcf->postgres = { NULL, NULL, 0, 0 };
     *     mcf->ledger_conf = { NULL, { 0, NULL }, 0, 0, 0 };
     *     mcf->shm_zone = NULL;
     *     mcf->journal = NULL;
     *     mcf->locations = NULL;
     *     mcf->ledger = NULL;
     *     mcf->granted = { NULL, NULL };
     *     mcf->enabled = 0;
     */

    return mcf;
}


/* after all locations are merged, when one of them uses credits */

ngx_int_t
ngx_http_credits_conf_complete_main(ngx_conf_t *cf,
    ngx_http_credits_main_conf_t *mcf)
{
    ngx_str_t  name = ngx_string("credits");

    if (mcf->shm_zone == NULL) {
        mcf->shm_zone = ngx_credits_zone_add(cf, &name,
                                             NGX_HTTP_CREDITS_ZONE_SIZE,
                                             &ngx_http_credits_module);
        if (mcf->shm_zone == NULL) {
            return NGX_ERROR;
        }
    }

    ngx_conf_init_uint_value(mcf->ledger_conf.capture, 0);
    ngx_conf_init_msec_value(mcf->ledger_conf.hold_ttl,
                             NGX_HTTP_CREDITS_HOLD_LIFE);

    mcf->ledger_conf.postgres = &mcf->postgres;

    if (mcf->journal) {
        mcf->ledger_conf.journal = mcf->journal->name;
    }

    return NGX_OK;
}


void *
ngx_http_credits_conf_create_loc(ngx_conf_t *cf)
{
    ngx_http_credits_loc_conf_t  *lcf;

    lcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_credits_loc_conf_t));
    if (lcf == NULL) {
        return NULL;
    }

    /*
     * set by ngx_pcalloc():
     *
     *     lcf->type = { 0, NULL };
     *     lcf->webhook = NULL;
     *     lcf->document = 0;
     */

    lcf->mode = NGX_CONF_UNSET_UINT;
    lcf->session = NGX_CONF_UNSET_PTR;
    lcf->user = NGX_CONF_UNSET_PTR;
    lcf->api = NGX_CONF_UNSET_PTR;
    lcf->include_usage = NGX_CONF_UNSET;
    lcf->capture = NGX_CONF_UNSET_UINT;
    lcf->allowed = NGX_CONF_UNSET_UINT;
    lcf->part_tokens = NGX_CONF_UNSET_PTR;
    lcf->unit = NGX_CONF_UNSET;
    lcf->prices = NGX_CONF_UNSET_PTR;
    lcf->price_list = NGX_CONF_UNSET_PTR;
    lcf->hold = NGX_CONF_UNSET;
    lcf->max_output = NGX_CONF_UNSET;
    lcf->clamp = NGX_CONF_UNSET;
    lcf->drain = NGX_CONF_UNSET_MSEC;
    lcf->drain_size = NGX_CONF_UNSET_SIZE;
    lcf->drain_end = NGX_CONF_UNSET_MSEC;
    lcf->on_error = NGX_CONF_UNSET_UINT;
    lcf->purchase_url = NGX_CONF_UNSET_PTR;

    return lcf;
}


char *
ngx_http_credits_conf_merge_loc(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_http_credits_loc_conf_t *prev = parent;
    ngx_http_credits_loc_conf_t *conf = child;

    if (conf->document) {
        conf->mode = NGX_HTTP_CREDITS_USER;
    }

    ngx_conf_merge_uint_value(conf->mode, prev->mode, NGX_HTTP_CREDITS_OFF);

    /* one identity: a level that says who asks says all of it */

    if (conf->session == NGX_CONF_UNSET_PTR
        && conf->user == NGX_CONF_UNSET_PTR)
    {
        conf->session = prev->session;
        conf->user = prev->user;
    }

    ngx_conf_merge_ptr_value(conf->session, NGX_CONF_UNSET_PTR, NULL);
    ngx_conf_merge_ptr_value(conf->user, NGX_CONF_UNSET_PTR, NULL);

    ngx_conf_merge_ptr_value(conf->api, prev->api,
                             &ngx_http_credits_conf_api);
    ngx_conf_merge_value(conf->include_usage, prev->include_usage, 1);
    ngx_conf_merge_uint_value(conf->capture, prev->capture, 0);
    ngx_conf_merge_uint_value(conf->allowed, prev->allowed, 0);
    ngx_conf_merge_ptr_value(conf->part_tokens, prev->part_tokens,
                             &ngx_http_credits_conf_part_tokens);
    ngx_conf_merge_str_value(conf->type, prev->type, "chat");
    ngx_conf_merge_value(conf->unit, prev->unit, 1000);
    ngx_conf_merge_ptr_value(conf->prices, prev->prices, NULL);
    ngx_conf_merge_ptr_value(conf->price_list, prev->price_list, NULL);
    ngx_conf_merge_value(conf->hold, prev->hold, NGX_HTTP_CREDITS_AUTO);
    ngx_conf_merge_value(conf->max_output, prev->max_output, 4096);
    ngx_conf_merge_value(conf->clamp, prev->clamp, 0);
    ngx_conf_merge_msec_value(conf->drain, prev->drain,
                              NGX_HTTP_CREDITS_DRAIN_TIME);
    ngx_conf_merge_size_value(conf->drain_size, prev->drain_size,
                              NGX_HTTP_CREDITS_DRAIN_SIZE);
    ngx_conf_merge_msec_value(conf->drain_end, prev->drain_end,
                              NGX_HTTP_CREDITS_DRAIN_END);
    ngx_conf_merge_uint_value(conf->on_error, prev->on_error,
                              NGX_HTTP_CREDITS_DENY);
    ngx_conf_merge_ptr_value(conf->purchase_url, prev->purchase_url, NULL);

    if (conf->mode == NGX_HTTP_CREDITS_OFF && conf->webhook == NULL) {
        return NGX_CONF_OK;
    }

    return ngx_http_credits_conf_check_loc(cf, conf);
}


/* what a location with credits cannot do without */

static char *
ngx_http_credits_conf_check_loc(ngx_conf_t *cf,
    ngx_http_credits_loc_conf_t *conf)
{
    ngx_http_credits_main_conf_t  *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_credits_module);
    mcf->enabled = 1;

    if (mcf->postgres.keywords == NULL) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"%s\" is on, but there is no \"credits_database\"",
                      conf->webhook ? "credits_webhook" : "credits");
        return NGX_CONF_ERROR;
    }

    /* a webhook needs no user; nested locations still inherit the mode */

    if (conf->webhook) {
        return NGX_CONF_OK;
    }

    if (conf->session == NULL && conf->user == NULL) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"credits\" is on for a location that does not say "
                      "who asks: \"credits_session\" or \"credits_user\" is "
                      "missing");
        return NGX_CONF_ERROR;
    }

    if (conf->mode == NGX_HTTP_CREDITS_ON
        && ngx_http_credits_conf_add_location(cf, mcf) != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    if (conf->mode == NGX_HTTP_CREDITS_ON && mcf->journal == NULL) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"credits on\" is used, but there is no "
                      "\"credits_journal\" to keep charges in while Postgres "
                      "is away");
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


/* what other modules are told of it is known when they are merged, too */

static ngx_int_t
ngx_http_credits_conf_add_location(ngx_conf_t *cf,
    ngx_http_credits_main_conf_t *mcf)
{
    void  ***loc_conf;

    if (mcf->locations == NULL) {
        mcf->locations = ngx_array_create(cf->pool, 4, sizeof(void **));
        if (mcf->locations == NULL) {
            return NGX_ERROR;
        }
    }

    loc_conf = ngx_array_push(mcf->locations);
    if (loc_conf == NULL) {
        return NGX_ERROR;
    }

    *loc_conf = ((ngx_http_conf_ctx_t *) cf->ctx)->loc_conf;

    return NGX_OK;
}


char *
ngx_http_credits_conf_set_database(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_credits_main_conf_t *mcf = conf;

    ngx_str_t   *value, rest, conninfo;
    ngx_uint_t   i;

    if (mcf->postgres.keywords) {
        return "is duplicate";
    }

    value = cf->args->elts;

    mcf->postgres.connections = 2;
    mcf->postgres.timeout = 2000;

    for (i = 2; i < cf->args->nelts; i++) {
        if (ngx_http_credits_conf_database_arg(mcf, &value[i]) != NGX_OK) {
            return ngx_http_credits_args_invalid(cf, &value[i]);
        }
    }

    conninfo = value[1];

    if ((ngx_http_credits_args_parameter(&value[1], "env:", &rest)
         || ngx_http_credits_args_parameter(&value[1], "file:", &rest))
        && ngx_http_credits_secret_read(cf, &value[1], &conninfo) != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    return ngx_credits_pg_conf_init(cf, &mcf->postgres, &conninfo);
}


static ngx_int_t
ngx_http_credits_conf_database_arg(ngx_http_credits_main_conf_t *mcf,
    ngx_str_t *value)
{
    ngx_int_t  n;
    ngx_str_t  rest;

    if (ngx_http_credits_args_parameter(value, "connections=", &rest)) {
        n = ngx_atoi(rest.data, rest.len);

        if (n < 1 || n > NGX_HTTP_CREDITS_CONNECTIONS_MAX) {
            return NGX_ERROR;
        }

        mcf->postgres.connections = (ngx_uint_t) n;

        return NGX_OK;
    }

    if (ngx_http_credits_args_parameter(value, "timeout=", &rest)) {
        n = ngx_parse_time(&rest, 0);

        if (n < 100 || n > 60000) {
            return NGX_ERROR;
        }

        mcf->postgres.timeout = (ngx_msec_t) n;

        return NGX_OK;
    }

    return NGX_ERROR;
}


static char *
ngx_http_credits_conf_hold_life(ngx_conf_t *cf, void *post, void *data)
{
    ngx_msec_t *life = data;

    if (*life < NGX_HTTP_CREDITS_HOLD_LIFE_MIN
        || *life > NGX_HTTP_CREDITS_HOLD_LIFE_MAX)
    {
        return "must be between 1s and 1d";
    }

    return NGX_CONF_OK;
}


char *
ngx_http_credits_conf_set_zone(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_credits_main_conf_t *mcf = conf;

    u_char     *p;
    ssize_t     size;
    ngx_str_t  *value, name, s;

    if (mcf->shm_zone) {
        return "is duplicate";
    }

    value = cf->args->elts;

    p = (u_char *) ngx_strchr(value[1].data, ':');

    if (p == NULL || p == value[1].data) {
        return ngx_http_credits_args_invalid(cf, &value[1]);
    }

    name.data = value[1].data;
    name.len = p - value[1].data;

    s.data = p + 1;
    s.len = value[1].data + value[1].len - s.data;

    size = ngx_parse_size(&s);

    if (size == NGX_ERROR) {
        return ngx_http_credits_args_invalid(cf, &value[1]);
    }

    if (size < (ssize_t) (32 * ngx_pagesize)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "zone \"%V\" is too small", &value[1]);
        return NGX_CONF_ERROR;
    }

    mcf->shm_zone = ngx_credits_zone_add(cf, &name, size,
                                         &ngx_http_credits_module);

    return mcf->shm_zone ? NGX_CONF_OK : NGX_CONF_ERROR;
}


char *
ngx_http_credits_conf_set_journal(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_credits_main_conf_t *mcf = conf;

    ngx_str_t   *value;
    ngx_path_t  *path;

    if (mcf->journal) {
        return "is duplicate";
    }

    value = cf->args->elts;

    path = ngx_pcalloc(cf->pool, sizeof(ngx_path_t));
    if (path == NULL) {
        return NGX_CONF_ERROR;
    }

    if (cf->args->nelts > 2
        && ngx_http_credits_conf_sync(cf, mcf, &value[2]) != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    path->name = value[1];

    if (path->name.len > 1 && path->name.data[path->name.len - 1] == '/') {
        path->name.len--;
        path->name.data[path->name.len] = '\0';
    }

    if (ngx_conf_full_name(cf->cycle, &path->name, 0) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    path->conf_file = cf->conf_file->file.name.data;
    path->line = cf->conf_file->line;

    /* created, and given to the workers' user, when the cycle starts */

    if (ngx_add_path(cf, &path) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    mcf->journal = path;

    return NGX_CONF_OK;
}


/* "sync=off", or how long a record may not be on the disk */

static ngx_int_t
ngx_http_credits_conf_sync(ngx_conf_t *cf, ngx_http_credits_main_conf_t *mcf,
    ngx_str_t *value)
{
    ngx_int_t  n;
    ngx_str_t  rest;

    if (ngx_strcmp(value->data, "sync=off") == 0) {
        return NGX_OK;
    }

    if (!ngx_http_credits_args_parameter(value, "sync=", &rest)) {
        (void) ngx_http_credits_args_invalid(cf, value);
        return NGX_ERROR;
    }

    n = ngx_parse_time(&rest, 0);

    if (n < 1 || n > 60000) {
        (void) ngx_http_credits_args_invalid(cf, value);
        return NGX_ERROR;
    }

    if (ngx_credits_sync_configure(cf) != NGX_OK) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"%V\" needs an nginx with threads", value);
        return NGX_ERROR;
    }

    mcf->ledger_conf.sync = (ngx_msec_t) n;

    return NGX_OK;
}
