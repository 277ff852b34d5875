/*
 * A charge is the least number of credits that pays for all parts of a usage,
 * and what credits afford is the most they pay for, whatever kind its tokens
 * are of; both in 128 bits, without the division that the price makes.  The
 * text of a price has the numbers it is made of.  The input is a price, a
 * usage, and a name with a pattern behind a NUL.
 */

#include "credits_price.h"
#include "credits_price_list.h"
#include "fuzz.h"


#define MILLIONTHS_MAX  (CREDITS_AMOUNT_MAX * CREDITS_MILLIONTHS)


__extension__ typedef __int128  wide_t;


typedef struct {
    int64_t           weights[CREDITS_WEIGHTS];
    int64_t           request;
    int64_t           image;
    int64_t           search;
    int64_t           cost;
    int64_t           unit;
    credits_usage_t   usage;
    int64_t           credits;
} input_t;


/* itself if it is in range, else some number that is */

static int64_t
within(int64_t value, int64_t low, int64_t high)
{
    if (value < low || value > high) {
        value = low + (int64_t) ((uint64_t) value
                                 % ((uint64_t) (high - low) + 1));
    }

    return value;
}


static int64_t
positive(int64_t n)
{
    return (n > 0) ? n : 0;
}


/* the lesser of what is left and what is said */

static wide_t
part(wide_t *left, int64_t tokens)
{
    wide_t  n;

    n = positive(tokens);
    n = (n > *left) ? *left : n;
    *left -= n;

    return n;
}


static wide_t
weighted(const credits_price_t *price, const credits_usage_t *usage)
{
    wide_t  input, output, sum;

    input = positive(usage->prompt);
    sum = input + positive(usage->completion);

    if (sum > INT64_MAX) {
        sum = INT64_MAX;
    }

    output = ((usage->total > sum) ? usage->total : sum) - input;

    sum = part(&input, usage->cached)
          * price->weights[CREDITS_WEIGHT_CACHED];
    sum += part(&input, usage->cache_write)
           * price->weights[CREDITS_WEIGHT_CACHE_WRITE];
    sum += part(&input, usage->cache_write_1h)
           * price->weights[CREDITS_WEIGHT_CACHE_WRITE_1H];
    sum += part(&input, usage->audio_input)
           * price->weights[CREDITS_WEIGHT_AUDIO_INPUT];
    sum += part(&input, usage->image_input)
           * price->weights[CREDITS_WEIGHT_IMAGE_INPUT];
    sum += input * price->weights[CREDITS_WEIGHT_INPUT];

    sum += part(&output, usage->audio_output)
           * price->weights[CREDITS_WEIGHT_AUDIO_OUTPUT];

    return sum + output * price->weights[CREDITS_WEIGHT_OUTPUT];
}


/* 1 if so many millionths are more than any charge: nothing else matters */

static int
beyond(wide_t millionths)
{
    return millionths >= MILLIONTHS_MAX;
}


static void
check_charge(const credits_price_t *price, const credits_usage_t *usage)
{
    wide_t   owed, one, amounts;
    int64_t  credits;

    credits = credits_price_charge(price, usage);
    must(credits >= 0 && credits <= CREDITS_AMOUNT_MAX);

    amounts = price->request;

    if (price->cost > 0 && usage->cost >= 0) {
        one = (wide_t) CREDITS_MILLIONTHS * 1000000000;
        owed = (wide_t) usage->cost * price->cost + amounts * 1000000000;

    } else {
        amounts += (wide_t) positive(usage->images) * price->image
                   + (wide_t) positive(usage->searches) * price->search;

        if (beyond(amounts)) {
            must(credits == CREDITS_AMOUNT_MAX);
            return;
        }

        one = (wide_t) CREDITS_WEIGHT_ONE * price->unit;
        owed = weighted(price, usage) + amounts * price->unit;
    }

    must(credits == CREDITS_AMOUNT_MAX || credits * one >= owed);
    must(credits == 0 || (credits - 1) * one < owed);
}


/* so many tokens of the prompt's and the answer's kinds that weigh most */

