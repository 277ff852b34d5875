/*
 * What can be asked of the ledger, and what is answered.
 */

#ifndef NGX_CREDITS_OP_H
#define NGX_CREDITS_OP_H

#include <ngx_config.h>
#include <ngx_core.h>

#include "ngx_credits_zone.h"
#include "../core/credits_uuid.h"


typedef enum {
    NGX_CREDITS_OK = 0,
    NGX_CREDITS_DECLINED,       /* unknown session, not enough credits, a bad
                                   argument */
    NGX_CREDITS_FROZEN,         /* the account is */
    NGX_CREDITS_UNAVAILABLE     /* Postgres gave no answer in time */
} ngx_credits_status_e;


/*
 * An operation lives until its callback returns, or its owner abandons it.
 * The callback is called once, never from the call that asks; a result and
 * what it points to are valid during the call.
 */
typedef struct ngx_credits_op_s  ngx_credits_op_t;


typedef struct {
    ngx_str_t                 user;         /* 1..CREDITS_USER_MAX bytes */
    ngx_msec_t                ttl;          /* ms until the session expires */
} ngx_credits_session_result_t;

/* result: NULL unless OK; never FROZEN */
typedef void (*ngx_credits_session_done_pt)(void *data,
    ngx_credits_status_e status, const ngx_credits_session_result_t *result);


/* credits; all but the amount are the user's, after the hold */
typedef struct {
    int64_t                   amount;       /* of the hold */
    int64_t                   balance;
    int64_t                   held;
    int64_t                   available;

    /* OK only: it belongs to the callback; NULL: the zone had no room */
    ngx_credits_inflight_t   *inflight;
} ngx_credits_hold_result_t;

/* result: NULL if UNAVAILABLE */
typedef void (*ngx_credits_hold_done_pt)(void *data,
    ngx_credits_status_e status, const ngx_credits_hold_result_t *result);


/* what keeps a hold from expiring; zeroed, then the ledger's */
typedef struct {
    ngx_queue_t               queue;        /* prev is NULL: not kept */
    ngx_msec_t                due;
    ngx_uint_t                row;          /* of the call, while sent */
    ngx_str_t                 user;
    u_char                    request[CREDITS_UUID_LEN];
} ngx_credits_renewal_t;


typedef enum {
    NGX_CREDITS_QUERY_OVERVIEW = 0,     /* user */
    NGX_CREDITS_QUERY_TRANSACTIONS,     /* user limit cursor type since */
    NGX_CREDITS_QUERY_POLAR_EVENT       /* id body refund_debt; it writes, and
                                           may be sent again */
} ngx_credits_query_e;

typedef struct {
    ngx_str_t                 text;         /* the document, or the outcome */
    ngx_str_t                 detail;       /* of the outcome */
} ngx_credits_query_result_t;

/* result: NULL unless OK; never FROZEN */
typedef void (*ngx_credits_query_done_pt)(void *data,
    ngx_credits_status_e status, const ngx_credits_query_result_t *result);

#endif /* NGX_CREDITS_OP_H */
