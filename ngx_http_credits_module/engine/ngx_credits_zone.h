/*
 * Shared memory of a node: sessions seen lately, requests in flight, counters.
 * It is a cache, never the truth about money.
 */

#ifndef NGX_CREDITS_ZONE_H
#define NGX_CREDITS_ZONE_H

#include <ngx_config.h>
#include <ngx_core.h>

#include "../core/credits_verdict.h"


#define NGX_CREDITS_SESSION_KEY  32

/* x(name, help): monotonic counters of the node */
#define NGX_CREDITS_COUNTERS(x)                                               \
    x(unauthorized, "requests without a user")                                \
    x(admitted, "requests that got a hold")                                   \
    x(denied, "requests refused for lack of credits")                         \
    x(frozen, "requests refused because the account is frozen")               \
    x(unavailable, "requests refused because Postgres did not answer")        \
    x(settled, "answers charged by the provider's usage")                     \
    x(estimated, "answers charged by an estimate")                            \
    x(released, "holds given back")                                           \
    x(credits, "credits charged")                                             \
    x(tokens, "tokens charged")                                               \
    x(drained, "answers read on after the client had left")                   \
    x(session_hits, "sessions found in the zone")                             \
    x(session_batches, "session look-ups sent to Postgres")                   \
    x(session_rows, "sessions looked up")                                     \
    x(hold_batches, "hold batches sent to Postgres")                          \
    x(hold_rows, "holds asked for")                                           \
    x(renewed, "holds renewed while their answer ran")                        \
    x(settle_batches, "settlement batches sent to Postgres")                  \
    x(settle_rows, "settlements sent")                                        \
    x(webhooks, "webhooks taken")                                             \
    x(webhooks_refused, "webhooks whose signature was refused")               \
    x(webhooks_failed, "signed webhooks that were not taken")                 \
    x(reads, "queries for a document or an event sent to Postgres")           \
    x(retries, "rows sent again after an error or a lost connection")         \
    x(journal_records, "records written to the journal")                      \
    x(journal_replayed, "records found in the journal of a dead worker")      \
    x(journal_errors, "records that could not be written")                    \
    x(journal_corrupt, "places in a journal that were no record")             \
    x(dead_letters, "records that Postgres will never take")                  \
    x(orphans, "requests whose worker died")                                  \
    x(zone_full, "requests that found no room in the zone")

typedef enum {
#define NGX_CREDITS_COUNTER_ID(name, help)  NGX_CREDITS_COUNT_##name,
    NGX_CREDITS_COUNTERS(NGX_CREDITS_COUNTER_ID)
#undef NGX_CREDITS_COUNTER_ID
    NGX_CREDITS_COUNTERS_N
} ngx_credits_counter_e;


typedef struct ngx_credits_zone_s      ngx_credits_zone_t;
typedef struct ngx_credits_inflight_s  ngx_credits_inflight_t;


/* NULL after logging; adding the same name and size again is the same zone */
ngx_shm_zone_t *ngx_credits_zone_add(ngx_conf_t *cf, ngx_str_t *name,
    size_t size, void *tag);

void ngx_credits_zone_count(ngx_credits_zone_t *zone,
    ngx_credits_counter_e counter, ngx_int_t n);
ngx_uint_t ngx_credits_zone_counter(ngx_credits_zone_t *zone,
    ngx_credits_counter_e counter);

/* why an answer was estimated or released: a counter each */
void ngx_credits_zone_count_reason(ngx_credits_zone_t *zone,
    credits_reason_t reason);
ngx_uint_t ngx_credits_zone_reasons(ngx_credits_zone_t *zone,
    credits_reason_t reason);

/*
 * user->data must have room for CREDITS_USER_MAX bytes.  NGX_OK, or
 * NGX_DECLINED: the session is not known, or its time is over.
 */
ngx_int_t ngx_credits_zone_session_get(ngx_credits_zone_t *zone,
    u_char key[NGX_CREDITS_SESSION_KEY], ngx_str_t *user);

/* ttl: ms; user->len: at most CREDITS_USER_MAX */
void ngx_credits_zone_session_put(ngx_credits_zone_t *zone,
    u_char key[NGX_CREDITS_SESSION_KEY], ngx_str_t *user, ngx_msec_t ttl);

/*
 * An in-flight entry stands for a request from the asking for its hold to its
 * settlement.  It outlives the worker, so that the others can end the request.
 * NULL: the zone has no room, which is counted.
 */
ngx_credits_inflight_t *ngx_credits_zone_inflight_add(
    ngx_credits_zone_t *zone, u_char request[16], ngx_str_t *user);

/* its hold is known, in credits */
void ngx_credits_zone_inflight_held(ngx_credits_zone_t *zone,
    ngx_credits_inflight_t *entry, int64_t hold);

/* its charge goes into the journal, but is not yet in Postgres */
void ngx_credits_zone_inflight_ended(ngx_credits_zone_t *zone,
    ngx_credits_inflight_t *entry);

void ngx_credits_zone_inflight_remove(ngx_credits_zone_t *zone,
    ngx_credits_inflight_t *entry);

/* requests in flight on this node, ended ones included */
ngx_uint_t ngx_credits_zone_inflight_count(ngx_credits_zone_t *zone);

/* how many requests of this user have ended but are not settled */
ngx_uint_t ngx_credits_zone_pending(ngx_credits_zone_t *zone, ngx_str_t *user);

/*
 * Removes one entry whose worker is gone, or, with `own`, one of this
 * worker's.  NGX_OK: its request had not ended; request, user (room for
 * CREDITS_USER_MAX bytes) and hold (0: not known) tell which; NGX_DONE: none
 * is left.
 */
ngx_int_t ngx_credits_zone_orphan(ngx_credits_zone_t *zone, ngx_uint_t own,
    u_char request[16], ngx_str_t *user, int64_t *hold);

#endif /* NGX_CREDITS_ZONE_H */
