/*
 * Which price applies, of the lines of credits_price and, behind them, of a
 * list.
 */

#include "ngx_http_credits_price.h"
#include "ngx_http_credits_args.h"

#include "../core/credits_price_list.h"


#define NGX_HTTP_CREDITS_PRICE_LIST_MAX  (16 * 1024 * 1024)     /* bytes */


/* a walk over the lines of a location: those of credits_price, then a list */

typedef struct {
    ngx_http_credits_loc_conf_t   *lcf;
    ngx_str_t                     *model;
    int64_t                        prompt;
    ngx_uint_t                     list;        /* the lines come from it */
    ngx_uint_t                     i;
    ngx_uint_t                     last:1;      /* no other line can apply */
} ngx_http_credits_price_walk_t;


static const credits_price_line_t *ngx_http_credits_price_find(
    ngx_http_credits_loc_conf_t *lcf, ngx_str_t *model, int64_t prompt,
    ngx_str_t *tier);
static void ngx_http_credits_price_lines(ngx_http_credits_loc_conf_t *lcf,
    ngx_uint_t list, const credits_price_line_t **lines, ngx_uint_t *n);
static ngx_uint_t ngx_http_credits_price_next(
    ngx_http_credits_price_walk_t *walk, credits_price_line_t *line);
static void ngx_http_credits_price_line(ngx_http_credits_loc_conf_t *lcf,
    const credits_price_line_t *found, credits_price_line_t *line);
static ngx_uint_t ngx_http_credits_price_general(
    const credits_price_line_t *line);
static ngx_int_t ngx_http_credits_price_arg(credits_price_line_t *line,
    ngx_str_t *value);
static ngx_int_t ngx_http_credits_price_amount(credits_price_t *price,
    ngx_str_t *value);
static ngx_int_t ngx_http_credits_price_hidden_arg(credits_price_t *price,
    ngx_str_t *value);
static ngx_int_t ngx_http_credits_price_millionths(ngx_str_t *value,
    int64_t *number);
static ngx_int_t ngx_http_credits_price_list_args(ngx_conf_t *cf,
    ngx_http_credits_price_list_t *list, double *credit, double *markup);
static void ngx_http_credits_price_unlisted(credits_price_t *price,
    int64_t weight);
static ngx_int_t ngx_http_credits_price_dollars(ngx_str_t *value,
    double *number);
static ngx_int_t ngx_http_credits_price_read(ngx_conf_t *cf, ngx_str_t *name,
    ngx_str_t *text);
static void ngx_http_credits_price_list_cleanup(void *data);


struct ngx_http_credits_price_list_s {
    credits_price_list_t   list;
    credits_price_t        unlisted;    /* of a model that is not there */
};


static const struct {
    const char        *name;
    credits_weight_t   weight;
} ngx_http_credits_price_weights[] = {
    { "input=", CREDITS_WEIGHT_INPUT },
    { "cached=", CREDITS_WEIGHT_CACHED },
    { "cache_write=", CREDITS_WEIGHT_CACHE_WRITE },
    { "cache_write_1h=", CREDITS_WEIGHT_CACHE_WRITE_1H },
    { "output=", CREDITS_WEIGHT_OUTPUT },
    { "audio_input=", CREDITS_WEIGHT_AUDIO_INPUT },
    { "audio_output=", CREDITS_WEIGHT_AUDIO_OUTPUT },
    { "image_input=", CREDITS_WEIGHT_IMAGE_INPUT },
    { NULL, 0 }
};


ngx_uint_t
ngx_http_credits_price_sells(ngx_http_credits_loc_conf_t *lcf,
    ngx_str_t *model)
{
    ngx_str_t              tier = ngx_null_string;
    credits_price_line_t   line;

    ngx_http_credits_price_line(lcf,
                                ngx_http_credits_price_find(lcf, model, 0,
                                                            &tier),
                                &line);

    return !line.price.refuse;
}


