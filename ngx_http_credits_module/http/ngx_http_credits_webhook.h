/*
 * Webhooks of the payment provider: an event that is signed goes to the
 * ledger, as it came.
 */

#ifndef NGX_HTTP_CREDITS_WEBHOOK_H
#define NGX_HTTP_CREDITS_WEBHOOK_H

#include <ngx_config.h>
#include <ngx_core.h>


/* the directive */
char *ngx_http_credits_webhook_set(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

#endif /* NGX_HTTP_CREDITS_WEBHOOK_H */
