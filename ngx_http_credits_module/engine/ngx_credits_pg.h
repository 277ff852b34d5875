/*
 * Postgres in nginx's event loop: a few pipelined connections a worker.
 */

#ifndef NGX_CREDITS_PG_H
#define NGX_CREDITS_PG_H

#include <ngx_config.h>
#include <ngx_core.h>

#include "ngx_credits_pg_conf.h"
#include "ngx_credits_pg_query.h"


typedef struct ngx_credits_pg_s  ngx_credits_pg_t;


/*
 * Starts connecting.  NULL: out of memory.  conf and the statements must
 * outlive the pool.  `ready` is called whenever a connection has come up and
 * whenever a query has ended: the owner may have something to send.
 */
ngx_credits_pg_t *ngx_credits_pg_create(ngx_cycle_t *cycle,
    const ngx_credits_pg_conf_t *conf,
    const ngx_credits_pg_statement_t *const *statements,
    ngx_uint_t nstatements, void (*ready)(void *data), void *data);

/*
 * Sends now, on the connection with the fewest queries in flight.  NGX_OK, or
 * NGX_DECLINED: no connection is up; `done` is then not called.  The query and
 * its parameters must stay where they are until `done`.
 */
ngx_int_t ngx_credits_pg_send(ngx_credits_pg_t *pg,
    ngx_credits_pg_query_t *query);

/* connections that are up */
ngx_uint_t ngx_credits_pg_up(ngx_credits_pg_t *pg);

/*
 * Closes all; queries in flight end as LOST, `ready` is not called again.  Not
 * to be called from `done` or `ready`.
 */
void ngx_credits_pg_destroy(ngx_credits_pg_t *pg);

#endif /* NGX_CREDITS_PG_H */