int64_t
ngx_http_credits_price_charge(ngx_http_credits_loc_conf_t *lcf,
    ngx_http_credits_price_of_t *of, const credits_usage_t *usage,
    char text[CREDITS_PRICE_TEXT_MAX + 1])
{
    int64_t                      charge, other;
    credits_price_line_t         line, answered;
    const credits_price_line_t  *found;

    found = ngx_http_credits_price_find(lcf, &of->model, usage->prompt,
                                        &of->tier);
    ngx_http_credits_price_line(lcf, found, &line);

    charge = credits_price_charge(&line.price, usage);

    if (of->answered.len) {
        found = ngx_http_credits_price_find(lcf, &of->answered, usage->prompt,
                                            &of->tier);

        /* a line for all models says nothing about this one */

        if (found && !found->price.refuse
            && !ngx_http_credits_price_general(found))
        {
            ngx_http_credits_price_line(lcf, found, &answered);
            other = credits_price_charge(&answered.price, usage);

            if (other > charge) {
                charge = other;
                line = answered;
            }
        }
    }

    if (text) {
        (void) credits_price_text(&line, text);
    }

    return charge;
}


int64_t
ngx_http_credits_price_bound(ngx_http_credits_loc_conf_t *lcf,
    ngx_str_t *model, const credits_usage_t *usage)
{
    int64_t                        most;
    credits_price_line_t           line;
    ngx_http_credits_price_walk_t  walk;

    ngx_memzero(&walk, sizeof(ngx_http_credits_price_walk_t));

    walk.lcf = lcf;
    walk.model = model;
    walk.prompt = usage->prompt;
    most = 0;

    while (ngx_http_credits_price_next(&walk, &line)) {
        most = ngx_max(most, credits_price_charge(&line.price, usage));
    }

    return most;
}


int64_t
ngx_http_credits_price_affordable(ngx_http_credits_loc_conf_t *lcf,
    ngx_str_t *model, int64_t credits, int64_t prompt_tokens)
{
    int64_t                        least;
    credits_price_line_t           line;
    ngx_http_credits_price_walk_t  walk;

    ngx_memzero(&walk, sizeof(ngx_http_credits_price_walk_t));

    walk.lcf = lcf;
    walk.model = model;
    walk.prompt = prompt_tokens;
    least = CREDITS_OUTPUT_MAX;

    while (ngx_http_credits_price_next(&walk, &line)) {
        least = ngx_min(least, credits_price_affordable(&line.price, credits,
                                                        prompt_tokens));
    }

    return least;
}


int64_t
ngx_http_credits_price_hidden(ngx_http_credits_loc_conf_t *lcf,
    ngx_str_t *model, ngx_msec_t silence)
{
    ngx_str_t                    tier = ngx_null_string;
    const credits_price_line_t  *line;

    line = ngx_http_credits_price_find(lcf, model, 0, &tier);

    if (line == NULL) {
        return 0;
    }

    return line->price.hidden_rate
           ? line->price.hidden * (int64_t) silence / 1000
           : line->price.hidden;
}


/* NULL: no line matches */

static const credits_price_line_t *
ngx_http_credits_price_find(ngx_http_credits_loc_conf_t *lcf,
    ngx_str_t *model, int64_t prompt, ngx_str_t *tier)
{
    ngx_uint_t                   list, n;
    const credits_price_line_t  *lines, *line;

    for (list = 0; list < 2; list++) {
        ngx_http_credits_price_lines(lcf, list, &lines, &n);

        line = credits_price_find(lines, n, model->data, model->len, prompt,
                                  tier->data, tier->len);
        if (line) {
            return line;
        }
    }

    return NULL;
}


static void
ngx_http_credits_price_lines(ngx_http_credits_loc_conf_t *lcf,
    ngx_uint_t list, const credits_price_line_t **lines, ngx_uint_t *n)
{
    *lines = NULL;
    *n = 0;

    if (!list && lcf->prices) {
        *lines = lcf->prices->elts;
        *n = lcf->prices->nelts;
    }

    if (list && lcf->price_list) {
        *lines = lcf->price_list->list.lines;
        *n = lcf->price_list->list.n;
    }
}


