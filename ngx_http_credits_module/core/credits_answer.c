/*
 * Frames an answer, and withholds its usage chunk.
 */

#include <string.h>

#include "credits_answer.h"


#define CREDITS_ANSWER_DONE      "[DONE]"
#define CREDITS_ANSWER_NOT_DONE  sizeof(CREDITS_ANSWER_DONE) /* no match */


typedef enum {
    FRAMING_UNDECIDED = 0,
    FRAMING_EVENTS,             /* server-sent */
    FRAMING_DOCUMENTS,          /* JSON: one, several, or an array of them */
    FRAMING_AWS,
    FRAMING_PRODUCT,            /* text or sound that was asked for */
    FRAMING_PAGE,
    FRAMING_OPAQUE
} credits_answer_framing_t;


/* the piece that is being fed */
typedef struct {
    credits_answer_t       *answer;
    credits_answer_emit_pt  emit;
    void                   *data;
    const unsigned char    *kept;   /* where the bytes not yet emitted begin */
    const unsigned char    *open;   /* where the event at hand begins, at the
                                       earliest the piece itself */
} credits_answer_piece_t;


static int credits_answer_blank(unsigned char c);
static void credits_answer_sniff(credits_answer_t *a, const unsigned char **p,
    size_t *n, credits_answer_emit_pt emit, void *data);
static void credits_answer_decide(credits_answer_t *a, const unsigned char *p,
    size_t n, int whole);
static unsigned credits_answer_framing(const credits_answer_t *a,
    const unsigned char *p, size_t n, int whole);
static unsigned credits_answer_framing_of_text(const credits_answer_t *a,
    unsigned char c);
static int credits_answer_field(const unsigned char *p, size_t n);
static void credits_answer_piece(credits_answer_t *a, const unsigned char *p,
    size_t n, credits_answer_emit_pt emit, void *data);
static void credits_answer_update(credits_answer_t *a);
static void credits_answer_documents(credits_answer_t *a,
    const unsigned char *p, size_t n);
static size_t credits_answer_between(credits_answer_t *a,
    const unsigned char *p, size_t n);
static size_t credits_answer_broken(credits_answer_t *a,
    const unsigned char *p, size_t n);
static void credits_answer_document_over(credits_answer_t *a);
static void credits_answer_message(void *data, credits_aws_event_event_t event,
    const unsigned char *p, size_t n);
static void credits_answer_chunk(void *data, const unsigned char *p, size_t n);
static void credits_answer_framed(void *data, credits_sse_event_t event,
    const unsigned char *p, size_t n);
static void credits_answer_line(credits_answer_piece_t *piece,
    const unsigned char *p);
static void credits_answer_join(credits_answer_piece_t *piece);
static void credits_answer_payload(credits_answer_t *a, const unsigned char *p,
    size_t n);
static void credits_answer_begin(credits_answer_t *a);
static int credits_answer_complete(const credits_answer_t *a);
static void credits_answer_done_token(credits_answer_t *a,
    const unsigned char *p, size_t n);
static int credits_answer_payload_end(credits_answer_t *a);
static void credits_answer_close(credits_answer_piece_t *piece,
    const unsigned char *p, int usage_chunk);
static void credits_answer_split(credits_answer_piece_t *piece,
    int usage_chunk);
static void credits_answer_hold(credits_answer_piece_t *piece,
    const unsigned char *end);
static void credits_answer_flush(credits_answer_piece_t *piece);
static void credits_answer_emit(credits_answer_piece_t *piece,
    const unsigned char *end);


static const unsigned char  credits_answer_bom[] = { 0xef, 0xbb, 0xbf };


void
credits_answer_init(credits_answer_t *a,
    const credits_operation_t *operation, credits_label_t label, int strip)
{
    memset(a, 0, offsetof(credits_answer_t, document));

    a->product = operation->product;
    a->label = label;
    a->strip = (strip != 0);
    a->framing = (label == CREDITS_LABEL_ENCODED) ? FRAMING_OPAQUE
                                                  : FRAMING_UNDECIDED;

    credits_answer_document_init(&a->document, &a->facts);
}


