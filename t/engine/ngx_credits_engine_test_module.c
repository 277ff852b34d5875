/*
 * The Postgres client under test, without HTTP: a worker reads commands from
 * a FIFO and writes every outcome to the error log.
 *
 *     engine_commands <fifo>;
 *     engine_database <conninfo> <connections> <timeout>;
 *     engine_statement <name> <sql> <number of parameters, 0 or 1>;
 *
 * A command is a line "<statement> <first> <last> <parameter>": the statement
 * is sent last - first + 1 times, with "#" replaced by the number and "*n" by
 * n bytes.  As the real owner does, a query that could not be sent or was lost
 * waits and goes again when the pool is ready.
 */

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>

#include "ngx_credits_pg.h"


#define ENGINE_VALUE_MAX  64
#define ENGINE_LINE_MAX   1024


typedef struct {
    ngx_str_t                    commands;
    ngx_credits_pg_conf_t        pg;
    ngx_array_t                  statements;        /* pointers */
} engine_conf_t;


typedef struct {
    ngx_credits_pg_query_t       query;
    ngx_uint_t                   number;
    char                         param[1];
} engine_query_t;


static void *engine_create_conf(ngx_cycle_t *cycle);
static char *engine_init_conf(ngx_cycle_t *cycle, void *conf);
static char *engine_database(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
static char *engine_statement(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
static ngx_int_t engine_init_process(ngx_cycle_t *cycle);
static void engine_exit_process(ngx_cycle_t *cycle);

static void engine_read(ngx_event_t *rev);
static void engine_write(ngx_event_t *wev);
static void engine_command(char *line);
static void engine_query(const ngx_credits_pg_statement_t *statement,
    ngx_uint_t number, const char *param);
static void engine_done(ngx_credits_pg_query_t *query,
    ngx_credits_pg_outcome_e outcome, PGresult *result, const char *sqlstate,
    ngx_str_t *error);
static void engine_ready(void *data);
static void engine_send_waiting(void);


static ngx_command_t  engine_commands[] = {

    { ngx_string("engine_commands"),
      NGX_MAIN_CONF|NGX_DIRECT_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_str_slot,
      0,
      offsetof(engine_conf_t, commands),
      NULL },

    { ngx_string("engine_database"),
      NGX_MAIN_CONF|NGX_DIRECT_CONF|NGX_CONF_TAKE3,
      engine_database,
      0,
      0,
      NULL },

    { ngx_string("engine_statement"),
      NGX_MAIN_CONF|NGX_DIRECT_CONF|NGX_CONF_TAKE3,
      engine_statement,
      0,
      0,
      NULL },

      ngx_null_command
};


static ngx_core_module_t  engine_module_ctx = {
    ngx_string("engine_test"),
    engine_create_conf,
    engine_init_conf
};


ngx_module_t  ngx_credits_engine_test_module = {
    NGX_MODULE_V1,
    &engine_module_ctx,            /* module context */
    engine_commands,               /* module directives */
    NGX_CORE_MODULE,               /* module type */
    NULL,                          /* init master */
    NULL,                          /* init module */
    engine_init_process,           /* init process */
    NULL,                          /* init thread */
    NULL,                          /* exit thread */
    engine_exit_process,           /* exit process */
    NULL,                          /* exit master */
    NGX_MODULE_V1_PADDING
};


static ngx_credits_pg_t  *engine_pg;
static engine_conf_t     *engine_conf;
static ngx_connection_t  *engine_fifo;
static ngx_queue_t        engine_waiting;
static ngx_uint_t         engine_exiting;


static void *
engine_create_conf(ngx_cycle_t *cycle)
{
    engine_conf_t  *conf;

    conf = ngx_pcalloc(cycle->pool, sizeof(engine_conf_t));

    if (conf == NULL
        || ngx_array_init(&conf->statements, cycle->pool, 8,
                          sizeof(ngx_credits_pg_statement_t *))
           != NGX_OK)
    {
        return NULL;
    }

    return conf;
}


static char *
engine_init_conf(ngx_cycle_t *cycle, void *conf)
{
    engine_conf = conf;

    return NGX_CONF_OK;
}


static char *
engine_database(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_str_t      *value;
    engine_conf_t  *ecf = conf;

    value = cf->args->elts;

    ecf->pg.connections = ngx_atoi(value[2].data, value[2].len);
    ecf->pg.timeout = ngx_parse_time(&value[3], 0);

    return ngx_credits_pg_conf_init(cf, &ecf->pg, &value[1]);
}


static char *
engine_statement(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_str_t                   *value;
    engine_conf_t               *ecf = conf;
    ngx_credits_pg_statement_t  *st, **slot;

    value = cf->args->elts;

    slot = ngx_array_push(&ecf->statements);
    st = ngx_palloc(cf->pool, sizeof(ngx_credits_pg_statement_t));

    if (slot == NULL || st == NULL) {
        return NGX_CONF_ERROR;
    }

    *slot = st;

    st->name = (char *) value[1].data;
    st->sql = (char *) value[2].data;
    st->nparams = ngx_atoi(value[3].data, value[3].len);

    return NGX_CONF_OK;
}


static ngx_int_t
engine_init_process(ngx_cycle_t *cycle)
{
    ngx_fd_t  fd;

    if (engine_conf->pg.keywords == NULL) {
        return NGX_OK;
    }

    ngx_queue_init(&engine_waiting);

    /* for writing too: a FIFO without a writer would read as ended */

    fd = open((char *) engine_conf->commands.data, O_RDWR|O_NONBLOCK);
    if (fd == -1) {
        return NGX_ERROR;
    }

    engine_fifo = ngx_get_connection(fd, cycle->log);
    if (engine_fifo == NULL) {
        return NGX_ERROR;
    }

    engine_fifo->read->handler = engine_read;
    engine_fifo->write->handler = engine_write;
    engine_fifo->read->log = cycle->log;
    engine_fifo->write->log = cycle->log;

    if (ngx_add_event(engine_fifo->read, NGX_READ_EVENT, NGX_LEVEL_EVENT)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    engine_pg = ngx_credits_pg_create(cycle, &engine_conf->pg,
                                      engine_conf->statements.elts,
                                      engine_conf->statements.nelts,
                                      engine_ready, NULL);

    return engine_pg ? NGX_OK : NGX_ERROR;
}


static void
engine_exit_process(ngx_cycle_t *cycle)
{
    ngx_queue_t     *q;
    engine_query_t  *eq;

    if (engine_pg == NULL) {
        return;
    }

    engine_exiting = 1;
    ngx_credits_pg_destroy(engine_pg);
    ngx_close_connection(engine_fifo);

    while (!ngx_queue_empty(&engine_waiting)) {
        q = ngx_queue_head(&engine_waiting);
        ngx_queue_remove(q);

        eq = ngx_queue_data(q, engine_query_t, query.queue);
        ngx_free(eq);
    }
}


/* A line may come in pieces. */

static void
engine_read(ngx_event_t *rev)
{
    char              *p, *end;
    ssize_t            n;
    static char        buf[ENGINE_LINE_MAX];
    static size_t      len;
    ngx_connection_t  *c;

    c = rev->data;

    n = read(c->fd, buf + len, sizeof(buf) - len);
    if (n <= 0) {
        return;
    }

    len += n;

    for (p = buf; (end = memchr(p, '\n', buf + len - p)) != NULL; p = end + 1)
    {
        *end = '\0';
        engine_command(p);
    }

    len -= p - buf;
    ngx_memmove(buf, p, len);
}


static void
engine_write(ngx_event_t *wev)
{
}


static void
engine_command(char *line)
{
    char                          name[32], param[32];
    ngx_uint_t                    i;
    unsigned                      number, last;
    ngx_credits_pg_statement_t  **st;

    param[0] = '\0';

    if (sscanf(line, "%31s %u %u %31s", name, &number, &last, param) < 3) {
        ngx_log_error(NGX_LOG_ALERT, ngx_cycle->log, 0, "engine: bad command");
        return;
    }

    st = engine_conf->statements.elts;

    for (i = 0; i < engine_conf->statements.nelts; i++) {
        if (ngx_strcmp(st[i]->name, name) == 0) {
            break;
        }
    }

    if (i == engine_conf->statements.nelts) {
        ngx_log_error(NGX_LOG_ALERT, ngx_cycle->log, 0,
                      "engine: no statement \"%s\"", name);
        return;
    }

    for ( /* void */ ; number <= last; number++) {
        engine_query(st[i], number, param);
    }

    engine_send_waiting();
}


static void
engine_query(const ngx_credits_pg_statement_t *statement, ngx_uint_t number,
    const char *param)
{
    size_t           len;
    engine_query_t  *eq;

    len = (param[0] == '*') ? (size_t) atoi(param + 1)
                            : ngx_strlen(param) + NGX_INT_T_LEN;

    eq = ngx_calloc(sizeof(engine_query_t) + len, ngx_cycle->log);
    if (eq == NULL) {
        return;
    }

    eq->number = number;
    eq->query.statement = statement;
    eq->query.params[0] = eq->param;
    eq->query.done = engine_done;
    eq->query.data = eq;

    if (param[0] == '*') {
        ngx_memset(eq->param, 'x', len);

    } else if (param[0] == '#') {
        ngx_sprintf((u_char *) eq->param, "%ui%s", number, param + 1);

    } else {
        ngx_memcpy(eq->param, param, ngx_strlen(param));
    }

    ngx_queue_insert_tail(&engine_waiting, &eq->query.queue);
}


static void
engine_done(ngx_credits_pg_query_t *query, ngx_credits_pg_outcome_e outcome,
    PGresult *result, const char *sqlstate, ngx_str_t *error)
{
    int              i, n;
    char             value[ENGINE_VALUE_MAX];
    size_t           bytes;
    engine_query_t  *eq;

    static const char  *outcomes[] = { "OK", "ERROR", "LOST" };

    eq = query->data;
    bytes = 0;
    value[0] = '\0';

    n = result && PQntuples(result) ? PQnfields(result) : 0;

    for (i = 0; i < n; i++) {
        bytes += PQgetlength(result, 0, i);
        snprintf(value + ngx_strlen(value), sizeof(value) - ngx_strlen(value),
                 " %s", PQgetvalue(result, 0, i));
    }

    ngx_log_error(NGX_LOG_NOTICE, ngx_cycle->log, 0,
                  "engine: %s %ui %s bytes=%uz sqlstate=%s value=%s error=%V.",
                  query->statement->name, eq->number, outcomes[outcome], bytes,
                  sqlstate, value, error);

    if (outcome == NGX_CREDITS_PG_LOST && !engine_exiting) {
        ngx_queue_insert_tail(&engine_waiting, &query->queue);
        return;
    }

    ngx_free(eq);
}


static void
engine_ready(void *data)
{
    static ngx_uint_t  last;

    if (ngx_credits_pg_up(engine_pg) != last) {
        last = ngx_credits_pg_up(engine_pg);
        ngx_log_error(NGX_LOG_NOTICE, ngx_cycle->log, 0, "engine: %ui up",
                      last);
    }

    engine_send_waiting();
}


static void
engine_send_waiting(void)
{
    ngx_queue_t          *q;
    ngx_credits_pg_query_t  *query;

    while (!ngx_queue_empty(&engine_waiting)) {
        q = ngx_queue_head(&engine_waiting);
        query = ngx_queue_data(q, ngx_credits_pg_query_t, queue);

        ngx_queue_remove(q);

        if (ngx_credits_pg_send(engine_pg, query) != NGX_OK) {
            ngx_queue_insert_head(&engine_waiting, q);

            ngx_log_error(NGX_LOG_NOTICE, ngx_cycle->log, 0,
                          "engine: %s waits", query->statement->name);
            return;
        }
    }
}
