/*
 * The ledger as a worker sees it: operations that wait in lanes and go to
 * Postgres together.  A lane sends all that is waiting as one call of one SQL
 * function; what arrives meanwhile goes with the next call.
 */

#ifndef NGX_CREDITS_LEDGER_H
#define NGX_CREDITS_LEDGER_H

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>

#include "ngx_credits_pg.h"
#include "ngx_credits_journal.h"
#include "ngx_credits_sync.h"
#include "ngx_credits_zone.h"


typedef struct ngx_credits_ledger_s  ngx_credits_ledger_t;
typedef struct ngx_credits_op_s      ngx_credits_op_t;


typedef struct {
    ngx_credits_pg_conf_t   *postgres;
    ngx_str_t                journal;       /* directory */
    ngx_msec_t               sync;          /* of the journal; 0: off */
    ngx_uint_t               capture;       /* 1: lost holds are charged */
    ngx_msec_t               hold_ttl;      /* a hold's life in Postgres */
} ngx_credits_ledger_conf_t;


/* called once, unless the owner has left: ngx_credits_op_abandon() */
typedef void (*ngx_credits_op_done_pt)(ngx_credits_op_t *op);

/*
 * status: NGX_OK; NGX_DECLINED: the answer is no (unknown session, not enough
 * credits, a bad argument of a read); NGX_ABORT: the account is frozen;
 * NGX_ERROR: Postgres gave no answer in time.  The op and what it points to
 * are gone after done().
 */

struct ngx_credits_op_s {
    ngx_queue_t               queue;
    ngx_event_t               timer;
    ngx_credits_ledger_t     *ledger;
    struct ngx_credits_lane_s *lane;
    ngx_credits_op_done_pt    done;
    void                     *data;
    ngx_int_t                 status;
    ngx_msec_t                delay;        /* of the next try; 0: the first */
    ngx_msec_t                not_before;   /* if delay */
    unsigned                  sent:1;
    unsigned                  alone:1;      /* a batch with it has failed */
    unsigned                  unknown:1;    /* was sent, without an answer */
};

typedef struct {
    ngx_credits_op_t          op;
    ngx_msec_t                ttl;          /* until the session expires */
    ngx_str_t                 user;
    ngx_str_t                 token;
} ngx_credits_session_op_t;

typedef struct {
    ngx_credits_op_t          op;
    u_char                    request[CREDITS_UUID_LEN];
    int64_t                   want;
    int64_t                   floor;
    int64_t                   amount;       /* the hold, credits */
    int64_t                   balance;
    int64_t                   held;
    int64_t                   available;
    ngx_credits_inflight_t     *flight;       /* done() may take it, if NGX_OK */
    ngx_str_t                 user;
} ngx_credits_hold_op_t;

typedef struct {
    ngx_credits_op_t          op;
    ngx_str_t                 text;         /* the document, or the outcome */
    ngx_str_t                 detail;       /* of the outcome */
    ngx_credits_pg_query_t       query;
} ngx_credits_read_op_t;

typedef enum {
    NGX_CREDITS_READ_OVERVIEW = 0,          /* user */
    NGX_CREDITS_READ_TRANSACTIONS,          /* user limit cursor type since */
    NGX_CREDITS_READ_POLAR_EVENT            /* id body refund_debt; it writes,
                                               and may be sent again */
} ngx_credits_read_e;


ngx_credits_ledger_t *ngx_credits_ledger_create(ngx_cycle_t *cycle,
    ngx_credits_ledger_conf_t *conf, ngx_credits_zone_t *zone);
void ngx_credits_ledger_destroy(ngx_credits_ledger_t *ledger);

/*
 * Whether a charge would be safe: while the journal cannot be written, no
 * answer should be begun.
 */
ngx_uint_t ngx_credits_ledger_safe(ngx_credits_ledger_t *ledger);

/* each returns NULL when out of memory; strings are copied */

ngx_credits_op_t *ngx_credits_ledger_session(ngx_credits_ledger_t *ledger,
    ngx_str_t *token, ngx_credits_op_done_pt done, void *data);

ngx_credits_op_t *ngx_credits_ledger_hold(ngx_credits_ledger_t *ledger,
    ngx_str_t *user, u_char request[CREDITS_UUID_LEN], int64_t want,
    int64_t floor, ngx_credits_op_done_pt done, void *data);

/* params: NULL is SQL's NULL */
ngx_credits_op_t *ngx_credits_ledger_read(ngx_credits_ledger_t *ledger,
    ngx_credits_read_e what, ngx_str_t *params, ngx_uint_t nparams,
    ngx_credits_op_done_pt done, void *data);

/* the owner leaves: done() will not be called; a hold that came is released */
void ngx_credits_op_abandon(ngx_credits_op_t *op);

/*
 * The one way a request ends: into the journal now, into Postgres as soon as
 * it answers.  flight may be NULL.  NGX_ERROR: out of memory, and only the
 * journal has it (or nothing, after an alert).
 */
ngx_int_t ngx_credits_ledger_settle(ngx_credits_ledger_t *ledger,
    const credits_record_t *record, ngx_credits_inflight_t *flight);

#endif /* NGX_CREDITS_LEDGER_H */
