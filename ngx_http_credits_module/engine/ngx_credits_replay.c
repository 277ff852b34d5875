/*
 * The journal of a node: what dead workers have left.
 */

#include "ngx_credits_segment.h"

#include <sys/file.h>


#define NGX_CREDITS_JOURNAL_ADOPT  4                    /* segments a call */
#define NGX_CREDITS_JOURNAL_MAX    (64 * 1024 * 1024)


static ngx_int_t ngx_credits_journal_lock(ngx_credits_journal_t *journal,
    ngx_str_t *name);
static void ngx_credits_journal_replay(ngx_credits_journal_t *journal,
    ngx_credits_segment_t *segment);


void
ngx_credits_journal_adopt(ngx_credits_journal_t *journal)
{
    ngx_dir_t   dir;
    ngx_str_t   name;
    ngx_uint_t  n;

    if (ngx_open_dir(&journal->dir, &dir) == NGX_ERROR) {
        ngx_credits_journal_failed(journal, ngx_errno, ngx_open_dir_n,
                                   journal->dir.data);
        return;
    }

    for (n = 0; n < NGX_CREDITS_JOURNAL_ADOPT; /* void */ ) {

        if (ngx_read_dir(&dir) == NGX_ERROR) {
            break;
        }

        name.data = ngx_de_name(&dir);
        name.len = ngx_de_namelen(&dir);

        if (name.len < sizeof(NGX_CREDITS_JOURNAL_SUFFIX)
            || ngx_strcmp(name.data + name.len
                          - (sizeof(NGX_CREDITS_JOURNAL_SUFFIX) - 1),
                          NGX_CREDITS_JOURNAL_SUFFIX)
               != 0)
        {
            continue;
        }

        if (ngx_credits_journal_lock(journal, &name) == NGX_OK) {
            n++;
        }
    }

    (void) ngx_close_dir(&dir);
}


/* NGX_OK: nobody else had this segment, it is ours now and replayed */

static ngx_int_t
ngx_credits_journal_lock(ngx_credits_journal_t *journal, ngx_str_t *name)
{
    ngx_fd_t                fd;
    ngx_file_info_t         fi;
    ngx_credits_segment_t  *segment;

    segment = ngx_credits_journal_segment(journal,
                                          journal->dir.len + name->len + 2);
    if (segment == NULL) {
        return NGX_ERROR;
    }

    ngx_sprintf(segment->name, "%V/%V%Z", &journal->dir, name);

    fd = ngx_open_file(segment->name, NGX_FILE_RDWR|O_CLOEXEC,
                       NGX_FILE_OPEN, 0);

    if (fd == NGX_INVALID_FILE) {
        ngx_free(segment);
        return NGX_DECLINED;
    }

    /* st_nlink: another worker may have finished it before our lock */

    if (flock(fd, LOCK_EX|LOCK_NB) == -1
        || ngx_fd_info(fd, &fi) == NGX_FILE_ERROR || fi.st_nlink == 0)
    {
        (void) ngx_close_file(fd);
        ngx_free(segment);
        return NGX_DECLINED;
    }

    segment->fd = fd;
    segment->size = ngx_file_size(&fi);
    segment->sealed = 1;
    ngx_queue_insert_tail(&journal->segments, &segment->queue);

    ngx_credits_journal_replay(journal, segment);

    return NGX_OK;
}


static void
ngx_credits_journal_replay(ngx_credits_journal_t *journal,
    ngx_credits_segment_t *segment)
{
    int                n;
    u_char            *buf, *p, *last;
    ssize_t            size;
    ngx_uint_t         records, corrupt;
    credits_record_t   record;

    if (segment->size > NGX_CREDITS_JOURNAL_MAX) {
        ngx_log_error(NGX_LOG_ALERT, journal->log, 0,
                      "credits journal \"%s\" is no journal: %O bytes",
                      segment->name, segment->size);
        segment->corrupt = 1;
        segment->size = 0;
    }

    buf = ngx_alloc((size_t) segment->size + 1, journal->log);
    size = buf ? pread(segment->fd, buf, (size_t) segment->size, 0) : -1;

    if (size == -1) {
        ngx_log_error(NGX_LOG_ALERT, journal->log, ngx_errno,
                      "credits journal \"%s\" cannot be read", segment->name);
        segment->corrupt = 1;
        size = 0;
    }

    records = 0;
    corrupt = 0;

    /* the count holds the segment while its records are handed on */
    segment->pending = 1;

    p = buf;
    last = buf + size;

    while (p < last) {
        n = credits_record_decode(p, last - p, &record);

        if (n > 0) {
            records++;
            segment->pending++;
            journal->replay(journal->data, &record, segment);
            p += n;
            continue;
        }

        if (credits_record_resync(p + 1, last - p - 1)
            == (size_t) (last - p - 1) && n == 0)
        {
            ngx_log_error(NGX_LOG_WARN, journal->log, 0,
                          "credits journal \"%s\" ends in a torn record of "
                          "%z bytes: that answer's end never left",
                          segment->name, (ssize_t) (last - p));
            break;
        }

        corrupt++;
        segment->corrupt = 1;
        p++;
        p += credits_record_resync(p, last - p);
    }

    if (buf) {
        ngx_free(buf);
    }

    ngx_credits_zone_count(journal->zone, NGX_CREDITS_COUNT_journal_replayed,
                           records);

    if (records) {
        ngx_log_error(NGX_LOG_NOTICE, journal->log, 0,
                      "credits journal \"%s\": %ui records of a worker that "
                      "is gone will be settled", segment->name, records);
    }

    if (corrupt) {
        ngx_credits_zone_count(journal->zone,
                               NGX_CREDITS_COUNT_journal_corrupt, corrupt);

        ngx_log_error(NGX_LOG_ALERT, journal->log, 0,
                      "credits journal \"%s\" is damaged in %ui places; the "
                      "rest was read, the file is kept as \"%s.corrupt\"",
                      segment->name, corrupt, segment->name);
    }

    ngx_credits_journal_ack(journal, segment);
}
