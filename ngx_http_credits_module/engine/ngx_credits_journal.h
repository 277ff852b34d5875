/*
 * The journal of a node: a charge is in a file of its worker before the end
 * of the answer leaves, and stays there until Postgres has it.
 *
 * A worker owns the segments it has locked (flock); a segment that nobody has
 * locked belonged to a worker that is gone, and whoever locks it first
 * replays it.  Replaying twice is harmless: a request is settled once.
 */

#ifndef NGX_CREDITS_JOURNAL_H
#define NGX_CREDITS_JOURNAL_H

#include <ngx_config.h>
#include <ngx_core.h>

#include "ngx_credits_sync.h"
#include "ngx_credits_zone.h"
#include "../core/credits_record.h"


typedef struct ngx_credits_journal_s  ngx_credits_journal_t;
typedef struct ngx_credits_segment_s  ngx_credits_segment_t;


/* a record of a dead worker; to be acknowledged like one's own */
typedef void (*ngx_credits_journal_replay_pt)(void *data,
    const credits_record_t *record, ngx_credits_segment_t *segment);


/*
 * sync: a record is on the disk so many ms after it was written; 0: when the
 * system likes.
 */
ngx_credits_journal_t *ngx_credits_journal_create(ngx_cycle_t *cycle,
    ngx_str_t *dir, ngx_msec_t sync, ngx_credits_zone_t *zone,
    ngx_credits_journal_replay_pt replay, void *data);

/*
 * Appends; the record has reached the kernel on return and survives the death
 * of the process.  NULL: it could not be written, an alert has been logged.
 */
ngx_credits_segment_t *ngx_credits_journal_write(
    ngx_credits_journal_t *journal, const credits_record_t *record);

/*
 * NGX_OK: the last write succeeded, or one would now; NGX_ERROR: there is no
 * room.  Tries, so call it now and then.
 */
ngx_int_t ngx_credits_journal_probe(ngx_credits_journal_t *journal);
/* 1: a write has failed, and none has succeeded since */
ngx_uint_t ngx_credits_journal_failing(ngx_credits_journal_t *journal);

/* removes the file that is written to, if Postgres has all of it */
void ngx_credits_journal_tidy(ngx_credits_journal_t *journal);

/*
 * Postgres has one record of this segment.  The last one removes the file, at
 * once if nothing more is appended to it.
 */
void ngx_credits_journal_ack(ngx_credits_journal_t *journal,
    ngx_credits_segment_t *segment);

/*
 * Keeps a record that Postgres will never take, for a human.  NGX_ERROR: it
 * could not be written.
 */
ngx_int_t ngx_credits_journal_dead_letter(ngx_credits_journal_t *journal,
    const credits_record_t *record, ngx_str_t *error);

/* replays what dead workers have left; bounded work, call it now and then */
void ngx_credits_journal_adopt(ngx_credits_journal_t *journal);

/* leaves what is not acknowledged to the next worker */
void ngx_credits_journal_destroy(ngx_credits_journal_t *journal);

#endif /* NGX_CREDITS_JOURNAL_H */
