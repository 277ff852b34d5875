/*
 * How much is set aside for an answer: its price, its estimate, and the hold
 * in the ledger.
 */

#ifndef NGX_HTTP_CREDITS_HOLD_H
#define NGX_HTTP_CREDITS_HOLD_H

#include "ngx_http_credits_ctx.h"

#include "../core/credits_request.h"
#include "../core/credits_uuid.h"


typedef enum {
    NGX_HTTP_CREDITS_HOLD_NEW = 0,
    NGX_HTTP_CREDITS_HOLD_ASKED,            /* Postgres */
    NGX_HTTP_CREDITS_HOLD_GRANTED,
    NGX_HTTP_CREDITS_HOLD_CLOSED,           /* settled */
    NGX_HTTP_CREDITS_HOLD_DENIED,           /* too few credits */
    NGX_HTTP_CREDITS_HOLD_FROZEN,           /* the account is */
    NGX_HTTP_CREDITS_HOLD_FAILED            /* Postgres gave no answer */
} ngx_http_credits_hold_state_e;


struct ngx_http_credits_hold_s {
    ngx_queue_t                      queue;         /* of those granted */
    ngx_http_credits_ctx_t          *ctx;
    ngx_http_credits_loc_conf_t     *conf;          /* that admitted it */
    ngx_http_credits_hold_state_e    state;

    u_char                           id[CREDITS_UUID_LEN];
    ngx_str_t                        id_text;

    credits_request_t               *body;          /* what it asks for */
    ngx_str_t                        model;         /* of the body or path */
    ngx_str_t                        type;          /* of the transaction */
    int64_t                          prompt_tokens;
    int64_t                          estimate;      /* credits */
    int64_t                          minimum;       /* without which there is
                                                       no hold */

    /* what the ledger said, in credits */
    int64_t                          amount;        /* of this hold */
    int64_t                          balance;
    int64_t                          user_held;     /* by all requests of the
                                                       user */
    int64_t                          available;

    ngx_msec_t                       granted;       /* when it was */
    ngx_credits_inflight_t          *inflight;      /* until it is settled */
    ngx_credits_renewal_t            renewal;       /* of a hold in Postgres */
};


/*
 * Works out price and estimate for a body that has been scanned.  NGX_OK, or
 * NGX_ERROR: out of memory.
 */
ngx_int_t ngx_http_credits_hold_make(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx, credits_request_t *body);

/*
 * Asks the ledger, which may be done again after a refusal; the phases go on
 * when the state is known.  NGX_AGAIN, or a status.
 */
ngx_int_t ngx_http_credits_hold_ask(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx);

/*
 * Grants a hold of nothing, under a new id: one that still comes under the
 * old id is released.  NGX_OK, or NGX_ERROR: out of memory.
 */
ngx_int_t ngx_http_credits_hold_waive(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx);

/* output tokens, per choice, to lower the request's limit to; -1: leave it */
int64_t ngx_http_credits_hold_output_limit(ngx_http_request_t *r,
    ngx_http_credits_hold_t *hold);

/* 1: it was granted, and is not settled */
ngx_uint_t ngx_http_credits_hold_is_open(ngx_http_credits_ctx_t *ctx);

/* it is being settled; its in-flight entry goes to the ledger, or NULL */
ngx_credits_inflight_t *ngx_http_credits_hold_close(
    ngx_http_credits_hold_t *hold);

/* directives */
char *ngx_http_credits_hold_set_type(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_credits_hold_set_amount(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

#endif /* NGX_HTTP_CREDITS_HOLD_H */
