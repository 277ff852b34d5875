/*
 * The operations of each dialect that a provider's API can have: one table
 * says of every one how it is asked, edited, metered and charged.  A row
 * follows from the configuration and the path, never from anything else that
 * a client sends.
 */

#ifndef CREDITS_OPERATION_H
#define CREDITS_OPERATION_H

#include <stddef.h>

#include "credits_dialect.h"


typedef enum {
    CREDITS_CHARGED = 0,
    CREDITS_FREE,               /* a user is needed, no credits */
    CREDITS_REFUSED             /* it cannot be metered */
} credits_charging_t;


/* bits */
#define CREDITS_METHOD_GET      0x01
#define CREDITS_METHOD_HEAD     0x02
#define CREDITS_METHOD_POST     0x04
#define CREDITS_METHOD_PUT      0x08
#define CREDITS_METHOD_PATCH    0x10
#define CREDITS_METHOD_DELETE   0x20
#define CREDITS_METHOD_OTHER    0x40

/* bits: the forms of a body that are read; 0: it is not looked at */
#define CREDITS_BODY_JSON       0x01
#define CREDITS_BODY_MULTIPART  0x02


/* what makes it a stream */
typedef enum {
    CREDITS_STREAM_MEMBER = 0,  /* "stream":true */
    CREDITS_STREAM_UNLESS,      /* all but "stream":false */
    CREDITS_STREAM_ALWAYS,      /* this path is one */
    CREDITS_STREAM_NEVER
} credits_stream_t;


/* the member that limits the output, where clamping puts it */
typedef enum {
    CREDITS_LIMIT_NONE = 0,     /* there is none */
    CREDITS_LIMIT_MAX_COMPLETION_TOKENS,    /* and max_tokens, if named */
    CREDITS_LIMIT_MAX_TOKENS,
    CREDITS_LIMIT_MAX_OUTPUT_TOKENS,
    CREDITS_LIMIT_GENERATION_CONFIG,    /* generationConfig.maxOutputTokens */
    CREDITS_LIMIT_NUM_PREDICT,          /* options.num_predict */
    CREDITS_LIMIT_INFERENCE_CONFIG      /* inferenceConfig.maxTokens */
} credits_limit_t;


/* what the answer may be beside JSON documents and streams of them */
typedef enum {
    CREDITS_PRODUCT_JSON = 0,   /* nothing: text or HTML is an error page */
    CREDITS_PRODUCT_TEXT,       /* plain text is the answer */
    CREDITS_PRODUCT_SOUND,
    CREDITS_PRODUCT_PICTURES    /* in JSON; counted from data[] */
} credits_product_t;


/* the members of a body that are its prompt, and what else it may name */
typedef enum {
    CREDITS_PROMPT_NONE = 0,
    CREDITS_PROMPT_CHAT,
    CREDITS_PROMPT_COMPLETIONS,
    CREDITS_PROMPT_RESPONSES,
    CREDITS_PROMPT_INPUT,           /* embeddings, speech */
    CREDITS_PROMPT_IMAGES,
    CREDITS_PROMPT_SOUND,           /* transcriptions, translations */
    CREDITS_PROMPT_ANTHROPIC,
    CREDITS_PROMPT_GEMINI,
    CREDITS_PROMPT_MISTRAL,
    CREDITS_PROMPT_COHERE,
    CREDITS_PROMPT_OLLAMA,
    CREDITS_PROMPT_CONVERSE,
    CREDITS_PROMPT_INVOKE,
    CREDITS_PROMPTS
} credits_prompt_t;


typedef struct {
    const unsigned char  *data;
    size_t                len;
} credits_span_t;


typedef struct {
    credits_dialect_t     dialect;
    const char           *name;     /* the operand of credits_api; rows that
                                       cannot be named there have one too,
                                       to be shown: "models", "batches" */
    unsigned              nameable:1;
    const char           *path;     /* the end of it, see below; if it is
                                       refused: words that a segment is or
                                       ends with, anywhere */
    unsigned              methods;  /* bits */
    credits_charging_t    charging;
    unsigned              bodies;   /* bits */
    unsigned              model_in_path:1;
    unsigned              asks_usage:1;     /* a stream says its usage only
                                               with stream_options */
    unsigned              output:1; /* it produces text, so that a limit is
                                       assumed where none is named */
    credits_stream_t      stream;
    credits_limit_t       limit;
    credits_product_t     product;
    credits_prompt_t      prompt;
} credits_operation_t;

/*
 * A path: segments, "*" is any one, "{id}" one without a colon, "{model}" one
 * that names the model ("{model}:verb": as far as the last colon),
 * "{model...}" any number of them.
 * "|" separates alternatives.
 */


/* the row that `credits_api <dialect> <name>` means; NULL: there is none */
const credits_operation_t *credits_operation_named(credits_dialect_t dialect,
    const unsigned char *name, size_t n);

/*
 * The row of a request, by method (one bit) and the end of its path, decoded
 * and without query; case and slashes at its end do not matter.  A row with
 * the path but without the method counts only if no other has both.  Charged
 * rows come first, so that a word of a refused one may stand in front of them;
 * no free row has a path with such a word, or with a byte that a provider may
 * read otherwise than we do.  Returns NULL when no row has the path.  *model
 * is the span of the path that names the model, or len 0.
 */
const credits_operation_t *credits_operation_find(credits_dialect_t dialect,
    unsigned method, const unsigned char *path, size_t n,
    credits_span_t *model);

/*
 * Where a row was named, the one of its name that has the path (Gemini streams
 * by another path), or the one that was named; *model as above.
 */
const credits_operation_t *credits_operation_variant(
    const credits_operation_t *operation, const unsigned char *path, size_t n,
    credits_span_t *model);

/* the model that a path names under a row that was named; len 0: none */
credits_span_t credits_operation_model(const credits_operation_t *operation,
    const unsigned char *path, size_t n);

/* all rows, for tests and documentation */
const credits_operation_t *credits_operation_rows(size_t *n);

#endif /* CREDITS_OPERATION_H */
