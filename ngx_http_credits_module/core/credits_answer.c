/*
 * Frames an answer, withholds its usage chunk, and says what is owed.
 */

#include <string.h>

#include "credits_answer.h"


#define CREDITS_ANSWER_DONE      "[DONE]"
#define CREDITS_ANSWER_NOT_DONE  sizeof(CREDITS_ANSWER_DONE) /* no match */


/* the piece that is being fed */
typedef struct {
    credits_answer_t       *answer;
    credits_answer_emit_pt  emit;
    void                   *data;
    const unsigned char    *kept;   /* where the bytes not yet emitted begin */
    const unsigned char    *open;   /* where the event at hand begins, at the
                                       earliest the piece itself */
} credits_answer_piece_t;


static void credits_answer_skip_bom(credits_answer_t *a,
    const unsigned char **p, size_t *n);
static void credits_answer_framed(void *data, credits_sse_event_t event,
    const unsigned char *p, size_t n);
static int credits_answer_payload(credits_answer_t *a, const unsigned char *p,
    size_t n);
static void credits_answer_done_token(credits_answer_t *a,
    const unsigned char *p, size_t n);
static int credits_answer_payload_end(credits_answer_t *a);
static void credits_answer_close(credits_answer_piece_t *piece,
    const unsigned char *p, int usage_chunk);
static void credits_answer_hold(credits_answer_piece_t *piece,
    const unsigned char *end);
static void credits_answer_flush(credits_answer_piece_t *piece);
static void credits_answer_emit(credits_answer_piece_t *piece,
    const unsigned char *end);
static void credits_answer_count(credits_answer_t *a);


void
credits_answer_init(credits_answer_t *a, credits_answer_kind_t kind,
    int strip)
{
    memset(a, 0, offsetof(credits_answer_t, document));

    a->kind = kind;
    a->strip = (strip && kind == CREDITS_ANSWER_SSE);

    credits_sse_init(&a->sse);
    credits_answer_document_init(&a->document, kind == CREDITS_ANSWER_JSON);
    credits_answer_document_begin(&a->document);
}


void
credits_answer_feed(credits_answer_t *a, const unsigned char *p, size_t n,
    credits_answer_emit_pt emit, void *data)
{
    credits_answer_piece_t  piece;

    if (n == 0) {
        return;
    }

    a->bytes += n;

    piece.answer = a;
    piece.emit = emit;
    piece.data = data;
    piece.kept = p;
    piece.open = p;

    switch (a->kind) {

    case CREDITS_ANSWER_SSE:
        credits_sse_feed(&a->sse, p, n, credits_answer_framed, &piece);
        break;

    case CREDITS_ANSWER_JSON:
        credits_answer_skip_bom(a, &p, &n);
        (void) credits_answer_document_feed(&a->document, p, n);
        break;

    case CREDITS_ANSWER_OPAQUE:
        break;
    }

    credits_answer_count(a);

    if (a->strip && a->sse.open && !a->undroppable) {
        credits_answer_hold(&piece, p + n);
        return;
    }

    credits_answer_emit(&piece, p + n);
}


void
credits_answer_end(credits_answer_t *a, credits_answer_emit_pt emit,
    void *data)
{
    credits_answer_piece_t  piece;

    piece.answer = a;
    piece.emit = emit;
    piece.data = data;
    piece.kept = a->held;
    piece.open = a->held;

    switch (a->kind) {

    case CREDITS_ANSWER_SSE:
        credits_sse_end(&a->sse, a->held, credits_answer_framed, &piece);
        break;

    case CREDITS_ANSWER_JSON:
        (void) credits_answer_document_end(&a->document);
        break;

    case CREDITS_ANSWER_OPAQUE:
        break;
    }

    credits_answer_count(a);
}


int
credits_answer_usage(const credits_answer_t *a, int64_t prompt_tokens,
    credits_usage_t *usage)
{
    int64_t   prompt, completion, total;
    uint64_t  produced;

    *usage = a->document.usage;

    prompt = usage->prompt;
    completion = usage->completion;
    total = usage->total;

    if (prompt < 0) {
        usage->prompt = (prompt_tokens < 0) ? 0
                        : (prompt_tokens > CREDITS_TOKENS_MAX)
                          ? CREDITS_TOKENS_MAX : prompt_tokens;

        /* an estimate must not exceed a total that is known */

        if (completion >= 0 && total >= completion) {
            usage->prompt = total - completion;
            return 1;
        }

        if (completion < 0 && total >= 0) {
            if (usage->prompt > total) {
                usage->prompt = total;
            }

            usage->completion = total - usage->prompt;
            return 0;
        }
    }

    if (completion < 0) {
        produced = a->text_bytes / 4 + (a->text_bytes % 4 != 0);
        usage->completion = (produced > CREDITS_TOKENS_MAX)
                            ? CREDITS_TOKENS_MAX : (int64_t) produced;
    }

    if (prompt >= 0 && completion >= 0) {
        if (total < 0) {
            usage->total = prompt + completion;
        }

        return 1;
    }

    if (usage->prompt + usage->completion == 0) {
        usage->completion = 1;
    }

    if (total < 0) {
        usage->total = usage->prompt + usage->completion;
    }

    return 0;
}


