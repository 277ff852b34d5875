/*
 * Headers: those of the request on their way to the provider, and ours in the
 * response.
 */

#include "ngx_http_credits_headers.h"
#include "ngx_http_credits_compat.h"


ngx_table_elt_t *
ngx_http_credits_headers_find(ngx_http_request_t *r, ngx_table_elt_t *after,
    const char *name)
{
    size_t            len;
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    len = ngx_strlen(name);

    for (part = &r->headers_in.headers.part; part; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {

            if (after) {
                if (after == &h[i]) {
                    after = NULL;
                }

                continue;
            }

            if (h[i].key.len == len
                && ngx_strncmp(h[i].lowcase_key, name, len) == 0)
            {
                return &h[i];
            }
        }
    }

    return NULL;
}


/*
 * A header cannot be taken away from what proxy_pass sends, but its value can
 * be another one.
 */

void
ngx_http_credits_headers_accept_identity(ngx_http_request_t *r)
{
    ngx_table_elt_t  *h;

#if (NGX_HTTP_GZIP)
    /* nginx's own gzip must still know what the client said */
    (void) ngx_http_gzip_ok(r);
#endif

    h = NULL;

    for ( ;; ) {
        h = ngx_http_credits_headers_find(r, h, "accept-encoding");
        if (h == NULL) {
            return;
        }

        ngx_str_set(&h->value, "identity");
    }
}


/* what goes to the provider is printed from the list, and stays */

void
ngx_http_credits_headers_expect_whole(ngx_http_request_t *r)
{
    r->headers_in.if_modified_since = NULL;
    r->headers_in.if_unmodified_since = NULL;
    r->headers_in.if_match = NULL;
    r->headers_in.if_none_match = NULL;
    r->headers_in.if_range = NULL;
    r->headers_in.range = NULL;
    r->headers_in.upgrade = NULL;
}


ngx_int_t
ngx_http_credits_headers_add(ngx_http_request_t *r, const char *name,
    ngx_str_t *value)
{
    ngx_table_elt_t  *h;

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    h->hash = 1;
    ngx_http_credits_header_single(h);
    h->key.data = (u_char *) name;
    h->key.len = ngx_strlen(name);
    h->value = *value;

    return NGX_OK;
}
