/*
 * A list of prices.  It is the operator's own file, read at start and reload:
 * a tree of all of it is fine here.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cjson/cJSON.h>

#include "credits_price_list.h"


#define CREDITS_PRICE_LIST_ABOVES     16    /* thresholds of one entry */
#define CREDITS_PRICE_LIST_FIELD_MAX  128   /* bytes of a field's name */
#define CREDITS_PRICE_LIST_CHARACTERS 4     /* in a token */
#define CREDITS_PRICE_LIST_DOLLARS_MAX 1e9  /* no token or piece costs more */
#define CREDITS_PRICE_LIST_ABSENT     -1.0


typedef struct {
    const cJSON   *entry;
    const char    *name;        /* in list->text */
    const char    *tail;        /* behind the last "/", or NULL */
    int64_t        above[CREDITS_PRICE_LIST_ABOVES];    /* tokens, from the
                                                           largest to 0 */
    unsigned       naboves;
} credits_price_list_entry_t;


typedef struct {
    credits_price_list_t        *list;
    credits_price_list_entry_t  *entries;
    size_t                       n;
    const char                 **names;     /* of the entries, sorted */
    const char                 **tails;     /* of their names, sorted */
    size_t                       ntails;
    size_t                       room;      /* for lines */
    double                       rate;      /* credits per dollar */
    char                        *error;
    size_t                       size;
} credits_price_list_reader_t;


/* dollars: per token, or per piece; absent: below 0 */
typedef struct {
    double   weights[CREDITS_WEIGHTS];
    double   request;
    double   image;
    double   search;
} credits_price_list_dollars_t;


static int credits_price_list_parse(credits_price_list_reader_t *reader,
    const cJSON *root);
static int credits_price_list_names(credits_price_list_reader_t *reader,
    const cJSON *root);
static int credits_price_list_blank(const char *name);
static int credits_price_list_sort(credits_price_list_reader_t *reader);
static int credits_price_list_compare(const void *a, const void *b);
static int credits_price_list_unique(const credits_price_list_reader_t *reader,
    const char *tail);
static int credits_price_list_check(credits_price_list_reader_t *reader,
    credits_price_list_entry_t *entry);
static int credits_price_list_check_field(credits_price_list_reader_t *reader,
    credits_price_list_entry_t *entry, const cJSON *field);
static int credits_price_list_check_search(credits_price_list_reader_t *reader,
    const credits_price_list_entry_t *entry, const cJSON *sizes);
static int credits_price_list_check_ranges(credits_price_list_reader_t *reader,
    credits_price_list_entry_t *entry, const cJSON *ranges);
static double credits_price_list_low(const cJSON *element);
static int credits_price_list_check_price(credits_price_list_reader_t *reader,
    const credits_price_list_entry_t *entry, const cJSON *field);
static int credits_price_list_known(const char *name);
static int credits_price_list_above(credits_price_list_reader_t *reader,
    credits_price_list_entry_t *entry, int64_t tokens);
static int credits_price_list_lines(credits_price_list_reader_t *reader,
    const credits_price_list_entry_t *entry, const char *pattern);
static int credits_price_list_has_tier(const credits_price_list_entry_t *entry,
    const char *tier);
static int credits_price_list_line(credits_price_list_reader_t *reader,
    const credits_price_list_entry_t *entry, const char *pattern,
    int64_t above, const char *tier);
static int credits_price_list_price(credits_price_list_reader_t *reader,
    const credits_price_list_entry_t *entry,
    const credits_price_list_dollars_t *dollars, credits_price_t *price);
static int credits_price_list_millionths(double millionths, double max,
    int64_t *value);
static int64_t credits_price_list_amount(int64_t amount);
static credits_price_list_dollars_t credits_price_list_dollars(
    const credits_price_list_entry_t *entry, int64_t above, const char *tier);
static int credits_price_list_complete(credits_price_list_dollars_t *dollars);
static double credits_price_list_token(const credits_price_list_entry_t *entry,
    const char *field, int64_t above, const char *tier);
static double credits_price_list_threshold(
    const credits_price_list_entry_t *entry, const char *field, int64_t above,
    const char *tier);
static double credits_price_list_suffixed(const cJSON *entry,
    const char *field, int64_t above, const char *tier);
