/*
 * Where Postgres is: conninfo and environment become the keywords and values
 * of PQconnectStartParams.
 */

#include <ngx_config.h>
#include <ngx_core.h>

#include <netdb.h>

#include <libpq-fe.h>

#include "ngx_credits_pg_conf.h"


typedef struct {
    const char           *keyword;
    const char           *value;
} ngx_credits_pg_conf_param_t;


/* an entry in libpq's lists of the same names */
typedef struct {
    ngx_str_t             host;
    ngx_str_t             hostaddr;
    ngx_str_t             port;
} ngx_credits_pg_conf_host_t;


static PQconninfoOption *ngx_credits_pg_conf_parse(ngx_conf_t *cf,
    ngx_str_t *conninfo);
static ngx_int_t ngx_credits_pg_conf_merge(ngx_conf_t *cf, ngx_array_t *params,
    PQconninfoOption *given, PQconninfoOption *defaults);
static char *ngx_credits_pg_conf_environment(PQconninfoOption *defaults,
    const char *keyword);
static ngx_int_t ngx_credits_pg_conf_set_defaults(ngx_array_t *params);
static ngx_int_t ngx_credits_pg_conf_set_options(ngx_conf_t *cf,
    ngx_array_t *params, ngx_msec_t timeout);
static ngx_int_t ngx_credits_pg_conf_set_hosts(ngx_conf_t *cf,
    ngx_array_t *params);
static ngx_int_t ngx_credits_pg_conf_read_hosts(ngx_conf_t *cf,
    ngx_array_t *params, ngx_array_t *hosts);
static ngx_int_t ngx_credits_pg_conf_add_host(ngx_conf_t *cf,
    ngx_array_t *hosts, ngx_credits_pg_conf_host_t *host, ngx_uint_t number);
static int ngx_credits_pg_conf_add_addresses(ngx_conf_t *cf,
    ngx_array_t *hosts, ngx_credits_pg_conf_host_t *host,
    struct addrinfo *addresses);
static ngx_int_t ngx_credits_pg_conf_set_list(ngx_conf_t *cf,
    ngx_array_t *params, const char *keyword, ngx_array_t *hosts,
    size_t offset);
static ngx_array_t *ngx_credits_pg_conf_split(ngx_pool_t *pool,
    ngx_array_t *params, const char *keyword);
static const char *ngx_credits_pg_conf_get(ngx_array_t *params,
    const char *keyword);
static ngx_int_t ngx_credits_pg_conf_set(ngx_array_t *params,
    const char *keyword, const char *value);
static ngx_int_t ngx_credits_pg_conf_export(ngx_conf_t *cf,
    ngx_credits_pg_conf_t *conf, ngx_array_t *params);
static char *ngx_credits_pg_conf_cstring(ngx_pool_t *pool, const u_char *data,
    size_t len);


