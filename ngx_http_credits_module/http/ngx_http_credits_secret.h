/*
 * Secrets: from a file or from the environment, never from nginx.conf.
 */

#ifndef NGX_HTTP_CREDITS_SECRET_H
#define NGX_HTTP_CREDITS_SECRET_H

#include <ngx_config.h>
#include <ngx_core.h>


#define NGX_HTTP_CREDITS_SECRET_MIN  16     /* bytes, of one that signs */


/*
 * "env:NAME" or "file:PATH", read now, by the master.  NGX_OK, or NGX_ERROR
 * after logging what is wrong, but never what the secret holds.
 */
ngx_int_t ngx_http_credits_secret_read(ngx_conf_t *cf, ngx_str_t *value,
    ngx_str_t *secret);

#endif /* NGX_HTTP_CREDITS_SECRET_H */