static double credits_price_list_ranged(const cJSON *entry, const char *field,
    int64_t above);
static double credits_price_list_search(const cJSON *entry);
static double credits_price_list_number(const cJSON *object,
    const char *field);
static double credits_price_list_first(double a, double b);
static double credits_price_list_dearer(double a, double b);
static int credits_price_list_fail(credits_price_list_reader_t *reader,
    const char *name, const char *what);


/* fields that are priced; behind them may stand "_above_200k_tokens" etc. */
static const char *const  credits_price_list_fields[] = {
    "input_cost_per_token",
    "output_cost_per_token",
    "cache_read_input_token_cost",
    "cache_creation_input_token_cost",
    "input_cost_per_audio_token",
    "output_cost_per_audio_token",
    "input_cost_per_image_token",
    "output_cost_per_image_token",
    "output_cost_per_reasoning_token",
    "input_cost_per_character",
    "output_cost_per_character",
    "input_cost_per_image",
    "output_cost_per_image",
    "ocr_cost_per_page",
    "input_cost_per_query",
    "input_cost_per_request"
};

#define CREDITS_PRICE_LIST_FIELDS                                             \
    (sizeof(credits_price_list_fields) / sizeof(credits_price_list_fields[0]))

static const char *const  credits_price_list_tiers[] = {
    "priority", "flex"
};

#define CREDITS_PRICE_LIST_TIERS                                              \
    (sizeof(credits_price_list_tiers) / sizeof(credits_price_list_tiers[0]))


int
credits_price_list_read(credits_price_list_t *list,
    const unsigned char *json, size_t n, double credit, double markup,
    char *error, size_t size)
{
    int                          rc;
    cJSON                       *root;
    const char                  *end;
    credits_price_list_reader_t  reader;

    memset(list, 0, sizeof(credits_price_list_t));
    memset(&reader, 0, sizeof(credits_price_list_reader_t));

    reader.list = list;
    reader.rate = markup / credit;
    reader.error = error;
    reader.size = size;

    if (!(credit > 0) || !(reader.rate >= 0 && reader.rate <= 1e15)) {
        return credits_price_list_fail(&reader, NULL,
                                       "credit or markup is out of range");
    }

    end = NULL;
    root = cJSON_ParseWithLengthOpts((const char *) json, n, &end, 0);

    while (root && end < (const char *) json + n
           && strchr(" \t\r\n", *end) && *end)
    {
        end++;
    }

    rc = (root && end == (const char *) json + n && cJSON_IsObject(root))
         ? credits_price_list_parse(&reader, root)
         : credits_price_list_fail(&reader, NULL,
                                   "the list is no JSON object");

    cJSON_Delete(root);
    free(reader.entries);
    free(reader.names);
    free(reader.tails);

    if (rc != 0) {
        credits_price_list_free(list);
    }

    return rc;
}


void
credits_price_list_free(credits_price_list_t *list)
{
    free(list->lines);
    free(list->text);

    memset(list, 0, sizeof(credits_price_list_t));
}


static int
credits_price_list_parse(credits_price_list_reader_t *reader,
    const cJSON *root)
{
    int                          rc;
    size_t                       i;
    credits_price_list_entry_t  *entry;

    rc = credits_price_list_names(reader, root);

    for (i = 0; rc == 0 && i < reader->n; i++) {
        rc = credits_price_list_check(reader, &reader->entries[i]);
    }

    if (rc == 0) {
        rc = credits_price_list_sort(reader);
    }

    for (i = 0; rc == 0 && i < reader->n; i++) {
        entry = &reader->entries[i];

        if (strchr(entry->name, '*') == NULL) {
            rc = credits_price_list_lines(reader, entry, entry->name);
        }
    }

    for (i = 0; rc == 0 && i < reader->n; i++) {
        entry = &reader->entries[i];

        if (entry->tail && credits_price_list_unique(reader, entry->tail)) {
            rc = credits_price_list_lines(reader, entry, entry->tail);
        }
    }

    for (i = 0; rc == 0 && i < reader->n; i++) {
        entry = &reader->entries[i];

        if (strchr(entry->name, '*')) {
            rc = credits_price_list_lines(reader, entry, entry->name);
        }
    }

    if (rc == 0 && reader->list->n == 0) {
        rc = credits_price_list_fail(reader, NULL,
                                     "the list has no entry with a price");
    }

    return rc;
}