/*
 * The next of the lines that may apply to a prompt of this length, whichever
 * tier answers.  The one without a tier is the last.
 */

static ngx_uint_t
ngx_http_credits_price_next(ngx_http_credits_price_walk_t *walk,
    credits_price_line_t *line)
{
    ngx_uint_t                   n;
    const credits_price_line_t  *lines, *found;

    for ( /* void */ ; !walk->last; walk->list++, walk->i = 0) {

        ngx_http_credits_price_lines(walk->lcf, walk->list, &lines, &n);

        while (walk->i < n) {
            found = &lines[walk->i++];

            if ((found->above == 0 || walk->prompt > found->above)
                && credits_price_match(found->pattern, found->pattern_len,
                                       walk->model->data, walk->model->len))
            {
                walk->last = (found->tier_len == 0);
                ngx_http_credits_price_line(walk->lcf, found, line);
                return 1;
            }
        }

        if (walk->list == 1) {
            walk->last = 1;
            ngx_http_credits_price_line(walk->lcf, NULL, line);
            return 1;
        }
    }

    return 0;
}


/* a line of this location; found NULL: that of a model without one */

static void
ngx_http_credits_price_line(ngx_http_credits_loc_conf_t *lcf,
    const credits_price_line_t *found, credits_price_line_t *line)
{
    if (found) {
        *line = *found;

    } else {
        ngx_memzero(line, sizeof(credits_price_line_t));

        line->pattern = (u_char *) "*";
        line->pattern_len = 1;

        if (lcf->price_list) {
            line->price = lcf->price_list->unlisted;

        } else {
            credits_price_init(&line->price, lcf->unit);
        }
    }

    if (line->price.unit == 0) {
        line->price.unit = lcf->unit;
    }
}


static ngx_uint_t
ngx_http_credits_price_general(const credits_price_line_t *line)
{
    return line->pattern_len == 1 && line->pattern[0] == '*';
}


char *
ngx_http_credits_price_set(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_credits_loc_conf_t *lcf = conf;

    ngx_str_t             *value;
    ngx_uint_t             i;
    credits_price_line_t  *line;

    if (lcf->prices == NGX_CONF_UNSET_PTR) {
        lcf->prices = ngx_array_create(cf->pool, 4,
                                       sizeof(credits_price_line_t));
        if (lcf->prices == NULL) {
            return NGX_CONF_ERROR;
        }
    }

    line = ngx_array_push(lcf->prices);
    if (line == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(line, sizeof(credits_price_line_t));

    for (i = 0; i < CREDITS_WEIGHTS; i++) {
        line->price.weights[i] = -1;
    }

    value = cf->args->elts;

    line->pattern = value[1].data;
    line->pattern_len = value[1].len;

    for (i = 2; i < cf->args->nelts; i++) {
        if (ngx_http_credits_price_arg(line, &value[i]) != NGX_OK) {
            return ngx_http_credits_args_invalid(cf, &value[i]);
        }
    }

    if (line->price.refuse && cf->args->nelts != 3) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"refuse\" stands alone behind a pattern");
        return NGX_CONF_ERROR;
    }

    /* the unit stays 0: it is that of the location which uses the line */

    credits_price_complete(&line->price);

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_credits_price_arg(credits_price_line_t *line, ngx_str_t *value)
{
    ngx_int_t   n;
    ngx_str_t   rest;
    ngx_uint_t  i;

    if (ngx_strcmp(value->data, "refuse") == 0) {
        line->price.refuse = 1;
        return NGX_OK;
    }

    for (i = 0; ngx_http_credits_price_weights[i].name; i++) {
        if (ngx_http_credits_args_parameter(value,
                                       ngx_http_credits_price_weights[i].name,
                                       &rest))
        {
            return credits_price_weight(rest.data, rest.len,
                       &line->price.weights[
                                    ngx_http_credits_price_weights[i].weight])
                   == 0 ? NGX_OK : NGX_ERROR;
        }
    }

    if (ngx_http_credits_args_parameter(value, "above=", &rest)) {
        n = ngx_atoi(rest.data, rest.len);

        if (n < 1 || n > CREDITS_TOKENS_MAX) {
            return NGX_ERROR;
        }

        line->above = n;
        return NGX_OK;
    }

    if (ngx_http_credits_args_parameter(value, "tier=", &rest)) {
        line->tier = rest.data;
        line->tier_len = rest.len;
        return rest.len ? NGX_OK : NGX_ERROR;
    }

    return ngx_http_credits_price_amount(&line->price, value);
}


