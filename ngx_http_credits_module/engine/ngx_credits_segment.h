/*
 * A file of the journal, and the lock on it.
 */

#ifndef NGX_CREDITS_SEGMENT_H
#define NGX_CREDITS_SEGMENT_H

#include <ngx_config.h>
#include <ngx_core.h>


#define NGX_CREDITS_SEGMENT_SUFFIX  ".journal"


typedef struct ngx_credits_segment_s  ngx_credits_segment_t;

struct ngx_credits_segment_s {
    ngx_queue_t             queue;
    ngx_fd_t                fd;
    off_t                   size;
    ngx_uint_t              pending;        /* records not acknowledged */
    unsigned                sealed:1;       /* nothing more is appended */
    unsigned                corrupt:1;      /* quarantined when retired */
    unsigned                dirty:1;        /* not on the disk yet */
    u_char                 *corrupt_name;
    u_char                  name[1];        /* NUL-terminated path */
};


/* NULL: out of memory; it has no file yet, and its path is "dir/file" */
ngx_credits_segment_t *ngx_credits_segment_alloc(ngx_str_t *dir,
    ngx_str_t *file, ngx_log_t *log);

/*
 * Three ways to a locked file.  create() makes it; take_over() needs one that
 * is there, nothing more is appended to it; open() makes it or appends to it.
 * NGX_DECLINED: another process has it, or has retired it just before our
 * lock; NGX_ERROR: *what has failed, see ngx_errno.  The caller releases the
 * segment unless NGX_OK.
 */
ngx_int_t ngx_credits_segment_create(ngx_credits_segment_t *segment,
    const char **what);
ngx_int_t ngx_credits_segment_take_over(ngx_credits_segment_t *segment,
    const char **what);
ngx_int_t ngx_credits_segment_open(ngx_credits_segment_t *segment,
    const char **what);

/*
 * NGX_OK: the kernel has all of it; NGX_ERROR: nothing was appended, see
 * ngx_errno.  If half of it cannot be cut off again, the segment is sealed.
 */
ngx_int_t ngx_credits_segment_append(ngx_credits_segment_t *segment,
    u_char *buf, size_t len);

/* cuts off what is behind the given size, or seals the segment */
void ngx_credits_segment_cut(ngx_credits_segment_t *segment, off_t size);

/* removes the file, or renames it if corrupt; the segment is freed */
void ngx_credits_segment_retire(ngx_credits_segment_t *segment,
    ngx_log_t *log);

/* closes the file and with that unlocks it; the segment is freed */
void ngx_credits_segment_release(ngx_credits_segment_t *segment);

#endif /* NGX_CREDITS_SEGMENT_H */