/* the entries, their names in memory that outlives the tree */

static int
credits_price_list_names(credits_price_list_reader_t *reader,
    const cJSON *root)
{
    char                        *p, *slash;
    size_t                       n, len;
    const cJSON                 *item;
    credits_price_list_entry_t  *entry;

    n = 0;
    len = 0;

    cJSON_ArrayForEach(item, root) {
        n++;
        len += strlen(item->string) + 1;
    }

    reader->entries = calloc(n + 1, sizeof(credits_price_list_entry_t));
    reader->names = calloc(n + 1, sizeof(char *));
    reader->tails = calloc(n + 1, sizeof(char *));
    reader->list->text = malloc(len + 1);

    if (reader->entries == NULL || reader->names == NULL
        || reader->tails == NULL || reader->list->text == NULL)
    {
        return credits_price_list_fail(reader, NULL, "there is no memory");
    }

    p = reader->list->text;

    cJSON_ArrayForEach(item, root) {

        if (strcmp(item->string, "sample_spec") == 0) {
            continue;
        }

        entry = &reader->entries[reader->n];
        entry->entry = item;
        entry->name = p;

        len = strlen(item->string) + 1;
        memcpy(p, item->string, len);

        slash = strrchr(p, '/');
        entry->tail = (slash && !credits_price_list_blank(slash + 1)
                       && !strchr(p, '*'))
                      ? slash + 1 : NULL;

        if (credits_price_list_blank(p)) {
            return credits_price_list_fail(reader, p, "is no name of a model");
        }

        if (entry->tail) {
            reader->tails[reader->ntails++] = entry->tail;
        }

        reader->names[reader->n++] = p;
        p += len;
    }

    return 0;
}


/* 1 if there is nothing but white space: a model without a name */

static int
credits_price_list_blank(const char *name)
{
    return name[strspn(name, " \t\n\v\f\r")] == '\0';
}


static int
credits_price_list_sort(credits_price_list_reader_t *reader)
{
    size_t  i;

    qsort(reader->names, reader->n, sizeof(char *),
          credits_price_list_compare);
    qsort(reader->tails, reader->ntails, sizeof(char *),
          credits_price_list_compare);

    for (i = 1; i < reader->n; i++) {
        if (strcasecmp(reader->names[i - 1], reader->names[i]) == 0) {
            return credits_price_list_fail(reader, reader->names[i],
                                           "is there twice");
        }
    }

    return 0;
}


static int
credits_price_list_compare(const void *a, const void *b)
{
    return strcasecmp(*(const char *const *) a, *(const char *const *) b);
}


/* 1 if one entry's name ends so, and none is so by itself */

static int
credits_price_list_unique(const credits_price_list_reader_t *reader,
    const char *tail)
{
    const char  **found;

    if (bsearch(&tail, reader->names, reader->n, sizeof(char *),
                credits_price_list_compare))
    {
        return 0;
    }

    found = bsearch(&tail, reader->tails, reader->ntails, sizeof(char *),
                    credits_price_list_compare);

    return (found == reader->tails || strcasecmp(found[-1], tail) != 0)
           && (found + 1 == reader->tails + reader->ntails
               || strcasecmp(found[1], tail) != 0);
}


/* every price of an entry is one; its thresholds, descending */

static int
credits_price_list_check(credits_price_list_reader_t *reader,
    credits_price_list_entry_t *entry)
{
    const cJSON  *field;

    if (!cJSON_IsObject(entry->entry)) {
        return credits_price_list_fail(reader, entry->name, "is no object");
    }

    cJSON_ArrayForEach(field, entry->entry) {
        if (credits_price_list_check_field(reader, entry, field) != 0) {
            return -1;
        }
    }

    return credits_price_list_above(reader, entry, 0);
}