char *
ngx_credits_pg_conf_init(ngx_conf_t *cf, ngx_credits_pg_conf_t *conf,
    ngx_str_t *conninfo)
{
    ngx_int_t          rc;
    ngx_array_t        params;
    PQconninfoOption  *given, *defaults;

    if (ngx_array_init(&params, cf->pool, 16,
                       sizeof(ngx_credits_pg_conf_param_t))
        != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    given = ngx_credits_pg_conf_parse(cf, conninfo);
    if (given == NULL) {
        return NGX_CONF_ERROR;
    }

    defaults = PQconndefaults();
    if (defaults == NULL) {
        PQconninfoFree(given);
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "PQconndefaults() failed");
        return NGX_CONF_ERROR;
    }

    rc = ngx_credits_pg_conf_merge(cf, &params, given, defaults);

    PQconninfoFree(given);
    PQconninfoFree(defaults);

    if (rc != NGX_OK
        || ngx_credits_pg_conf_set_hosts(cf, &params) != NGX_OK
        || ngx_credits_pg_conf_set_defaults(&params) != NGX_OK
        || ngx_credits_pg_conf_set_options(cf, &params, conf->timeout)
           != NGX_OK
        || ngx_credits_pg_conf_export(cf, conf, &params) != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static PQconninfoOption *
ngx_credits_pg_conf_parse(ngx_conf_t *cf, ngx_str_t *conninfo)
{
    char              *text, *error;
    PQconninfoOption  *options;

    text = ngx_credits_pg_conf_cstring(cf->pool, conninfo->data,
                                       conninfo->len);
    if (text == NULL) {
        return NULL;
    }

    error = NULL;
    options = PQconninfoParse(text, &error);

    ngx_explicit_memzero(text, conninfo->len);

    if (options == NULL) {

        /* libpq's own message quotes what it could not parse: a password */

        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid Postgres connection string");

        if (error) {
            ngx_explicit_memzero(error, ngx_strlen(error));
            PQfreemem(error);
        }
    }

    return options;
}


static ngx_int_t
ngx_credits_pg_conf_merge(ngx_conf_t *cf, ngx_array_t *params,
    PQconninfoOption *given, PQconninfoOption *defaults)
{
    char              *keyword, *value;
    PQconninfoOption  *g;

    for (g = given; g->keyword; g++) {

        value = g->val;

        if (ngx_strcmp(g->keyword, "service") == 0) {

            /* a worker would look for the file, and not find it */

            if (value) {
                ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                                   "\"service\" is not supported in a "
                                   "Postgres connection string, use the "
                                   "environment variable PGSERVICE");
                return NGX_ERROR;
            }

            continue;
        }

        if (value == NULL) {
            value = ngx_credits_pg_conf_environment(defaults, g->keyword);
        }

        if (value == NULL || value[0] == '\0') {
            continue;
        }

        keyword = ngx_credits_pg_conf_cstring(cf->pool, (u_char *) g->keyword,
                                              ngx_strlen(g->keyword));
        value = ngx_credits_pg_conf_cstring(cf->pool, (u_char *) value,
                                            ngx_strlen(value));

        if (keyword == NULL || value == NULL
            || ngx_credits_pg_conf_set(params, keyword, value) != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/*
 * What the environment says, or NULL.  A default that is compiled into libpq
 * is left to libpq, so that "not set" can still be told apart.
 */

static char *
ngx_credits_pg_conf_environment(PQconninfoOption *defaults,
    const char *keyword)
{
    PQconninfoOption  *d;

    for (d = defaults; d->keyword; d++) {
        if (ngx_strcmp(d->keyword, keyword) == 0) {
            break;
        }
    }

    if (d->keyword == NULL || d->val == NULL
        || (d->compiled && ngx_strcmp(d->val, d->compiled) == 0))
    {
        return NULL;
    }

    /* not the name of the master's user: the workers have their own */

    if (ngx_strcmp(keyword, "user") == 0
        && getenv("PGUSER") == NULL && getenv("PGSERVICE") == NULL)
    {
        return NULL;
    }

    return d->val;
}


static ngx_int_t
ngx_credits_pg_conf_set_defaults(ngx_array_t *params)
{
    ngx_uint_t                     i;
    const char                    *host;
    const ngx_credits_pg_conf_param_t  *p;

    static const ngx_credits_pg_conf_param_t  defaults[] = {
        { "application_name", "nginx-credits" },

        /* looking for a Kerberos ticket may block */
        { "gssencmode", "disable" },
        { NULL, NULL }
    };

    for (i = 0; defaults[i].keyword; i++) {
        p = &defaults[i];

        if (ngx_credits_pg_conf_get(params, p->keyword) == NULL
            && ngx_credits_pg_conf_set(params, p->keyword, p->value) != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    /* we write: of several servers only the primary will do */

    host = ngx_credits_pg_conf_get(params, "host");
    if (host == NULL) {
        host = ngx_credits_pg_conf_get(params, "hostaddr");
    }

    if (host && ngx_strchr(host, ',')
        && ngx_credits_pg_conf_get(params, "target_session_attrs") == NULL
        && ngx_credits_pg_conf_set(params, "target_session_attrs",
                                   "read-write")
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_credits_pg_conf_set(params, "client_encoding", "UTF8");
}


/*
 * The server gives up before we do: its answer says for certain that nothing
 * was done, our own timer can only drop the connection and wonder.
 */

static ngx_int_t
ngx_credits_pg_conf_set_options(ngx_conf_t *cf, ngx_array_t *params,
    ngx_msec_t timeout)
{
    size_t       len;
    u_char      *p;
    char        *options;
    const char  *given;

    given = ngx_credits_pg_conf_get(params, "options");
    if (given == NULL) {
        given = "";
    }

    len = ngx_strlen(given) + sizeof(" -c timezone=UTC -c statement_timeout= "
                                     "-c lock_timeout= "
                                     "-c idle_in_transaction_session_timeout=")
          + 3 * NGX_INT_T_LEN;

    options = ngx_pnalloc(cf->pool, len + 1);
    if (options == NULL) {
        return NGX_ERROR;
    }

    p = ngx_snprintf((u_char *) options, len,
                     "%s -c timezone=UTC -c statement_timeout=%M "
                     "-c lock_timeout=%M "
                     "-c idle_in_transaction_session_timeout=%M",
                     given, ngx_max(timeout - timeout / 10, 1),
                     ngx_max(timeout / 4, 1), ngx_max(timeout, 1));
    *p = '\0';

    return ngx_credits_pg_conf_set(params, "options", options);
}


/*
 * Every address of a host becomes an entry of its own; the host's name stays
 * beside it for TLS.  A port that is alone is for all of them.
 */

static ngx_int_t
ngx_credits_pg_conf_set_hosts(ngx_conf_t *cf, ngx_array_t *params)
{
    ngx_uint_t   i;
    ngx_array_t  hosts;

    static const struct {
        const char  *keyword;
        size_t       offset;
    } lists[] = {
        { "host", offsetof(ngx_credits_pg_conf_host_t, host) },
        { "hostaddr", offsetof(ngx_credits_pg_conf_host_t, hostaddr) },
        { "port", offsetof(ngx_credits_pg_conf_host_t, port) }
    };

    if (ngx_array_init(&hosts, cf->pool, 4,
                       sizeof(ngx_credits_pg_conf_host_t))
        != NGX_OK
        || ngx_credits_pg_conf_read_hosts(cf, params, &hosts) != NGX_OK)
    {
        return NGX_ERROR;
    }

    for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        if (ngx_credits_pg_conf_set_list(cf, params, lists[i].keyword, &hosts,
                                         lists[i].offset)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_credits_pg_conf_read_hosts(ngx_conf_t *cf, ngx_array_t *params,
    ngx_array_t *hosts)
{
    ngx_str_t                   *h, *a, *p;
    ngx_uint_t                   i, n;
    ngx_array_t                 *host, *hostaddr, *port;
    ngx_credits_pg_conf_host_t   entry;

    host = ngx_credits_pg_conf_split(cf->pool, params, "host");
    hostaddr = ngx_credits_pg_conf_split(cf->pool, params, "hostaddr");
    port = ngx_credits_pg_conf_split(cf->pool, params, "port");

    if (host == NULL || hostaddr == NULL || port == NULL) {
        return NGX_ERROR;
    }

    n = ngx_max(host->nelts, hostaddr->nelts);

    if ((host->nelts && host->nelts != n)
        || (hostaddr->nelts && hostaddr->nelts != n)
        || (port->nelts > 1 && port->nelts != n))
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "the Postgres connection string has %ui hosts, "
                           "%ui host addresses and %ui ports: "
                           "the numbers must match",
                           host->nelts, hostaddr->nelts, port->nelts);
        return NGX_ERROR;
    }

    h = host->elts;
    a = hostaddr->elts;
    p = port->elts;

    for (i = 0; i < n; i++) {
        ngx_memzero(&entry, sizeof(ngx_credits_pg_conf_host_t));

        if (host->nelts) {
            entry.host = h[i];
        }

        if (hostaddr->nelts) {
            entry.hostaddr = a[i];
        }

        if (port->nelts > 1) {
            entry.port = p[i];
        }

        if (ngx_credits_pg_conf_add_host(cf, hosts, &entry, i + 1) != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/* once for each of its addresses */

static ngx_int_t
ngx_credits_pg_conf_add_host(ngx_conf_t *cf, ngx_array_t *hosts,
    ngx_credits_pg_conf_host_t *host, ngx_uint_t number)
{
    int                          rc;
    char                        *name;
    struct addrinfo              hints, *addresses;
    ngx_credits_pg_conf_host_t  *entry;

    if (host->hostaddr.len || host->host.len == 0
        || host->host.data[0] == '/' || host->host.data[0] == '@')
    {
        entry = ngx_array_push(hosts);
        if (entry == NULL) {
            return NGX_ERROR;
        }

        *entry = *host;

        return NGX_OK;
    }

    name = ngx_credits_pg_conf_cstring(cf->pool, host->host.data,
                                       host->host.len);
    if (name == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(&hints, sizeof(struct addrinfo));
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;

    addresses = NULL;
    rc = getaddrinfo(name, NULL, &hints, &addresses);

    if (rc == 0) {
        rc = ngx_credits_pg_conf_add_addresses(cf, hosts, host, addresses);
        freeaddrinfo(addresses);
    }

    if (rc != 0) {

        /* not its name: in a URI with a misplaced "@" that is a password */

        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "host %ui of the Postgres connection string "
                           "could not be resolved: %s",
                           number, gai_strerror(rc));
        return NGX_ERROR;
    }

    return NGX_OK;
}


/* 0, or an error of getaddrinfo() */

static int
ngx_credits_pg_conf_add_addresses(ngx_conf_t *cf, ngx_array_t *hosts,
    ngx_credits_pg_conf_host_t *host, struct addrinfo *addresses)
{
    int                          rc;
    char                         text[NI_MAXHOST];
    struct addrinfo             *a;
    ngx_credits_pg_conf_host_t  *entry;

    for (a = addresses; a; a = a->ai_next) {

        rc = getnameinfo(a->ai_addr, a->ai_addrlen, text, sizeof(text), NULL,
                         0, NI_NUMERICHOST);
        if (rc != 0) {
            return rc;
        }

        entry = ngx_array_push(hosts);
        if (entry == NULL) {
            return EAI_MEMORY;
        }

        *entry = *host;
        entry->hostaddr.len = ngx_strlen(text);
        entry->hostaddr.data = (u_char *)
            ngx_credits_pg_conf_cstring(cf->pool, (u_char *) text,
                                        entry->hostaddr.len);

        if (entry->hostaddr.data == NULL) {
            return EAI_MEMORY;
        }
    }

    return 0;
}


/* joins one field of the hosts with commas, if any host has it */

static ngx_int_t
ngx_credits_pg_conf_set_list(ngx_conf_t *cf, ngx_array_t *params,
    const char *keyword, ngx_array_t *hosts, size_t offset)
{
    char        *value, *p;
    size_t       len;
    ngx_str_t   *field;
    ngx_uint_t   i;

    len = 0;

    for (i = 0; i < hosts->nelts; i++) {
        field = (ngx_str_t *) ((u_char *) hosts->elts + i * hosts->size
                               + offset);
        len += field->len;
    }

    if (len == 0) {
        return NGX_OK;
    }

    value = ngx_pnalloc(cf->pool, len + hosts->nelts);
    if (value == NULL) {
        return NGX_ERROR;
    }

    p = value;

    for (i = 0; i < hosts->nelts; i++) {
        field = (ngx_str_t *) ((u_char *) hosts->elts + i * hosts->size
                               + offset);
        p = (char *) ngx_cpymem(p, field->data, field->len);
        *p++ = ',';
    }

    *(p - 1) = '\0';

    return ngx_credits_pg_conf_set(params, keyword, value);
}


/* the parts of a value between commas; none without a value */

static ngx_array_t *
ngx_credits_pg_conf_split(ngx_pool_t *pool, ngx_array_t *params,
    const char *keyword)
{
    size_t        len;
    ngx_str_t    *s;
    const char   *list;
    ngx_array_t  *parts;

    list = ngx_credits_pg_conf_get(params, keyword);

    parts = ngx_array_create(pool, 4, sizeof(ngx_str_t));
    if (parts == NULL || list == NULL) {
        return parts;
    }

    for ( ;; ) {
        s = ngx_array_push(parts);
        if (s == NULL) {
            return NULL;
        }

        len = strcspn(list, ",");
        s->data = (u_char *) list;
        s->len = len;

        if (list[len] == '\0') {
            return parts;
        }

        list += len + 1;
    }
}


static const char *
ngx_credits_pg_conf_get(ngx_array_t *params, const char *keyword)
{
    ngx_uint_t               i;
    ngx_credits_pg_conf_param_t  *p;

    p = params->elts;

    for (i = 0; i < params->nelts; i++) {
        if (ngx_strcmp(p[i].keyword, keyword) == 0) {
            return p[i].value;
        }
    }

    return NULL;
}


static ngx_int_t
ngx_credits_pg_conf_set(ngx_array_t *params, const char *keyword,
    const char *value)
{
    ngx_uint_t               i;
    ngx_credits_pg_conf_param_t  *p;

    p = params->elts;

    for (i = 0; i < params->nelts; i++) {
        if (ngx_strcmp(p[i].keyword, keyword) == 0) {
            p[i].value = value;
            return NGX_OK;
        }
    }

    p = ngx_array_push(params);
    if (p == NULL) {
        return NGX_ERROR;
    }

    p->keyword = keyword;
    p->value = value;

    return NGX_OK;
}


static ngx_int_t
ngx_credits_pg_conf_export(ngx_conf_t *cf, ngx_credits_pg_conf_t *conf,
    ngx_array_t *params)
{
    ngx_uint_t               i, n;
    ngx_credits_pg_conf_param_t  *p;

    n = params->nelts;
    p = params->elts;

    conf->keywords = ngx_pcalloc(cf->pool, (n + 1) * sizeof(char *));
    conf->values = ngx_pcalloc(cf->pool, (n + 1) * sizeof(char *));

    if (conf->keywords == NULL || conf->values == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < n; i++) {
        conf->keywords[i] = p[i].keyword;
        conf->values[i] = p[i].value;
    }

    return NGX_OK;
}


static char *
ngx_credits_pg_conf_cstring(ngx_pool_t *pool, const u_char *data, size_t len)
{
    char  *s;

    s = ngx_pnalloc(pool, len + 1);
    if (s == NULL) {
        return NULL;
    }

    *ngx_cpymem(s, data, len) = '\0';

    return s;
}
