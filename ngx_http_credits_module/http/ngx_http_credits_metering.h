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
    uint64_t            produced;       /* bytes of text, at `last` */
    ngx_msec_t          last;           /* when there was more of it */
    ngx_msec_t          silence;        /* until then */
    unsigned            strip:1;        /* the usage chunk */
    unsigned            complete:1;     /* all that costs was seen */
    unsigned            ended:1;        /* its last byte was */
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

/* ms in which the model has said nothing, since the request was admitted */
ngx_msec_t ngx_http_credits_metering_silence(
    ngx_http_credits_metering_t *metering);

/*
 * 1: nobody's Stop would save anything: the finish of the answer was seen, or
 * it comes in one piece.  The hold is there, a response need not be.
 */
ngx_uint_t ngx_http_credits_metering_ending(ngx_http_credits_ctx_t *ctx);

/* no more of it will come: what was begun of an event counts as it is */
void ngx_http_credits_metering_cut(ngx_http_credits_metering_t *metering);

/* what has gone out of *out can be used again */
void ngx_http_credits_metering_sent(ngx_http_request_t *r,
    ngx_http_credits_metering_t *metering, ngx_chain_t **out);

#endif /* NGX_HTTP_CREDITS_METERING_H */
