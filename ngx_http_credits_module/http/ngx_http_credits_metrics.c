/*
 * Counters of the node, in Prometheus' text format.
 */

#include "ngx_http_credits_metrics.h"
#include "ngx_http_credits_ctx.h"


#define NGX_HTTP_CREDITS_BUILD_INFO                                           \
    "# HELP nginx_credits_build_info the version of the module\n"             \
    "# TYPE nginx_credits_build_info gauge\n"                                 \
    "nginx_credits_build_info{version=\"" NGX_HTTP_CREDITS_VERSION "\"} 1\n"

#define NGX_HTTP_CREDITS_METRICS_IN_FLIGHT                                    \
    "# HELP nginx_credits_in_flight requests in flight, ended ones that "     \
    "Postgres does not have included\n"                                       \
    "# TYPE nginx_credits_in_flight gauge\n"                                  \
    "nginx_credits_in_flight "

#define NGX_HTTP_CREDITS_METRICS_REASONS                                      \
    "# HELP nginx_credits_reasons_total why answers were estimated or "       \
    "released\n"                                                              \
    "# TYPE nginx_credits_reasons_total counter\n"


typedef struct {
    const char  *name;
    const char  *help;
} ngx_http_credits_metrics_t;


static ngx_int_t ngx_http_credits_metrics_handler(ngx_http_request_t *r);
static size_t ngx_http_credits_metrics_size(void);
static u_char *ngx_http_credits_metrics_print(u_char *p,
    ngx_credits_zone_t *zone);


static const ngx_http_credits_metrics_t  ngx_http_credits_metrics[] = {
#define NGX_HTTP_CREDITS_METRIC(name, help)  { #name, help },
    NGX_CREDITS_COUNTERS(NGX_HTTP_CREDITS_METRIC)
#undef NGX_HTTP_CREDITS_METRIC
};


static ngx_int_t
ngx_http_credits_metrics_handler(ngx_http_request_t *r)
{
    ngx_int_t                  rc;
    ngx_str_t                  type = ngx_string("text/plain; version=0.0.4");
    ngx_credits_zone_t        *zone;
    ngx_http_complex_value_t   cv;

    if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))) {
        return NGX_HTTP_NOT_ALLOWED;
    }

    rc = ngx_http_discard_request_body(r);
    if (rc != NGX_OK) {
        return rc;
    }

    zone = ngx_http_credits_ctx_zone(r);

    ngx_memzero(&cv, sizeof(ngx_http_complex_value_t));

    cv.value.data = ngx_pnalloc(r->pool, ngx_http_credits_metrics_size());
    if (cv.value.data == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    cv.value.len = ngx_http_credits_metrics_print(cv.value.data, zone)
                   - cv.value.data;

    return ngx_http_send_response(r, NGX_HTTP_OK, &type, &cv);
}


/* bytes that the text needs at most */

static size_t
ngx_http_credits_metrics_size(void)
{
    size_t      len;
    ngx_uint_t  i;

    len = sizeof(NGX_HTTP_CREDITS_BUILD_INFO)
          + sizeof(NGX_HTTP_CREDITS_METRICS_IN_FLIGHT) + NGX_INT64_LEN
          + sizeof(NGX_HTTP_CREDITS_METRICS_REASONS);

    for (i = 0; i < NGX_CREDITS_COUNTERS_N; i++) {
        len += sizeof("# HELP nginx_credits__total \n"
                      "# TYPE nginx_credits__total counter\n"
                      "nginx_credits__total \n")
               + 3 * ngx_strlen(ngx_http_credits_metrics[i].name)
               + ngx_strlen(ngx_http_credits_metrics[i].help) + NGX_INT64_LEN;
    }

    for (i = CREDITS_REASON_NONE + 1; i < CREDITS_REASONS; i++) {
        len += sizeof("nginx_credits_reasons_total{reason=\"\"} \n")
               + ngx_strlen(credits_reason_name(i)) + NGX_INT64_LEN;
    }

    return len;
}


static u_char *
ngx_http_credits_metrics_print(u_char *p, ngx_credits_zone_t *zone)
{
    ngx_uint_t   i;
    const char  *name;

    p = ngx_sprintf(p, NGX_HTTP_CREDITS_BUILD_INFO
                    NGX_HTTP_CREDITS_METRICS_IN_FLIGHT "%ui\n",
                    ngx_credits_zone_inflight_count(zone));

    for (i = 0; i < NGX_CREDITS_COUNTERS_N; i++) {
        name = ngx_http_credits_metrics[i].name;

        p = ngx_sprintf(p,
                        "# HELP nginx_credits_%s_total %s\n"
                        "# TYPE nginx_credits_%s_total counter\n"
                        "nginx_credits_%s_total %ui\n",
                        name, ngx_http_credits_metrics[i].help, name, name,
                        ngx_credits_zone_counter(zone, i));
    }

    p = ngx_sprintf(p, NGX_HTTP_CREDITS_METRICS_REASONS);

    for (i = CREDITS_REASON_NONE + 1; i < CREDITS_REASONS; i++) {
        p = ngx_sprintf(p, "nginx_credits_reasons_total{reason=\"%s\"} %ui\n",
                        credits_reason_name(i),
                        ngx_credits_zone_reasons(zone, i));
    }

    return p;
}


char *
ngx_http_credits_metrics_set(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_core_loc_conf_t      *clcf;
    ngx_http_credits_main_conf_t  *mcf;

    mcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_credits_module);
    mcf->enabled = 1;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    clcf->handler = ngx_http_credits_metrics_handler;

    return NGX_CONF_OK;
}
