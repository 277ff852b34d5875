/*
 * Postgres in nginx's event loop: a few pipelined connections a worker.
 */

#ifndef NGX_CREDITS_PG_H
#define NGX_CREDITS_PG_H

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>

#include <libpq-fe.h>


#define NGX_CREDITS_PG_PARAMS  16


typedef struct ngx_credits_pg_s        ngx_credits_pg_t;
typedef struct ngx_credits_query_s     ngx_credits_query_t;


/* where to connect; filled in at configuration time, constant afterwards */
typedef struct {
    const char          **keywords;         /* for PQconnectStartParams */
    const char          **values;
    ngx_uint_t            connections;      /* a worker; 1..32 */
    ngx_msec_t            timeout;          /* of connecting and of a query */
} ngx_credits_pg_conf_t;


/* prepared on every connection as soon as it is up */
typedef struct {
    const char           *name;
    const char           *sql;
    int                   nparams;
} ngx_credits_pg_statement_t;


typedef enum {
    NGX_CREDITS_PG_OK = 0,
    NGX_CREDITS_PG_ERROR,       /* the server refused: nothing was done */
    NGX_CREDITS_PG_LOST         /* unknown: it may have been done, or not */
} ngx_credits_pg_outcome_e;


/*
 * Called once for every query that was sent.  The result belongs to the
 * caller and is gone after the call; it is NULL unless OK.  sqlstate is "" if
 * there is none; error is one line without a final newline.
 */
typedef void (*ngx_credits_query_done_pt)(ngx_credits_query_t *query,
    ngx_credits_pg_outcome_e outcome, PGresult *result, const char *sqlstate,
    ngx_str_t *error);

struct ngx_credits_query_s {
    ngx_queue_t                         queue;      /* private */
    const ngx_credits_pg_statement_t   *statement;
    const char                         *params[NGX_CREDITS_PG_PARAMS];
    ngx_credits_query_done_pt           done;
    void                               *data;
};


/*
 * Parses a conninfo string or URI, fills in the environment's defaults (the
 * workers have no environment) and resolves host names now: a worker never
 * asks DNS.  Returns NGX_CONF_OK, or NGX_CONF_ERROR after logging.  No
 * password is ever logged.
 */
char *ngx_credits_pg_configure(ngx_conf_t *cf, ngx_credits_pg_conf_t *conf,
    ngx_str_t *conninfo);

/*
 * Starts connecting.  `ready` is called whenever a connection has come up and
 * whenever a query has ended: the owner may have something to send.
 */
ngx_credits_pg_t *ngx_credits_pg_create(ngx_cycle_t *cycle,
    const ngx_credits_pg_conf_t *conf,
    const ngx_credits_pg_statement_t *statements, ngx_uint_t nstatements,
    void (*ready)(void *data), void *data);

/*
 * Sends now, on the connection with the fewest queries in flight.  NGX_OK, or
 * NGX_DECLINED: no connection is up; `done` is then not called.  The query and
 * its parameters must stay where they are until `done`.
 */
ngx_int_t ngx_credits_pg_send(ngx_credits_pg_t *pg,
    ngx_credits_query_t *query);

/* connections that are up */
ngx_uint_t ngx_credits_pg_up(ngx_credits_pg_t *pg);

/* closes all; queries in flight end as LOST, `ready` is not called again */
void ngx_credits_pg_destroy(ngx_credits_pg_t *pg);

#endif /* NGX_CREDITS_PG_H */