static int
credits_price_list_check_field(credits_price_list_reader_t *reader,
    credits_price_list_entry_t *entry, const cJSON *field)
{
    int          end;
    long         thousands;
    const char  *above;

    if (strcmp(field->string, "tiered_pricing") == 0) {
        return credits_price_list_check_ranges(reader, entry, field);
    }

    if (strcmp(field->string, "search_context_cost_per_query") == 0) {
        return credits_price_list_check_search(reader, entry, field);
    }

    if (!credits_price_list_known(field->string)) {
        return 0;
    }

    if (credits_price_list_check_price(reader, entry, field) != 0) {
        return -1;
    }

    for (above = strstr(field->string, "_above_");
         above;
         above = strstr(above + 1, "_above_"))
    {
        end = 0;

        if (sscanf(above, "_above_%6ldk_tokens%n", &thousands, &end) == 1
            && end && thousands > 0
            && credits_price_list_above(reader, entry, 1000 * thousands) != 0)
        {
            return -1;
        }
    }

    return 0;
}


/* a price for each size of what is searched: the dearest counts */

static int
credits_price_list_check_search(credits_price_list_reader_t *reader,
    const credits_price_list_entry_t *entry, const cJSON *sizes)
{
    const cJSON  *size;

    if (!cJSON_IsObject(sizes)) {
        return credits_price_list_check_price(reader, entry, sizes);
    }

    cJSON_ArrayForEach(size, sizes) {
        if (credits_price_list_check_price(reader, entry, size) != 0) {
            return -1;
        }
    }

    return 0;
}


/* an element without a range is not of ours: results of a search */

static int
credits_price_list_check_ranges(credits_price_list_reader_t *reader,
    credits_price_list_entry_t *entry, const cJSON *ranges)
{
    double        low;
    const cJSON  *element, *field;

    cJSON_ArrayForEach(element, ranges) {

        if (!cJSON_GetObjectItemCaseSensitive(element, "range")) {
            continue;
        }

        low = credits_price_list_low(element);

        if (!(low >= 0 && low <= CREDITS_TOKENS_MAX)) {
            return credits_price_list_fail(reader, entry->name,
                              "\"tiered_pricing\" has a range that is none");
        }

        cJSON_ArrayForEach(field, element) {
            if (credits_price_list_known(field->string)
                && credits_price_list_check_price(reader, entry, field) != 0)
            {
                return -1;
            }
        }

        if (credits_price_list_above(reader, entry, (int64_t) low) != 0) {
            return -1;
        }
    }

    return 0;
}


/* where a range begins; NaN: nowhere */

static double
credits_price_list_low(const cJSON *element)
{
    return cJSON_GetNumberValue(cJSON_GetArrayItem(
                      cJSON_GetObjectItemCaseSensitive(element, "range"), 0));
}


static int
credits_price_list_check_price(credits_price_list_reader_t *reader,
    const credits_price_list_entry_t *entry, const cJSON *field)
{
    char  what[CREDITS_PRICE_LIST_FIELD_MAX];

    if (cJSON_IsNumber(field) && field->valuedouble >= 0
        && field->valuedouble <= CREDITS_PRICE_LIST_DOLLARS_MAX)
    {
        return 0;
    }

    (void) snprintf(what, sizeof(what), "\"%.80s\" is no price",
                    field->string);

    return credits_price_list_fail(reader, entry->name, what);
}


/* 1 if the field is one of ours, whatever tier or threshold stands behind */

static int
credits_price_list_known(const char *name)
{
    size_t       i, len;
    const char  *field;

    for (i = 0; i < CREDITS_PRICE_LIST_FIELDS; i++) {
        field = credits_price_list_fields[i];
        len = strlen(field);

        if (strncmp(name, field, len) == 0
            && (name[len] == '\0' || name[len] == '_'))
        {
            return 1;
        }
    }

    return 0;
}


/* a threshold, put in its place; each of them is there once */

static int
credits_price_list_above(credits_price_list_reader_t *reader,
    credits_price_list_entry_t *entry, int64_t tokens)
{
    unsigned  i;

    for (i = 0; i < entry->naboves && entry->above[i] > tokens; i++) {
        /* void */
    }

    if (i < entry->naboves && entry->above[i] == tokens) {
        return 0;
    }

    if (entry->naboves == CREDITS_PRICE_LIST_ABOVES) {
        return credits_price_list_fail(reader, entry->name,
                                       "has too many thresholds");
    }

    memmove(&entry->above[i + 1], &entry->above[i],
            (entry->naboves - i) * sizeof(int64_t));

    entry->above[i] = tokens;
    entry->naboves++;

    return 0;
}


