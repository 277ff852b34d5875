/*
 * A list is read into lines that any price may be made of, or refused with a
 * sentence, and nothing of it is left.  Whichever entry is read, its lines go
 * from the special to the plain, and the name alone finds one.  The input is a
 * list, with the credit and the markup, a byte each, before it.
 */

#include "credits_price_list.h"
#include "fuzz.h"


static void
check_line(const credits_price_line_t *line)
{
    char      text[CREDITS_PRICE_TEXT_MAX + 1];
    unsigned  i;

    for (i = 0; i < CREDITS_WEIGHTS; i++) {
        must(line->price.weights[i] >= 0);
        must(line->price.weights[i] <= CREDITS_PRICE_LIST_WEIGHT_MAX);
    }

    must(line->price.unit == CREDITS_PRICE_LIST_UNIT);
    must(line->price.request >= 0 && line->price.image >= 0);
    must(line->price.search >= 0 && line->above >= 0);
    must(line->price.request <= CREDITS_AMOUNT_MAX * CREDITS_MILLIONTHS);
    must(line->price.image <= CREDITS_AMOUNT_MAX * CREDITS_MILLIONTHS);
    must(line->price.search <= CREDITS_AMOUNT_MAX * CREDITS_MILLIONTHS);
    must(credits_price_text(line, text) == strlen(text));
}


/* a line is not hidden behind an earlier one of the same model */

static void
check_order(const credits_price_list_t *list, size_t i)
{
    const credits_price_line_t  *line, *found;

    line = &list->lines[i];
    found = credits_price_find(list->lines, list->n, line->pattern,
                               line->pattern_len, line->above + 1,
                               line->tier, line->tier_len);

    must(found != NULL && found <= line);
    must(found == line || found->pattern != line->pattern);
}


int
LLVMFuzzerTestOneInput(const unsigned char *p, size_t n)
{
    char                   error[128];
    size_t                 i;
    double                 credit, markup;
    unsigned char         *copy;
    credits_price_list_t   list;

    if (n < 2) {
        return 0;
    }

    credit = (p[0] - 16) / 1000.0;
    markup = (p[1] - 16) / 16.0;
    copy = fuzz_copy(p + 2, n - 2);
    error[0] = '\0';

    if (credits_price_list_read(&list, copy, n - 2, credit, markup, error,
                                sizeof(error))
        == 0)
    {
        must(credit > 0 && markup >= 0 && list.n > 0);

        for (i = 0; i < list.n; i++) {
            check_line(&list.lines[i]);
            check_order(&list, i);
        }

        credits_price_list_free(&list);

    } else {
        must(error[0] != '\0');
    }

    must(list.lines == NULL && list.text == NULL && list.n == 0);

    free(copy);

    return 0;
}
