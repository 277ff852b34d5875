/*
 * Private to the journal: the journal and its files.
 */

#ifndef NGX_CREDITS_SEGMENT_H
#define NGX_CREDITS_SEGMENT_H

#include "ngx_credits_journal.h"

#include <ngx_event.h>


#define NGX_CREDITS_JOURNAL_SUFFIX  ".journal"


struct ngx_credits_segment_s {
    ngx_queue_t                     queue;
    ngx_fd_t                        fd;
    off_t                           size;
    ngx_uint_t                      pending;    /* records not acknowledged */
    unsigned                        sealed:1;   /* nothing more is appended */
    unsigned                        corrupt:1;  /* kept aside when done */
    unsigned                        dirty:1;    /* not on the disk yet */
    u_char                          name[1];    /* NUL-terminated path */
};


struct ngx_credits_journal_s {
    ngx_str_t                       dir;
    ngx_log_t                      *log;
    ngx_credits_zone_t             *zone;
    ngx_queue_t                     segments;
    ngx_credits_segment_t          *current;
    ngx_uint_t                      number;
    ngx_credits_journal_replay_pt   replay;
    void                           *data;
    ngx_credits_sync_t             *sync;       /* NULL: off */
    ngx_msec_t                      sync_interval;
    ngx_event_t                     sync_timer;
    ngx_connection_t                dummy;      /* the timer's data */
    unsigned                        failing:1;
};


/* one without a file yet; `size` is the room for its path */
ngx_credits_segment_t *ngx_credits_journal_segment(
    ngx_credits_journal_t *journal, size_t size);

/* it is on the list no more, and its file is gone, or kept aside if corrupt */
void ngx_credits_journal_retire(ngx_credits_journal_t *journal,
    ngx_credits_segment_t *segment);

/* says once, until a write succeeds, that something does not work */
void ngx_credits_journal_failed(ngx_credits_journal_t *journal,
    ngx_err_t err, const char *what, u_char *name);

#endif /* NGX_CREDITS_SEGMENT_H */
