/*
 * A list of prices: a JSON file with the field names of LiteLLM's, in dollars
 * per token, becomes price lines.
 */

#ifndef CREDITS_PRICE_LIST_H
#define CREDITS_PRICE_LIST_H

#include <stddef.h>
#include <stdint.h>

#include "credits_price.h"


typedef struct {
    credits_price_line_t  *lines;
    size_t                 n;
    char                  *text;    /* what the lines point into */
} credits_price_list_t;


/*
 * Reads a list of n bytes.  credit: dollars that a credit costs; markup: what
 * a price is multiplied with.  Lines of one model come from the most special
 * to the plain one.  Returns 0, or -1 with a sentence in error that names the
 * entry and the field.
 */
int credits_price_list_read(credits_price_list_t *list,
    const unsigned char *json, size_t n, double credit, double markup,
    char *error, size_t size);

void credits_price_list_free(credits_price_list_t *list);

#endif /* CREDITS_PRICE_LIST_H */