void
credits_answer_feed(credits_answer_t *a, const unsigned char *p, size_t n,
    credits_answer_emit_pt emit, void *data)
{
    a->facts.bytes += n;

    if (a->framing == FRAMING_UNDECIDED) {
        credits_answer_sniff(a, &p, &n, emit, data);
    }

    if (n) {
        credits_answer_piece(a, p, n, emit, data);
    }
}


void
credits_answer_end(credits_answer_t *a, credits_answer_emit_pt emit,
    void *data)
{
    unsigned char           sniffed[CREDITS_ANSWER_SNIFFED_MAX];
    credits_answer_piece_t  piece;

    if (a->sniffed_len) {
        memcpy(sniffed, a->sniffed, a->sniffed_len);
        credits_answer_decide(a, sniffed, a->sniffed_len, 1);
        credits_answer_piece(a, sniffed, a->sniffed_len, emit, data);
        a->sniffed_len = 0;
    }

    piece.answer = a;
    piece.emit = emit;
    piece.data = data;
    piece.kept = a->held;
    piece.open = a->held;

    switch (a->framing) {

    case FRAMING_EVENTS:
        credits_sse_end(&a->frames.sse, a->held, credits_answer_framed,
                        &piece);
        break;

    case FRAMING_DOCUMENTS:
        if (a->payload) {
            credits_answer_document_over(a);
        }

        break;

    case FRAMING_AWS:
        if (a->payload) {
            credits_aws_chunk_end(&a->frames.aws.chunk, credits_answer_chunk,
                                  a);
            (void) credits_answer_document_end(&a->document);
            a->payload = 0;
        }

        a->facts.faults += !credits_aws_event_blank(&a->frames.aws.event);
        break;

    default:
        break;
    }

    credits_answer_update(a);
}


static int
credits_answer_blank(unsigned char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}


/*
 * Looks at the first bytes.  Blanks before them say nothing and pass, also in
 * front of events, as they do no harm there.
 */

static void
credits_answer_sniff(credits_answer_t *a, const unsigned char **p, size_t *n,
    credits_answer_emit_pt emit, void *data)
{
    size_t         len;
    unsigned char  sniffed[CREDITS_ANSWER_SNIFFED_MAX];

    for (len = 0;
         len < *n && a->sniffed_len == 0 && credits_answer_blank((*p)[len]);
         len++)
    {
        a->indented = ((*p)[len] == ' ' || (*p)[len] == '\t');
    }

    if (len && emit) {
        emit(data, *p, len);
    }

    *p += len;
    *n -= len;

    if (a->sniffed_len == 0) {
        credits_answer_decide(a, *p, *n, 0);

        if (a->framing != FRAMING_UNDECIDED) {
            return;
        }
    }

    while (*n && a->framing == FRAMING_UNDECIDED) {
        a->sniffed[a->sniffed_len++] = *(*p)++;
        (*n)--;
        credits_answer_decide(a, a->sniffed, a->sniffed_len, 0);
    }

    if (a->framing != FRAMING_UNDECIDED) {
        memcpy(sniffed, a->sniffed, a->sniffed_len);
        credits_answer_piece(a, sniffed, a->sniffed_len, emit, data);
        a->sniffed_len = 0;
    }
}


static void
credits_answer_decide(credits_answer_t *a, const unsigned char *p, size_t n,
    int whole)
{
    a->framing = credits_answer_framing(a, p, n, whole);

    switch (a->framing) {

    case FRAMING_EVENTS:
        credits_sse_init(&a->frames.sse);
        a->strip = (a->strip && !a->indented);
        return;

    case FRAMING_AWS:
        credits_aws_event_init(&a->frames.aws.event);
        break;

    case FRAMING_PRODUCT:
        a->facts.product = 1;
        break;

    case FRAMING_PAGE:
        a->facts.page = 1;
        break;

    case FRAMING_UNDECIDED:
        return;

    default:
        break;
    }

    a->strip = 0;
}


/* the first bytes decide, as soon as they can; the label is a hint */

