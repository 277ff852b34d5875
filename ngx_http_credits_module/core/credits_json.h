/*
 * A push scanner for JSON (RFC 8259): resumable at every byte, constant
 * memory, no recursion, no allocation.
 *
 * The caller describes the members it cares for as a table of nodes; the
 * scanner says of every value which node it is, so that no caller compares a
 * key or keeps a path.
 */

#ifndef CREDITS_JSON_H
#define CREDITS_JSON_H

#include <stddef.h>
#include <stdint.h>

#include "credits_json_number.h"
#include "credits_json_string.h"


#define CREDITS_JSON_REQUEST_DEPTH  64
#define CREDITS_JSON_DEPTH          1024    /* deeper is malformed */
#define CREDITS_JSON_KEY_MAX        32      /* longer keys match no name */
#define CREDITS_JSON_NODE_DEPTH     64      /* deeper values are "other" */


typedef enum {
    CREDITS_JSON_KEY = 0,       /* j->key, j->key_len, j->member */

    /* one of these for every value */
    CREDITS_JSON_OBJECT,
    CREDITS_JSON_ARRAY,
    CREDITS_JSON_STRING,
    CREDITS_JSON_NUMBER,        /* j->number */
    CREDITS_JSON_TRUE,
    CREDITS_JSON_FALSE,
    CREDITS_JSON_NULL,

    CREDITS_JSON_TEXT,          /* a piece of a string, unescaped */
    CREDITS_JSON_STRING_END,
    CREDITS_JSON_END            /* of an object or array */
} credits_json_event_t;


typedef enum {
    CREDITS_JSON_OK = 0,
    CREDITS_JSON_ESYNTAX,
    CREDITS_JSON_EUTF8,         /* strict only */
    CREDITS_JSON_EDEPTH,
    CREDITS_JSON_EKEY,          /* strict only: NUL in a key */
    CREDITS_JSON_ESTOPPED       /* the handler said so */
} credits_json_error_t;


enum {
    CREDITS_JSON_OTHER = 0,     /* the node of all that has no name */
    CREDITS_JSON_ROOT           /* the node of the document */
};


typedef struct {
    const char                  *name;
    unsigned char                len;
    unsigned char                node;
} credits_json_name_t;

#define credits_json_name(s, node)  { s, sizeof(s) - 1, node }
#define credits_json_last_name      { NULL, 0, CREDITS_JSON_OTHER }


/* what a value of this node contains; the table's first entry is all zero */
typedef struct {
    const credits_json_name_t   *names;    /* if it is an object, or NULL */
    unsigned char                element;  /* if it is an array */
    unsigned char                text;     /* if it is a string: 1 if the
                                              bytes are wanted */
    unsigned char                other;    /* if it is an object: the node of
                                              members without a name */
} credits_json_node_t;


typedef struct credits_json_s  credits_json_t;


/*
 * Receives the events of the scanner.  The bytes are valid during the call
 * only.  Returns 0, or -1 to stop the scan.
 */
typedef int (*credits_json_pt)(void *data, credits_json_t *j,
    credits_json_event_t event, const unsigned char *p, size_t n);


struct credits_json_s {
    /* for the handler */
    unsigned                     node;     /* of the value at hand */
    unsigned                     member;   /* node of the last key's value */
    unsigned                     depth;    /* containers around the value */
    uint64_t                     begin;    /* offset of the value; not set
                                              again for CREDITS_JSON_END */
    uint64_t                     end;      /* offset behind the value, when
                                              it has ended; after an error:
                                              where the reading stopped */
    int64_t                      number;   /* -1: no whole number, signed, or
                                              above INT64_MAX */
    size_t                       key_len;  /* above CREDITS_JSON_KEY_MAX:
                                              key[] is not complete */
    uint64_t                     key_bytes;     /* of all of it */
    unsigned char                key[CREDITS_JSON_KEY_MAX];

    credits_json_number_t        digits;   /* of a number; not used while a
                                              string is read */

    credits_json_error_t         error;

    /* private */
    const credits_json_node_t   *nodes;
    credits_json_pt              handler;
    const unsigned char         *piece;
    uint64_t                     offset;   /* of the piece */
    unsigned                     state;
    unsigned                     container;    /* the innermost one that is
                                                  open: its node */
    unsigned                     in_object;    /* and what it is */
    unsigned                     strict:1;
    unsigned                     in_key:1;
    credits_json_string_t        string;
    unsigned char                literal;  /* the event of true, false, null */
    unsigned char                count;    /* letters of it seen */
    unsigned char                stack[CREDITS_JSON_NODE_DEPTH];
    unsigned char                objects[CREDITS_JSON_DEPTH / 8];
};


/*
 * nodes and handler must outlive the scanner.  With strict, which is meant for
 * requests, UTF-8 is verified, the depth is limited to
 * CREDITS_JSON_REQUEST_DEPTH, and no key may contain NUL.
 */
void credits_json_init(credits_json_t *j, const credits_json_node_t *nodes,
    credits_json_pt handler, int strict);

/*
 * Scans the next n bytes, calling the handler with data.  Returns 0, or -1
 * after an error, which is in j->error; from then on always -1.
 */
int credits_json_feed(credits_json_t *j, void *data, const unsigned char *p,
    size_t n);

/* ends the input: 0, or -1 when it is not one whole value */
int credits_json_end(credits_json_t *j, void *data);

/*
 * 1 if a parser that folds case (ASCII, and U+017F is an s, U+212A a k) would
 * take this key for one of the names, which it is not.
 */
int credits_json_folds(const credits_json_name_t *names,
    const unsigned char *key, size_t n);


/* at a key: the names of the object that has it, or NULL */

static inline const credits_json_name_t *
credits_json_siblings(const credits_json_t *j)
{
    return j->nodes[j->container].names;
}


/* 1 as long as nothing but white space was fed */
int credits_json_blank(const credits_json_t *j);

#endif /* CREDITS_JSON_H */
