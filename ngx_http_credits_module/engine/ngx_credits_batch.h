/*
 * Private to the ledger: lanes and the statements they send.
 */

#ifndef NGX_CREDITS_BATCH_H
#define NGX_CREDITS_BATCH_H

#include "ngx_credits_ledger.h"
#include "ngx_credits_array.h"


#define NGX_CREDITS_BATCH_MAX     128       /* rows a call */
#define NGX_CREDITS_LANE_ARRAYS   6

enum {
    NGX_CREDITS_SQL_SESSION = 0,
    NGX_CREDITS_SQL_HOLD,
    NGX_CREDITS_SQL_SETTLE,
    NGX_CREDITS_SQL_OVERVIEW,
    NGX_CREDITS_SQL_TRANSACTIONS,
    NGX_CREDITS_SQL_POLAR_EVENT,
    NGX_CREDITS_SQL_REAP,
    NGX_CREDITS_STATEMENTS
};

extern const ngx_credits_pg_statement_t
    ngx_credits_statements[NGX_CREDITS_STATEMENTS];


typedef struct ngx_credits_lane_s  ngx_credits_lane_t;

struct ngx_credits_lane_s {
    ngx_credits_ledger_t   *ledger;
    ngx_queue_t             waiting;
    ngx_credits_op_t       *sent[NGX_CREDITS_BATCH_MAX];
    ngx_uint_t              nsent;          /* rows of the call in flight */
    ngx_credits_pg_query_t     query;
    ngx_credits_array_t     arrays[NGX_CREDITS_LANE_ARRAYS];
    ngx_uint_t              narrays;

    /* appends one row to the arrays */
    void                  (*row)(ngx_credits_lane_t *lane,
                                 ngx_credits_op_t *op);
    /* takes one row of the result; the op's status is set */
    void                  (*result)(ngx_credits_op_t *op, PGresult *result,
                                    int row);
    /* an op that failed alone: NGX_AGAIN to send it again */
    ngx_int_t             (*failed)(ngx_credits_op_t *op,
                                    const char *sqlstate, ngx_str_t *error);
    /* the owner has left; what to do about an op that may have been done */
    void                  (*abandoned)(ngx_credits_op_t *op);
    /* the op is about to be freed */
    void                  (*dispose)(ngx_credits_op_t *op);
    ngx_int_t               missing;        /* status without a row */
    unsigned                keep:1;         /* owned by nobody, never dropped */
    ngx_uint_t              skip_param;     /* of the statement; 0: none */
    ngx_credits_counter_e   batches;
    ngx_credits_counter_e   rows;
    ngx_msec_t              skip_until;     /* if skipping */
    unsigned                skipping:1;     /* accounts that are locked */
};


typedef struct {
    ngx_credits_op_t        op;
    ngx_credits_inflight_t   *flight;
    ngx_credits_segment_t  *segment;
    credits_record_t        record;
} ngx_credits_settle_op_t;


struct ngx_credits_ledger_s {
    ngx_log_t              *log;
    ngx_credits_zone_t     *zone;
    ngx_credits_pg_t       *postgres;
    ngx_credits_journal_t  *journal;
    ngx_msec_t              timeout;
    ngx_uint_t              capture;        /* lost holds are charged */

    ngx_credits_lane_t      session;
    ngx_credits_lane_t      hold;
    ngx_credits_lane_t      settle;
    ngx_queue_t             reads;          /* waiting for a connection */

    ngx_uint_t              settling;       /* records not in Postgres */
    ngx_uint_t              unwritten;      /* of these, not in the journal */

    ngx_event_t             dispatch;
    ngx_event_t             drain;
    ngx_event_t             housekeeping;
    ngx_connection_t        dummy;

    ngx_msec_t              leaving;
    ngx_msec_t              reap_next;
    ngx_credits_pg_query_t     reap;

    unsigned                reaping:1;
    unsigned                closing:1;

    u_char                  ttl[NGX_INT64_LEN + sizeof(" milliseconds")];
    u_char                  node[64];
};


#define ngx_credits_ledger_of(ev, member)                                     \
    ((ngx_credits_ledger_t *)                                                 \
        ((u_char *) (ev) - offsetof(ngx_credits_ledger_t, member)))


/* lanes */
void ngx_credits_lane_init(ngx_credits_ledger_t *ledger,
    ngx_credits_lane_t *lane, ngx_uint_t statement, ngx_uint_t narrays);
void ngx_credits_lanes_free(ngx_credits_ledger_t *ledger);

/* sends what is waiting, in every lane whose last call has ended */
void ngx_credits_lanes_send(ngx_credits_ledger_t *ledger);

/* done == NULL: nobody waits, there is no deadline */
void ngx_credits_lane_push(ngx_credits_lane_t *lane, ngx_credits_op_t *op,
    ngx_credits_op_done_pt done, void *data);

void ngx_credits_op_arm(ngx_credits_op_t *op, ngx_credits_ledger_t *ledger,
    ngx_credits_op_done_pt done, void *data);
void ngx_credits_op_finish(ngx_credits_op_t *op, ngx_int_t status);

/* operations */
void ngx_credits_lanes_init(ngx_credits_ledger_t *ledger);
int64_t ngx_credits_result_int(PGresult *result, int row, int column);
/* others were in the way: the same may succeed at once */
ngx_int_t ngx_credits_contended(const char *sqlstate);
/* gives the journal the charges that it could not take before */
void ngx_credits_settle_rewrite(ngx_credits_ledger_t *ledger);
/* the process ends: an alert for a charge that is nowhere else */
void ngx_credits_settle_lost(ngx_credits_op_t *op);

/* reads */
void ngx_credits_reads_send(ngx_credits_ledger_t *ledger);

/* ledger */
void ngx_credits_ledger_wake(ngx_credits_ledger_t *ledger);
void ngx_credits_ledger_wake_in(ngx_credits_ledger_t *ledger,
    ngx_msec_t msec);
void ngx_credits_ledger_settled(ngx_credits_ledger_t *ledger,
    ngx_credits_settle_op_t *s);

#endif /* NGX_CREDITS_BATCH_H */
