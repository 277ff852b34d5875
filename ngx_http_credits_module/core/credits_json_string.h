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


/* the states of frequent bytes */
#define CREDITS_STRING_PLAIN   0
#define CREDITS_STRING_ESCAPE  1    /* behind a backslash */

typedef struct {
    unsigned              state;
    int                   strict;
    unsigned              code;
    unsigned              high;         /* a surrogate that waits */
    unsigned char         digits;       /* of \u, still to come */
    unsigned char         more;         /* UTF-8 bytes that must follow */
    unsigned char         low_bound;
    unsigned char         high_bound;
    unsigned char         bytes[6];     /* U+FFFD and an escape */
} credits_json_string_t;


/* before the first string; behind one it is ready for the next */
void credits_json_string_init(credits_json_string_t *s, int strict);

/* private to the function below */
const unsigned char *credits_json_string_run(const unsigned char *p,
    const unsigned char *end, int strict);
credits_string_rc_t credits_json_string_special(credits_json_string_t *s,
    const unsigned char **p, const unsigned char *end,
    const unsigned char **text, size_t *n);


/*
 * Behind the opening quote: reads on from *p, which must be below end, and
 * moves *p; *text, *n: the decoded bytes, in the input or in s, also those
 * before an error.
 */

static inline credits_string_rc_t
credits_json_string_next(credits_json_string_t *s, const unsigned char **p,
    const unsigned char *end, const unsigned char **text, size_t *n)
{
    *text = *p;
    *n = 0;

    if (s->state == CREDITS_STRING_PLAIN) {

        *p = credits_json_string_run(*p, end, s->strict);
        *n = (size_t) (*p - *text);

        if (*p == end) {
            return CREDITS_STRING_MORE;
        }

        if (**p == '"') {
            (*p)++;
            return CREDITS_STRING_END;
        }

        if (**p == '\\') {
            (*p)++;
            s->state = CREDITS_STRING_ESCAPE;
            return CREDITS_STRING_MORE;
        }
    }

    return credits_json_string_special(s, p, end, text, n);
}

#endif /* CREDITS_JSON_STRING_H */
