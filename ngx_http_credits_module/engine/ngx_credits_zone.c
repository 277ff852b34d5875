/*
 * Shared memory of a node.
 */

#include "ngx_credits_zone.h"


#define NGX_CREDITS_ZONE_VERSION  3
#define NGX_CREDITS_ZONE_BUCKETS  1024


typedef struct {
    ngx_queue_t             queue;          /* of a bucket */
    ngx_queue_t             lru;
    ngx_msec_t              expires;
    u_char                  key[NGX_CREDITS_SESSION_KEY];
    u_short                 len;
    u_char                  user[1];
} ngx_credits_zone_session_t;


struct ngx_credits_inflight_s {
    ngx_queue_t             queue;          /* of a bucket */
    ngx_pid_t               pid;
    unsigned                ended:1;
    int64_t                 hold;           /* credits */
    u_char                  request[16];
    u_short                 len;
    u_char                  user[1];
};


typedef struct {
    ngx_uint_t              version;
    ngx_atomic_t            counters[NGX_CREDITS_COUNTERS_N];
    ngx_atomic_t            reasons[CREDITS_REASONS];
    ngx_atomic_t            ninflight;
    ngx_queue_t             lru;
    ngx_queue_t             sessions[NGX_CREDITS_ZONE_BUCKETS];
    ngx_queue_t             inflight[NGX_CREDITS_ZONE_BUCKETS];
} ngx_credits_zone_shared_t;


struct ngx_credits_zone_s {
    ngx_credits_zone_shared_t  *shared;
    ngx_slab_pool_t            *pool;
};


static ngx_int_t ngx_credits_zone_init(ngx_shm_zone_t *shm_zone, void *data);
static ngx_int_t ngx_credits_zone_set_up(ngx_credits_zone_t *zone,
    ngx_str_t *name);
static ngx_queue_t *ngx_credits_zone_bucket(ngx_queue_t *buckets,
    u_char *data, size_t len);
static void *ngx_credits_zone_alloc_locked(ngx_credits_zone_t *zone,
    size_t size);
static void ngx_credits_zone_forget_locked(ngx_credits_zone_t *zone,
    ngx_credits_zone_session_t *s);
static ngx_credits_zone_session_t *ngx_credits_zone_find_locked(
    ngx_credits_zone_t *zone, u_char *key);


ngx_shm_zone_t *
ngx_credits_zone_add(ngx_conf_t *cf, ngx_str_t *name, size_t size, void *tag)
{
    ngx_shm_zone_t      *shm_zone;
    ngx_credits_zone_t  *zone;

    shm_zone = ngx_shared_memory_add(cf, name, size, tag);
    if (shm_zone == NULL || shm_zone->data) {
        return shm_zone;
    }

    zone = ngx_pcalloc(cf->pool, sizeof(ngx_credits_zone_t));
    if (zone == NULL) {
        return NULL;
    }

    shm_zone->init = ngx_credits_zone_init;
    shm_zone->data = zone;

    return shm_zone;
}


static ngx_int_t
ngx_credits_zone_init(ngx_shm_zone_t *shm_zone, void *data)
{
    ngx_credits_zone_t  *old = data;

    ngx_credits_zone_t  *zone;

    zone = shm_zone->data;

    if (old) {
        if (old->shared->version != NGX_CREDITS_ZONE_VERSION) {
            ngx_log_error(NGX_LOG_EMERG, shm_zone->shm.log, 0,
                          "credits_zone \"%V\" was made by another version "
                          "of the module: restart nginx, or rename the zone",
                          &shm_zone->shm.name);
            return NGX_ERROR;
        }

        zone->shared = old->shared;
        zone->pool = old->pool;

        return NGX_OK;
    }

    zone->pool = (ngx_slab_pool_t *) shm_zone->shm.addr;

    if (shm_zone->shm.exists) {
        zone->shared = zone->pool->data;
        return NGX_OK;
    }

    return ngx_credits_zone_set_up(zone, &shm_zone->shm.name);
}


static ngx_int_t
ngx_credits_zone_set_up(ngx_credits_zone_t *zone, ngx_str_t *name)
{
    size_t      len;
    ngx_uint_t  i;

    zone->shared = ngx_slab_calloc(zone->pool,
                                   sizeof(ngx_credits_zone_shared_t));
    if (zone->shared == NULL) {
        return NGX_ERROR;
    }

    zone->pool->data = zone->shared;
    zone->shared->version = NGX_CREDITS_ZONE_VERSION;

    ngx_queue_init(&zone->shared->lru);

    for (i = 0; i < NGX_CREDITS_ZONE_BUCKETS; i++) {
        ngx_queue_init(&zone->shared->sessions[i]);
        ngx_queue_init(&zone->shared->inflight[i]);
    }

    len = sizeof(" in credits_zone \"\"") + name->len;

    zone->pool->log_ctx = ngx_slab_alloc(zone->pool, len);
    if (zone->pool->log_ctx == NULL) {
        return NGX_ERROR;
    }

    ngx_sprintf(zone->pool->log_ctx, " in credits_zone \"%V\"%Z", name);

    /* a full zone is normal: sessions are evicted, the rest is counted */

    zone->pool->log_nomem = 0;

    return NGX_OK;
}


