/*
 * The records of a segment that a dead worker has left.
 */

#include "ngx_credits_replay.h"


#define NGX_CREDITS_REPLAY_MAX  (64 * 1024 * 1024)      /* bytes */


static size_t ngx_credits_replay_read(ngx_credits_segment_t *segment,
    u_char *buf, ngx_log_t *log);
static ngx_uint_t ngx_credits_replay_is_torn(u_char *p, u_char *last);
static void ngx_credits_replay_report(ngx_credits_segment_t *segment,
    ngx_uint_t records, ngx_uint_t corrupt, ngx_credits_zone_t *zone,
    ngx_log_t *log);


ngx_int_t
ngx_credits_replay_segment(ngx_credits_segment_t *segment,
    ngx_credits_replay_pt handler, void *data, ngx_credits_zone_t *zone,
    ngx_log_t *log)
{
    int                n;
    u_char            *buf, *p, *last;
    ngx_uint_t         records, corrupt;
    credits_record_t   record;

    if (segment->size > NGX_CREDITS_REPLAY_MAX) {
        ngx_log_error(NGX_LOG_ALERT, log, 0,
                      "credits journal \"%s\" is no journal: %O bytes",
                      segment->name, segment->size);
        segment->corrupt = 1;
        return NGX_OK;
    }

    buf = ngx_alloc((size_t) segment->size + 1, log);
    if (buf == NULL) {
        return NGX_ERROR;
    }

    records = 0;
    corrupt = 0;

    p = buf;
    last = buf + ngx_credits_replay_read(segment, buf, log);

    while (p < last) {
        n = credits_record_decode(p, last - p, &record);

        if (n > 0) {
            records++;
            segment->pending++;
            handler(data, &record, segment);
            p += n;
            continue;
        }

        if (n == 0 && ngx_credits_replay_is_torn(p, last)) {
            ngx_log_error(NGX_LOG_WARN, log, 0,
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

    ngx_free(buf);

    ngx_credits_replay_report(segment, records, corrupt, zone, log);

    return NGX_OK;
}


/* the bytes that could be read; without all of them the segment is corrupt */

static size_t
ngx_credits_replay_read(ngx_credits_segment_t *segment, u_char *buf,
    ngx_log_t *log)
{
    ssize_t  n;

    n = pread(segment->fd, buf, (size_t) segment->size, 0);

    if (n != (ssize_t) segment->size) {
        ngx_log_error(NGX_LOG_ALERT, log, (n == -1) ? ngx_errno : 0,
                      "credits journal \"%s\" cannot be read", segment->name);
        segment->corrupt = 1;
    }

    return (n == -1) ? 0 : (size_t) n;
}


/* no other record begins behind it */

static ngx_uint_t
ngx_credits_replay_is_torn(u_char *p, u_char *last)
{
    size_t  rest;

    rest = last - p - 1;

    return credits_record_resync(p + 1, rest) == rest;
}


static void
ngx_credits_replay_report(ngx_credits_segment_t *segment, ngx_uint_t records,
    ngx_uint_t corrupt, ngx_credits_zone_t *zone, ngx_log_t *log)
{
    ngx_credits_zone_count(zone, NGX_CREDITS_COUNT_journal_replayed, records);

    if (records) {
        ngx_log_error(NGX_LOG_NOTICE, log, 0,
                      "credits journal \"%s\": %ui records of a worker that "
                      "is gone will be settled", segment->name, records);
    }

    if (corrupt) {
        ngx_credits_zone_count(zone, NGX_CREDITS_COUNT_journal_corrupt,
                               corrupt);

        ngx_log_error(NGX_LOG_ALERT, log, 0,
                      "credits journal \"%s\" is damaged in %ui places; the "
                      "rest was read, the file is kept as \"%s\"",
                      segment->name, corrupt, segment->corrupt_name);
    }
}
