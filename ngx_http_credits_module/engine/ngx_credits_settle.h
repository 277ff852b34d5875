/*
 * Settlements: the one way a request ends, into the journal at once and into
 * Postgres as soon as it answers.
 */

#ifndef NGX_CREDITS_SETTLE_H
#define NGX_CREDITS_SETTLE_H

#include "ngx_credits_batch.h"
#include "ngx_credits_journal.h"
#include "../core/credits_record.h"


typedef struct {
    ngx_credits_batch_t       batch;
    ngx_credits_journal_t    *journal;      /* NULL: there is none */
    ngx_event_t              *exit_wait;    /* armed while charges wait */
    ngx_uint_t                capture;      /* 1: lost holds are charged */
    ngx_uint_t                waiting;      /* records not in Postgres */
    ngx_uint_t                unwritten;    /* of these, not in the journal */
} ngx_credits_settle_t;


#define NGX_CREDITS_SETTLE_EXIT_STEP  100   /* ms, of exit_wait */


extern const ngx_credits_pg_statement_t  ngx_credits_settle_statement;


/* journal, exit_wait and capture are the caller's to set */
void ngx_credits_settle_init(ngx_credits_settle_t *settle,
    ngx_credits_batch_host_t *host);

/*
 * entry may be NULL, else it is the settlement's from now on.  NGX_ERROR: out
 * of memory, and only the journal has the record (or nothing, after an alert).
 */
ngx_int_t ngx_credits_settle_record(ngx_credits_settle_t *settle,
    const credits_record_t *record, ngx_credits_inflight_t *entry);

/* 0: the journal cannot be written, a charge would not be safe */
ngx_uint_t ngx_credits_settle_safe(ngx_credits_settle_t *settle);

/* a ngx_credits_replay_pt; data is the settle */
void ngx_credits_settle_replay(void *data, const credits_record_t *record,
    ngx_credits_segment_t *segment);

/* gives the journal the charges that it could not take before */
void ngx_credits_settle_rewrite(ngx_credits_settle_t *settle);

/*
 * Ends the requests that had not ended when their worker died, or, with `own`,
 * those of this worker, which stops.
 */
void ngx_credits_settle_orphans(ngx_credits_settle_t *settle, ngx_uint_t own);

#endif /* NGX_CREDITS_SETTLE_H */