void
ngx_credits_zone_count(ngx_credits_zone_t *zone,
    ngx_credits_counter_e counter, ngx_int_t n)
{
    (void) ngx_atomic_fetch_add(&zone->shared->counters[counter], n);
}


ngx_uint_t
ngx_credits_zone_counter(ngx_credits_zone_t *zone,
    ngx_credits_counter_e counter)
{
    return zone->shared->counters[counter];
}


void
ngx_credits_zone_count_reason(ngx_credits_zone_t *zone,
    credits_reason_t reason)
{
    (void) ngx_atomic_fetch_add(&zone->shared->reasons[reason], 1);
}


ngx_uint_t
ngx_credits_zone_reasons(ngx_credits_zone_t *zone, credits_reason_t reason)
{
    return zone->shared->reasons[reason];
}


ngx_int_t
ngx_credits_zone_session_get(ngx_credits_zone_t *zone,
    u_char key[NGX_CREDITS_SESSION_KEY], ngx_str_t *user)
{
    ngx_int_t                    rc;
    ngx_credits_zone_session_t  *s;

    rc = NGX_DECLINED;

    ngx_shmtx_lock(&zone->pool->mutex);

    s = ngx_credits_zone_find_locked(zone, key);

    if (s) {
        if ((ngx_msec_int_t) (s->expires - ngx_current_msec) > 0) {
            ngx_memcpy(user->data, s->user, s->len);
            user->len = s->len;

            ngx_queue_remove(&s->lru);
            ngx_queue_insert_head(&zone->shared->lru, &s->lru);

            rc = NGX_OK;

        } else {
            ngx_credits_zone_forget_locked(zone, s);
        }
    }

    ngx_shmtx_unlock(&zone->pool->mutex);

    return rc;
}


void
ngx_credits_zone_session_put(ngx_credits_zone_t *zone,
    u_char key[NGX_CREDITS_SESSION_KEY], ngx_str_t *user, ngx_msec_t ttl)
{
    ngx_credits_zone_session_t  *s;

    ngx_shmtx_lock(&zone->pool->mutex);

    s = ngx_credits_zone_find_locked(zone, key);
    if (s) {
        ngx_credits_zone_forget_locked(zone, s);
    }

    s = ngx_credits_zone_alloc_locked(zone,
                   offsetof(ngx_credits_zone_session_t, user) + user->len);

    if (s) {
        s->expires = ngx_current_msec + ttl;
        s->len = (u_short) user->len;
        ngx_memcpy(s->key, key, NGX_CREDITS_SESSION_KEY);
        ngx_memcpy(s->user, user->data, user->len);

        ngx_queue_insert_head(&zone->shared->lru, &s->lru);
        ngx_queue_insert_head(
            ngx_credits_zone_bucket(zone->shared->sessions, key,
                                    NGX_CREDITS_SESSION_KEY),
            &s->queue);
    }

    ngx_shmtx_unlock(&zone->pool->mutex);
}


ngx_credits_inflight_t *
ngx_credits_zone_inflight_add(ngx_credits_zone_t *zone, u_char request[16],
    ngx_str_t *user)
{
    ngx_credits_inflight_t  *f;

    ngx_shmtx_lock(&zone->pool->mutex);

    f = ngx_credits_zone_alloc_locked(zone,
                   offsetof(ngx_credits_inflight_t, user) + user->len);

    if (f) {
        f->pid = ngx_pid;
        f->ended = 0;
        f->hold = 0;
        f->len = (u_short) user->len;
        ngx_memcpy(f->request, request, 16);
        ngx_memcpy(f->user, user->data, user->len);

        ngx_queue_insert_head(
            ngx_credits_zone_bucket(zone->shared->inflight, user->data,
                                    user->len),
            &f->queue);
    }

    ngx_shmtx_unlock(&zone->pool->mutex);

    if (f) {
        (void) ngx_atomic_fetch_add(&zone->shared->ninflight, 1);

    } else {
        ngx_credits_zone_count(zone, NGX_CREDITS_COUNT_zone_full, 1);
    }

    return f;
}


void
ngx_credits_zone_inflight_held(ngx_credits_zone_t *zone,
    ngx_credits_inflight_t *entry, int64_t hold)
{
    ngx_shmtx_lock(&zone->pool->mutex);
    entry->hold = hold;
    ngx_shmtx_unlock(&zone->pool->mutex);
}


void
ngx_credits_zone_inflight_ended(ngx_credits_zone_t *zone,
    ngx_credits_inflight_t *entry)
{
    ngx_shmtx_lock(&zone->pool->mutex);
    entry->ended = 1;
    ngx_shmtx_unlock(&zone->pool->mutex);
}


