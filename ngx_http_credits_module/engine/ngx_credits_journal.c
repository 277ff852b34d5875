/*
 * The journal of a node: writing.
 */

#include "ngx_credits_segment.h"

#include <sys/file.h>


#define NGX_CREDITS_JOURNAL_SEGMENT  (1024 * 1024)      /* bytes, then next */


static void ngx_credits_journal_sync(ngx_event_t *ev);
static void ngx_credits_journal_synced(void *data, ngx_err_t err);
static ngx_credits_segment_t *ngx_credits_journal_current(
    ngx_credits_journal_t *journal);
static void ngx_credits_journal_mended(ngx_credits_journal_t *journal);
static void ngx_credits_journal_cut(ngx_credits_journal_t *journal,
    ngx_credits_segment_t *segment);
static u_char *ngx_credits_journal_aside(u_char *name, ngx_log_t *log);


ngx_credits_journal_t *
ngx_credits_journal_create(ngx_cycle_t *cycle, ngx_str_t *dir,
    ngx_msec_t sync, ngx_credits_zone_t *zone,
    ngx_credits_journal_replay_pt replay, void *data)
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
    ssize_t                 n;
    ngx_err_t               err;
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

    n = ngx_write_fd(segment->fd, buf, len);

    if (n != (ssize_t) len) {
        err = (n == -1) ? ngx_errno : NGX_ENOSPC;

        ngx_credits_journal_failed(journal, err, ngx_write_fd_n,
                                   segment->name);

        if (n > 0) {
            ngx_credits_journal_cut(journal, segment);
        }

        return NULL;
    }

    ngx_credits_journal_mended(journal);

    segment->size += len;
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
    u_char                  buf[CREDITS_RECORD_MAX];
    ssize_t                 n;
    ngx_credits_segment_t  *segment;

    if (!journal->failing) {
        return NGX_OK;
    }

    segment = ngx_credits_journal_current(journal);
    if (segment == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(buf, sizeof(buf));

    n = ngx_write_fd(segment->fd, buf, sizeof(buf));

    if (n > 0) {
        ngx_credits_journal_cut(journal, segment);
    }

    if (n != (ssize_t) sizeof(buf)) {
        return NGX_ERROR;
    }

    ngx_credits_journal_mended(journal);

    return NGX_OK;
}


void
ngx_credits_journal_ack(ngx_credits_journal_t *journal,
    ngx_credits_segment_t *segment)
{
    if (--segment->pending == 0
        && (segment->sealed || segment->size >= NGX_CREDITS_JOURNAL_SEGMENT))
    {
        ngx_credits_journal_retire(journal, segment);
    }
}


void
ngx_credits_journal_tidy(ngx_credits_journal_t *journal)
{
    if (journal->current && journal->current->pending == 0) {
        ngx_credits_journal_retire(journal, journal->current);
    }
}


