/*
 * Configuration: the directives that take more than one plain value.
 */

#include "ngx_http_credits.h"


static ngx_int_t ngx_http_credits_sync(ngx_conf_t *cf,
    ngx_http_credits_main_conf_t *mcf, ngx_str_t *value);


char *
ngx_http_credits_database(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_credits_main_conf_t *mcf = conf;

    char        *rv;
    ngx_str_t   *value, rest, conninfo;
    ngx_uint_t   i;
    ngx_int_t    n;

    if (mcf->postgres.keywords) {
        return "is duplicate";
    }

    value = cf->args->elts;

    mcf->postgres.connections = 2;
    mcf->postgres.timeout = 2000;

    for (i = 2; i < cf->args->nelts; i++) {

        if (ngx_http_credits_parameter(&value[i], "connections=", &rest)) {
            n = ngx_atoi(rest.data, rest.len);

            if (n < 1 || n > 32) {
                return ngx_http_credits_invalid(cf, &value[i]);
            }

            mcf->postgres.connections = (ngx_uint_t) n;
            continue;
        }

        if (ngx_http_credits_parameter(&value[i], "timeout=", &rest)) {
            n = ngx_parse_time(&rest, 0);

            if (n < 100 || n > 60000) {
                return ngx_http_credits_invalid(cf, &value[i]);
            }

            mcf->postgres.timeout = (ngx_msec_t) n;
            continue;
        }

        return ngx_http_credits_invalid(cf, &value[i]);
    }

    conninfo = value[1];

    if ((ngx_http_credits_parameter(&value[1], "env:", &rest)
         || ngx_http_credits_parameter(&value[1], "file:", &rest))
        && ngx_http_credits_secret(cf, &value[1], &conninfo) != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    rv = ngx_credits_pg_configure(cf, &mcf->postgres, &conninfo);

    return rv;
}


char *
ngx_http_credits_zone(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
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
        return ngx_http_credits_invalid(cf, &value[1]);
    }

    name.data = value[1].data;
    name.len = p - value[1].data;

    s.data = p + 1;
    s.len = value[1].data + value[1].len - s.data;

    size = ngx_parse_size(&s);

    if (size == NGX_ERROR) {
        return ngx_http_credits_invalid(cf, &value[1]);
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
ngx_http_credits_journal(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
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
        && ngx_http_credits_sync(cf, mcf, &value[2]) != NGX_OK)
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
ngx_http_credits_sync(ngx_conf_t *cf, ngx_http_credits_main_conf_t *mcf,
    ngx_str_t *value)
{
    ngx_int_t  n;
    ngx_str_t  rest;

    if (ngx_strcmp(value->data, "sync=off") == 0) {
        return NGX_OK;
    }

    if (!ngx_http_credits_parameter(value, "sync=", &rest)) {
        (void) ngx_http_credits_invalid(cf, value);
        return NGX_ERROR;
    }

    n = ngx_parse_time(&rest, 0);

    if (n < 1 || n > 60000) {
        (void) ngx_http_credits_invalid(cf, value);
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


char *
ngx_http_credits_session(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_credits_loc_conf_t *lcf = conf;

    ngx_str_t                   *value, rest;
    ngx_int_t                    n;
    ngx_uint_t                   i;
    ngx_http_credits_session_t  *session;

    if (lcf->session != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (ngx_strcmp(value[1].data, "better_auth") != 0) {
        return ngx_http_credits_invalid(cf, &value[1]);
    }

    session = ngx_pcalloc(cf->pool, sizeof(ngx_http_credits_session_t));
    if (session == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_str_set(&session->cookie, "better-auth.session_token");
    session->cache = 5000;

    for (i = 2; i < cf->args->nelts; i++) {

        if (ngx_http_credits_parameter(&value[i], "secret=", &rest)) {

            if (ngx_http_credits_secret(cf, &rest, &session->secret)
                != NGX_OK)
            {
                return NGX_CONF_ERROR;
            }

            continue;
        }

        if (ngx_http_credits_parameter(&value[i], "cookie=", &rest)
            && rest.len)
        {
            session->cookie = rest;
            continue;
        }

        if (ngx_http_credits_parameter(&value[i], "cache=", &rest)) {
            n = ngx_parse_time(&rest, 0);

            if (n == NGX_ERROR || n > 300000) {
                return ngx_http_credits_invalid(cf, &value[i]);
            }

            session->cache = (ngx_msec_t) n;
            continue;
        }

        return ngx_http_credits_invalid(cf, &value[i]);
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


char *
ngx_http_credits_user(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
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


char *
ngx_http_credits_price(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_credits_loc_conf_t *lcf = conf;

    int64_t                   *weight;
    ngx_str_t                 *value, rest;
    ngx_int_t                  n;
    ngx_uint_t                 i;
    ngx_http_credits_price_t  *price;

    if (lcf->prices == NGX_CONF_UNSET_PTR) {
        lcf->prices = ngx_array_create(cf->pool, 4,
                                       sizeof(ngx_http_credits_price_t));
        if (lcf->prices == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    price = ngx_array_push(lcf->prices);
    if (price == NULL) {
        return NGX_CONF_ERROR;
    }

    value = cf->args->elts;

    price->pattern = value[1];
    price->price.input = CREDITS_WEIGHT_ONE;
    price->price.cached = -1;
    price->price.output = CREDITS_WEIGHT_ONE;
    price->price.request = 0;

    for (i = 2; i < cf->args->nelts; i++) {

        if (ngx_http_credits_parameter(&value[i], "request=", &rest)) {
            n = ngx_atoi(rest.data, rest.len);

            if (n == NGX_ERROR || n > CREDITS_UNIT_MAX) {
                return ngx_http_credits_invalid(cf, &value[i]);
            }

            price->price.request = n;
            continue;
        }

        if (ngx_http_credits_parameter(&value[i], "input=", &rest)) {
            weight = &price->price.input;

        } else if (ngx_http_credits_parameter(&value[i], "cached=", &rest)) {
            weight = &price->price.cached;

        } else if (ngx_http_credits_parameter(&value[i], "output=", &rest)) {
            weight = &price->price.output;

        } else {
            return ngx_http_credits_invalid(cf, &value[i]);
        }

        if (credits_price_weight(rest.data, rest.len, weight) != 0) {
            return ngx_http_credits_invalid(cf, &value[i]);
        }
    }

    if (price->price.cached == -1) {
        price->price.cached = price->price.input;
    }

    return NGX_CONF_OK;
}


char *
ngx_http_credits_type(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_credits_loc_conf_t *lcf = conf;

    ngx_str_t  *value;

    if (lcf->type.data) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (ngx_strcmp(value[1].data, "chat") != 0
        && ngx_strcmp(value[1].data, "image") != 0
        && ngx_strcmp(value[1].data, "other") != 0)
    {
        return ngx_http_credits_invalid(cf, &value[1]);
    }

    lcf->type = value[1];

    return NGX_CONF_OK;
}


char *
ngx_http_credits_hold(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_credits_loc_conf_t *lcf = conf;

    ngx_str_t  *value;

    if (lcf->hold != NGX_CONF_UNSET) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (ngx_strcmp(value[1].data, "auto") == 0) {
        lcf->hold = NGX_HTTP_CREDITS_AUTO;
        return NGX_CONF_OK;
    }

    if (ngx_strcmp(value[1].data, "strict") == 0) {
        lcf->hold = NGX_HTTP_CREDITS_STRICT;
        return NGX_CONF_OK;
    }

    lcf->hold = ngx_atoi(value[1].data, value[1].len);

    if (lcf->hold < 1 || lcf->hold > CREDITS_UNIT_MAX) {
        return ngx_http_credits_invalid(cf, &value[1]);
    }

    return NGX_CONF_OK;
}


char *
ngx_http_credits_drain(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_credits_loc_conf_t *lcf = conf;

    ssize_t     size;
    ngx_int_t   n;
    ngx_str_t  *value;

    if (lcf->drain != NGX_CONF_UNSET_MSEC) {
        return "is duplicate";
    }

    value = cf->args->elts;

    n = ngx_parse_time(&value[1], 0);

    if (n == NGX_ERROR) {
        return ngx_http_credits_invalid(cf, &value[1]);
    }

    lcf->drain = (ngx_msec_t) n;

    if (cf->args->nelts > 2) {
        size = ngx_parse_size(&value[2]);

        if (size == NGX_ERROR) {
            return ngx_http_credits_invalid(cf, &value[2]);
        }

        lcf->drain_size = (size_t) size;
    }

    return NGX_CONF_OK;
}


ngx_uint_t
ngx_http_credits_parameter(ngx_str_t *value, const char *name,
    ngx_str_t *rest)
{
    size_t  len;

    len = ngx_strlen(name);

    if (value->len < len || ngx_strncmp(value->data, name, len) != 0) {
        return 0;
    }

    rest->data = value->data + len;
    rest->len = value->len - len;

    return 1;
}


char *
ngx_http_credits_invalid(ngx_conf_t *cf, ngx_str_t *value)
{
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid parameter \"%V\"", value);

    return NGX_CONF_ERROR;
}
