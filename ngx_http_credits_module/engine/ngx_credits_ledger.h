/*
 * The ledger as a worker sees it: operations that wait and go to Postgres
 * together, and charges that are safe before they are there.
 */

#ifndef NGX_CREDITS_LEDGER_H
#define NGX_CREDITS_LEDGER_H

#include <ngx_config.h>
#include <ngx_core.h>

#include "ngx_credits_op.h"
#include "ngx_credits_pg_conf.h"
#include "ngx_credits_zone.h"
#include "../core/credits_record.h"


typedef struct ngx_credits_ledger_s  ngx_credits_ledger_t;


typedef struct {
    ngx_credits_pg_conf_t   *postgres;
    ngx_str_t                journal;       /* directory; empty: none */
    ngx_msec_t               sync;          /* of the journal; 0: off */
    ngx_uint_t               capture;       /* 1: lost holds are charged */
    ngx_msec_t               hold_ttl;      /* a hold's life in Postgres, if
                                               it is not renewed */
} ngx_credits_ledger_conf_t;


/* NULL: out of memory, or sync without threads; conf must outlive it */
ngx_credits_ledger_t *ngx_credits_ledger_create(ngx_cycle_t *cycle,
    ngx_credits_ledger_conf_t *conf, ngx_credits_zone_t *zone);

/*
 * The process ends.  No owner is told; what is not in Postgres is left in the
 * journal.
 */
void ngx_credits_ledger_destroy(ngx_credits_ledger_t *ledger);

/*
 * Whether a charge would be safe: while the journal cannot be written, no
 * answer should be begun.
 */
ngx_uint_t ngx_credits_ledger_safe(ngx_credits_ledger_t *ledger);


/* each returns NULL when out of memory; strings are copied */

ngx_credits_op_t *ngx_credits_ledger_session(ngx_credits_ledger_t *ledger,
    ngx_str_t *token, ngx_credits_session_done_pt done, void *data);

/*
 * Holds up to `want` credits, but not less than `minimum`; request is the key
 * of hold and charge.
 */
ngx_credits_op_t *ngx_credits_ledger_hold(ngx_credits_ledger_t *ledger,
    ngx_str_t *user, u_char request[CREDITS_UUID_LEN], int64_t want,
    int64_t minimum, ngx_credits_hold_done_pt done, void *data);

/*
 * A hold that was granted does not expire until it is let go.  renewal and
 * user stay the caller's, and where they are until then.
 */
void ngx_credits_ledger_keep(ngx_credits_ledger_t *ledger,
    ngx_credits_renewal_t *renewal, ngx_str_t *user,
    u_char request[CREDITS_UUID_LEN]);

/* also of one that is not kept, if it is zeroed */
void ngx_credits_ledger_let_go(ngx_credits_renewal_t *renewal);

/* params: one without data is SQL's NULL */
ngx_credits_op_t *ngx_credits_ledger_query(ngx_credits_ledger_t *ledger,
    ngx_credits_query_e what, ngx_str_t *params, ngx_uint_t nparams,
    ngx_credits_query_done_pt done, void *data);

/* the owner leaves: no callback will come; a hold that comes is released */
void ngx_credits_ledger_abandon(ngx_credits_op_t *op);


/*
 * The one way a request ends: into the journal now, into Postgres as soon as
 * it answers.  entry may be NULL, else it is the ledger's from now on.
 * NGX_ERROR: out of memory, and only the journal has the record (or nothing,
 * after an alert).
 */
ngx_int_t ngx_credits_ledger_settle(ngx_credits_ledger_t *ledger,
    const credits_record_t *record, ngx_credits_inflight_t *entry);

#endif /* NGX_CREDITS_LEDGER_H */
