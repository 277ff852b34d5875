/*
 * Where Postgres is, known at configuration time.
 */

#ifndef NGX_CREDITS_PG_CONF_H
#define NGX_CREDITS_PG_CONF_H

#include <ngx_config.h>
#include <ngx_core.h>


/* filled in at configuration time, constant afterwards */
typedef struct {
    const char          **keywords;         /* for PQconnectStartParams */
    const char          **values;
    ngx_uint_t            connections;      /* a worker; 1..32 */
    ngx_msec_t            timeout;          /* of connecting and of a query */
} ngx_credits_pg_conf_t;


/*
 * Parses a conninfo string or URI, fills in the environment's defaults (the
 * workers have no environment) and resolves host names now: a worker never
 * asks DNS.  conf->timeout must be set.  Returns NGX_CONF_OK, or
 * NGX_CONF_ERROR after logging.  No password is ever logged.
 */
char *ngx_credits_pg_conf_init(ngx_conf_t *cf, ngx_credits_pg_conf_t *conf,
    ngx_str_t *conninfo);

#endif /* NGX_CREDITS_PG_CONF_H */
