/*
 * May they: the body is read and scanned, credits are held, and the body goes
 * on with the few bytes that metering needs changed.
 */

#ifndef NGX_HTTP_CREDITS_ADMISSION_H
#define NGX_HTTP_CREDITS_ADMISSION_H

#include "ngx_http_credits_ctx.h"


typedef enum {
    NGX_HTTP_CREDITS_NEW = 0,
    NGX_HTTP_CREDITS_READING,               /* the request's body */
    NGX_HTTP_CREDITS_READ,
    NGX_HTTP_CREDITS_HOLDING,               /* what came of it is the hold's
                                               state */
    NGX_HTTP_CREDITS_ADMITTED
} ngx_http_credits_step_e;


struct ngx_http_credits_admission_s {
    ngx_http_credits_step_e   step;
    unsigned                  retried:1;        /* the hold was asked for
                                                   again */
    unsigned                  usage_added:1;    /* the provider was asked for
                                                   a usage chunk that the
                                                   client did not ask for */
};


ngx_int_t ngx_http_credits_admission_handler(ngx_http_request_t *r);

#endif /* NGX_HTTP_CREDITS_ADMISSION_H */
