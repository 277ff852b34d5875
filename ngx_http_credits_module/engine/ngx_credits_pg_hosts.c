/*
 * The lists of hosts, addresses and ports, turned until one host is first.
 */

#include "ngx_credits_pg_hosts.h"


#define NGX_CREDITS_PG_HOSTS_LISTS  3       /* host, hostaddr, port */


static ngx_uint_t ngx_credits_pg_hosts_is_list(const char *keyword);
static char *ngx_credits_pg_hosts_rotate(const char *list, ngx_uint_t n,
    ngx_log_t *log);


PGconn *
ngx_credits_pg_hosts_start(const ngx_credits_pg_conf_t *conf,
    ngx_uint_t first, ngx_log_t *log)
{
    char         *rotated[NGX_CREDITS_PG_HOSTS_LISTS];
    PGconn       *pgconn;
    ngx_uint_t    i, n, count;
    const char  **values;

    pgconn = NULL;
    n = 0;

    for (count = 0; conf->keywords[count]; count++) { /* void */ }

    values = ngx_alloc((count + 1) * sizeof(char *), log);
    if (values == NULL) {
        return NULL;
    }

    ngx_memcpy(values, conf->values, (count + 1) * sizeof(char *));

    for (i = 0; first && i < count; i++) {

        if (!ngx_credits_pg_hosts_is_list(conf->keywords[i])) {
            continue;
        }

        rotated[n] = ngx_credits_pg_hosts_rotate(values[i], first, log);
        if (rotated[n] == NULL) {
            goto done;
        }

        values[i] = rotated[n++];
    }

    pgconn = PQconnectStartParams(conf->keywords, values, 0);

done:

    while (n) {
        ngx_free(rotated[--n]);
    }

    ngx_free(values);

    return pgconn;
}


static ngx_uint_t
ngx_credits_pg_hosts_is_list(const char *keyword)
{
    return ngx_strcmp(keyword, "host") == 0
           || ngx_strcmp(keyword, "hostaddr") == 0
           || ngx_strcmp(keyword, "port") == 0;
}


/* the list begins with its n-th entry, and the entries before it follow */

static char *
ngx_credits_pg_hosts_rotate(const char *list, ngx_uint_t n, ngx_log_t *log)
{
    char        *rotated;
    ngx_uint_t   count;
    const char  *p;

    count = 1;

    for (p = list; *p; p++) {
        count += (*p == ',');
    }

    p = list;

    for (n %= count; n; n--) {
        p = ngx_strchr(p, ',') + 1;
    }

    rotated = ngx_alloc(ngx_strlen(list) + 2, log);
    if (rotated == NULL) {
        return NULL;
    }

    if (p == list) {
        ngx_sprintf((u_char *) rotated, "%s%Z", list);

    } else {
        ngx_sprintf((u_char *) rotated, "%s,%*s%Z",
                    p, (size_t) (p - list - 1), list);
    }

    return rotated;
}