/* the lines of an entry under one of its names */

static int
credits_price_list_lines(credits_price_list_reader_t *reader,
    const credits_price_list_entry_t *entry, const char *pattern)
{
    size_t       tier;
    unsigned     i;
    const char  *name;

    for (tier = 0; tier <= CREDITS_PRICE_LIST_TIERS; tier++) {

        name = (tier < CREDITS_PRICE_LIST_TIERS)
               ? credits_price_list_tiers[tier] : NULL;

        if (name && !credits_price_list_has_tier(entry, name)) {
            continue;
        }

        for (i = 0; i < entry->naboves; i++) {
            if (credits_price_list_line(reader, entry, pattern,
                                        entry->above[i], name)
                != 0)
            {
                return -1;
            }
        }
    }

    return 0;
}


static int
credits_price_list_has_tier(const credits_price_list_entry_t *entry,
    const char *tier)
{
    size_t        len, tier_len;
    const cJSON  *field;

    tier_len = strlen(tier);

    cJSON_ArrayForEach(field, entry->entry) {
        len = strlen(field->string);

        if (len > tier_len
            && field->string[len - tier_len - 1] == '_'
            && strcmp(field->string + len - tier_len, tier) == 0
            && credits_price_list_known(field->string))
        {
            return 1;
        }
    }

    return 0;
}


static int
credits_price_list_line(credits_price_list_reader_t *reader,
    const credits_price_list_entry_t *entry, const char *pattern,
    int64_t above, const char *tier)
{
    size_t                         room;
    credits_price_line_t          *line, *lines;
    credits_price_list_t          *list;
    credits_price_list_dollars_t   dollars;

    dollars = credits_price_list_dollars(entry, above, tier);

    if (!credits_price_list_complete(&dollars)) {
        return 0;
    }

    list = reader->list;

    if (list->n == reader->room) {
        room = reader->room ? 2 * reader->room : 64;
        lines = realloc(list->lines, room * sizeof(credits_price_line_t));

        if (lines == NULL) {
            return credits_price_list_fail(reader, NULL, "there is no memory");
        }

        list->lines = lines;
        reader->room = room;
    }

    line = &list->lines[list->n++];
    memset(line, 0, sizeof(credits_price_line_t));

    line->pattern = (const unsigned char *) pattern;
    line->pattern_len = strlen(pattern);
    line->above = above;
    line->tier = (const unsigned char *) tier;
    line->tier_len = tier ? strlen(tier) : 0;

    return credits_price_list_price(reader, entry, &dollars, &line->price);
}


/* dollars into millionths of a credit */

static int
credits_price_list_price(credits_price_list_reader_t *reader,
    const credits_price_list_entry_t *entry,
    const credits_price_list_dollars_t *dollars, credits_price_t *price)
{
    int       rc;
    double    token, piece, max;
    unsigned  i;

    rc = 0;
    piece = reader->rate * CREDITS_MILLIONTHS;
    token = piece * CREDITS_PRICE_LIST_UNIT;
    max = (double) CREDITS_PRICE_LIST_WEIGHT_MAX;

    credits_price_init(price, CREDITS_PRICE_LIST_UNIT);

    for (i = 0; i < CREDITS_WEIGHTS; i++) {
        rc |= credits_price_list_millionths(dollars->weights[i] * token, max,
                                            &price->weights[i]);
    }

    credits_price_complete(price);

    max = (double) CREDITS_AMOUNT_MAX * CREDITS_MILLIONTHS;

    rc |= credits_price_list_millionths(dollars->request * piece, max,
                                        &price->request);
    rc |= credits_price_list_millionths(dollars->image * piece, max,
                                        &price->image);
    rc |= credits_price_list_millionths(dollars->search * piece, max,
                                        &price->search);

    price->request = credits_price_list_amount(price->request);
    price->image = credits_price_list_amount(price->image);
    price->search = credits_price_list_amount(price->search);

    return rc ? credits_price_list_fail(reader, entry->name,
                                        "has a price that is too high")
              : 0;
}


/* to the nearest, but a price is not nothing; -1: absent */

