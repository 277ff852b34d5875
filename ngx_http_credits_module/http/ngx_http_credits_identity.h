/*
 * Who is asking: a cookie that Better Auth signed, or a variable.
 */

#ifndef NGX_HTTP_CREDITS_IDENTITY_H
#define NGX_HTTP_CREDITS_IDENTITY_H

#include "ngx_http_credits_ctx.h"


typedef enum {
    NGX_HTTP_CREDITS_UNKNOWN = 0,           /* still to be found out */
    NGX_HTTP_CREDITS_ASKING,                /* Postgres, for the session */
    NGX_HTTP_CREDITS_KNOWN,
    NGX_HTTP_CREDITS_NOBODY,
    NGX_HTTP_CREDITS_FAILED                 /* Postgres gave no answer */
} ngx_http_credits_identity_state_e;


struct ngx_http_credits_identity_s {
    ngx_http_credits_identity_state_e   state;
    ngx_str_t                           user;       /* if KNOWN */
    u_char                              session_key[NGX_CREDITS_SESSION_KEY];
};


ngx_int_t ngx_http_credits_identity_access_handler(ngx_http_request_t *r);

/*
 * For the handlers of phases.  NGX_OK: ctx->identity->user is known; all else
 * is to be returned from the phase, and the request may be gone then.
 */
ngx_int_t ngx_http_credits_identity_require(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx);

/* directives */
char *ngx_http_credits_identity_set_session(ngx_conf_t *cf,
    ngx_command_t *cmd, void *conf);
char *ngx_http_credits_identity_set_user(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

#endif /* NGX_HTTP_CREDITS_IDENTITY_H */
