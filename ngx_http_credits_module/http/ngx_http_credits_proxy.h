/*
 * What other modules are told in a location with credits: some of it defeats
 * the metering, and some is risky.
 */

#ifndef NGX_HTTP_CREDITS_PROXY_H
#define NGX_HTTP_CREDITS_PROXY_H

#include "ngx_http_credits_conf.h"


/*
 * Looks at the locations with credits, after all modules are merged.  NGX_OK,
 * or NGX_ERROR: what is wrong was logged.  What is only risky is logged, too.
 */
ngx_int_t ngx_http_credits_proxy_check(ngx_conf_t *cf,
    ngx_http_credits_main_conf_t *mcf);

#endif /* NGX_HTTP_CREDITS_PROXY_H */
