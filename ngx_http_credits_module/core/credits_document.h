/*
 * Builds a small JSON document, an object, that we print: an error, a
 * webhook's outcome, the metadata of a charge.
 *
 * cJSON makes it; what comes from clients and providers is scanned by
 * credits_json, strictly and without a tree.  cJSON's allocation hooks are
 * left alone, as they are global to the process.
 *
 * A failure (no memory, too many objects in one another) is kept: what follows
 * is ignored, and credits_document_print() returns NULL.  No function but that
 * one needs to be checked.
 */

#ifndef CREDITS_DOCUMENT_H
#define CREDITS_DOCUMENT_H

#include <stddef.h>
#include <stdint.h>


#define CREDITS_DOCUMENT_DEPTH  4       /* objects in one another */


typedef struct {
    /* private */
    struct cJSON   *objects[CREDITS_DOCUMENT_DEPTH];    /* that are open */
    unsigned        depth;
    unsigned        failed:1;
    char           *text;
} credits_document_t;


/*
 * Opens the outermost object.  credits_document_free() must follow, whatever
 * happens in between.
 */
void credits_document_init(credits_document_t *d);

/*
 * Each adds a member to the innermost open object, behind those that are
 * there.  `name` is not copied: it must stay until credits_document_free().
 */

/* n bytes, copied; NUL and each byte that is not UTF-8 become U+FFFD */
void credits_document_text(credits_document_t *d, const char *name,
    const unsigned char *p, size_t n);

/* the same for a C string */
void credits_document_string(credits_document_t *d, const char *name,
    const char *s);

/* any int64_t, in all its digits */
void credits_document_integer(credits_document_t *d, const char *name,
    int64_t value);

void credits_document_true(credits_document_t *d, const char *name);
void credits_document_null(credits_document_t *d, const char *name);

/* opens an object, until credits_document_end(), which fails without one */
void credits_document_object(credits_document_t *d, const char *name);
void credits_document_end(credits_document_t *d);

/*
 * Prints the document, without white space; it may be called once.  Objects
 * still open are closed.  Returns the text with a NUL behind it, *len without,
 * which is valid until credits_document_free(), or NULL after a failure.
 */
const char *credits_document_print(credits_document_t *d, size_t *len);

/* frees the document and the text printed */
void credits_document_free(credits_document_t *d);

#endif /* CREDITS_DOCUMENT_H */
