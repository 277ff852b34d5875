/*
 * The request's body: read in pieces, and edited on its way to the provider.
 */

#ifndef NGX_HTTP_CREDITS_BODY_H
#define NGX_HTTP_CREDITS_BODY_H

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "../core/credits_splice.h"


/* anything but NGX_OK ends the reading, and is what it returns */
typedef ngx_int_t (*ngx_http_credits_body_piece_pt)(void *data, u_char *p,
    size_t n);


/* in bytes, as it was read */
off_t ngx_http_credits_body_size(ngx_http_request_t *r);

/*
 * Calls piece() for the whole body, from memory or from its temporary file.
 * NGX_ERROR: out of memory, or the file cannot be read.
 */
ngx_int_t ngx_http_credits_body_pieces(ngx_http_request_t *r,
    ngx_http_credits_body_piece_pt piece, void *data);

/* replaces the body by its edited form.  NGX_ERROR: as above */
ngx_int_t ngx_http_credits_body_splice(ngx_http_request_t *r,
    credits_edit_t *edits, unsigned n);

#endif /* NGX_HTTP_CREDITS_BODY_H */
