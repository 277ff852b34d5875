/*
 * The journal of a node.
 */

#include "ngx_credits_journal.h"
#include "ngx_credits_sync.h"

#include <ngx_event.h>


#define NGX_CREDITS_JOURNAL_FULL       (1024 * 1024)    /* bytes */
#define NGX_CREDITS_JOURNAL_TAKE_OVER  4                /* segments a call */
#define NGX_CREDITS_JOURNAL_TRIES      3                /* names */


struct ngx_credits_journal_s {
    ngx_str_t                dir;
    ngx_log_t               *log;
    ngx_credits_zone_t      *zone;
    ngx_queue_t              segments;
    ngx_credits_segment_t   *current;       /* appended to, or NULL */
    ngx_uint_t               number;        /* of the next segment */
    ngx_credits_replay_pt    replay;
    void                    *data;
    ngx_credits_sync_t      *sync;          /* NULL: off */
    ngx_msec_t               sync_interval;
    ngx_event_t              sync_timer;
    ngx_connection_t         dummy;         /* the timer's data */
    unsigned                 failing:1;
    unsigned                 unreadable:1;  /* a segment, in the last scan */
};


static void ngx_credits_journal_sync(ngx_event_t *ev);
static void ngx_credits_journal_synced(void *data, ngx_err_t err);
static ngx_credits_segment_t *ngx_credits_journal_current(
    ngx_credits_journal_t *journal);
static ngx_int_t ngx_credits_journal_next(ngx_credits_journal_t *journal);
static void ngx_credits_journal_seal(ngx_credits_journal_t *journal);
static ngx_uint_t ngx_credits_journal_is_segment(ngx_str_t *file);
static ngx_int_t ngx_credits_journal_take_over_file(
    ngx_credits_journal_t *journal, ngx_str_t *file);
static ngx_int_t ngx_credits_journal_write_dead(
    ngx_credits_journal_t *journal, const credits_record_t *record,
    ngx_credits_segment_t *dead);
static void ngx_credits_journal_failed(ngx_credits_journal_t *journal,
    ngx_err_t err, const char *what, u_char *name);
static void ngx_credits_journal_recovered(ngx_credits_journal_t *journal);
static void ngx_credits_journal_retire(ngx_credits_journal_t *journal,
    ngx_credits_segment_t *segment);


ngx_credits_journal_t *
ngx_credits_journal_create(ngx_cycle_t *cycle, ngx_str_t *dir,
    ngx_msec_t sync, ngx_credits_zone_t *zone,
    ngx_credits_replay_pt replay, void *data)
{
    ngx_credits_journal_t  *journal;

    journal = ngx_calloc(sizeof(ngx_credits_journal_t), cycle->log);
    if (journal == NULL) {
        return NULL;
    }

    journal->dir = *dir;
    journal->log = cycle->log;
    journal->zone = zone;
    journal->replay = replay;
    journal->data = data;

    ngx_queue_init(&journal->segments);

    if (sync) {
        journal->sync = ngx_credits_sync_create(cycle);
        if (journal->sync == NULL) {
            ngx_free(journal);
            return NULL;
        }

        journal->sync_interval = sync;
        journal->dummy.fd = (ngx_socket_t) -1;
        journal->dummy.data = journal;

        journal->sync_timer.handler = ngx_credits_journal_sync;
        journal->sync_timer.data = &journal->dummy;
        journal->sync_timer.log = journal->log;
        journal->sync_timer.cancelable = 1;
    }

    return journal;
}


ngx_credits_segment_t *
ngx_credits_journal_write(ngx_credits_journal_t *journal,
    const credits_record_t *record)
{
    u_char                  buf[CREDITS_RECORD_MAX];
    size_t                  len;
    ngx_credits_segment_t  *segment;

    len = credits_record_encode(record, buf);
    if (len == 0) {
        ngx_credits_journal_failed(journal, 0, "encode a record for",
                                   journal->dir.data);
        return NULL;
    }

    segment = ngx_credits_journal_current(journal);
    if (segment == NULL) {
        return NULL;
    }

    if (ngx_credits_segment_append(segment, buf, len) != NGX_OK) {
        ngx_credits_journal_failed(journal, ngx_errno, ngx_write_fd_n,
                                   segment->name);

        if (segment->sealed) {
            ngx_credits_journal_seal(journal);
        }

        return NULL;
    }

    ngx_credits_journal_recovered(journal);

    segment->pending++;

    if (journal->sync) {
        segment->dirty = 1;

        if (!journal->sync_timer.timer_set) {
            ngx_add_timer(&journal->sync_timer, journal->sync_interval);
        }
    }

    ngx_credits_zone_count(journal->zone, NGX_CREDITS_COUNT_journal_records,
                           1);

    return segment;
}