/* clients skip a BOM, so it is no fault */

static void
credits_answer_skip_bom(credits_answer_t *a, const unsigned char **p,
    size_t *n)
{
    static const unsigned char  bom[] = { 0xef, 0xbb, 0xbf };

    while (*n && a->bom < sizeof(bom)) {

        if (**p != bom[a->bom]) {
            a->bom = sizeof(bom);
            return;
        }

        a->bom++;
        (*p)++;
        (*n)--;
    }
}


static void
credits_answer_framed(void *data, credits_sse_event_t event,
    const unsigned char *p, size_t n)
{
    int                      usage_chunk;
    credits_answer_t        *a;
    credits_answer_piece_t  *piece;

    piece = data;
    a = piece->answer;

    switch (event) {

    case CREDITS_SSE_OPEN:
        piece->open = p;
        a->undroppable = 0;
        a->dropped = 0;
        a->payload = 0;
        break;

    case CREDITS_SSE_DATA:
        if (!credits_answer_payload(a, p, n)) {
            a->undroppable = 1;
            credits_answer_flush(piece);
        }

        break;

    case CREDITS_SSE_CLOSE:
        usage_chunk = a->payload && credits_answer_payload_end(a);

        if (a->strip) {
            credits_answer_close(piece, p, usage_chunk);
        }

        break;

    case CREDITS_SSE_TAIL:
        if (a->dropped) {
            piece->kept = p + 1;
        }

        break;
    }
}


/* 1 as long as the event may turn out to be the usage chunk */

static int
credits_answer_payload(credits_answer_t *a, const unsigned char *p, size_t n)
{
    if (!a->payload) {
        a->payload = 1;
        a->done_token = 0;
        credits_answer_document_begin(&a->document);
    }

    if (a->done_token != CREDITS_ANSWER_NOT_DONE) {
        credits_answer_done_token(a, p, n);
    }

    return credits_answer_document_feed(&a->document, p, n);
}


static void
credits_answer_done_token(credits_answer_t *a, const unsigned char *p,
    size_t n)
{
    const unsigned char  *end;

    for (end = p + n; p < end; p++) {

        if (a->done_token < sizeof(CREDITS_ANSWER_DONE) - 1) {
            if (*p != (unsigned char) CREDITS_ANSWER_DONE[a->done_token]) {
                a->done_token = CREDITS_ANSWER_NOT_DONE;
                return;
            }

            a->done_token++;

        } else if (*p != ' ' && *p != '\t') {
            a->done_token = CREDITS_ANSWER_NOT_DONE;
            return;
        }
    }
}


/* 1 if the payload is the usage chunk */

static int
credits_answer_payload_end(credits_answer_t *a)
{
    if (a->done_token == sizeof(CREDITS_ANSWER_DONE) - 1) {
        credits_answer_document_done(&a->document);
        return 0;
    }

    return credits_answer_document_end(&a->document);
}


/*
 * Drops the event that ends at p, or lets it pass.  Its length decides as
 * well, so that the client sees the same bytes however the answer is cut.
 */

static void
credits_answer_close(credits_answer_piece_t *piece, const unsigned char *p,
    int usage_chunk)
{
    size_t             len;
    credits_answer_t  *a;

    a = piece->answer;
    len = a->held_len + (size_t) (p - piece->open);

    if (usage_chunk && !a->undroppable && len <= CREDITS_ANSWER_HELD_MAX) {
        credits_answer_emit(piece, piece->open);
        piece->kept = p;
        a->held_len = 0;
        a->dropped = 1;
        return;
    }

    credits_answer_flush(piece);
}


/* keeps the bytes of an event that the piece cuts and that may be dropped */

static void
credits_answer_hold(credits_answer_piece_t *piece, const unsigned char *end)
{
    size_t             len;
    credits_answer_t  *a;

    a = piece->answer;
    len = (size_t) (end - piece->open);

    if (len > CREDITS_ANSWER_HELD_MAX - a->held_len) {
        a->undroppable = 1;
        credits_answer_flush(piece);
        credits_answer_emit(piece, end);
        return;
    }

    credits_answer_emit(piece, piece->open);

    memcpy(a->held + a->held_len, piece->open, len);
    a->held_len += len;
}


/* emits the held bytes: they are older than all bytes of this piece */

static void
credits_answer_flush(credits_answer_piece_t *piece)
{
    credits_answer_t  *a;

    a = piece->answer;

    if (a->held_len) {
        piece->emit(piece->data, a->held, a->held_len);
        a->held_len = 0;
    }
}


static void
credits_answer_emit(credits_answer_piece_t *piece, const unsigned char *end)
{
    if (piece->emit && end > piece->kept) {
        piece->emit(piece->data, piece->kept, (size_t) (end - piece->kept));
    }
}


static void
credits_answer_count(credits_answer_t *a)
{
    a->text_bytes = (a->kind == CREDITS_ANSWER_OPAQUE)
                    ? a->bytes
                    : credits_answer_document_produced(&a->document);
}