static int
credits_price_list_millionths(double millionths, double max, int64_t *value)
{
    if (millionths < 0) {
        *value = -1;
        return 0;
    }

    if (!(millionths <= max)) {
        *value = 0;
        return -1;
    }

    *value = (int64_t) (millionths + 0.5);

    if (*value == 0 && millionths > 0) {
        *value = 1;
    }

    return 0;
}


static int64_t
credits_price_list_amount(int64_t amount)
{
    return (amount < 0) ? 0 : amount;
}


/* what the entry says for a tier and a threshold */

static credits_price_list_dollars_t
credits_price_list_dollars(const credits_price_list_entry_t *entry,
    int64_t above, const char *tier)
{
    double                        *weights;
    const cJSON                   *e;
    credits_price_list_dollars_t   dollars;

#define token(field)  credits_price_list_token(entry, field, above, tier)

    weights = dollars.weights;

    weights[CREDITS_WEIGHT_INPUT] = credits_price_list_first(
        token("input_cost_per_token"),
        CREDITS_PRICE_LIST_CHARACTERS * token("input_cost_per_character"));

    weights[CREDITS_WEIGHT_CACHED] = credits_price_list_first(
        token("cache_read_input_token_cost"),
        token("input_cost_per_token_cache_hit"));
    weights[CREDITS_WEIGHT_CACHE_WRITE] =
        token("cache_creation_input_token_cost");
    weights[CREDITS_WEIGHT_CACHE_WRITE_1H] =
        token("cache_creation_input_token_cost_above_1hr");
    weights[CREDITS_WEIGHT_AUDIO_INPUT] = token("input_cost_per_audio_token");
    weights[CREDITS_WEIGHT_IMAGE_INPUT] = token("input_cost_per_image_token");

    /* what is thought and drawn is counted with the rest: the dearest */

    weights[CREDITS_WEIGHT_OUTPUT] = credits_price_list_dearer(
        credits_price_list_first(
            token("output_cost_per_token"),
            CREDITS_PRICE_LIST_CHARACTERS
            * token("output_cost_per_character")),
        credits_price_list_dearer(
            token("output_cost_per_reasoning_token"),
            token("output_cost_per_image_token")));

    weights[CREDITS_WEIGHT_AUDIO_OUTPUT] =
        token("output_cost_per_audio_token");

    e = entry->entry;

    dollars.request = credits_price_list_number(e, "input_cost_per_request");
    dollars.search = credits_price_list_first(
        credits_price_list_search(e),
        credits_price_list_number(e, "input_cost_per_query"));

    dollars.image = credits_price_list_first(
        credits_price_list_number(e, "output_cost_per_image"),
        credits_price_list_first(
            credits_price_list_number(e, "input_cost_per_image"),
            credits_price_list_number(e, "ocr_cost_per_page")));

    if (token("output_cost_per_image_token") >= 0) {
        /* the tokens of a picture are its price */

        dollars.image = CREDITS_PRICE_LIST_ABSENT;
    }

#undef token

    return dollars;
}


/* tokens that have no price, where others or pieces have; 0: nothing has */

static int
credits_price_list_complete(credits_price_list_dollars_t *dollars)
{
    double  *input, *output;

    input = &dollars->weights[CREDITS_WEIGHT_INPUT];
    output = &dollars->weights[CREDITS_WEIGHT_OUTPUT];

    *input = credits_price_list_first(*input,
        credits_price_list_dearer(
            dollars->weights[CREDITS_WEIGHT_AUDIO_INPUT],
            dollars->weights[CREDITS_WEIGHT_IMAGE_INPUT]));
    *output = credits_price_list_first(*output,
        dollars->weights[CREDITS_WEIGHT_AUDIO_OUTPUT]);

    if (dollars->image >= 0 || (*input < 0 && *output < 0
                                && (dollars->search >= 0
                                    || dollars->request >= 0)))
    {
        *input = credits_price_list_first(*input, 0);
        *output = credits_price_list_first(*output, 0);
        return 1;
    }

    *input = credits_price_list_first(*input, *output);
    *output = credits_price_list_first(*output, *input);

    return *input >= 0;
}


/*
 * Dollars per token: of the highest threshold that is not above the line's,
 * and of the tier.  Where a field has both, but not together, the dearer.
 */