ngx_int_t
ngx_credits_journal_dead_letter(ngx_credits_journal_t *journal,
    const credits_record_t *record, ngx_str_t *error)
{
    u_char     *p, *name, buf[CREDITS_RECORD_MAX];
    char        id[CREDITS_UUID_TEXT_LEN + 1];
    size_t      len;
    off_t       end;
    ssize_t     n;
    ngx_fd_t    fd;
    ngx_int_t   rc;

    len = credits_record_encode(record, buf);
    name = ngx_alloc(journal->dir.len + sizeof("/dead"), journal->log);

    if (len == 0 || name == NULL) {
        return NGX_ERROR;
    }

    p = ngx_cpymem(name, journal->dir.data, journal->dir.len);
    ngx_memcpy(p, "/dead", sizeof("/dead"));

    rc = NGX_ERROR;

    fd = ngx_open_file(name, O_RDWR|O_APPEND|O_CLOEXEC,
                       NGX_FILE_CREATE_OR_OPEN, 0600);

    if (fd == NGX_INVALID_FILE) {
        ngx_credits_journal_failed(journal, ngx_errno, ngx_open_file_n, name);
        goto done;
    }

    if (flock(fd, LOCK_EX|LOCK_NB) == -1) {
        /* another worker is at it; there will be another try */
        (void) ngx_close_file(fd);
        goto done;
    }

    end = lseek(fd, 0, SEEK_END);
    n = ngx_write_fd(fd, buf, len);

    if (n != (ssize_t) len) {
        ngx_credits_journal_failed(journal, ngx_errno, ngx_write_fd_n, name);

        if (n > 0 && ftruncate(fd, end) == -1) {
            ngx_log_error(NGX_LOG_ERR, journal->log, ngx_errno,
                          "ftruncate() \"%s\" failed", name);
        }

    } else {
        rc = NGX_OK;
    }

    (void) ngx_close_file(fd);

done:

    if (rc == NGX_OK) {
        credits_uuid_text(record->request, id);

        ngx_credits_zone_count(journal->zone, NGX_CREDITS_COUNT_dead_letters,
                               1);

        ngx_log_error(NGX_LOG_ALERT, journal->log, 0,
                      "credits: Postgres refuses the charge of request %s "
                      "(user: %*s, credits: %L): %V; it is kept in \"%s\"",
                      id, (size_t) record->user_len, record->user,
                      (int64_t) record->credits, error, name);
    }

    ngx_free(name);

    return rc;
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

        /* closing gives up the lock: the next worker replays it */
        ngx_queue_remove(q);
        (void) ngx_close_file(segment->fd);
        ngx_free(segment);
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


ngx_credits_segment_t *
ngx_credits_journal_segment(ngx_credits_journal_t *journal, size_t size)
{
    ngx_credits_segment_t  *segment;

    segment = ngx_calloc(offsetof(ngx_credits_segment_t, name) + size,
                         journal->log);
    if (segment) {
        segment->fd = NGX_INVALID_FILE;
    }

    return segment;
}


static ngx_credits_segment_t *
ngx_credits_journal_current(ngx_credits_journal_t *journal)
{
    ngx_fd_t                fd;
    ngx_credits_segment_t  *segment;

    segment = journal->current;

    if (segment) {
        if (segment->size < NGX_CREDITS_JOURNAL_SEGMENT) {
            return segment;
        }

        segment->sealed = 1;
        journal->current = NULL;

        if (segment->pending == 0) {
            ngx_credits_journal_retire(journal, segment);
        }
    }

    segment = ngx_credits_journal_segment(journal, journal->dir.len
                        + sizeof("/-1234567890-1234567890")
                        + NGX_INT64_LEN + sizeof(NGX_CREDITS_JOURNAL_SUFFIX));
    if (segment == NULL) {
        return NULL;
    }

    /* the time keeps a pid that comes again from meeting an old file */
    ngx_sprintf(segment->name, "%V/%P-%T-%ui" NGX_CREDITS_JOURNAL_SUFFIX "%Z",
                &journal->dir, ngx_pid, ngx_time(), journal->number++);

    fd = ngx_open_file(segment->name, O_RDWR|O_APPEND|O_EXCL|O_CLOEXEC,
                       NGX_FILE_CREATE_OR_OPEN, 0600);

    if (fd == NGX_INVALID_FILE) {
        ngx_credits_journal_failed(journal, ngx_errno, ngx_open_file_n,
                                   segment->name);
        ngx_free(segment);
        return NULL;
    }

    if (flock(fd, LOCK_EX|LOCK_NB) == -1) {
        ngx_credits_journal_failed(journal, ngx_errno, "flock()",
                                   segment->name);
        (void) ngx_close_file(fd);
        ngx_free(segment);
        return NULL;
    }

    segment->fd = fd;
    ngx_queue_insert_tail(&journal->segments, &segment->queue);
    journal->current = segment;

    return segment;
}


void
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
ngx_credits_journal_mended(ngx_credits_journal_t *journal)
{
    if (journal->failing) {
        journal->failing = 0;

        ngx_log_error(NGX_LOG_NOTICE, journal->log, 0,
                      "credits journal \"%V\" can be written again",
                      &journal->dir);
    }
}


/* no half of a record stays in the middle of a segment */

static void
ngx_credits_journal_cut(ngx_credits_journal_t *journal,
    ngx_credits_segment_t *segment)
{
    if (ftruncate(segment->fd, segment->size) == -1) {
        segment->sealed = 1;
        journal->current = NULL;
    }
}


void
ngx_credits_journal_retire(ngx_credits_journal_t *journal,
    ngx_credits_segment_t *segment)
{
    u_char  *aside;

    aside = segment->corrupt ? ngx_credits_journal_aside(segment->name,
                                                         journal->log)
                             : NULL;

    if (aside) {
        if (ngx_rename_file(segment->name, aside) == NGX_FILE_ERROR) {
            ngx_log_error(NGX_LOG_ERR, journal->log, ngx_errno,
                          ngx_rename_file_n " \"%s\" failed", segment->name);
        }

        ngx_free(aside);

    } else if (ngx_delete_file(segment->name) == NGX_FILE_ERROR) {
        ngx_log_error(NGX_LOG_ERR, journal->log, ngx_errno,
                      ngx_delete_file_n " \"%s\" failed", segment->name);
    }

    if (segment == journal->current) {
        journal->current = NULL;
    }

    ngx_queue_remove(&segment->queue);
    (void) ngx_close_file(segment->fd);
    ngx_free(segment);
}


/* a name that the next scan passes over */

static u_char *
ngx_credits_journal_aside(u_char *name, ngx_log_t *log)
{
    u_char  *aside;

    aside = ngx_alloc(ngx_strlen(name) + sizeof(".corrupt"), log);
    if (aside) {
        ngx_sprintf(aside, "%s.corrupt%Z", name);
    }

    return aside;
}
