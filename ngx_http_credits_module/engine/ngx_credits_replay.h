/*
 * The records of a segment that a dead worker has left.
 */

#ifndef NGX_CREDITS_REPLAY_H
#define NGX_CREDITS_REPLAY_H

#include <ngx_config.h>
#include <ngx_core.h>

#include "ngx_credits_segment.h"
#include "ngx_credits_zone.h"
#include "../core/credits_record.h"


/* a record, counted as pending in its segment */
typedef void (*ngx_credits_replay_pt)(void *data,
    const credits_record_t *record, ngx_credits_segment_t *segment);


/*
 * Hands on every record of the segment.  What is no record is skipped and
 * makes the segment corrupt; a torn tail is no damage.  NGX_ERROR: out of
 * memory, nothing was handed on.
 */
ngx_int_t ngx_credits_replay_segment(ngx_credits_segment_t *segment,
    ngx_credits_replay_pt handler, void *data, ngx_credits_zone_t *zone,
    ngx_log_t *log);

#endif /* NGX_CREDITS_REPLAY_H */
