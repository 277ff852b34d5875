/*
 * The response flows through, watched, and unchanged but for a usage chunk
 * that the client did not ask for.
 */

#include "ngx_http_credits_metering.h"
#include "ngx_http_credits_api.h"
#include "ngx_http_credits_hold.h"


#define NGX_HTTP_CREDITS_METERING_PAUSE  1000       /* ms */


/* one buffer of the response, on its way through the scanner */

typedef struct {
    ngx_pool_t                   *pool;
    ngx_http_credits_metering_t  *metering;
    ngx_chain_t                  *before;   /* held bytes, let go by this
                                               buffer */
    ngx_chain_t                  *after;    /* or by the end of the response */
    u_char                       *start;    /* this buffer's bytes */
    u_char                       *end;
    u_char                       *last;     /* of what stays in it */
    unsigned                      ending:1;
    unsigned                      failed:1;
} ngx_http_credits_metering_strip_t;


static credits_label_t ngx_http_credits_metering_label(ngx_http_request_t *r);
static ngx_uint_t ngx_http_credits_metering_type_is(ngx_str_t *type,
    const char *name);
static void ngx_http_credits_metering_scan(ngx_http_request_t *r,
    ngx_http_credits_metering_strip_t *strip, ngx_buf_t *b);
static void ngx_http_credits_metering_end(
    ngx_http_credits_metering_strip_t *strip, credits_answer_emit_pt emit);
static void ngx_http_credits_metering_listen(
    ngx_http_credits_metering_t *metering);
static ngx_msec_t ngx_http_credits_metering_gap(
    ngx_http_credits_metering_t *metering);
static ngx_chain_t **ngx_http_credits_metering_strip(
    ngx_http_credits_metering_strip_t *strip, ngx_chain_t **ll,
    ngx_chain_t *cl);
static ngx_chain_t **ngx_http_credits_metering_link(ngx_pool_t *pool,
    ngx_chain_t **ll, ngx_buf_t *b);
static void ngx_http_credits_metering_drop(void *data, const u_char *p,
    size_t n);
static void ngx_http_credits_metering_emit(void *data, const u_char *p,
    size_t n);
static void ngx_http_credits_metering_emit_held(
    ngx_http_credits_metering_strip_t *strip, const u_char *p, size_t n);


ngx_int_t
ngx_http_credits_metering_begin(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx, ngx_uint_t strip)
{
    credits_label_t               label;
    ngx_http_credits_metering_t  *metering;

    metering = ngx_palloc(r->pool, sizeof(ngx_http_credits_metering_t));
    if (metering == NULL) {
        return NGX_ERROR;
    }

    label = ngx_http_credits_metering_label(r);

    metering->free = NULL;
    metering->busy = NULL;
    metering->complete = 0;
    metering->ended = 0;
    metering->strip = (strip != 0);
    metering->produced = 0;
    metering->last = ctx->hold->granted;
    metering->silence = 0;

    credits_answer_init(&metering->answer, ctx->api->operation, label,
                        metering->strip);

    ctx->metering = metering;

    r->filter_need_in_memory = 1;

    /* a part of the answer would be read as all of it */

    ngx_http_clear_accept_ranges(r);

    if (metering->strip) {
        ngx_http_clear_content_length(r);
        ngx_http_clear_etag(r);
    }

    ngx_log_debug2(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "credits metering: response labelled %d, strip %d",
                   (int) label, (int) metering->strip);

    return NGX_OK;
}


static credits_label_t
ngx_http_credits_metering_label(ngx_http_request_t *r)
{
    ngx_str_t        *type;
    ngx_table_elt_t  *encoding;

    encoding = r->headers_out.content_encoding;

    if (encoding && encoding->hash && encoding->value.len
        && !ngx_http_credits_metering_type_is(&encoding->value, "identity"))
    {
        ngx_log_error(NGX_LOG_WARN, r->connection->log, 0,
                      "credits: the provider encoded its answer although it "
                      "was asked not to; it is charged by an estimate");
        return CREDITS_LABEL_ENCODED;
    }

    if (r->upstream->headers_in.status_n
        && r->upstream->headers_in.status_n < NGX_HTTP_OK)
    {
        /* nginx took an interim response for it: its head is inside */

        return CREDITS_LABEL_ENCODED;
    }

    type = &r->headers_out.content_type;

    if (ngx_http_credits_metering_type_is(type, "text/event-stream")) {
        return CREDITS_LABEL_EVENTS;
    }

    if (ngx_http_credits_metering_type_is(type, "text/")) {
        return CREDITS_LABEL_TEXT;
    }

    if (type->len && ngx_strlcasestrn(type->data, type->data + type->len,
                                      (u_char *) "json", 4 - 1))
    {
        return CREDITS_LABEL_JSON;
    }

    return CREDITS_LABEL_NONE;
}