static void
dearest(const credits_price_t *price, int64_t prompt, int64_t completion,
    credits_usage_t *usage)
{
    int              input;
    unsigned         i;

    credits_usage_init(usage);
    usage->prompt = prompt;
    usage->completion = completion;

    input = CREDITS_WEIGHT_INPUT;

    for (i = 0; i < CREDITS_WEIGHTS; i++) {
        if (i != CREDITS_WEIGHT_OUTPUT && i != CREDITS_WEIGHT_AUDIO_OUTPUT
            && price->weights[i] > price->weights[input])
        {
            input = (int) i;
        }
    }

    usage->cached = (input == CREDITS_WEIGHT_CACHED) ? prompt : 0;
    usage->cache_write = (input == CREDITS_WEIGHT_CACHE_WRITE) ? prompt : 0;
    usage->cache_write_1h = (input == CREDITS_WEIGHT_CACHE_WRITE_1H)
                            ? prompt : 0;
    usage->audio_input = (input == CREDITS_WEIGHT_AUDIO_INPUT) ? prompt : 0;
    usage->image_input = (input == CREDITS_WEIGHT_IMAGE_INPUT) ? prompt : 0;

    if (price->weights[CREDITS_WEIGHT_AUDIO_OUTPUT]
        > price->weights[CREDITS_WEIGHT_OUTPUT])
    {
        usage->audio_output = completion;
    }
}


static void
check_affordable(const credits_price_t *price, int64_t credits,
    int64_t prompt)
{
    int64_t          tokens;
    credits_usage_t  usage;

    tokens = credits_price_affordable(price, credits, prompt);
    must(tokens >= 0 && tokens <= CREDITS_OUTPUT_MAX);

    /* even nothing may be too much: the prompt is not paid for by less */

    dearest(price, prompt, tokens, &usage);
    must(tokens == 0 || credits_price_charge(price, &usage) <= credits);

    dearest(price, prompt, tokens + 1, &usage);
    must(tokens == CREDITS_OUTPUT_MAX
         || credits_price_charge(price, &usage) > credits
         || credits >= CREDITS_AMOUNT_MAX);
}


/* the value behind " <name>=" in the text, or else */

static int64_t
said(const char *text, const char *name, int64_t otherwise)
{
    char         word[32];
    int64_t      value;
    const char  *p;

    (void) snprintf(word, sizeof(word), " %s=", name);
    p = strstr(text, word);

    if (p == NULL) {
        return otherwise;
    }

    p += strlen(word);
    value = -1;
    must(credits_price_amount((const unsigned char *) p, strcspn(p, " "),
                              &value)
         == 0);

    return value;
}


static void
check_price_text(const credits_price_t *price)
{
    char                  text[CREDITS_PRICE_TEXT_MAX + 1];
    size_t                n;
    int64_t               input, output, write;
    credits_price_line_t  line;

    memset(&line, 0, sizeof(line));
    line.pattern = (const unsigned char *) "m*";
    line.pattern_len = 2;
    line.price = *price;

    n = credits_price_text(&line, text);
    must(n == strlen(text) && n <= CREDITS_PRICE_TEXT_MAX);

    if (n == CREDITS_PRICE_TEXT_MAX) {
        return;
    }

    must(strncmp(text, "m* ", 3) == 0);

    input = said(text, "input", -1);
    output = said(text, "output", -1);
    write = said(text, "cache_write", input);

    must(price->weights[CREDITS_WEIGHT_INPUT] == input);
    must(price->weights[CREDITS_WEIGHT_OUTPUT] == output);
    must(price->weights[CREDITS_WEIGHT_CACHE_WRITE] == write);
    must(price->weights[CREDITS_WEIGHT_CACHED]
         == said(text, "cached", input));
    must(price->weights[CREDITS_WEIGHT_CACHE_WRITE_1H]
         == said(text, "cache_write_1h", write));
    must(price->weights[CREDITS_WEIGHT_AUDIO_INPUT]
         == said(text, "audio_input", input));
    must(price->weights[CREDITS_WEIGHT_IMAGE_INPUT]
         == said(text, "image_input", input));
    must(price->weights[CREDITS_WEIGHT_AUDIO_OUTPUT]
         == said(text, "audio_output", output));
    must(price->request == said(text, "request", 0));
    must(price->image == said(text, "image", 0));
    must(price->search == said(text, "search", 0));
    must(price->cost == said(text, "cost", 0));
    must(price->unit * CREDITS_MILLIONTHS == said(text, "unit", 0));
}


