/*
 * Over libpq's connection: what may be called in an event loop, and what a
 * result says.  It returns codes; what they mean for a connection is decided
 * above.
 */

#ifndef NGX_CREDITS_PG_WIRE_H
#define NGX_CREDITS_PG_WIRE_H

#include <ngx_config.h>
#include <ngx_core.h>

#include <libpq-fe.h>

#include "ngx_credits_pg_query.h"


#define NGX_CREDITS_PG_LINE  1024


/*
 * Enters pipeline mode and sends what prepares the statements, with one sync
 * behind them.  NGX_ERROR: libpq's own message says why.
 */
ngx_int_t ngx_credits_pg_wire_prepare(PGconn *pgconn,
    const ngx_credits_pg_statement_t *const *statements,
    ngx_uint_t nstatements);

/* a query and its sync; NGX_ERROR: without its sync nothing is done */
ngx_int_t ngx_credits_pg_wire_send(PGconn *pgconn,
    const ngx_credits_pg_query_t *query);

/*
 * NGX_OK: all is sent; NGX_AGAIN: when the socket can be written to;
 * NGX_ERROR.  It may have read as well, and no event tells of that.
 */
ngx_int_t ngx_credits_pg_wire_flush(PGconn *pgconn);

/* reads what there is; NGX_ERROR: the connection is lost */
ngx_int_t ngx_credits_pg_wire_consume(PGconn *pgconn);

/* 1: input waits inside OpenSSL, where the event loop cannot see it */
ngx_uint_t ngx_credits_pg_wire_tls_pending(PGconn *pgconn);

/* the caller clears it; NULL: none yet */
PGresult *ngx_credits_pg_wire_next_result(PGconn *pgconn);


/* "": none, then libpq itself has failed */
const char *ngx_credits_pg_wire_sqlstate(const PGresult *result);

/* the server's detail and context are left out: they quote rows */
const char *ngx_credits_pg_wire_message(const PGresult *result);

ngx_uint_t ngx_credits_pg_wire_is_error(const PGresult *result);

/* the session has ended: no sync will follow */
ngx_uint_t ngx_credits_pg_wire_is_over(const PGresult *result);

/*
 * The statement was prepared by a session that is another one behind a pooler
 * now, or for a function that has since been replaced.
 */
ngx_uint_t ngx_credits_pg_wire_is_stale(const PGresult *result);

/* others were in the way: the same may succeed at once */
ngx_uint_t ngx_credits_pg_wire_contended(const char *sqlstate);

/* the same may succeed a moment later */
ngx_uint_t ngx_credits_pg_wire_retryable(const char *sqlstate);


int64_t ngx_credits_pg_wire_int(const PGresult *result, int row, int column);
ngx_uint_t ngx_credits_pg_wire_equals(const PGresult *result, int row,
    int column, const char *text);

/* in buf, cut at NGX_CREDITS_PG_LINE bytes with the final zero */
ngx_str_t ngx_credits_pg_wire_one_line(u_char *buf, const char *text);

#endif /* NGX_CREDITS_PG_WIRE_H */
