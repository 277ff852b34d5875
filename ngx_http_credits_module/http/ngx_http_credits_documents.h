/*
 * The read API: documents that Postgres prints and nginx passes on.
 */

#ifndef NGX_HTTP_CREDITS_DOCUMENTS_H
#define NGX_HTTP_CREDITS_DOCUMENTS_H

#include <ngx_config.h>
#include <ngx_core.h>


/* directives */
char *ngx_http_credits_documents_set_balance(ngx_conf_t *cf,
    ngx_command_t *cmd, void *conf);
char *ngx_http_credits_documents_set_transactions(ngx_conf_t *cf,
    ngx_command_t *cmd, void *conf);

#endif /* NGX_HTTP_CREDITS_DOCUMENTS_H */
