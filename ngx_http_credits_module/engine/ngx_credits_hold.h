/*
 * Holds: credits are set aside before the provider is asked.
 */

#ifndef NGX_CREDITS_HOLD_H
#define NGX_CREDITS_HOLD_H

#include "ngx_credits_batch.h"
#include "ngx_credits_settle.h"


typedef struct {
    ngx_credits_batch_t      batch;
    ngx_credits_settle_t    *settle;        /* ends abandoned holds */
    u_char                   ttl[NGX_INT64_LEN + sizeof(" milliseconds")];
    u_char                   node[64];
} ngx_credits_hold_queue_t;


extern const ngx_credits_pg_statement_t  ngx_credits_hold_statement;


/* ttl: ms of a hold's life in Postgres */
void ngx_credits_hold_init(ngx_credits_hold_queue_t *holds,
    ngx_credits_batch_host_t *host, ngx_credits_settle_t *settle,
    ngx_cycle_t *cycle, ngx_msec_t ttl);

/*
 * Holds up to `want` credits, but not less than `minimum`.  Copies user and
 * request, the key of hold and charge; NULL: out of memory.
 */
ngx_credits_op_t *ngx_credits_hold_request(ngx_credits_hold_queue_t *holds,
    ngx_str_t *user, u_char request[CREDITS_UUID_LEN], int64_t want,
    int64_t minimum, ngx_credits_hold_done_pt done, void *data);

#endif /* NGX_CREDITS_HOLD_H */
