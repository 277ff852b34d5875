/*
 * The request: how large its prompt is, at most, and what of it has no bound.
 *
 * Everything below a member of the prompt counts as text, but for what is
 * known to be none: an unknown member may be read by the provider.
 */

#ifndef CREDITS_REQUEST_PROMPT_H
#define CREDITS_REQUEST_PROMPT_H

#include "credits_json.h"
#include "credits_request_bounds.h"


/* tokens that a part of a prompt counts as, which is no text */
typedef struct {
    int64_t   image;
    int64_t   audio;
    int64_t   file;
} credits_part_tokens_t;

#define CREDITS_PART_IMAGE_TOKENS   1600
#define CREDITS_PART_AUDIO_TOKENS   3000
#define CREDITS_PART_FILE_TOKENS    20000


typedef enum {
    CREDITS_PART_UNKNOWN = 0,
    CREDITS_PART_IMAGE,
    CREDITS_PART_AUDIO,
    CREDITS_PART_FILE,
    CREDITS_PART_TEXT
} credits_part_t;

#define CREDITS_PROMPT_WORD_MAX  96     /* bytes of the head of a data URL */


typedef struct {
    uint64_t        text_bytes;
    uint64_t        messages;
    uint64_t        batch;          /* prompts in an array of them */
    int64_t         part_tokens;
    uint32_t        unbounded;      /* bits */

    /* private */
    const credits_part_tokens_t  *parts;
    uint64_t        raw_begin;

    /* the string at hand */
    unsigned        mode;
    unsigned        free;           /* bytes of it that do not count */
    unsigned        word_len;
    uint64_t        blob;           /* bytes behind the head of a data URL */
    unsigned char   word[CREDITS_PROMPT_WORD_MAX];

    /* the picture, sound or file at hand */
    uint64_t        media_bytes;
    unsigned        media;          /* a credits_part_t, by its media type */

    /* of every open container: what its type says, and what waits for it */
    unsigned char   frames[CREDITS_JSON_REQUEST_DEPTH];
} credits_request_prompt_t;


/* parts must stay as long as the body is read */
void credits_request_prompt_init(credits_request_prompt_t *p,
    const credits_part_tokens_t *parts);

/* the scanner's events, of nodes that credits_request_nodes.h has */
void credits_request_prompt_key(credits_request_prompt_t *p,
    const credits_json_t *j);
void credits_request_prompt_value(credits_request_prompt_t *p,
    const credits_json_t *j, credits_json_event_t event);
void credits_request_prompt_text(credits_request_prompt_t *p,
    const unsigned char *text, size_t n);
void credits_request_prompt_end(credits_request_prompt_t *p,
    const credits_json_t *j, credits_json_event_t event);

/* a part of so many bytes of its own */
void credits_request_prompt_part(credits_request_prompt_t *p,
    credits_part_t part, uint64_t bytes);

/* tokens; see credits_request_prompt_tokens() in credits_request.h */
int64_t credits_request_prompt_size(const credits_request_prompt_t *p);

#endif /* CREDITS_REQUEST_PROMPT_H */
