/*
 * The inside of a JSON string: escapes decoded, UTF-8 verified; resumable at
 * every byte.
 */

#ifndef CREDITS_JSON_STRING_H
#define CREDITS_JSON_STRING_H

#include <stddef.h>


typedef enum {
    CREDITS_STRING_MORE = 0,    /* a piece, perhaps empty; call again */
    CREDITS_STRING_END,         /* the same, and the closing quote is read */
    CREDITS_STRING_ESYNTAX,
    CREDITS_STRING_EUTF8
} credits_string_rc_t;


typedef struct {
    unsigned              state;
    unsigned              stop_classes; /* classes that end a plain run */
    unsigned              digits;       /* of \u, still to come */
    unsigned              code;
    unsigned              high;         /* a surrogate that waits */
    unsigned              more;         /* UTF-8 bytes that must follow */
    unsigned char         low_bound;
    unsigned char         high_bound;
    unsigned char         bytes[6];     /* U+FFFD and an escape */
} credits_json_string_t;


/* after the opening quote; strict: UTF-8 is verified */
void credits_json_string_init(credits_json_string_t *s, int strict);

/*
 * Reads on from *p, which must be below end, and moves *p; *text, *n: the
 * decoded bytes, in the input or in s, also those before an error.
 */
credits_string_rc_t credits_json_string_next(credits_json_string_t *s,
    const unsigned char **p, const unsigned char *end,
    const unsigned char **text, size_t *n);

#endif /* CREDITS_JSON_STRING_H */
