/*
 * Sessions: whose token is it?
 */

#ifndef NGX_CREDITS_SESSION_H
#define NGX_CREDITS_SESSION_H

#include "ngx_credits_batch.h"


typedef struct {
    ngx_credits_batch_t    batch;
} ngx_credits_session_queue_t;


extern const ngx_credits_pg_statement_t  ngx_credits_session_statement;


void ngx_credits_session_init(ngx_credits_session_queue_t *sessions,
    ngx_credits_batch_host_t *host);

/* copies the token; NULL: out of memory */
ngx_credits_op_t *ngx_credits_session_lookup(
    ngx_credits_session_queue_t *sessions, ngx_str_t *token,
    ngx_credits_session_done_pt done, void *data);

#endif /* NGX_CREDITS_SESSION_H */
