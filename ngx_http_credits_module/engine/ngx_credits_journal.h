/*
 * The journal of a node: a charge is in a file of its worker before the end
 * of the answer leaves, and stays there until Postgres has it.
 *
 * The life of its files, in the journal's directory:
 *
 * - <pid>-<time>-<number>.journal is a segment.  Its worker creates it, holds
 *   a lock on it (flock) and appends records.
 * - At 1 MB, or when half of a record cannot be cut off, the segment is
 *   sealed: the next record goes into a new one.
 * - Each record is pending until it is acknowledged: Postgres has it, or it is
 *   a dead letter.
 * - A segment without pending records is retired, that is its file is removed:
 *   if it is sealed or full at once, else by the next reclaim.
 * - A .journal that can be locked belonged to a worker that is gone.  Whoever
 *   locks it first takes it over: it is sealed, its records are replayed, and
 *   it is retired like the others.  Replaying twice is harmless: a request is
 *   settled once.
 * - A segment with damage is quarantined instead of removed: it is renamed to
 *   <segment>.corrupt, which no worker reads.  A torn record at its end is no
 *   damage: the answer to it never ended.
 * - dead is one file for all workers: records that Postgres will never take,
 *   for a human.
 */

#ifndef NGX_CREDITS_JOURNAL_H
#define NGX_CREDITS_JOURNAL_H

#include <ngx_config.h>
#include <ngx_core.h>

#include "ngx_credits_replay.h"
#include "ngx_credits_segment.h"
#include "ngx_credits_zone.h"
#include "../core/credits_record.h"


typedef struct ngx_credits_journal_s  ngx_credits_journal_t;


/*
 * sync: a record is on the disk so many ms after it was written; 0: when the
 * system likes.  replay: takes a record of a dead worker, which is to be
 * acknowledged like one's own.  NULL: out of memory, or sync without threads.
 */
ngx_credits_journal_t *ngx_credits_journal_create(ngx_cycle_t *cycle,
    ngx_str_t *dir, ngx_msec_t sync, ngx_credits_zone_t *zone,
    ngx_credits_replay_pt replay, void *data);

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

/* retires the segment that is written to, if Postgres has all of it */
void ngx_credits_journal_reclaim(ngx_credits_journal_t *journal);

/* one record of this segment is acknowledged; the segment may be gone then */
void ngx_credits_journal_ack(ngx_credits_journal_t *journal,
    ngx_credits_segment_t *segment);

/*
 * Keeps a record that Postgres will never take.  NGX_ERROR: it could not be
 * written now.
 */
ngx_int_t ngx_credits_journal_dead_letter(ngx_credits_journal_t *journal,
    const credits_record_t *record, ngx_str_t *error);

/*
 * Takes over and replays what dead workers have left; bounded work, call it
 * now and then.
 */
void ngx_credits_journal_take_over(ngx_credits_journal_t *journal);

/* leaves what is not acknowledged to the next worker */
void ngx_credits_journal_destroy(ngx_credits_journal_t *journal);

#endif /* NGX_CREDITS_JOURNAL_H */
