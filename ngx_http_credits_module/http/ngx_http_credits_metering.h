/*
 * The response flows through, watched, and unchanged but for a usage chunk
 * that the client did not ask for.
 */

#ifndef NGX_HTTP_CREDITS_METERING_H
#define NGX_HTTP_CREDITS_METERING_H

#include "ngx_http_credits_ctx.h"

#include "../core/credits_answer.h"


struct ngx_http_credits_metering_s {
    ngx_chain_t        *free;           /* bytes held back and let go */
    ngx_chain_t        *busy;
    unsigned            strip:1;        /* the usage chunk */
    unsigned            complete:1;     /* its last byte was seen */
    credits_answer_t    answer;
};


/*
 * Begins, when the response's header is known; strip: withhold a usage chunk
 * that was asked for on the client's behalf.  NGX_OK, or NGX_ERROR: out of
 * memory.
 */
ngx_int_t ngx_http_credits_metering_begin(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx, ngx_uint_t strip);

/*
 * Reads a chain; *out is what is left of it for the client, without stripping
 * the chain itself.  With discard all of it is left as it is.  NGX_OK, or
 * NGX_ERROR: out of memory.
 */
ngx_int_t ngx_http_credits_metering_read(ngx_http_request_t *r,
    ngx_http_credits_metering_t *metering, ngx_chain_t *in,
    ngx_uint_t discard, ngx_chain_t **out);

/*
 * 1: nobody's Stop would save anything: the finish of the answer was seen, or
 * it comes in one piece.  The hold is there, a response need not be.
 */
ngx_uint_t ngx_http_credits_metering_ending(ngx_http_credits_ctx_t *ctx);

/* what has gone out of *out can be used again */
void ngx_http_credits_metering_sent(ngx_http_request_t *r,
    ngx_http_credits_metering_t *metering, ngx_chain_t **out);

#endif /* NGX_HTTP_CREDITS_METERING_H */