/* it begins with the name, in any case */

static ngx_uint_t
ngx_http_credits_metering_type_is(ngx_str_t *type, const char *name)
{
    size_t  len;

    len = ngx_strlen(name);

    return type->len >= len
           && ngx_strncasecmp(type->data, (u_char *) name, len) == 0;
}


ngx_int_t
ngx_http_credits_metering_read(ngx_http_request_t *r,
    ngx_http_credits_metering_t *metering, ngx_chain_t *in,
    ngx_uint_t discard, ngx_chain_t **out)
{
    ngx_buf_t                          *b;
    ngx_chain_t                        *cl, **ll;
    ngx_http_credits_metering_strip_t   strip;

    strip.pool = r->pool;
    strip.metering = metering;
    strip.failed = 0;

    *out = in;
    ll = out;

    for (cl = in; cl; cl = cl->next) {
        b = cl->buf;

        strip.before = NULL;
        strip.after = NULL;
        strip.start = b->pos;
        strip.end = b->last;
        strip.last = b->pos;
        strip.ending = 0;

        ngx_http_credits_metering_scan(r, &strip, b);

        if (!metering->strip || discard) {
            continue;
        }

        ll = ngx_http_credits_metering_strip(&strip, ll, cl);

        if (ll == NULL) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static void
ngx_http_credits_metering_scan(ngx_http_request_t *r,
    ngx_http_credits_metering_strip_t *strip, ngx_buf_t *b)
{
    credits_answer_t             *answer;
    credits_answer_emit_pt        emit;
    ngx_http_credits_metering_t  *metering;

    metering = strip->metering;
    answer = &metering->answer;
    emit = metering->strip ? ngx_http_credits_metering_emit : NULL;

    if (ngx_buf_in_memory(b) && b->pos < b->last) {
        credits_answer_feed(answer, b->pos, (size_t) (b->last - b->pos), emit,
                            strip);

        ngx_http_credits_metering_listen(metering);

        if (answer->facts.done) {
            metering->complete = 1;
        }
    }

    /* what the client takes for the end may come before last_buf */

    if (b->last_buf
        || (r->headers_out.content_length_n >= 0
            && answer->facts.bytes
               >= (uint64_t) r->headers_out.content_length_n))
    {
        ngx_http_credits_metering_end(strip, emit);
    }
}


static void
ngx_http_credits_metering_end(ngx_http_credits_metering_strip_t *strip,
    credits_answer_emit_pt emit)
{
    ngx_http_credits_metering_t  *metering;

    metering = strip->metering;
    metering->complete = 1;

    if (!metering->ended) {
        metering->ended = 1;
        strip->ending = 1;
        credits_answer_end(&metering->answer, emit, strip);
    }
}


/* how long the model has been silent: before its text, and within it */

static void
ngx_http_credits_metering_listen(ngx_http_credits_metering_t *metering)
{
    if (metering->answer.facts.text_bytes == metering->produced) {
        return;
    }

    metering->silence += ngx_http_credits_metering_gap(metering);
    metering->last = ngx_current_msec;
    metering->produced = metering->answer.facts.text_bytes;
}


ngx_msec_t
ngx_http_credits_metering_silence(ngx_http_credits_metering_t *metering)
{
    return metering->silence + ngx_http_credits_metering_gap(metering);
}


/* what is shorter is the pace of its words */

static ngx_msec_t
ngx_http_credits_metering_gap(ngx_http_credits_metering_t *metering)
{
    ngx_msec_t  gap;

    gap = ngx_current_msec - metering->last;

    return gap >= NGX_HTTP_CREDITS_METERING_PAUSE ? gap : 0;
}


/*
 * Links what is left of one buffer behind ll: the bytes held back from
 * earlier ones, then its own, moved together in place.  Its memory is the
 * upstream's and may be written to; upstream sees what was taken out as sent.
 */

static ngx_chain_t **
ngx_http_credits_metering_strip(ngx_http_credits_metering_strip_t *strip,
    ngx_chain_t **ll, ngx_chain_t *cl)
{
    ngx_buf_t   *b, *end;
    ngx_pool_t  *pool;

    if (strip->failed) {
        return NULL;
    }

    pool = strip->pool;
    b = cl->buf;
    end = NULL;

    if (strip->last != strip->end) {
        b->last = strip->last;
    }

    /* an empty buffer may only carry flags, and only the end's are of use */

    if ((b->last_buf || b->last_in_chain)
        && (strip->after || (b->pos == b->last && strip->start < strip->end)))
    {
        end = ngx_calloc_buf(pool);
        if (end == NULL) {
            return NULL;
        }

        end->last_buf = b->last_buf;
        end->last_in_chain = b->last_in_chain;
        b->last_buf = 0;
        b->last_in_chain = 0;
    }

    if (strip->before) {
        *ll = strip->before;
        ll = &strip->before->next;
    }

    if (b->pos < b->last || strip->start == strip->end) {
        ll = ngx_http_credits_metering_link(pool, ll, b);
    }

    if (ll && strip->after) {
        *ll = strip->after;
        ll = &strip->after->next;
    }

    if (ll && end) {
        ll = ngx_http_credits_metering_link(pool, ll, end);
    }

    if (ll) {
        *ll = NULL;
    }

    return ll;
}


static ngx_chain_t **
ngx_http_credits_metering_link(ngx_pool_t *pool, ngx_chain_t **ll,
    ngx_buf_t *b)
{
    ngx_chain_t  *cl;

    cl = ngx_alloc_chain_link(pool);
    if (cl == NULL) {
        return NULL;
    }

    cl->buf = b;
    cl->next = NULL;
    *ll = cl;

    return &cl->next;
}


static void
ngx_http_credits_metering_emit(void *data, const u_char *p, size_t n)
{
    ngx_http_credits_metering_strip_t *strip = data;

    if (p < strip->start || p >= strip->end) {
        ngx_http_credits_metering_emit_held(strip, p, n);
        return;
    }

    if (strip->last != p) {
        ngx_memmove(strip->last, p, n);
    }

    strip->last += n;
}


/* bytes of earlier buffers turned out to be the client's: a copy of them */

static void
ngx_http_credits_metering_emit_held(
    ngx_http_credits_metering_strip_t *strip, const u_char *p, size_t n)
{
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    cl = ngx_chain_get_free_buf(strip->pool, &strip->metering->free);
    if (cl == NULL) {
        strip->failed = 1;
        return;
    }

    b = cl->buf;

    if (b->start == NULL) {
        b->start = ngx_palloc(strip->pool, CREDITS_ANSWER_HELD_MAX);
        if (b->start == NULL) {
            strip->failed = 1;
            return;
        }

        b->end = b->start + CREDITS_ANSWER_HELD_MAX;
        b->temporary = 1;
        b->tag = (ngx_buf_tag_t) &ngx_http_credits_module;
    }

    b->pos = b->start;
    b->last = ngx_cpymem(b->start, p, n);
    b->flush = 1;

    cl->next = NULL;

    if (strip->ending) {
        strip->after = cl;

    } else {
        strip->before = cl;
    }
}


void
ngx_http_credits_metering_sent(ngx_http_request_t *r,
    ngx_http_credits_metering_t *metering, ngx_chain_t **out)
{
    if (metering->strip) {
        ngx_chain_update_chains(r->pool, &metering->free, &metering->busy,
                                out,
                                (ngx_buf_tag_t) &ngx_http_credits_module);
    }
}


ngx_uint_t
ngx_http_credits_metering_ending(ngx_http_credits_ctx_t *ctx)
{
    if (ctx->metering && ctx->metering->answer.facts.finished) {
        return 1;
    }

    return !ctx->hold->body->stream;
}


void
ngx_http_credits_metering_cut(ngx_http_credits_metering_t *metering)
{
    if (!metering->ended) {
        metering->ended = 1;
        credits_answer_end(&metering->answer, ngx_http_credits_metering_drop,
                           NULL);
    }
}


/* nobody is there who could get what was held back */

static void
ngx_http_credits_metering_drop(void *data, const u_char *p, size_t n)
{
}
