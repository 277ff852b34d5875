/*
 * A file of the journal, and the lock on it.
 */

#include "ngx_credits_segment.h"

#include <sys/file.h>


#define NGX_CREDITS_SEGMENT_CORRUPT  ".corrupt"


static ngx_int_t ngx_credits_segment_lock(ngx_credits_segment_t *segment,
    int mode, int create, const char **what);


ngx_credits_segment_t *
ngx_credits_segment_alloc(ngx_str_t *dir, ngx_str_t *file, ngx_log_t *log)
{
    size_t                  len;
    ngx_credits_segment_t  *segment;

    len = dir->len + file->len + sizeof("/");

    segment = ngx_calloc(offsetof(ngx_credits_segment_t, name) + 2 * len
                         + sizeof(NGX_CREDITS_SEGMENT_CORRUPT), log);
    if (segment == NULL) {
        return NULL;
    }

    segment->fd = NGX_INVALID_FILE;
    segment->corrupt_name = segment->name + len;

    ngx_sprintf(segment->name, "%V/%V%Z", dir, file);

    /* the next scan passes over this suffix */

    ngx_sprintf(segment->corrupt_name, "%s" NGX_CREDITS_SEGMENT_CORRUPT "%Z",
                segment->name);

    return segment;
}


ngx_int_t
ngx_credits_segment_create(ngx_credits_segment_t *segment, const char **what)
{
    return ngx_credits_segment_lock(segment, O_RDWR|O_APPEND|O_EXCL,
                                    NGX_FILE_CREATE_OR_OPEN, what);
}


ngx_int_t
ngx_credits_segment_take_over(ngx_credits_segment_t *segment,
    const char **what)
{
    segment->sealed = 1;

    return ngx_credits_segment_lock(segment, O_RDWR, NGX_FILE_OPEN, what);
}


ngx_int_t
ngx_credits_segment_open(ngx_credits_segment_t *segment, const char **what)
{
    return ngx_credits_segment_lock(segment, O_RDWR|O_APPEND,
                                    NGX_FILE_CREATE_OR_OPEN, what);
}


static ngx_int_t
ngx_credits_segment_lock(ngx_credits_segment_t *segment, int mode, int create,
    const char **what)
{
    ngx_file_info_t  fi;

    segment->fd = ngx_open_file(segment->name, mode|O_CLOEXEC, create, 0600);

    if (segment->fd == NGX_INVALID_FILE) {
        *what = ngx_open_file_n;
        return (ngx_errno == NGX_ENOENT && create == NGX_FILE_OPEN)
               ? NGX_DECLINED : NGX_ERROR;
    }

    if (flock(segment->fd, LOCK_EX|LOCK_NB) == -1) {
        *what = "flock()";
        return (ngx_errno == NGX_EAGAIN) ? NGX_DECLINED : NGX_ERROR;
    }

    if (ngx_fd_info(segment->fd, &fi) == NGX_FILE_ERROR) {
        *what = ngx_fd_info_n;
        return NGX_ERROR;
    }

    /*
     * Between open() and flock() another worker may have taken the file over
     * and retired it: what is written to it now would be in no directory.
     */

    if (fi.st_nlink == 0) {
        return NGX_DECLINED;
    }

    segment->size = ngx_file_size(&fi);

    return NGX_OK;
}


ngx_int_t
ngx_credits_segment_append(ngx_credits_segment_t *segment, u_char *buf,
    size_t len)
{
    ssize_t    n;
    ngx_err_t  err;

    n = ngx_write_fd(segment->fd, buf, len);

    if (n == (ssize_t) len) {
        segment->size += len;
        return NGX_OK;
    }

    err = (n == -1) ? ngx_errno : NGX_ENOSPC;

    if (n > 0) {
        ngx_credits_segment_cut(segment, segment->size);
    }

    ngx_set_errno(err);

    return NGX_ERROR;
}


/* half of a record would make the records behind it look damaged */

void
ngx_credits_segment_cut(ngx_credits_segment_t *segment, off_t size)
{
    if (ftruncate(segment->fd, size) == -1) {
        segment->sealed = 1;
        return;
    }

    segment->size = size;
}


void
ngx_credits_segment_retire(ngx_credits_segment_t *segment, ngx_log_t *log)
{
    if (segment->corrupt) {
        ngx_log_debug1(NGX_LOG_DEBUG_CORE, log, 0,
                       "credits journal: \"%s\" quarantined", segment->name);

        if (ngx_rename_file(segment->name, segment->corrupt_name)
            == NGX_FILE_ERROR)
        {
            ngx_log_error(NGX_LOG_ERR, log, ngx_errno,
                          ngx_rename_file_n " \"%s\" failed", segment->name);
        }

    } else {
        ngx_log_debug1(NGX_LOG_DEBUG_CORE, log, 0,
                       "credits journal: \"%s\" retired", segment->name);

        if (ngx_delete_file(segment->name) == NGX_FILE_ERROR) {
            ngx_log_error(NGX_LOG_ERR, log, ngx_errno,
                          ngx_delete_file_n " \"%s\" failed", segment->name);
        }
    }

    ngx_credits_segment_release(segment);
}


void
ngx_credits_segment_release(ngx_credits_segment_t *segment)
{
    if (segment->fd != NGX_INVALID_FILE) {
        (void) ngx_close_file(segment->fd);
    }

    ngx_free(segment);
}