static unsigned
credits_answer_framing(const credits_answer_t *a, const unsigned char *p,
    size_t n, int whole)
{
    int     field;
    size_t  len;

    for (len = 0; len < n && len < sizeof(credits_answer_bom); len++) {
        if (p[len] != credits_answer_bom[len]) {
            break;
        }
    }

    if (len == sizeof(credits_answer_bom)) {
        p += len;
        n -= len;

    } else if (len == n && !whole) {
        return FRAMING_UNDECIDED;
    }

    if (n == 0) {
        return whole ? FRAMING_PAGE : FRAMING_UNDECIDED;
    }

    if (a->product == CREDITS_PRODUCT_SOUND
        && a->label == CREDITS_LABEL_NONE)
    {
        if (n == 1 && *p == '{' && !whole) {
            return FRAMING_UNDECIDED;
        }

        if (n == 1 || *p != '{'
            || (p[1] != '"' && !credits_answer_blank(p[1])))
        {
            return FRAMING_PRODUCT;
        }
    }

    switch (*p) {

    case '{':
        return FRAMING_DOCUMENTS;

    case '[':
        return (a->product == CREDITS_PRODUCT_TEXT
                && a->label == CREDITS_LABEL_TEXT)
               ? FRAMING_PRODUCT : FRAMING_DOCUMENTS;

    case ':':
        return FRAMING_EVENTS;

    case '\0':
        return FRAMING_AWS;

    default:
        break;
    }

    field = credits_answer_field(p, n);

    if (field > 0) {
        return FRAMING_EVENTS;
    }

    if (field < 0 && !whole) {
        return FRAMING_UNDECIDED;
    }

    return credits_answer_framing_of_text(a, *p);
}


/* of what is neither JSON nor an event; it begins with c */

static unsigned
credits_answer_framing_of_text(const credits_answer_t *a, unsigned char c)
{
    if (c < ' ' || c == 0x7f) {
        return FRAMING_OPAQUE;
    }

    if (c == '<') {
        return FRAMING_PAGE;
    }

    if (a->product == CREDITS_PRODUCT_TEXT
        || (a->product == CREDITS_PRODUCT_SOUND
            && a->label != CREDITS_LABEL_TEXT))
    {
        return FRAMING_PRODUCT;
    }

    return (a->label == CREDITS_LABEL_EVENTS) ? FRAMING_EVENTS : FRAMING_PAGE;
}


/* 1: a field of an event, -1: perhaps */

static int
credits_answer_field(const unsigned char *p, size_t n)
{
    size_t              len;
    const char *const  *name;

    static const char *const  names[] = { "data:", "event:", "id:", "retry:",
                                          "error:", NULL };

    for (name = names; *name; name++) {
        len = strlen(*name);

        if (memcmp(*name, p, (n < len) ? n : len) == 0) {
            return (n < len) ? -1 : 1;
        }
    }

    return 0;
}


static void
credits_answer_piece(credits_answer_t *a, const unsigned char *p, size_t n,
    credits_answer_emit_pt emit, void *data)
{
    credits_answer_piece_t  piece;

    piece.answer = a;
    piece.emit = emit;
    piece.data = data;
    piece.kept = p;
    piece.open = p;

    switch (a->framing) {

    case FRAMING_EVENTS:
        credits_sse_feed(&a->frames.sse, p, n, credits_answer_framed, &piece);
        break;

    case FRAMING_DOCUMENTS:
        credits_answer_documents(a, p, n);
        break;

    case FRAMING_AWS:
        credits_aws_event_feed(&a->frames.aws.event, p, n,
                               credits_answer_message, a);
        break;

    default:
        break;
    }

    credits_answer_update(a);

    if (a->strip && a->frames.sse.open && !a->undroppable) {
        credits_answer_hold(&piece, p + n);
        return;
    }

    credits_answer_emit(&piece, p + n);
}


static void
credits_answer_update(credits_answer_t *a)
{
    int                     said;
    const credits_usage_t  *usage;
    credits_answer_facts_t *facts;

    facts = &a->facts;
    usage = &facts->usage;

    switch (a->framing) {

    case FRAMING_UNDECIDED:
    case FRAMING_PAGE:
        break;

    case FRAMING_OPAQUE:
        facts->unreadable_bytes = facts->bytes;
        break;

    case FRAMING_PRODUCT:
        if (a->product == CREDITS_PRODUCT_TEXT) {
            facts->text_bytes = facts->bytes;
        }

        break;

    default:
        said = (usage->prompt > 0 || usage->completion > 0
                || usage->total > 0);

        facts->text_bytes = credits_answer_document_produced(&a->document);
        facts->finished = (a->document.finished || a->closed
                           || a->usage_last);
        facts->done = (a->document.done || (a->end_mark && said)
                       || (a->closed && (said || facts->error)));
        break;
    }
}