static double
credits_price_list_token(const credits_price_list_entry_t *entry,
    const char *field, int64_t above, const char *tier)
{
    double  plain, special, tiered;

    plain = credits_price_list_number(entry->entry, field);
    special = credits_price_list_threshold(entry, field, above, NULL);

    if (tier == NULL) {
        return credits_price_list_first(special, plain);
    }

    tiered = credits_price_list_threshold(entry, field, above, tier);

    if (tiered >= 0) {
        return tiered;
    }

    tiered = credits_price_list_suffixed(entry->entry, field, 0, tier);

    if (tiered < 0) {
        return credits_price_list_first(special, plain);
    }

    return credits_price_list_dearer(special, tiered);
}


/* below 0: the entry has no other price for so long a prompt */

static double
credits_price_list_threshold(const credits_price_list_entry_t *entry,
    const char *field, int64_t above, const char *tier)
{
    double    dollars;
    unsigned  i;

    for (i = 0; i < entry->naboves; i++) {

        if (entry->above[i] == 0 || entry->above[i] > above) {
            continue;
        }

        dollars = credits_price_list_suffixed(entry->entry, field,
                                              entry->above[i], tier);

        if (dollars >= 0) {
            return dollars;
        }
    }

    return tier ? CREDITS_PRICE_LIST_ABSENT
                : credits_price_list_ranged(entry->entry, field, above);
}


/* "<field>_above_200k_tokens_priority" */

static double
credits_price_list_suffixed(const cJSON *entry, const char *field,
    int64_t above, const char *tier)
{
    char  name[CREDITS_PRICE_LIST_FIELD_MAX], threshold[48];

    threshold[0] = '\0';

    if (above) {
        (void) snprintf(threshold, sizeof(threshold), "_above_%lldk_tokens",
                        (long long) (above / 1000));
    }

    (void) snprintf(name, sizeof(name), "%s%s%s%s", field, threshold,
                    tier ? "_" : "", tier ? tier : "");

    return credits_price_list_number(entry, name);
}


/* of tiered_pricing: the last range that begins not above, else the first */

static double
credits_price_list_ranged(const cJSON *entry, const char *field,
    int64_t above)
{
    double        low, best;
    const cJSON  *element, *found;

    best = 0;
    found = NULL;

    cJSON_ArrayForEach(element, cJSON_GetObjectItemCaseSensitive(entry,
                                                         "tiered_pricing"))
    {
        low = credits_price_list_low(element);

        if (!(low >= 0)) {
            continue;
        }

        if (found == NULL || (low <= (double) above && low > best)
            || (best > (double) above && low < best))
        {
            found = element;
            best = low;
        }
    }

    return found ? credits_price_list_number(found, field)
                 : CREDITS_PRICE_LIST_ABSENT;
}


static double
credits_price_list_search(const cJSON *entry)
{
    double        dollars;
    const cJSON  *sizes, *size;

    sizes = cJSON_GetObjectItemCaseSensitive(entry,
                                             "search_context_cost_per_query");

    if (!cJSON_IsObject(sizes)) {
        return credits_price_list_number(entry,
                                         "search_context_cost_per_query");
    }

    dollars = CREDITS_PRICE_LIST_ABSENT;

    cJSON_ArrayForEach(size, sizes) {
        dollars = credits_price_list_dearer(dollars, size->valuedouble);
    }

    return dollars;
}


/* a field, or below 0 */

static double
credits_price_list_number(const cJSON *object, const char *field)
{
    const cJSON  *item;

    item = cJSON_GetObjectItemCaseSensitive(object, field);

    return item ? item->valuedouble : CREDITS_PRICE_LIST_ABSENT;
}


static double
credits_price_list_first(double a, double b)
{
    return (a >= 0) ? a : b;
}


static double
credits_price_list_dearer(double a, double b)
{
    return (a >= b) ? a : b;
}


static int
credits_price_list_fail(credits_price_list_reader_t *reader,
    const char *name, const char *what)
{
    (void) snprintf(reader->error, reader->size, "%s%.200s%s%s",
                    name ? "\"" : "", name ? name : "", name ? "\": " : "",
                    what);

    return -1;
}
