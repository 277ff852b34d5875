/*
 * nginx's own error pages, in locations with credits, as JSON: clients that
 * speak to an API cannot read the HTML.
 */

#include "ngx_http_credits_errors.h"
#include "ngx_http_credits_ctx.h"
#include "ngx_http_credits_reply.h"


static ngx_int_t ngx_http_credits_errors_header_filter(ngx_http_request_t *r);
static ngx_int_t ngx_http_credits_errors_body_filter(ngx_http_request_t *r,
    ngx_chain_t *in);
static ngx_uint_t ngx_http_credits_errors_has_page(ngx_http_request_t *r);
static void ngx_http_credits_errors_find(ngx_uint_t status,
    ngx_http_credits_error_t *error);


static const ngx_http_credits_error_t  ngx_http_credits_errors[] = {
    { NGX_HTTP_BAD_REQUEST, "invalid_request_error", "bad_request",
      "The request cannot be read." },
    { NGX_HTTP_UNAUTHORIZED, "authentication_error", "unauthorized",
      "You are not signed in." },
    { NGX_HTTP_FORBIDDEN, "invalid_request_error", "forbidden",
      "This is not allowed." },
    { NGX_HTTP_NOT_FOUND, "invalid_request_error", "not_found",
      "There is nothing here." },
    { NGX_HTTP_REQUEST_TIME_OUT, "invalid_request_error", "request_timeout",
      "The request did not arrive in time." },
    { NGX_HTTP_REQUEST_ENTITY_TOO_LARGE, "invalid_request_error",
      "request_too_large", "The request's body is too large." },
    { NGX_HTTP_TOO_MANY_REQUESTS, "rate_limit_error", "rate_limit_exceeded",
      "Too many requests. Try again later." },
    { NGX_HTTP_BAD_GATEWAY, "server_error", "bad_gateway",
      "The provider cannot be reached. Nothing was charged." },
    { NGX_HTTP_SERVICE_UNAVAILABLE, "server_error", "service_unavailable",
      "The service is not available at the moment. Nothing was charged." },
    { NGX_HTTP_GATEWAY_TIME_OUT, "server_error", "gateway_timeout",
      "The provider did not answer in time. Nothing was charged." },
    { 0, "server_error", "server_error", "The request has failed." }
};


static ngx_http_output_header_filter_pt
    ngx_http_credits_errors_next_header_filter;
static ngx_http_output_body_filter_pt
    ngx_http_credits_errors_next_body_filter;


ngx_int_t
ngx_http_credits_errors_init(void)
{
    ngx_http_credits_errors_next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = ngx_http_credits_errors_header_filter;

    ngx_http_credits_errors_next_body_filter = ngx_http_top_body_filter;
    ngx_http_top_body_filter = ngx_http_credits_errors_body_filter;

    return NGX_OK;
}


static ngx_int_t
ngx_http_credits_errors_header_filter(ngx_http_request_t *r)
{
    ngx_str_t                    *page;
    ngx_http_credits_ctx_t       *ctx;
    ngx_http_credits_error_t      error;
    ngx_http_credits_loc_conf_t  *lcf;

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_credits_module);

    if ((lcf->mode == NGX_HTTP_CREDITS_OFF && lcf->webhook == NULL)
        || r != r->main
        || r->err_status < NGX_HTTP_BAD_REQUEST
        || r->err_status != r->headers_out.status
        || ngx_http_credits_errors_has_page(r))
    {
        return ngx_http_credits_errors_next_header_filter(r);
    }

    ctx = ngx_http_credits_ctx_make(r);
    page = ngx_palloc(r->pool, sizeof(ngx_str_t));

    if (ctx == NULL || page == NULL) {
        return NGX_ERROR;
    }

    ngx_http_credits_errors_find(r->err_status, &error);

    if (ngx_http_credits_reply_text(r, &error, page) != NGX_OK) {
        return NGX_ERROR;
    }

    ctx->error_page = page;

    ngx_http_clear_content_length(r);

    r->headers_out.content_length_n = page->len;
    ngx_str_set(&r->headers_out.content_type, "application/json");
    r->headers_out.content_type_len = r->headers_out.content_type.len;
    r->headers_out.content_type_lowcase = NULL;

    return ngx_http_credits_errors_next_header_filter(r);
}


static ngx_int_t
ngx_http_credits_errors_body_filter(ngx_http_request_t *r, ngx_chain_t *in)
{
    ngx_buf_t               *b;
    ngx_uint_t               last;
    ngx_chain_t             *cl, out;
    ngx_http_credits_ctx_t  *ctx;

    ctx = (r == r->main) ? ngx_http_credits_ctx_get(r) : NULL;

    if (ctx == NULL || ctx->error_page == NULL || in == NULL) {
        return ngx_http_credits_errors_next_body_filter(r, in);
    }

    last = 0;

    for (cl = in; cl; cl = cl->next) {
        last |= cl->buf->last_buf;
        cl->buf->pos = cl->buf->last;
        cl->buf->file_pos = cl->buf->file_last;
    }

    if (!last) {
        return NGX_OK;
    }

    b = ngx_calloc_buf(r->pool);
    if (b == NULL) {
        return NGX_ERROR;
    }

    b->pos = ctx->error_page->data;
    b->last = b->pos + ctx->error_page->len;
    b->memory = 1;
    b->last_buf = 1;

    ctx->error_page = NULL;

    out.buf = b;
    out.next = NULL;

    return ngx_http_credits_errors_next_body_filter(r, &out);
}


/*
 * Whether error_page is configured for this status.  r->error_page only says
 * that it is for some status; the page itself comes from an internal redirect.
 */

static ngx_uint_t
ngx_http_credits_errors_has_page(ngx_http_request_t *r)
{
    ngx_uint_t                 i;
    ngx_http_err_page_t       *pages;
    ngx_http_core_loc_conf_t  *clcf;

    if (!r->error_page) {
        return 0;
    }

    if (r->internal) {
        return 1;
    }

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    if (clcf->error_pages == NULL) {
        return 0;
    }

    pages = clcf->error_pages->elts;

    for (i = 0; i < clcf->error_pages->nelts; i++) {
        if (pages[i].status == (ngx_int_t) r->err_status) {
            return 1;
        }
    }

    return 0;
}


static void
ngx_http_credits_errors_find(ngx_uint_t status,
    ngx_http_credits_error_t *error)
{
    ngx_uint_t  i;

    for (i = 0; ngx_http_credits_errors[i].status; i++) {
        if (ngx_http_credits_errors[i].status == status) {
            break;
        }
    }

    *error = ngx_http_credits_errors[i];
    error->status = status;
}