/*
 * JSON documents, with white space or commas between them, or in an array.
 * Behind a fault a line that begins with a brace is the next one.
 */

static void
credits_answer_documents(credits_answer_t *a, const unsigned char *p,
    size_t n)
{
    size_t                      len;
    credits_answer_document_t  *d;

    d = &a->document;

    while (n) {

        if (!a->payload) {
            len = credits_answer_between(a, p, n);

        } else if (d->fault) {
            len = credits_answer_broken(a, p, n);

        } else {
            len = credits_answer_document_feed(d, p, n);

            if (len) {
                a->newline = (p[len - 1] == '\n');
            }

            if (credits_answer_document_is_whole(d)) {
                credits_answer_document_over(a);
            }
        }

        p += len;
        n -= len;
    }
}


/* what is no document: white space, commas, an array's brackets */

static size_t
credits_answer_between(credits_answer_t *a, const unsigned char *p, size_t n)
{
    size_t  len;

    for (len = 0; len < n; len++) {

        if (p[len] == '[' && !a->array && !a->document.ended) {
            a->array = 1;

        } else if (p[len] == ']' && a->array) {
            a->closed = 1;

        } else if (!credits_answer_blank(p[len]) && p[len] != ','
                   && p[len] != 0x1e
                   && memchr(credits_answer_bom, p[len],
                             sizeof(credits_answer_bom)) == NULL)
        {
            a->payload = 1;
            a->closed = 0;
            credits_answer_document_begin(&a->document);
            break;
        }
    }

    return len;
}


/* behind a fault: up to the next line at least */

static size_t
credits_answer_broken(credits_answer_t *a, const unsigned char *p, size_t n)
{
    size_t                len;
    const unsigned char  *lf;

    if (a->newline && *p == '{') {
        credits_answer_document_over(a);
        return 0;
    }

    lf = memchr(p, '\n', n);
    len = lf ? (size_t) (lf + 1 - p) : n;
    a->newline = (lf != NULL);

    credits_answer_document_skip(&a->document, len);

    return len;
}


static void
credits_answer_document_over(credits_answer_t *a)
{
    credits_answer_document_t  *d;

    d = &a->document;
    a->payload = 0;

    (void) credits_answer_document_end(d);

    a->closed = (!a->array && !d->partial && !d->fault);
}


/* a message of AWS's is a document */

static void
credits_answer_message(void *data, credits_aws_event_event_t event,
    const unsigned char *p, size_t n)
{
    credits_answer_t           *a;
    credits_answer_document_t  *d;

    a = data;
    d = &a->document;

    switch (event) {

    case CREDITS_AWS_EVENT_OPEN:
        a->payload = 1;
        d->excused = 0;
        credits_answer_document_begin(d);
        credits_aws_chunk_init(&a->frames.aws.chunk);
        break;

    case CREDITS_AWS_EVENT_ERROR:
        a->facts.error = 1;
        d->excused = 1;
        break;

    case CREDITS_AWS_EVENT_DATA:
        credits_aws_chunk_feed(&a->frames.aws.chunk, p, n,
                               credits_answer_chunk, a);
        break;

    case CREDITS_AWS_EVENT_CLOSE:
        credits_aws_chunk_end(&a->frames.aws.chunk, credits_answer_chunk, a);
        a->payload = 0;
        (void) credits_answer_document_end(d);
        d->done |= (d->said && d->finished);
        break;

    case CREDITS_AWS_EVENT_FAULT:
        a->facts.unreadable_bytes += n;
        break;
    }
}


