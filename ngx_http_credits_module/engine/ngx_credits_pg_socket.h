/*
 * libpq's socket among nginx's events.
 *
 * libpq owns the socket.  We lend its number to nginx between two calls of
 * PQconnectPoll(), each of which may close it and open another one with the
 * same number.  libpq reads as much as it likes, not until EAGAIN: all events
 * are level triggered, and nothing here may use ngx_handle_read_event() and
 * the like.
 */

#ifndef NGX_CREDITS_PG_SOCKET_H
#define NGX_CREDITS_PG_SOCKET_H

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>

#include <libpq-fe.h>


/*
 * Waits for one event, NGX_READ_EVENT or NGX_WRITE_EVENT; the handler finds
 * data in the connection.  NULL: nginx has no connection left, or its event
 * method refuses the socket.
 */
ngx_connection_t *ngx_credits_pg_socket_attach(PGconn *pgconn,
    ngx_int_t event, ngx_event_handler_pt handler, void *data,
    ngx_log_t *log);

/* before the socket closes and before each PQconnectPoll(); c may be NULL */
void ngx_credits_pg_socket_detach(PGconn *pgconn, ngx_connection_t *c);

/* while something is unsent, the handler is called when it can be sent */
ngx_int_t ngx_credits_pg_socket_unsent(ngx_connection_t *c,
    ngx_uint_t unsent);

#endif /* NGX_CREDITS_PG_SOCKET_H */