/* the number that the text means, in millionths; -1: none */

static int64_t
weight_of(const unsigned char *s, size_t n)
{
    size_t   i, digits, decimals;
    wide_t   value;

    value = 0;
    digits = 0;
    decimals = 0;

    for (i = 0; i < n && s[i] != '.'; i++, digits++) {
        if (s[i] < '0' || s[i] > '9' || value > CREDITS_WEIGHT_MAX) {
            return -1;
        }

        value = value * 10 + (s[i] - '0');
    }

    if (digits == 0 || i + 1 == n) {
        return -1;
    }

    for (i++; i < n; i++, decimals++) {
        if (s[i] < '0' || s[i] > '9' || decimals == 6) {
            return -1;
        }

        value = value * 10 + (s[i] - '0');
    }

    for ( /* void */ ; decimals < 6; decimals++) {
        value *= 10;
    }

    return (value > CREDITS_WEIGHT_MAX) ? -1 : (int64_t) value;
}


static unsigned char
lower(unsigned char c)
{
    return (c >= 'A' && c <= 'Z') ? (unsigned char) (c + 'a' - 'A') : c;
}


static int
space(unsigned char c)
{
    return c != '\0' && strchr(" \t\n\v\f\r", c) != NULL;
}


static void
trim(const unsigned char **s, size_t *n)
{
    for ( /* void */ ; *n && space((*s)[*n - 1]); (*n)--) { /* void */ }

    for ( /* void */ ; *n && space((*s)[0]); (*n)--) {
        (*s)++;
    }
}


/* by a table: match[i] says whether the pattern so far takes i bytes */

static int
matches(const unsigned char *pattern, size_t pn, const unsigned char *model,
    size_t mn)
{
    int      result;
    size_t   i, k;
    char    *match;

    trim(&model, &mn);
    trim(&pattern, &pn);

    match = calloc(mn + 1, 1);
    match[0] = 1;

    for (k = 0; k < pn; k++) {

        if (pattern[k] == '*') {
            for (i = 1; i <= mn; i++) {
                match[i] |= match[i - 1];
            }

            continue;
        }

        for (i = mn; i > 0; i--) {
            match[i] = match[i - 1] && lower(model[i - 1])
                                       == lower(pattern[k]);
        }

        match[0] = 0;
    }

    result = match[mn];
    free(match);

    return result;
}


static void
check_text(const unsigned char *p, size_t n)
{
    int                   rc;
    size_t                len;
    int64_t               weight;
    unsigned char        *pattern, *model;
    const unsigned char  *nul;

    weight = -1;
    rc = credits_price_weight(p, n, &weight);

    must(rc == (weight_of(p, n) == -1 ? -1 : 0));
    must(weight == weight_of(p, n));

    nul = memchr(p, '\0', n);
    len = nul ? (size_t) (nul - p) : n;

    model = fuzz_copy(p, len);
    p += nul ? len + 1 : len;
    n -= nul ? len + 1 : len;
    pattern = fuzz_copy(p, n);

    must(credits_price_match(pattern, n, model, len)
         == matches(pattern, n, model, len));

    free(pattern);
    free(model);
}


int
LLVMFuzzerTestOneInput(const unsigned char *p, size_t n)
{
    input_t          in;
    unsigned         i;
    credits_price_t  price;

    if (n < sizeof(input_t)) {
        check_text(p, n);
        return 0;
    }

    memcpy(&in, p, sizeof(input_t));

    credits_price_init(&price, within(in.unit, 1, CREDITS_UNIT_MAX));

    for (i = 0; i < CREDITS_WEIGHTS; i++) {
        price.weights[i] = within(in.weights[i], -1,
                                  CREDITS_PRICE_LIST_WEIGHT_MAX);
    }

    credits_price_complete(&price);

    price.request = within(in.request, 0, MILLIONTHS_MAX);
    price.image = within(in.image, 0, MILLIONTHS_MAX);
    price.search = within(in.search, 0, MILLIONTHS_MAX);
    price.cost = within(in.cost, 0, MILLIONTHS_MAX);

    check_charge(&price, &in.usage);
    check_affordable(&price, within(in.credits, 0, CREDITS_AMOUNT_MAX),
                     within(in.usage.prompt, 0, CREDITS_TOKENS_MAX));
    check_price_text(&price);

    return 0;
}