void
ngx_credits_zone_inflight_remove(ngx_credits_zone_t *zone,
    ngx_credits_inflight_t *entry)
{
    ngx_shmtx_lock(&zone->pool->mutex);
    ngx_queue_remove(&entry->queue);
    ngx_slab_free_locked(zone->pool, entry);
    ngx_shmtx_unlock(&zone->pool->mutex);

    (void) ngx_atomic_fetch_add(&zone->shared->ninflight, -1);
}


ngx_uint_t
ngx_credits_zone_pending(ngx_credits_zone_t *zone, ngx_str_t *user)
{
    ngx_uint_t               n;
    ngx_queue_t             *q, *bucket;
    ngx_credits_inflight_t  *f;

    n = 0;
    bucket = ngx_credits_zone_bucket(zone->shared->inflight, user->data,
                                     user->len);

    ngx_shmtx_lock(&zone->pool->mutex);

    for (q = ngx_queue_head(bucket);
         q != ngx_queue_sentinel(bucket);
         q = ngx_queue_next(q))
    {
        f = ngx_queue_data(q, ngx_credits_inflight_t, queue);

        if (f->ended && f->len == user->len
            && ngx_memcmp(f->user, user->data, user->len) == 0)
        {
            n++;
        }
    }

    ngx_shmtx_unlock(&zone->pool->mutex);

    return n;
}


ngx_uint_t
ngx_credits_zone_inflight_count(ngx_credits_zone_t *zone)
{
    return zone->shared->ninflight;
}


ngx_int_t
ngx_credits_zone_orphan(ngx_credits_zone_t *zone, ngx_uint_t own,
    u_char request[16], ngx_str_t *user, int64_t *hold)
{
    ngx_int_t                rc;
    ngx_pid_t                alive;
    ngx_uint_t               i;
    ngx_queue_t             *q, *next, *bucket;
    ngx_credits_inflight_t  *f;

    rc = NGX_DONE;
    alive = ngx_pid;

    ngx_shmtx_lock(&zone->pool->mutex);

    for (i = 0; i < NGX_CREDITS_ZONE_BUCKETS && rc == NGX_DONE; i++) {
        bucket = &zone->shared->inflight[i];

        for (q = ngx_queue_head(bucket);
             q != ngx_queue_sentinel(bucket);
             q = next)
        {
            next = ngx_queue_next(q);
            f = ngx_queue_data(q, ngx_credits_inflight_t, queue);

            if (own) {
                if (f->pid != ngx_pid || f->ended) {
                    continue;
                }

            } else if (f->pid == alive) {
                continue;

            } else if (kill(f->pid, 0) == 0 || ngx_errno != NGX_ESRCH) {
                alive = f->pid;
                continue;
            }

            if (!f->ended) {
                ngx_memcpy(request, f->request, 16);
                ngx_memcpy(user->data, f->user, f->len);
                user->len = f->len;
                *hold = f->hold;
                rc = NGX_OK;
            }

            ngx_queue_remove(&f->queue);
            ngx_slab_free_locked(zone->pool, f);
            (void) ngx_atomic_fetch_add(&zone->shared->ninflight, -1);

            if (rc == NGX_OK) {
                break;
            }
        }
    }

    ngx_shmtx_unlock(&zone->pool->mutex);

    return rc;
}


static ngx_queue_t *
ngx_credits_zone_bucket(ngx_queue_t *buckets, u_char *data, size_t len)
{
    return &buckets[ngx_crc32_short(data, len) % NGX_CREDITS_ZONE_BUCKETS];
}


/* sessions give way: they can be looked up again */

static void *
ngx_credits_zone_alloc_locked(ngx_credits_zone_t *zone, size_t size)
{
    void        *p;
    ngx_uint_t   i;

    p = ngx_slab_alloc_locked(zone->pool, size);

    for (i = 0; p == NULL && i < 4; i++) {

        if (ngx_queue_empty(&zone->shared->lru)) {
            break;
        }

        ngx_credits_zone_forget_locked(zone,
            ngx_queue_data(ngx_queue_last(&zone->shared->lru),
                           ngx_credits_zone_session_t, lru));

        p = ngx_slab_alloc_locked(zone->pool, size);
    }

    return p;
}


static void
ngx_credits_zone_forget_locked(ngx_credits_zone_t *zone,
    ngx_credits_zone_session_t *s)
{
    ngx_queue_remove(&s->queue);
    ngx_queue_remove(&s->lru);
    ngx_slab_free_locked(zone->pool, s);
}


static ngx_credits_zone_session_t *
ngx_credits_zone_find_locked(ngx_credits_zone_t *zone, u_char *key)
{
    ngx_queue_t                 *q, *bucket;
    ngx_credits_zone_session_t  *s;

    bucket = ngx_credits_zone_bucket(zone->shared->sessions, key,
                                     NGX_CREDITS_SESSION_KEY);

    for (q = ngx_queue_head(bucket);
         q != ngx_queue_sentinel(bucket);
         q = ngx_queue_next(q))
    {
        s = ngx_queue_data(q, ngx_credits_zone_session_t, queue);

        if (ngx_memcmp(s->key, key, NGX_CREDITS_SESSION_KEY) == 0) {
            return s;
        }
    }

    return NULL;
}
