/*
 * Suspends and resumes a request.
 */

#ifndef NGX_HTTP_CREDITS_WAIT_H
#define NGX_HTTP_CREDITS_WAIT_H

#include "ngx_http_credits_ctx.h"


/* goes on; NGX_AGAIN when it waits again, else what finalizes the request */
typedef ngx_int_t (*ngx_http_credits_wait_resume_pt)(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx);


struct ngx_http_credits_wait_s {
    ngx_http_credits_ctx_t           *ctx;
    ngx_credits_op_t                 *op;
    ngx_http_credits_wait_resume_pt   resume;   /* NULL: the phases go on */
    ngx_event_t                       timer;
    ngx_msec_t                        waited;   /* for settlements, in all */
    unsigned                          suspended:1;
};


/*
 * Suspends the request until the operation's callback has called
 * ngx_http_credits_wait_done().  A client that leaves ends the request, and
 * the operation is abandoned; the second form lets it come to its end, whether
 * the client waits or not.  NULL stands for an operation that there was no
 * memory for.  Returns NGX_AGAIN, or a status that the request ends with.
 */
ngx_int_t ngx_http_credits_wait_op(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx, ngx_credits_op_t *op,
    ngx_http_credits_wait_resume_pt resume);
ngx_int_t ngx_http_credits_wait_op_unwatched(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx, ngx_credits_op_t *op,
    ngx_http_credits_wait_resume_pt resume);

/* the operation has ended: goes on; the request may be gone on return */
void ngx_http_credits_wait_done(ngx_http_credits_ctx_t *ctx);

/*
 * Read your writes: suspends for a moment, a little longer each time, while
 * settlements of this user are on their way; then `resume` is called and asks
 * again.  NGX_OK: there is none, or it took too long; else as above.
 */
ngx_int_t ngx_http_credits_wait_pending(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx, ngx_str_t *user,
    ngx_http_credits_wait_resume_pt resume);

#endif /* NGX_HTTP_CREDITS_WAIT_H */
