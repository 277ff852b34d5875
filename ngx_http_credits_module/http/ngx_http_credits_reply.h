/*
 * JSON replies, with errors in two shapes at once: the `error` that the SDKs
 * of OpenAI and those like it read, and beside it the members that those of
 * Anthropic, Mistral and Cohere look for.  Where Gemini or Ollama is spoken,
 * `error` is as theirs.
 *
 * A reply sends, and returns what a content handler returns; whoever calls it
 * decides what becomes of the request.
 */

#ifndef NGX_HTTP_CREDITS_REPLY_H
#define NGX_HTTP_CREDITS_REPLY_H

#include "ngx_http_credits_ctx.h"
#include "../core/credits_document.h"


/* the texts must stay until the reply is made */
typedef struct {
    ngx_uint_t   status;
    const char  *type;
    const char  *code;
    const char  *message;
} ngx_http_credits_error_t;


ngx_int_t ngx_http_credits_reply_unauthorized(ngx_http_request_t *r);
ngx_int_t ngx_http_credits_reply_unavailable(ngx_http_request_t *r);
ngx_int_t ngx_http_credits_reply_frozen(ngx_http_request_t *r);
ngx_int_t ngx_http_credits_reply_unsigned(ngx_http_request_t *r);

/* methods: those that are answered, as in an Allow header; static */
ngx_int_t ngx_http_credits_reply_not_allowed(ngx_http_request_t *r,
    const char *methods, const char *message);

/* credits: what the user could spend, what was asked for, what is held */
ngx_int_t ngx_http_credits_reply_insufficient(ngx_http_request_t *r,
    int64_t available, int64_t required, int64_t held);

ngx_int_t ngx_http_credits_reply_error(ngx_http_request_t *r,
    ngx_uint_t status, const char *code, const char *message);

/* the same about something with a name, of which 128 bytes are shown; the
   format has one %V, and 256 bytes at most beside it */
ngx_int_t ngx_http_credits_reply_naming(ngx_http_request_t *r,
    ngx_uint_t status, const char *code, const char *format,
    ngx_str_t *name);

/* sends what was built, and frees it */
ngx_int_t ngx_http_credits_reply_document(ngx_http_request_t *r,
    ngx_uint_t status, credits_document_t *d);

/* sends a JSON text that stays in memory until the response has ended */
ngx_int_t ngx_http_credits_reply_send(ngx_http_request_t *r,
    ngx_uint_t status, ngx_str_t *text);

/* the document of an error, without sending it.  NGX_ERROR: no memory */
ngx_int_t ngx_http_credits_reply_text(ngx_http_request_t *r,
    const ngx_http_credits_error_t *error, ngx_str_t *text);

/*
 * For the handlers of phases: finalizes the request with what a reply has
 * returned.  NGX_DONE, which the phase returns: the request may be gone, and
 * with it its context.
 */
ngx_int_t ngx_http_credits_reply_refuse(ngx_http_request_t *r, ngx_int_t rc);

#endif /* NGX_HTTP_CREDITS_REPLY_H */
