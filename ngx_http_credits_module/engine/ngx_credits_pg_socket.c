/*
 * libpq's socket among nginx's events.
 */

#include "ngx_credits_pg_socket.h"


ngx_connection_t *
ngx_credits_pg_socket_attach(PGconn *pgconn, ngx_int_t event,
    ngx_event_handler_pt handler, void *data, ngx_log_t *log)
{
    ngx_connection_t  *c;

    c = ngx_get_connection(PQsocket(pgconn), log);
    if (c == NULL) {
        return NULL;
    }

    /* the socket is libpq's: ngx_close_connection() must leave it open */

    c->shared = 1;
    c->data = data;

    c->read->handler = handler;
    c->write->handler = handler;
    c->read->log = c->log;
    c->write->log = c->log;

    if (ngx_add_event(event == NGX_READ_EVENT ? c->read : c->write, event,
                      NGX_LEVEL_EVENT)
        != NGX_OK)
    {
        ngx_credits_pg_socket_detach(pgconn, c);
        return NULL;
    }

    return c;
}


void
ngx_credits_pg_socket_detach(PGconn *pgconn, ngx_connection_t *c)
{
    ngx_uint_t  flags;

    if (c == NULL) {
        return;
    }

    /* libpq closes a socket that has failed, and the kernel forgets it */

    flags = (PQsocket(pgconn) == -1) ? NGX_CLOSE_EVENT : 0;

    if (ngx_del_conn) {
        if (c->read->active || c->write->active) {
            ngx_del_conn(c, flags);
        }

    } else {
        if (c->read->active) {
            ngx_del_event(c->read, NGX_READ_EVENT, flags);
        }

        if (c->write->active) {
            ngx_del_event(c->write, NGX_WRITE_EVENT, flags);
        }
    }

    ngx_close_connection(c);
}


ngx_int_t
ngx_credits_pg_socket_unsent(ngx_connection_t *c, ngx_uint_t unsent)
{
    ngx_event_t  *wev;

    wev = c->write;

    if (unsent && !wev->active) {
        return ngx_add_event(wev, NGX_WRITE_EVENT, NGX_LEVEL_EVENT);
    }

    if (!unsent && wev->active) {
        return ngx_del_event(wev, NGX_WRITE_EVENT, 0);
    }

    return NGX_OK;
}
