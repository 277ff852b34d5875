/*
 * A JSON document as a tree: a second reader of RFC 8259, simple and slow,
 * that the drivers hold the scanner against.
 */

#ifndef DOCUMENT_H
#define DOCUMENT_H

#include <stddef.h>
#include <stdint.h>


typedef enum {
    DOCUMENT_NULL = 0,
    DOCUMENT_FALSE,
    DOCUMENT_TRUE,
    DOCUMENT_NUMBER,
    DOCUMENT_STRING,
    DOCUMENT_ARRAY,
    DOCUMENT_OBJECT
} document_kind_t;


typedef struct document_s  document_t;

struct document_s {
    document_kind_t   kind;
    size_t            begin;        /* offsets in the input */
    size_t            end;
    unsigned char    *text;         /* of a string: decoded, half surrogate
                                       pairs as U+FFFD; of a number: as is */
    size_t            len;
    unsigned char    *key;          /* decoded; NULL: not a member */
    size_t            key_len;
    document_t       *first;        /* elements or members */
    document_t       *next;
};


/* NULL: not JSON, deeper than `depth`, bad UTF-8, or NUL in a key */
document_t *document_parse(const unsigned char *p, size_t n, unsigned depth);
void document_free(document_t *d);

/* 1 if this is a member of that name */
int document_named(const document_t *d, const char *name);

/* the first member of that name, or NULL */
const document_t *document_member(const document_t *d, const char *name);

/* a whole number from 0 to INT64_MAX, however it is written; or -1 */
int64_t document_integer(const document_t *d);

/*
 * The same kind and contents; members in the same order, those left out
 * whose names are listed up to a NULL, at the top level only.
 */
int document_equal(const document_t *a, const document_t *b,
    const char *const *but);

#endif /* DOCUMENT_H */
