/*
 * Which host a connection begins with.
 */

#ifndef NGX_CREDITS_PG_HOSTS_H
#define NGX_CREDITS_PG_HOSTS_H

#include <ngx_config.h>
#include <ngx_core.h>

#include <libpq-fe.h>

#include "ngx_credits_pg_conf.h"


/*
 * Starts connecting.  libpq tries the hosts in turn, but leaves it to us to
 * give up on one that does not answer at all: then the next attempt begins
 * with the host after it, `first` being one more.  NULL: out of memory.
 */
PGconn *ngx_credits_pg_hosts_start(const ngx_credits_pg_conf_t *conf,
    ngx_uint_t first, ngx_log_t *log);

#endif /* NGX_CREDITS_PG_HOSTS_H */
