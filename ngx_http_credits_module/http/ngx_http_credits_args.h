/*
 * Arguments of directives.
 */

#ifndef NGX_HTTP_CREDITS_ARGS_H
#define NGX_HTTP_CREDITS_ARGS_H

#include <ngx_config.h>
#include <ngx_core.h>


/* 1: the argument begins with name, rest is what follows; 0 */
ngx_uint_t ngx_http_credits_args_parameter(ngx_str_t *value,
    const char *name, ngx_str_t *rest);

/* logs which argument is wrong; NGX_CONF_ERROR */
char *ngx_http_credits_args_invalid(ngx_conf_t *cf, ngx_str_t *value);

#endif /* NGX_HTTP_CREDITS_ARGS_H */
