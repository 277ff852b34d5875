/*
 * What other modules are told in a location with credits: some of it defeats
 * the metering, and some is risky.
 *
 * Their configuration is private.  That of every module that passes requests
 * on begins with what ngx_http_upstream.h declares, and that of slice is a
 * size.
 */

#include "ngx_http_credits_proxy.h"


typedef struct {
    const char  *module;
    const char  *prefix;                    /* of its directives */
} ngx_http_credits_proxy_passer_t;


static ngx_int_t ngx_http_credits_proxy_check_location(ngx_conf_t *cf,
    void **loc_conf);
static ngx_int_t ngx_http_credits_proxy_check_user(ngx_conf_t *cf,
    void **loc_conf);
static ngx_int_t ngx_http_credits_proxy_check_slice(ngx_conf_t *cf,
    void **loc_conf);
static ngx_int_t ngx_http_credits_proxy_check_passer(ngx_conf_t *cf,
    void **loc_conf, const char *prefix, ngx_http_upstream_conf_t *u);
static void ngx_http_credits_proxy_warn(ngx_conf_t *cf, void **loc_conf,
    const char *prefix, ngx_http_upstream_conf_t *u);
static ngx_uint_t ngx_http_credits_proxy_passes(ngx_conf_t *cf,
    void **loc_conf, ngx_http_upstream_conf_t *u);
static void *ngx_http_credits_proxy_find(ngx_conf_t *cf, void **loc_conf,
    const char *module);


static const ngx_http_credits_proxy_passer_t
    ngx_http_credits_proxy_passers[] = {
    { "ngx_http_proxy_module", "proxy" },
    { "ngx_http_fastcgi_module", "fastcgi" },
    { "ngx_http_uwsgi_module", "uwsgi" },
    { "ngx_http_scgi_module", "scgi" },
    { "ngx_http_grpc_module", "grpc" },
    { NULL, NULL }
};


ngx_int_t
ngx_http_credits_proxy_check(ngx_conf_t *cf,
    ngx_http_credits_main_conf_t *mcf)
{
    void       ***loc_conf;
    ngx_uint_t    i;

    if (mcf->locations == NULL) {
        return NGX_OK;
    }

    loc_conf = mcf->locations->elts;

    for (i = 0; i < mcf->locations->nelts; i++) {
        if (ngx_http_credits_proxy_check_location(cf, loc_conf[i])
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_credits_proxy_check_location(ngx_conf_t *cf, void **loc_conf)
{
    ngx_http_upstream_conf_t               *u;
    const ngx_http_credits_proxy_passer_t  *passer;

    if (ngx_http_credits_proxy_check_user(cf, loc_conf) != NGX_OK
        || ngx_http_credits_proxy_check_slice(cf, loc_conf) != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (passer = ngx_http_credits_proxy_passers; passer->module; passer++) {
        u = ngx_http_credits_proxy_find(cf, loc_conf, passer->module);

        if (u == NULL || !ngx_http_credits_proxy_passes(cf, loc_conf, u)) {
            continue;
        }

        if (ngx_http_credits_proxy_check_passer(cf, loc_conf, passer->prefix,
                                                u)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        ngx_http_credits_proxy_warn(cf, loc_conf, passer->prefix, u);
    }

    return NGX_OK;
}


/* who only comes from the right address has not shown the name to be theirs */

static ngx_int_t
ngx_http_credits_proxy_check_user(ngx_conf_t *cf, void **loc_conf)
{
    ngx_str_t                    *user;
    ngx_http_core_loc_conf_t     *clcf;
    ngx_http_credits_loc_conf_t  *lcf;

    clcf = loc_conf[ngx_http_core_module.ctx_index];
    lcf = loc_conf[ngx_http_credits_module.ctx_index];

    if (clcf->satisfy != NGX_HTTP_SATISFY_ANY || lcf->user == NULL) {
        return NGX_OK;
    }

    user = &lcf->user->value;

    if (ngx_strlcasestrn(user->data, user->data + user->len,
                         (u_char *) "remote_user",
                         sizeof("remote_user") - 2)
        == NULL)
    {
        return NGX_OK;
    }

    ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                  "\"credits_user %V\" cannot be believed in location \"%V\" "
                  "with \"satisfy any\": whom an address lets in may say any "
                  "name",
                  user, &clcf->name);

    return NGX_ERROR;
}


static ngx_int_t
ngx_http_credits_proxy_check_slice(ngx_conf_t *cf, void **loc_conf)
{
    size_t                    *size;
    ngx_http_core_loc_conf_t  *clcf;

    size = ngx_http_credits_proxy_find(cf, loc_conf,
                                       "ngx_http_slice_filter_module");

    if (size == NULL || *size == 0) {
        return NGX_OK;
    }

    clcf = loc_conf[ngx_http_core_module.ctx_index];

    ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                  "\"slice\" cannot be used in location \"%V\" with "
                  "\"credits on\": the provider would be asked several times, "
                  "and paid once",
                  &clcf->name);

    return NGX_ERROR;
}


static ngx_int_t
ngx_http_credits_proxy_check_passer(ngx_conf_t *cf, void **loc_conf,
    const char *prefix, ngx_http_upstream_conf_t *u)
{
    ngx_http_core_loc_conf_t  *clcf;

    clcf = loc_conf[ngx_http_core_module.ctx_index];

    if (u->force_ranges == 1) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"%s_force_ranges\" cannot be used in location \"%V\" "
                      "with \"credits on\": a range would leave out what the "
                      "answer costs",
                      prefix, &clcf->name);
        return NGX_ERROR;
    }

#if (NGX_HTTP_CACHE)

    if (u->cache_background_update == 1) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"%s_cache_background_update\" cannot be used in "
                      "location \"%V\" with \"credits on\": nobody would pay "
                      "for what the cache asks for",
                      prefix, &clcf->name);
        return NGX_ERROR;
    }

