/*
 * What is asked of Postgres, and what becomes of it.
 */

#ifndef NGX_CREDITS_PG_QUERY_H
#define NGX_CREDITS_PG_QUERY_H

#include <ngx_config.h>
#include <ngx_core.h>

#include <libpq-fe.h>


#define NGX_CREDITS_PG_PARAMS  16


typedef struct ngx_credits_pg_query_s  ngx_credits_pg_query_t;


/* prepared on every connection as soon as it is up */
typedef struct {
    const char                         *name;
    const char                         *sql;
    int                                 nparams;
} ngx_credits_pg_statement_t;


typedef enum {
    NGX_CREDITS_PG_OK = 0,
    NGX_CREDITS_PG_ERROR,       /* the server refused: nothing was done */
    NGX_CREDITS_PG_LOST         /* unknown: it may have been done, or not */
} ngx_credits_pg_outcome_e;


/*
 * Called once for every query that was sent.  The pool owns the result and
 * frees it after the call; it is NULL unless OK.  sqlstate is "" if there is
 * none; error is one line without a final newline.
 */
typedef void (*ngx_credits_pg_done_pt)(ngx_credits_pg_query_t *query,
    ngx_credits_pg_outcome_e outcome, PGresult *result, const char *sqlstate,
    ngx_str_t *error);

struct ngx_credits_pg_query_s {
    ngx_queue_t                         queue;      /* private, while sent */
    const ngx_credits_pg_statement_t   *statement;
    const char                         *params[NGX_CREDITS_PG_PARAMS];
    ngx_credits_pg_done_pt              done;
    void                               *data;
};

#endif /* NGX_CREDITS_PG_QUERY_H */
