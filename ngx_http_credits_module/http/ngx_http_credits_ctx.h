/*
 * The context of a request: a part for each station, made and written by that
 * station alone, and declared in its header.
 *
 * A subrequest has a context of its own, if it has one at all.
 */

#ifndef NGX_HTTP_CREDITS_CTX_H
#define NGX_HTTP_CREDITS_CTX_H

#include "ngx_http_credits_conf.h"
#include "../engine/ngx_credits_zone.h"


typedef struct ngx_http_credits_wait_s       ngx_http_credits_wait_t;
typedef struct ngx_http_credits_identity_s   ngx_http_credits_identity_t;
typedef struct ngx_http_credits_api_s        ngx_http_credits_api_t;
typedef struct ngx_http_credits_admission_s  ngx_http_credits_admission_t;
typedef struct ngx_http_credits_hold_s       ngx_http_credits_hold_t;
typedef struct ngx_http_credits_metering_s   ngx_http_credits_metering_t;
typedef struct ngx_http_credits_drain_s      ngx_http_credits_drain_t;
typedef struct ngx_http_credits_outcome_s    ngx_http_credits_outcome_t;


/* NULL: the request has not come to that station */

typedef struct {
    ngx_http_request_t            *request;
    ngx_http_credits_wait_t       *wait;
    ngx_http_credits_identity_t   *identity;
    ngx_http_credits_api_t        *api;         /* an operation to charge */
    ngx_http_credits_admission_t  *admission;
    ngx_http_credits_hold_t       *hold;
    ngx_http_credits_metering_t   *metering;    /* of an answer to charge */
    ngx_http_credits_drain_t      *drain;       /* the client has left */
    ngx_http_event_handler_pt      write_handler;   /* nginx's, behind that
                                                       of the drain */
    ngx_http_credits_outcome_t    *outcome;     /* of the hold */
    void                          *content;     /* of our content handler */
    ngx_str_t                     *error_page;  /* still to be sent */
} ngx_http_credits_ctx_t;


/* the request's context; NULL: none */
ngx_http_credits_ctx_t *ngx_http_credits_ctx_get(ngx_http_request_t *r);

/* the same, made if there is none; NULL: out of memory */
ngx_http_credits_ctx_t *ngx_http_credits_ctx_make(ngx_http_request_t *r);

ngx_credits_ledger_t *ngx_http_credits_ctx_ledger(ngx_http_request_t *r);
ngx_credits_zone_t *ngx_http_credits_ctx_zone(ngx_http_request_t *r);

/* adds n to a counter of the node */
void ngx_http_credits_ctx_count(ngx_http_request_t *r,
    ngx_credits_counter_e counter, ngx_int_t n);

#endif /* NGX_HTTP_CREDITS_CTX_H */