#endif

    return NGX_OK;
}


static void
ngx_http_credits_proxy_warn(ngx_conf_t *cf, void **loc_conf,
    const char *prefix, ngx_http_upstream_conf_t *u)
{
    ngx_http_core_loc_conf_t     *clcf;
    ngx_http_credits_loc_conf_t  *lcf;

    clcf = loc_conf[ngx_http_core_module.ctx_index];
    lcf = loc_conf[ngx_http_credits_module.ctx_index];

    /*
     * An "if" inherits what was said of the location around it, and with
     * variables in its address it may not be this module that passes.
     */

    if (clcf->noname || u->upstream == NULL) {
        return;
    }

    if (lcf->drain && !u->ignore_client_abort) {
        ngx_log_error(NGX_LOG_WARN, cf->log, 0,
                      "\"credits_drain\" has no effect in location "
                      "\"%V\" without \"%s_ignore_client_abort on\"",
                      &clcf->name, prefix);
    }

    if (lcf->drain && u->buffering) {
        ngx_log_error(NGX_LOG_WARN, cf->log, 0,
                      "\"credits_drain\" is not reliable in location "
                      "\"%V\" without \"%s_buffering off\"",
                      &clcf->name, prefix);
    }

    if (u->next_upstream & NGX_HTTP_UPSTREAM_FT_NON_IDEMPOTENT) {
        ngx_log_error(NGX_LOG_WARN, cf->log, 0,
                      "\"%s_next_upstream non_idempotent\" in location "
                      "\"%V\": an answer may be produced more than once, and "
                      "is paid once",
                      prefix, &clcf->name);
    }
}


/*
 * 1: this module is the one that passes requests on here.  With variables in
 * its address only the location's handler shows that one does.
 */

static ngx_uint_t
ngx_http_credits_proxy_passes(ngx_conf_t *cf, void **loc_conf,
    ngx_http_upstream_conf_t *u)
{
    ngx_http_core_loc_conf_t               *clcf;
    ngx_http_upstream_conf_t               *other;
    const ngx_http_credits_proxy_passer_t  *passer;

    if (u->upstream) {
        return 1;
    }

    clcf = loc_conf[ngx_http_core_module.ctx_index];

    if (clcf->handler == NULL) {
        return 0;
    }

    for (passer = ngx_http_credits_proxy_passers; passer->module; passer++) {
        other = ngx_http_credits_proxy_find(cf, loc_conf, passer->module);

        if (other && other->upstream) {
            return 0;
        }
    }

    return 1;
}


/* the module's configuration of the location; NULL: there is no such module */

static void *
ngx_http_credits_proxy_find(ngx_conf_t *cf, void **loc_conf,
    const char *module)
{
    ngx_uint_t     i;
    ngx_module_t  *m;

    for (i = 0; cf->cycle->modules[i]; i++) {
        m = cf->cycle->modules[i];

        if (m->type == NGX_HTTP_MODULE && ngx_strcmp(m->name, module) == 0) {
            return loc_conf[m->ctx_index];
        }
    }

    return NULL;
}
