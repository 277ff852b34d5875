/*
 * Batch queues: all operations of a kind that wait go to Postgres as one call
 * of one SQL function.  What arrives meanwhile goes with the next call.
 *
 * The states of an operation:
 *
 *   state    it is in        what happens        what comes of it
 *   -------  --------------  ------------------  -----------------------------
 *   queued   waiting         the call before     sent
 *                              has ended
 *                            timeout, abandon    freed; abandoned() if unknown
 *   sent     sent[]          a row               done(), freed
 *                            the row says busy   delayed
 *                            the answer is lost  queued as unknown
 *                            several rejected    queued, to be sent alone
 *                            it alone rejected   failed() says: delayed, or
 *                                                  done(), freed
 *                            timeout             done(), then as unowned
 *                            abandon             as unowned
 *   delayed  waiting, delay  its time has come   sent
 *   unowned  sent[]          a row that says OK  abandoned(), freed
 *                            the answer is lost  abandoned(), freed
 *                            anything else       freed
 *
 * "unknown": it was sent, and nothing tells whether it was done.  Operations
 * of an undroppable kind have no owner; they are sent until they are done.
 */

#ifndef NGX_CREDITS_BATCH_H
#define NGX_CREDITS_BATCH_H

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>

#include "ngx_credits_array.h"
#include "ngx_credits_op.h"
#include "ngx_credits_pg.h"
#include "ngx_credits_zone.h"


#define NGX_CREDITS_BATCH_MAX     128       /* rows a call */
#define NGX_CREDITS_BATCH_ARRAYS  6


typedef struct ngx_credits_batch_s  ngx_credits_batch_t;


/* what all queues of a worker share */
typedef struct {
    ngx_credits_pg_t               *pg;
    ngx_credits_zone_t             *zone;
    ngx_log_t                      *log;
    ngx_msec_t                      timeout;    /* an owner's patience */
    ngx_event_t                     dispatch;   /* sends what waits */
    ngx_connection_t                dummy;      /* data of all timers */
    unsigned                        closing:1;  /* nothing is sent any more */
} ngx_credits_batch_host_t;


/* what is known of all operations of a kind */
typedef struct {
    const ngx_credits_pg_statement_t   *statement;

    /* tells the owner */
    void                  (*done)(ngx_credits_op_t *op,
                                  ngx_credits_status_e status);
    /* the owner has left, and the op was done, or may have been; or NULL */
    void                  (*abandoned)(ngx_credits_op_t *op);
    /* the process ends with the op unsent; or NULL */
    void                  (*lost)(ngx_credits_op_t *op);
    /* the op is about to be freed; or NULL */
    void                  (*dispose)(ngx_credits_op_t *op);

    /* the rest is of batches only */

    /* appends one row to the arrays */
    void                  (*row)(ngx_credits_batch_t *batch,
                                 ngx_credits_op_t *op);
    /* takes one row of the result: sets op->status, or op->busy */
    void                  (*result)(ngx_credits_op_t *op, PGresult *result,
                                    int row);
    /* it was rejected alone: NGX_AGAIN to send it again, or NGX_DECLINED */
    ngx_int_t             (*failed)(ngx_credits_op_t *op,
                                    const char *sqlstate, ngx_str_t *error);

    ngx_uint_t              narrays;
    ngx_uint_t              skip_param;     /* of the statement; 0: none */
    ngx_credits_status_e    missing;        /* status without a row */
    ngx_credits_counter_e   batches;
    ngx_credits_counter_e   rows;
    unsigned                undroppable:1;
} ngx_credits_batch_kind_t;


/* the first member of every kind's operations, freed with the whole */
struct ngx_credits_op_s {
    ngx_queue_t                       queue;        /* waiting, unless sent */
    ngx_event_t                       timer;        /* while owned */
    ngx_credits_batch_host_t         *host;
    const ngx_credits_batch_kind_t   *kind;
    ngx_credits_status_e              status;       /* of its row */
    ngx_msec_t                        delay;        /* 0: the first try */
    ngx_msec_t                        not_before;   /* if delay */
    unsigned                          owned:1;      /* done() is awaited */
    unsigned                          sent:1;
    unsigned                          alone:1;      /* its batch has failed */
    unsigned                          unknown:1;    /* it may have been done */
    unsigned                          busy:1;       /* the account is locked */
};


struct ngx_credits_batch_s {
    ngx_credits_batch_host_t         *host;
    const ngx_credits_batch_kind_t   *kind;
    ngx_queue_t                       waiting;
    ngx_credits_op_t                 *sent[NGX_CREDITS_BATCH_MAX];
    ngx_uint_t                        nsent;        /* 0: no call under way */
    ngx_credits_pg_query_t            query;
    ngx_credits_array_t               arrays[NGX_CREDITS_BATCH_ARRAYS];
    ngx_msec_t                        skip_until;   /* if skipping */
    unsigned                          skipping:1;   /* locked accounts */
};


/* parameters of the statement behind the arrays are the caller's to set */
void ngx_credits_batch_init(ngx_credits_batch_t *batch,
    ngx_credits_batch_host_t *host, const ngx_credits_batch_kind_t *kind);

/* the process ends: no owner is told; lost() is called for each that waits */
void ngx_credits_batch_free(ngx_credits_batch_t *batch);
void ngx_credits_batch_free_waiting(ngx_queue_t *waiting);

/* owned: done() is awaited, up to host->timeout; the batch frees the op */
void ngx_credits_batch_push(ngx_credits_batch_t *batch, ngx_credits_op_t *op,
    ngx_uint_t owned);

/* sends what is waiting, if the last call has ended */
void ngx_credits_batch_send(ngx_credits_batch_t *batch);

/* the owner leaves: done() is not called any more */
void ngx_credits_batch_abandon(ngx_credits_op_t *op);

/* failed() of kinds whose owner is told: worth another try, or logged */
ngx_int_t ngx_credits_batch_request_failed(ngx_credits_op_t *op,
    const char *sqlstate, ngx_str_t *error);


/* for operations that are queries of their own: what push() and a row do */
void ngx_credits_batch_arm(ngx_credits_op_t *op,
    ngx_credits_batch_host_t *host, const ngx_credits_batch_kind_t *kind,
    ngx_uint_t owned);
void ngx_credits_batch_finish(ngx_credits_op_t *op,
    ngx_credits_status_e status);


/* dispatch runs at the end of this turn of the event loop, or in msec */
void ngx_credits_batch_wake(ngx_credits_batch_host_t *host);
void ngx_credits_batch_wake_in(ngx_credits_batch_host_t *host,
    ngx_msec_t msec);

#endif /* NGX_CREDITS_BATCH_H */
