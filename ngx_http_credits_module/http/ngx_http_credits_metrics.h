/*
 * Counters of the node, in Prometheus' text format.
 */

#ifndef NGX_HTTP_CREDITS_METRICS_H
#define NGX_HTTP_CREDITS_METRICS_H

#include <ngx_config.h>
#include <ngx_core.h>


/* the directive */
char *ngx_http_credits_metrics_set(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

#endif /* NGX_HTTP_CREDITS_METRICS_H */
