/*
 * What is sent and what comes back, as libpq shows it.
 */

#include "ngx_credits_pg_wire.h"

#include <openssl/ssl.h>


ngx_int_t
ngx_credits_pg_wire_prepare(PGconn *pgconn,
    const ngx_credits_pg_statement_t *const *statements,
    ngx_uint_t nstatements)
{
    ngx_uint_t                         i;
    const ngx_credits_pg_statement_t  *st;

    if (PQsetnonblocking(pgconn, 1) != 0 || !PQenterPipelineMode(pgconn)) {
        return NGX_ERROR;
    }

    for (i = 0; i < nstatements; i++) {
        st = statements[i];

        if (!PQsendPrepare(pgconn, st->name, st->sql, st->nparams, NULL)) {
            return NGX_ERROR;
        }
    }

    return PQpipelineSync(pgconn) ? NGX_OK : NGX_ERROR;
}


ngx_int_t
ngx_credits_pg_wire_send(PGconn *pgconn, const ngx_credits_pg_query_t *query)
{
    const ngx_credits_pg_statement_t  *st;

    st = query->statement;

    if (!PQsendQueryPrepared(pgconn, st->name, st->nparams, query->params,
                             NULL, NULL, 0)
        || !PQpipelineSync(pgconn))
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}


/*
 * PQflush() that cannot write all reads what there is, lest both sides wait
 * for each other.
 */

ngx_int_t
ngx_credits_pg_wire_flush(PGconn *pgconn)
{
    int  unsent;

    unsent = PQflush(pgconn);

    if (unsent == -1 || PQsocket(pgconn) == -1) {
        return NGX_ERROR;
    }

    return unsent ? NGX_AGAIN : NGX_OK;
}


/*
 * A libpq without its fix of this reads a TLS record of up to 16k into what
 * room it has, 8k or more; the rest waits inside OpenSSL.
 */

ngx_int_t
ngx_credits_pg_wire_consume(PGconn *pgconn)
{
    do {
        if (!PQconsumeInput(pgconn)) {
            return NGX_ERROR;
        }

    } while (ngx_credits_pg_wire_tls_pending(pgconn));

    return NGX_OK;
}


ngx_uint_t
ngx_credits_pg_wire_tls_pending(PGconn *pgconn)
{
    SSL  *ssl;

    ssl = PQsslStruct(pgconn, "OpenSSL");

    return ssl != NULL && SSL_pending(ssl) > 0;
}


/*
 * The results of a command end with a NULL, a sync has none after it; a second
 * NULL says that libpq expects nothing more.
 */

PGresult *
ngx_credits_pg_wire_next_result(PGconn *pgconn)
{
    PGresult    *result;
    ngx_uint_t   i;

    for (i = 0; i < 2; i++) {

        if (PQisBusy(pgconn)) {
            return NULL;
        }

        result = PQgetResult(pgconn);
        if (result) {
            return result;
        }
    }

    return NULL;
}


const char *
ngx_credits_pg_wire_sqlstate(const PGresult *result)
{
    const char  *sqlstate;

    sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);

    return sqlstate ? sqlstate : "";
}


const char *
ngx_credits_pg_wire_message(const PGresult *result)
{
    const char  *message;

    message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

    return message ? message : PQresultErrorMessage(result);
}


ngx_uint_t
ngx_credits_pg_wire_is_error(const PGresult *result)
{
    return PQresultStatus(result) != PGRES_TUPLES_OK
           && PQresultStatus(result) != PGRES_COMMAND_OK;
}


ngx_uint_t
ngx_credits_pg_wire_is_over(const PGresult *result)
{
    const char  *severity, *sqlstate;

    if (!ngx_credits_pg_wire_is_error(result)) {
        return 0;
    }

    sqlstate = ngx_credits_pg_wire_sqlstate(result);
    severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);

    return severity == NULL
           || ngx_strcmp(severity, "ERROR") != 0
           || ngx_strncmp(sqlstate, "08", 2) == 0
           || ngx_strncmp(sqlstate, "57P", 3) == 0;
}


ngx_uint_t
ngx_credits_pg_wire_is_stale(const PGresult *result)
{
    const char  *sqlstate, *where;

    sqlstate = ngx_credits_pg_wire_sqlstate(result);

    if (ngx_strcmp(sqlstate, "26000") == 0) {
        return 1;
    }

    where = PQresultErrorField(result, PG_DIAG_SOURCE_FUNCTION);

    return ngx_strcmp(sqlstate, "0A000") == 0
           && where != NULL
           && ngx_strcmp(where, "RevalidateCachedQuery") == 0;
}


ngx_uint_t
ngx_credits_pg_wire_contended(const char *sqlstate)
{
    return ngx_strcmp(sqlstate, "40001") == 0
           || ngx_strcmp(sqlstate, "40P01") == 0
           || ngx_strcmp(sqlstate, "55P03") == 0;
}


ngx_uint_t
ngx_credits_pg_wire_retryable(const char *sqlstate)
{
    return ngx_credits_pg_wire_contended(sqlstate)
           || ngx_strcmp(sqlstate, "57014") == 0;
}


int64_t
ngx_credits_pg_wire_int(const PGresult *result, int row, int column)
{
    return strtoll(PQgetvalue(result, row, column), NULL, 10);
}


ngx_uint_t
ngx_credits_pg_wire_equals(const PGresult *result, int row, int column,
    const char *text)
{
    return ngx_strcmp(PQgetvalue(result, row, column), text) == 0;
}


ngx_str_t
ngx_credits_pg_wire_one_line(u_char *buf, const char *text)
{
    u_char     *p, *last;
    ngx_str_t   line;

    p = buf;
    last = buf + NGX_CREDITS_PG_LINE - sizeof("; ");

    if (*text == '\0') {
        text = "no reason was given";
    }

    for ( /* void */ ; *text && p < last; text++) {

        if (*text != '\n') {
            *p++ = ((u_char) *text < ' ') ? ' ' : *text;
            continue;
        }

        /* libpq's guesses are on lines that begin with a tab */

        while (text[1] == '\t') {
            text += 1 + strcspn(text + 1, "\n");

            if (*text == '\0') {
                text--;
                break;
            }
        }

        if (text[1] != '\0') {
            p = ngx_cpymem(p, "; ", 2);
        }
    }

    *p = '\0';

    line.data = buf;
    line.len = p - buf;

    return line;
}