/* credits on top of the tokens, or in their place */

static ngx_int_t
ngx_http_credits_price_amount(credits_price_t *price, ngx_str_t *value)
{
    ngx_str_t  rest;

    if (ngx_http_credits_args_parameter(value, "request=", &rest)) {
        return ngx_http_credits_price_millionths(&rest, &price->request);
    }

    if (ngx_http_credits_args_parameter(value, "image=", &rest)) {
        return ngx_http_credits_price_millionths(&rest, &price->image);
    }

    if (ngx_http_credits_args_parameter(value, "search=", &rest)) {
        return ngx_http_credits_price_millionths(&rest, &price->search);
    }

    if (ngx_http_credits_args_parameter(value, "cost=", &rest)) {
        return ngx_http_credits_price_millionths(&rest, &price->cost);
    }

    if (ngx_http_credits_args_parameter(value, "hidden=", &rest)) {
        return ngx_http_credits_price_hidden_arg(price, &rest);
    }

    return NGX_ERROR;
}


/* "9000" tokens, or "50/s" of silence */

static ngx_int_t
ngx_http_credits_price_hidden_arg(credits_price_t *price, ngx_str_t *value)
{
    ngx_int_t  n;
    ngx_str_t  number;

    number = *value;

    if (number.len > 2
        && ngx_strncmp(number.data + number.len - 2, "/s", 2) == 0)
    {
        number.len -= 2;
        price->hidden_rate = 1;
    }

    n = ngx_atoi(number.data, number.len);

    if (n == NGX_ERROR || n > CREDITS_OUTPUT_MAX) {
        return NGX_ERROR;
    }

    price->hidden = n;

    return NGX_OK;
}


/* "20" or "0.04" credits, at most CREDITS_UNIT_MAX */

static ngx_int_t
ngx_http_credits_price_millionths(ngx_str_t *value, int64_t *number)
{
    return (credits_price_amount(value->data, value->len, number) == 0
            && *number <= CREDITS_UNIT_MAX * CREDITS_MILLIONTHS)
           ? NGX_OK : NGX_ERROR;
}


