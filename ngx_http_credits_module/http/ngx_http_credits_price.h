/*
 * Which price applies: that of the model asked for or of the one that has
 * answered, whichever is dearer.
 */

#ifndef NGX_HTTP_CREDITS_PRICE_H
#define NGX_HTTP_CREDITS_PRICE_H

#include "ngx_http_credits_ctx.h"

#include "../core/credits_price.h"


/* what a charge depends on beside the usage */

typedef struct {
    ngx_str_t   model;          /* asked for */
    ngx_str_t   answered;       /* len 0: as asked, or not said */
    ngx_str_t   tier;           /* len 0: the common one */
} ngx_http_credits_price_of_t;


/* 1: the location sells this model */
ngx_uint_t ngx_http_credits_price_sells(ngx_http_credits_loc_conf_t *lcf,
    ngx_str_t *model);

/*
 * Credits for a usage.  text, if not NULL, receives the price that has been
 * applied, as credits_price_text() writes it.
 */
int64_t ngx_http_credits_price_charge(ngx_http_credits_loc_conf_t *lcf,
    ngx_http_credits_price_of_t *of, const credits_usage_t *usage,
    char text[CREDITS_PRICE_TEXT_MAX + 1]);

/* the same by the dearest tier that an answer can have */
int64_t ngx_http_credits_price_bound(ngx_http_credits_loc_conf_t *lcf,
    ngx_str_t *model, const credits_usage_t *usage);

/* output tokens that `credits` pay for beside the prompt, whatever the tier */
int64_t ngx_http_credits_price_affordable(ngx_http_credits_loc_conf_t *lcf,
    ngx_str_t *model, int64_t credits, int64_t prompt_tokens);

/* tokens that the model thinks unseen, while it is silent for `silence` ms */
int64_t ngx_http_credits_price_hidden(ngx_http_credits_loc_conf_t *lcf,
    ngx_str_t *model, ngx_msec_t silence);

/* directives */
char *ngx_http_credits_price_set(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_credits_price_set_list(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

#endif /* NGX_HTTP_CREDITS_PRICE_H */
