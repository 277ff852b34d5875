/*
 * A small JSON document, built with cJSON.
 */

#include <stdio.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "credits_document.h"
#include "credits_utf8.h"


#define CREDITS_DOCUMENT_REPLACEMENT      "\xef\xbf\xbd"    /* U+FFFD */
#define CREDITS_DOCUMENT_REPLACEMENT_LEN  3


static cJSON *credits_document_add(credits_document_t *d, const char *name,
    cJSON *item);
static char *credits_document_copy(const unsigned char *p, size_t n);


void
credits_document_init(credits_document_t *d)
{
    d->objects[0] = cJSON_CreateObject();
    d->depth = 1;
    d->failed = (d->objects[0] == NULL);
    d->text = NULL;
}


void
credits_document_text(credits_document_t *d, const char *name,
    const unsigned char *p, size_t n)
{
    char  *text;

    if (d->failed) {
        return;
    }

    text = credits_document_copy(p, n);

    if (text == NULL) {
        d->failed = 1;
        return;
    }

    credits_document_add(d, name, cJSON_CreateString(text));

    cJSON_free(text);
}


void
credits_document_string(credits_document_t *d, const char *name, const char *s)
{
    credits_document_text(d, name, (const unsigned char *) s, strlen(s));
}


void
credits_document_integer(credits_document_t *d, const char *name,
    int64_t value)
{
    char  digits[sizeof("-9223372036854775808")];

    if (d->failed) {
        return;
    }

    /* cJSON's own numbers are doubles */

    (void) snprintf(digits, sizeof(digits), "%lld", (long long) value);

    credits_document_add(d, name, cJSON_CreateRaw(digits));
}


void
credits_document_true(credits_document_t *d, const char *name)
{
    if (!d->failed) {
        credits_document_add(d, name, cJSON_CreateTrue());
    }
}


void
credits_document_null(credits_document_t *d, const char *name)
{
    if (!d->failed) {
        credits_document_add(d, name, cJSON_CreateNull());
    }
}


void
credits_document_object(credits_document_t *d, const char *name)
{
    cJSON  *object;

    if (d->depth == CREDITS_DOCUMENT_DEPTH) {
        d->failed = 1;
    }

    if (d->failed) {
        return;
    }

    object = credits_document_add(d, name, cJSON_CreateObject());

    if (object) {
        d->objects[d->depth++] = object;
    }
}


void
credits_document_end(credits_document_t *d)
{
    if (d->depth == 1) {
        d->failed = 1;
        return;
    }

    d->depth--;
}


const char *
credits_document_print(credits_document_t *d, size_t *len)
{
    if (d->failed) {
        return NULL;
    }

    d->text = cJSON_PrintUnformatted(d->objects[0]);

    if (d->text) {
        *len = strlen(d->text);
    }

    return d->text;
}


void
credits_document_free(credits_document_t *d)
{
    cJSON_Delete(d->objects[0]);
    cJSON_free(d->text);
}


/* returns the item, or NULL when there was no memory for it */

static cJSON *
credits_document_add(credits_document_t *d, const char *name, cJSON *item)
{
    if (item == NULL) {
        d->failed = 1;
        return NULL;
    }

    /* this allocates nothing, so it cannot fail */

    (void) cJSON_AddItemToObjectCS(d->objects[d->depth - 1], name, item);

    return item;
}


/* a C string of well-formed UTF-8; the caller frees it */

static char *
credits_document_copy(const unsigned char *p, size_t n)
{
    char                 *copy, *dst;
    size_t                len;
    const unsigned char  *end;

    copy = cJSON_malloc(n * CREDITS_DOCUMENT_REPLACEMENT_LEN + 1);

    if (copy == NULL) {
        return NULL;
    }

    dst = copy;
    end = p + n;

    while (p < end) {
        len = (*p == '\0') ? 0 : credits_utf8_length(p, end);

        if (len) {
            memcpy(dst, p, len);
            dst += len;
            p += len;

        } else {
            memcpy(dst, CREDITS_DOCUMENT_REPLACEMENT,
                   CREDITS_DOCUMENT_REPLACEMENT_LEN);
            dst += CREDITS_DOCUMENT_REPLACEMENT_LEN;
            p++;
        }
    }

    *dst = '\0';

    return copy;
}
