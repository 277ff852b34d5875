/*
 * The response on its way to the client: metered, settled before its last
 * byte leaves, and discarded when nobody reads it any more.
 */

#ifndef NGX_HTTP_CREDITS_FILTER_H
#define NGX_HTTP_CREDITS_FILTER_H

#include <ngx_config.h>
#include <ngx_core.h>


/* puts the filters in place */
ngx_int_t ngx_http_credits_filter_init(void);

#endif /* NGX_HTTP_CREDITS_FILTER_H */