char *
ngx_http_credits_price_set_list(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_credits_loc_conf_t *lcf = conf;

    char                            error[256];
    double                          credit, markup;
    ngx_str_t                      *value, text;
    ngx_pool_cleanup_t             *cln;
    ngx_http_credits_price_list_t  *list;

    if (lcf->price_list != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    list = ngx_pcalloc(cf->pool, sizeof(ngx_http_credits_price_list_t));
    if (list == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_str_null(&text);
    value = cf->args->elts;

    if (ngx_http_credits_price_list_args(cf, list, &credit, &markup)
        != NGX_OK
        || ngx_http_credits_price_read(cf, &value[1], &text) != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    if (credits_price_list_read(&list->list, text.data, text.len, credit,
                                markup, error, sizeof(error))
        != 0)
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "%s in \"%V\"", error,
                           &value[1]);
        return NGX_CONF_ERROR;
    }

    cln = ngx_pool_cleanup_add(cf->pool, 0);
    if (cln == NULL) {
        credits_price_list_free(&list->list);
        return NGX_CONF_ERROR;
    }

    cln->handler = ngx_http_credits_price_list_cleanup;
    cln->data = &list->list;

    lcf->price_list = list;

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_credits_price_list_args(ngx_conf_t *cf,
    ngx_http_credits_price_list_t *list, double *credit, double *markup)
{
    int64_t      weight;
    ngx_int_t    rc;
    ngx_str_t   *value, rest;
    ngx_uint_t   i;

    *credit = 0;
    *markup = 1;
    list->unlisted.refuse = 1;

    value = cf->args->elts;

    for (i = 2; i < cf->args->nelts; i++) {

        if (ngx_http_credits_args_parameter(&value[i], "credit=", &rest)) {
            rc = ngx_http_credits_price_dollars(&rest, credit);

        } else if (ngx_http_credits_args_parameter(&value[i], "markup=",
                                                   &rest))
        {
            rc = ngx_http_credits_price_dollars(&rest, markup);

        } else if (ngx_http_credits_args_parameter(&value[i], "unlisted=",
                                                   &rest))
        {
            rc = NGX_OK;

            if (ngx_strcmp(rest.data, "refuse") != 0) {
                rc = credits_price_weight(rest.data, rest.len, &weight) == 0
                     ? NGX_OK : NGX_ERROR;

                ngx_http_credits_price_unlisted(&list->unlisted, weight);
            }

        } else {
            rc = NGX_ERROR;
        }

        if (rc != NGX_OK) {
            (void) ngx_http_credits_args_invalid(cf, &value[i]);
            return NGX_ERROR;
        }
    }

    if (*credit == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"credit=\", the dollars that a credit costs, is "
                           "missing");
        return NGX_ERROR;
    }

    return NGX_OK;
}


/* the unit stays 0: it is the location's */

static void
ngx_http_credits_price_unlisted(credits_price_t *price, int64_t weight)
{
    ngx_uint_t  i;

    credits_price_init(price, 0);

    for (i = 0; i < CREDITS_WEIGHTS; i++) {
        price->weights[i] = weight;
    }
}


/* above 0, at most a million, with at most nine digits behind the point */

static ngx_int_t
ngx_http_credits_price_dollars(ngx_str_t *value, double *number)
{
    ngx_int_t  n;

    n = ngx_atofp(value->data, value->len, 9);

    if (n <= 0 || n > 1000000 * (ngx_int_t) 1000000000) {
        return NGX_ERROR;
    }

    *number = (double) n / 1e9;

    return NGX_OK;
}


static ngx_int_t
ngx_http_credits_price_read(ngx_conf_t *cf, ngx_str_t *name, ngx_str_t *text)
{
    off_t             size;
    ssize_t           n;
    ngx_file_t        file;
    ngx_file_info_t   fi;

    ngx_memzero(&file, sizeof(ngx_file_t));

    file.name = *name;
    file.log = cf->log;

    if (ngx_conf_full_name(cf->cycle, &file.name, 1) != NGX_OK) {
        return NGX_ERROR;
    }

    file.fd = ngx_open_file(file.name.data, NGX_FILE_RDONLY, NGX_FILE_OPEN, 0);

    if (file.fd == NGX_INVALID_FILE) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           ngx_open_file_n " \"%V\" failed", &file.name);
        return NGX_ERROR;
    }

    n = NGX_ERROR;
    size = 0;

    if (ngx_fd_info(file.fd, &fi) != NGX_FILE_ERROR) {
        size = ngx_file_size(&fi);
    }

    if (size > 0 && size <= NGX_HTTP_CREDITS_PRICE_LIST_MAX) {
        text->data = ngx_pnalloc(cf->temp_pool, (size_t) size);

        if (text->data) {
            n = ngx_read_file(&file, text->data, (size_t) size, 0);
        }
    }

    if (ngx_close_file(file.fd) == NGX_FILE_ERROR) {
        ngx_conf_log_error(NGX_LOG_ALERT, cf, ngx_errno,
                           ngx_close_file_n " \"%V\" failed", &file.name);
    }

    if (n != (ssize_t) size || size == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"%V\" cannot be read, is empty or above 16m",
                           &file.name);
        return NGX_ERROR;
    }

    text->len = (size_t) size;

    return NGX_OK;
}


static void
ngx_http_credits_price_list_cleanup(void *data)
{
    credits_price_list_free(data);
}
