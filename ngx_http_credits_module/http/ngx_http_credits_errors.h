/*
 * nginx's own error pages, in locations with credits, as JSON.
 */

#ifndef NGX_HTTP_CREDITS_ERRORS_H
#define NGX_HTTP_CREDITS_ERRORS_H

#include <ngx_config.h>
#include <ngx_core.h>


/* puts the filters in place */
ngx_int_t ngx_http_credits_errors_init(void);

#endif /* NGX_HTTP_CREDITS_ERRORS_H */
