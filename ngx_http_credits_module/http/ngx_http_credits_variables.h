/*
 * Variables: what is known about a request so far.
 */

#ifndef NGX_HTTP_CREDITS_VARIABLES_H
#define NGX_HTTP_CREDITS_VARIABLES_H

#include <ngx_config.h>
#include <ngx_core.h>


ngx_int_t ngx_http_credits_variables_add(ngx_conf_t *cf);

#endif /* NGX_HTTP_CREDITS_VARIABLES_H */
