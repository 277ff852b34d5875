/*
 * Documents and events: each a query of its own, and not part of a batch.
 */

#ifndef NGX_CREDITS_QUERY_H
#define NGX_CREDITS_QUERY_H

#include "ngx_credits_batch.h"


#define NGX_CREDITS_QUERIES  (NGX_CREDITS_QUERY_POLAR_EVENT + 1)


typedef struct {
    ngx_credits_batch_host_t  *host;
    ngx_queue_t                waiting;     /* for a connection */
} ngx_credits_query_queue_t;


/* the index is a ngx_credits_query_e */
extern const ngx_credits_pg_statement_t
    ngx_credits_query_statements[NGX_CREDITS_QUERIES];


void ngx_credits_query_init(ngx_credits_query_queue_t *queries,
    ngx_credits_batch_host_t *host);

/* the process ends: no owner is told */
void ngx_credits_query_free(ngx_credits_query_queue_t *queries);

/*
 * Copies the parameters; one without data is SQL's NULL.  NULL: out of memory.
 */
ngx_credits_op_t *ngx_credits_query_ask(ngx_credits_query_queue_t *queries,
    ngx_credits_query_e what, ngx_str_t *params, ngx_uint_t nparams,
    ngx_credits_query_done_pt done, void *data);

/* sends what is waiting */
void ngx_credits_query_send(ngx_credits_query_queue_t *queries);

#endif /* NGX_CREDITS_QUERY_H */
