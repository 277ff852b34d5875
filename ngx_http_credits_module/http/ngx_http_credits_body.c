/*
 * The request's body: read in pieces, and edited on its way to the provider.
 */

#include "ngx_http_credits_body.h"


#define NGX_HTTP_CREDITS_READ_SIZE  (64 * 1024)


typedef struct {
    credits_splice_t   splice;
    u_char            *dst;
} ngx_http_credits_body_rewrite_t;


static ngx_int_t ngx_http_credits_body_splice_piece(void *data, u_char *p,
    size_t n);


/*
 * The result is one buffer.  The body must start at buf->start, because
 * ngx_http_upstream_reinit() rewinds pos to start when it tries another
 * upstream.
 */

ngx_int_t
ngx_http_credits_body_splice(ngx_http_request_t *r, credits_edit_t *edits,
    unsigned n)
{
    off_t                             size;
    uint64_t                          len;
    ngx_buf_t                        *b;
    ngx_chain_t                      *cl;
    ngx_http_request_body_t          *rb;
    ngx_http_credits_body_rewrite_t   rw;

    rb = r->request_body;
    size = ngx_http_credits_body_size(r);
    len = credits_splice_length(edits, n, (uint64_t) size);

    /* room for the inserts before anything is removed */

    b = ngx_create_temp_buf(r->pool, (size_t) size
                                     + n * sizeof(edits[0].insert));
    if (b == NULL) {
        return NGX_ERROR;
    }

    credits_splice_init(&rw.splice, edits, n);
    rw.dst = b->last;

    if (ngx_http_credits_body_pieces(r, ngx_http_credits_body_splice_piece,
                                     &rw)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    b->last = rw.dst;
    b->last_buf = 1;

    cl = ngx_alloc_chain_link(r->pool);
    if (cl == NULL) {
        return NGX_ERROR;
    }

    cl->buf = b;
    cl->next = NULL;

    rb->bufs = cl;
    rb->buf = NULL;

    r->headers_in.content_length_n = (off_t) len;
    r->headers_in.chunked = 0;

    if (r->headers_in.content_length) {
        r->headers_in.content_length->value.data =
                                    ngx_pnalloc(r->pool, NGX_OFF_T_LEN + 1);
        if (r->headers_in.content_length->value.data == NULL) {
            return NGX_ERROR;
        }

        r->headers_in.content_length->value.len =
            ngx_sprintf(r->headers_in.content_length->value.data, "%O%Z",
                        r->headers_in.content_length_n)
            - r->headers_in.content_length->value.data - 1;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_credits_body_splice_piece(void *data, u_char *p, size_t n)
{
    ngx_http_credits_body_rewrite_t *rw = data;

    rw->dst = credits_splice_feed(&rw->splice, rw->dst, p, n);

    return NGX_OK;
}


off_t
ngx_http_credits_body_size(ngx_http_request_t *r)
{
    off_t         size;
    ngx_chain_t  *cl;

    size = 0;

    for (cl = r->request_body ? r->request_body->bufs : NULL; cl;
         cl = cl->next)
    {
        size += ngx_buf_size(cl->buf);
    }

    return size;
}


ngx_int_t
ngx_http_credits_body_pieces(ngx_http_request_t *r,
    ngx_http_credits_body_piece_pt piece, void *data)
{
    off_t         offset;
    u_char       *buf;
    ssize_t       n;
    ngx_int_t     rc;
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    if (r->request_body == NULL) {
        return NGX_OK;
    }

    buf = NULL;

    for (cl = r->request_body->bufs; cl; cl = cl->next) {
        b = cl->buf;

        if (ngx_buf_in_memory(b)) {
            rc = piece(data, b->pos, b->last - b->pos);
            if (rc != NGX_OK) {
                return rc;
            }

            continue;
        }

        if (buf == NULL && b->in_file) {
            buf = ngx_palloc(r->pool, NGX_HTTP_CREDITS_READ_SIZE);
            if (buf == NULL) {
                return NGX_ERROR;
            }
        }

        for (offset = b->file_pos; b->in_file && offset < b->file_last;
             offset += n)
        {
            n = ngx_read_file(b->file, buf,
                              (size_t) ngx_min(b->file_last - offset,
                                               NGX_HTTP_CREDITS_READ_SIZE),
                              offset);
            if (n <= 0) {
                return NGX_ERROR;
            }

            rc = piece(data, buf, (size_t) n);
            if (rc != NGX_OK) {
                return rc;
            }
        }
    }

    return NGX_OK;
}
