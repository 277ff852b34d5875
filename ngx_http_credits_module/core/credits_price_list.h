/*
 * A list of prices: a JSON file with the field names of LiteLLM's, in dollars
 * per token, becomes price lines.
 */

#ifndef CREDITS_PRICE_LIST_H
#define CREDITS_PRICE_LIST_H

#include <stddef.h>
#include <stdint.h>

#include "credits_price.h"


#define CREDITS_PRICE_LIST_UNIT        1000000LL    /* tokens: weights are
                                                       credits a million */
#define CREDITS_PRICE_LIST_WEIGHT_MAX  (1000000000LL * CREDITS_WEIGHT_ONE)


typedef struct {
    credits_price_line_t  *lines;
    size_t                 n;
    char                  *text;    /* what the lines point into */
} credits_price_list_t;


/*
 * Reads a list of n bytes.  credit: dollars that a credit costs, above 0;
 * markup: what a price is multiplied with, not below 0.
 *
 * Lines of one model come from the most special to the plain one.  Names
 * without "*" come first, then the parts behind the last "/" of names, where
 * they are one entry's only and no name by themselves; names with "*" come
 * last.  docs/prices.md says what becomes of which field; an entry without a
 * price in tokens or pieces has no line.
 *
 * Returns 0, and the list is to be freed; or -1 with a sentence in error, of
 * size bytes, that names the entry, and the field that is at fault.
 */
int credits_price_list_read(credits_price_list_t *list,
    const unsigned char *json, size_t n, double credit, double markup,
    char *error, size_t size);

void credits_price_list_free(credits_price_list_t *list);

#endif /* CREDITS_PRICE_LIST_H */