static void
credits_answer_chunk(void *data, const unsigned char *p, size_t n)
{
    credits_answer_payload(data, p, n);
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
        a->line = 0;
        a->document.excused = 0;
        break;

    case CREDITS_SSE_LINE:
        if (a->strip && a->payload && credits_answer_complete(a)) {
            credits_answer_line(piece, p);
        }

        break;

    case CREDITS_SSE_JOIN:
        credits_answer_join(piece);
        break;

    case CREDITS_SSE_DATA:
        if (!a->payload) {
            a->payload = 1;
            credits_answer_begin(a);
        }

        if (a->done_token != CREDITS_ANSWER_NOT_DONE) {
            credits_answer_done_token(a, p, n);
        }

        credits_answer_payload(a, p, n);

        if (a->document.undroppable) {
            a->undroppable = 1;
            credits_answer_flush(piece);
        }

        break;

    case CREDITS_SSE_ERROR:
        a->facts.error = 1;
        a->document.excused = 1;
        break;

    case CREDITS_SSE_CLOSE:
        usage_chunk = a->payload && credits_answer_payload_end(a);
        a->payload = 0;

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


/*
 * A line begins at p, behind a document that is whole.  If it has data, that
 * is another document, and the event ends here: some separate events by one
 * newline only.
 */

static void
credits_answer_line(credits_answer_piece_t *piece, const unsigned char *p)
{
    credits_answer_t  *a;

    a = piece->answer;
    a->line = a->held_len + (size_t) (p - piece->open);

    if (a->undroppable || a->line > CREDITS_ANSWER_HELD_MAX) {
        credits_answer_flush(piece);
        piece->open = p;
        a->line = 0;
        a->undroppable = 0;
        a->document.undroppable = 1;
    }
}


static void
credits_answer_join(credits_answer_piece_t *piece)
{
    int                usage_chunk;
    credits_answer_t  *a;

    static const unsigned char  lf[] = { '\n' };

    a = piece->answer;

    if (!a->payload) {
        return;
    }

    if (!credits_answer_complete(a)) {
        credits_answer_payload(a, lf, sizeof(lf));
        return;
    }

    usage_chunk = credits_answer_payload_end(a);
    a->payload = 0;

    if (a->strip) {
        credits_answer_split(piece, usage_chunk);
    }
}


/* a piece of a document, and perhaps of others right behind it */

static void
credits_answer_payload(credits_answer_t *a, const unsigned char *p, size_t n)
{
    size_t                      len;
    credits_answer_document_t  *d;

    d = &a->document;

    for ( /* void */ ; n; p += len, n -= len) {

        len = credits_answer_document_feed(d, p, n);

        if (len) {
            continue;
        }

        if (!d->fault && credits_answer_blank(*p)) {
            len = 1;

        } else if (!d->fault && *p == '{') {
            (void) credits_answer_document_end(d);
            credits_answer_begin(a);
            d->undroppable = 1;

        } else {
            len = n;
            credits_answer_document_skip(d, n);
        }
    }
}


static void
credits_answer_begin(credits_answer_t *a)
{
    a->done_token = 0;
    credits_answer_document_begin(&a->document);
}


/* 1 if no line can add to the document, unless it has a fault */

static int
credits_answer_complete(const credits_answer_t *a)
{
    return a->document.ended;
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
    int  usage_chunk;

    if (a->done_token == sizeof(CREDITS_ANSWER_DONE) - 1) {
        a->document.finished = 1;
        a->end_mark = 1;
        return 0;
    }

    usage_chunk = credits_answer_document_end(&a->document);

    /* it is the last that some providers send: no [DONE] is behind it */

    a->usage_last = (usage_chunk && a->facts.usage.completion > 0);

    return usage_chunk;
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


/* the same for what stands before the last line, which is an event as well */

static void
credits_answer_split(credits_answer_piece_t *piece, int usage_chunk)
{
    size_t             held;
    credits_answer_t  *a;

    a = piece->answer;
    held = (a->line < a->held_len) ? a->line : a->held_len;

    if (usage_chunk && !a->undroppable) {
        credits_answer_emit(piece, piece->open);
        piece->kept = piece->open + (a->line - held);

    } else if (held) {
        piece->emit(piece->data, a->held, held);
    }

    piece->open += a->line - held;
    a->held_len -= held;
    memmove(a->held, a->held + held, a->held_len);
    a->line = 0;
    a->undroppable = 0;
}


/* keeps the bytes of an event that the piece cuts and that may be dropped */

static void
credits_answer_hold(credits_answer_piece_t *piece, const unsigned char *end)
{
    size_t             len;
    credits_answer_t  *a;

    a = piece->answer;
    len = (size_t) (end - piece->open);

    if (len > CREDITS_ANSWER_HELD_SIZE - a->held_len) {
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