ngx_uint_t
ngx_credits_journal_failing(ngx_credits_journal_t *journal)
{
    return journal->failing;
}


ngx_int_t
ngx_credits_journal_probe(ngx_credits_journal_t *journal)
{
    off_t                   size;
    u_char                  buf[CREDITS_RECORD_MAX];
    ngx_int_t               rc;
    ngx_credits_segment_t  *segment;

    if (!journal->failing) {
        return NGX_OK;
    }

    segment = ngx_credits_journal_current(journal);
    if (segment == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(buf, sizeof(buf));

    size = segment->size;
    rc = ngx_credits_segment_append(segment, buf, sizeof(buf));

    if (rc == NGX_OK) {
        ngx_credits_segment_cut(segment, size);
        ngx_credits_journal_recovered(journal);
    }

    if (segment->sealed) {
        ngx_credits_journal_seal(journal);
    }

    return rc;
}


void
ngx_credits_journal_ack(ngx_credits_journal_t *journal,
    ngx_credits_segment_t *segment)
{
    segment->pending--;

    ngx_log_debug2(NGX_LOG_DEBUG_CORE, journal->log, 0,
                   "credits journal: \"%s\" acknowledged, %ui pending",
                   segment->name, segment->pending);

    if (segment->pending == 0
        && (segment->sealed || segment->size >= NGX_CREDITS_JOURNAL_FULL))
    {
        ngx_credits_journal_retire(journal, segment);
    }
}


void
ngx_credits_journal_reclaim(ngx_credits_journal_t *journal)
{
    if (journal->current && journal->current->pending == 0) {
        ngx_credits_journal_retire(journal, journal->current);
    }
}


void
ngx_credits_journal_destroy(ngx_credits_journal_t *journal)
{
    ngx_queue_t            *q;
    ngx_credits_segment_t  *segment;

    if (journal->sync_timer.timer_set) {
        ngx_del_timer(&journal->sync_timer);
    }

    while (!ngx_queue_empty(&journal->segments)) {
        q = ngx_queue_head(&journal->segments);
        segment = ngx_queue_data(q, ngx_credits_segment_t, queue);

        if (segment->pending == 0) {
            ngx_credits_journal_retire(journal, segment);
            continue;
        }

        /* closing gives up the lock: the next worker takes it over */

        ngx_queue_remove(q);
        ngx_credits_segment_release(segment);
    }

    ngx_free(journal);
}


static void
ngx_credits_journal_sync(ngx_event_t *ev)
{
    ngx_queue_t            *q;
    ngx_connection_t       *dummy;
    ngx_credits_journal_t  *journal;
    ngx_credits_segment_t  *segment;

    dummy = ev->data;
    journal = dummy->data;

    for (q = ngx_queue_head(&journal->segments);
         q != ngx_queue_sentinel(&journal->segments);
         q = ngx_queue_next(q))
    {
        segment = ngx_queue_data(q, ngx_credits_segment_t, queue);

        if (!segment->dirty) {
            continue;
        }

        if (ngx_credits_sync_file(journal->sync, segment->fd,
                                  ngx_credits_journal_synced, journal)
            == NGX_OK)
        {
            segment->dirty = 0;
        }

        /* one at a time; the rest, or this one again, next time */

        ngx_add_timer(ev, journal->sync_interval);
        return;
    }
}


static void
ngx_credits_journal_synced(void *data, ngx_err_t err)
{
    ngx_credits_journal_t  *journal = data;

    if (err) {
        ngx_credits_journal_failed(journal, err, "a write to the disk in",
                                   journal->dir.data);
    }
}


static ngx_credits_segment_t *
ngx_credits_journal_current(ngx_credits_journal_t *journal)
{
    ngx_int_t               rc;
    ngx_uint_t              tries;
    ngx_credits_segment_t  *segment;

    segment = journal->current;

    if (segment) {
        if (segment->size < NGX_CREDITS_JOURNAL_FULL) {
            return segment;
        }

        ngx_credits_journal_seal(journal);
    }

    tries = NGX_CREDITS_JOURNAL_TRIES;

    do {
        rc = ngx_credits_journal_next(journal);
    } while (rc == NGX_DECLINED && --tries);

    if (rc == NGX_DECLINED) {
        ngx_credits_journal_failed(journal, 0, "making a new file in",
                                   journal->dir.data);
    }

    return journal->current;
}


/* NGX_DECLINED: another worker took the new file for one left behind */

static ngx_int_t
ngx_credits_journal_next(ngx_credits_journal_t *journal)
{
    u_char                  buf[sizeof("-") + 3 * NGX_INT64_LEN
                                + sizeof(NGX_CREDITS_SEGMENT_SUFFIX)];
    ngx_int_t               rc;
    ngx_str_t               file;
    const char             *what;
    ngx_credits_segment_t  *segment;

    /* the time keeps a pid that comes again from meeting an old file */

    file.data = buf;
    file.len = ngx_sprintf(buf, "%P-%T-%ui" NGX_CREDITS_SEGMENT_SUFFIX,
                           ngx_pid, ngx_time(), journal->number++)
               - buf;

    segment = ngx_credits_segment_alloc(&journal->dir, &file, journal->log);
    if (segment == NULL) {
        return NGX_ERROR;
    }

    rc = ngx_credits_segment_create(segment, &what);

    if (rc != NGX_OK) {
        if (rc == NGX_ERROR) {
            ngx_credits_journal_failed(journal, ngx_errno, what,
                                       segment->name);
        }

        ngx_credits_segment_release(segment);
        return rc;
    }

    ngx_log_debug1(NGX_LOG_DEBUG_CORE, journal->log, 0,
                   "credits journal: \"%s\" created", segment->name);

    ngx_queue_insert_tail(&journal->segments, &segment->queue);
    journal->current = segment;

    return NGX_OK;
}


static void
ngx_credits_journal_seal(ngx_credits_journal_t *journal)
{
    ngx_credits_segment_t  *segment;

    segment = journal->current;

    ngx_log_debug2(NGX_LOG_DEBUG_CORE, journal->log, 0,
                   "credits journal: \"%s\" sealed, %ui pending",
                   segment->name, segment->pending);

    segment->sealed = 1;
    journal->current = NULL;

    if (segment->pending == 0) {
        ngx_credits_journal_retire(journal, segment);
    }
}


void
ngx_credits_journal_take_over(ngx_credits_journal_t *journal)
{
    ngx_dir_t   dir;
    ngx_str_t   file;
    ngx_int_t   rc;
    ngx_uint_t  n, unreadable;

    if (ngx_open_dir(&journal->dir, &dir) == NGX_ERROR) {
        ngx_credits_journal_failed(journal, ngx_errno, ngx_open_dir_n,
                                   journal->dir.data);
        return;
    }

    unreadable = 0;

    for (n = 0; n < NGX_CREDITS_JOURNAL_TAKE_OVER; /* void */ ) {

        ngx_set_errno(0);

        if (ngx_read_dir(&dir) == NGX_ERROR) {
            if (ngx_errno != NGX_ENOMOREFILES) {
                ngx_log_error(NGX_LOG_ERR, journal->log, ngx_errno,
                              ngx_read_dir_n " \"%V\" failed", &journal->dir);
            }

            break;
        }

        file.data = ngx_de_name(&dir);
        file.len = ngx_de_namelen(&dir);

        if (!ngx_credits_journal_is_segment(&file)) {
            continue;
        }

        rc = ngx_credits_journal_take_over_file(journal, &file);

        n += (rc == NGX_OK);
        unreadable |= (rc == NGX_ERROR);
    }

    journal->unreadable = unreadable;

    if (ngx_close_dir(&dir) == NGX_ERROR) {
        ngx_log_error(NGX_LOG_ERR, journal->log, ngx_errno,
                      ngx_close_dir_n " \"%V\" failed", &journal->dir);
    }
}


static ngx_uint_t
ngx_credits_journal_is_segment(ngx_str_t *file)
{
    size_t  len;

    len = sizeof(NGX_CREDITS_SEGMENT_SUFFIX) - 1;

    return file->len > len
           && ngx_memcmp(file->data + file->len - len,
                         NGX_CREDITS_SEGMENT_SUFFIX, len)
              == 0;
}


/* NGX_OK: it is ours now, and replayed; NGX_DECLINED: it has an owner */

static ngx_int_t
ngx_credits_journal_take_over_file(ngx_credits_journal_t *journal,
    ngx_str_t *file)
{
    ngx_int_t               rc;
    const char             *what;
    ngx_credits_segment_t  *segment;

    segment = ngx_credits_segment_alloc(&journal->dir, file, journal->log);
    if (segment == NULL) {
        return NGX_ERROR;
    }

    rc = ngx_credits_segment_take_over(segment, &what);

    if (rc == NGX_ERROR && !journal->unreadable) {
        ngx_log_error(NGX_LOG_ALERT, journal->log, ngx_errno,
                      "credits journal: %s \"%s\" failed; the charges in it "
                      "wait", what, segment->name);
    }

    if (rc != NGX_OK) {
        ngx_credits_segment_release(segment);
        return rc;
    }

    ngx_log_debug2(NGX_LOG_DEBUG_CORE, journal->log, 0,
                   "credits journal: \"%s\" taken over, %O bytes",
                   segment->name, segment->size);

    /* the count holds the segment while its records are handed on */

    segment->pending = 1;
    ngx_queue_insert_tail(&journal->segments, &segment->queue);

    if (ngx_credits_replay_segment(segment, journal->replay, journal->data,
                                   journal->zone, journal->log)
        != NGX_OK)
    {
        ngx_queue_remove(&segment->queue);
        ngx_credits_segment_release(segment);
        return NGX_ERROR;
    }

    ngx_credits_journal_ack(journal, segment);

    return NGX_OK;
}


ngx_int_t
ngx_credits_journal_dead_letter(ngx_credits_journal_t *journal,
    const credits_record_t *record, ngx_str_t *error)
{
    char                    id[CREDITS_UUID_TEXT_LEN + 1];
    ngx_str_t               file = ngx_string("dead");
    ngx_int_t               rc;
    ngx_credits_segment_t  *dead;

    dead = ngx_credits_segment_alloc(&journal->dir, &file, journal->log);
    if (dead == NULL) {
        return NGX_ERROR;
    }

    rc = ngx_credits_journal_write_dead(journal, record, dead);

    if (rc == NGX_OK) {
        credits_uuid_text(record->request, id);

        ngx_credits_zone_count(journal->zone, NGX_CREDITS_COUNT_dead_letters,
                               1);

        ngx_log_error(NGX_LOG_ALERT, journal->log, 0,
                      "credits: Postgres refuses the charge of request %s "
                      "(user: %*s, credits: %L): %V; it is kept in \"%s\"",
                      id, (size_t) record->user_len, record->user,
                      (int64_t) record->credits, error, dead->name);
    }

    ngx_credits_segment_release(dead);

    return rc;
}


static ngx_int_t
ngx_credits_journal_write_dead(ngx_credits_journal_t *journal,
    const credits_record_t *record, ngx_credits_segment_t *dead)
{
    u_char       buf[CREDITS_RECORD_MAX];
    size_t       len;
    ngx_int_t    rc;
    const char  *what;

    len = credits_record_encode(record, buf);
    if (len == 0) {
        ngx_credits_journal_failed(journal, 0, "encode a record for",
                                   dead->name);
        return NGX_ERROR;
    }

    rc = ngx_credits_segment_open(dead, &what);

    if (rc == NGX_DECLINED) {
        /* another worker is at it; there will be another try */

        return NGX_ERROR;
    }

    if (rc == NGX_OK) {
        what = ngx_write_fd_n;
        rc = ngx_credits_segment_append(dead, buf, len);
    }

    if (rc != NGX_OK) {
        ngx_credits_journal_failed(journal, ngx_errno, what, dead->name);
    }

    return rc;
}


/* says once, until a write succeeds, that something does not work */

static void
ngx_credits_journal_failed(ngx_credits_journal_t *journal, ngx_err_t err,
    const char *what, u_char *name)
{
    ngx_credits_zone_count(journal->zone, NGX_CREDITS_COUNT_journal_errors, 1);

    if (journal->failing) {
        return;
    }

    journal->failing = 1;

    ngx_log_error(NGX_LOG_ALERT, journal->log, err,
                  "credits journal: %s \"%s\" failed; charges are kept in "
                  "memory until Postgres has them, and nothing more is "
                  "admitted", what, name);
}


static void
ngx_credits_journal_recovered(ngx_credits_journal_t *journal)
{
    if (journal->failing) {
        journal->failing = 0;

        ngx_log_error(NGX_LOG_NOTICE, journal->log, 0,
                      "credits journal \"%V\" can be written again",
                      &journal->dir);
    }
}


static void
ngx_credits_journal_retire(ngx_credits_journal_t *journal,
    ngx_credits_segment_t *segment)
{
    if (segment == journal->current) {
        journal->current = NULL;
    }

    ngx_queue_remove(&segment->queue);
    ngx_credits_segment_retire(segment, journal->log);
}
