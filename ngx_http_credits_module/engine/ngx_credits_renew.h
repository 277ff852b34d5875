/*
 * Renewals: a hold does not expire while its answer runs.
 */

#ifndef NGX_CREDITS_RENEW_H
#define NGX_CREDITS_RENEW_H

#include "ngx_credits_array.h"
#include "ngx_credits_batch.h"
#include "ngx_credits_op.h"


typedef struct {
    ngx_credits_batch_host_t   *host;
    ngx_queue_t                 kept;       /* the next one due is the first */
    ngx_queue_t                 sent;
    ngx_uint_t                  nsent;      /* 0: no call under way */
    ngx_credits_pg_query_t      query;
    ngx_credits_array_t         users;
    ngx_credits_array_t         requests;
    ngx_event_t                 timer;
    ngx_msec_t                  interval;   /* half of a hold's life */
    ngx_msec_t                  retry;      /* if delayed: not before */
    unsigned                    delayed:1;
} ngx_credits_renew_t;


extern const ngx_credits_pg_statement_t  ngx_credits_renew_statement;


/* ttl: ms of a hold's life in Postgres; text: the same as an interval, which
   stays the caller's */
void ngx_credits_renew_init(ngx_credits_renew_t *renew,
    ngx_credits_batch_host_t *host, ngx_msec_t ttl, u_char *text);

/* the process ends */
void ngx_credits_renew_free(ngx_credits_renew_t *renew);

/*
 * From now on, until it is let go, the hold of this request is renewed before
 * it expires.  renewal and user stay the caller's, and where they are.
 */
void ngx_credits_renew_keep(ngx_credits_renew_t *renew,
    ngx_credits_renewal_t *renewal, ngx_str_t *user,
    u_char request[CREDITS_UUID_LEN]);

/* also of one that is not kept, if it is zeroed */
void ngx_credits_renew_let_go(ngx_credits_renewal_t *renewal);

/* sends what is due, if the last call has ended */
void ngx_credits_renew_send(ngx_credits_renew_t *renew);

/* 1: some that are due are not renewed yet */
ngx_uint_t ngx_credits_renew_late(ngx_credits_renew_t *renew);

#endif /* NGX_CREDITS_RENEW_H */
