/*
 * Durability against power loss.
 */

#include "ngx_credits_sync.h"

#if (NGX_THREADS)
#include <ngx_thread_pool.h>
#endif


#if (NGX_THREADS)

struct ngx_credits_sync_s {
    ngx_thread_pool_t          *threads;
    ngx_thread_task_t          *task;       /* its ctx is this */
    ngx_fd_t                    fd;
    ngx_err_t                   err;
    ngx_credits_sync_done_pt    done;
    void                       *data;
};


static void ngx_credits_sync_thread(void *data, ngx_log_t *log);
static void ngx_credits_sync_event(ngx_event_t *ev);


ngx_int_t
ngx_credits_sync_configure(ngx_conf_t *cf)
{
    return ngx_thread_pool_add(cf, NULL) ? NGX_OK : NGX_ERROR;
}


ngx_credits_sync_t *
ngx_credits_sync_create(ngx_cycle_t *cycle)
{
    ngx_str_t            name = ngx_string("default");
    ngx_thread_task_t   *task;
    ngx_credits_sync_t  *sync;

    task = ngx_thread_task_alloc(cycle->pool, sizeof(ngx_credits_sync_t));
    if (task == NULL) {
        return NULL;
    }

    sync = task->ctx;

    sync->task = task;
    sync->fd = NGX_INVALID_FILE;
    sync->threads = ngx_thread_pool_get(cycle, &name);

    if (sync->threads == NULL) {
        return NULL;
    }

    task->handler = ngx_credits_sync_thread;
    task->event.handler = ngx_credits_sync_event;
    task->event.data = sync;
    task->event.log = cycle->log;

    return sync;
}


ngx_int_t
ngx_credits_sync_file(ngx_credits_sync_t *sync, ngx_fd_t fd,
    ngx_credits_sync_done_pt done, void *data)
{
    if (sync->fd != NGX_INVALID_FILE) {
        return NGX_DECLINED;
    }

    sync->fd = dup(fd);

    if (sync->fd == NGX_INVALID_FILE) {
        ngx_log_error(NGX_LOG_ERR, sync->task->event.log, ngx_errno,
                      "credits journal: dup() failed, nothing is synced");
        return NGX_DECLINED;
    }

    sync->done = done;
    sync->data = data;

    if (ngx_thread_task_post(sync->threads, sync->task) != NGX_OK) {
        (void) ngx_close_file(sync->fd);
        sync->fd = NGX_INVALID_FILE;
        return NGX_DECLINED;
    }

    return NGX_OK;
}


static void
ngx_credits_sync_thread(void *data, ngx_log_t *log)
{
    ngx_credits_sync_t  *sync = data;

    sync->err = (fdatasync(sync->fd) == -1) ? ngx_errno : 0;
}


static void
ngx_credits_sync_event(ngx_event_t *ev)
{
    ngx_credits_sync_t  *sync = ev->data;

    (void) ngx_close_file(sync->fd);
    sync->fd = NGX_INVALID_FILE;

    sync->done(sync->data, sync->err);
}

#else

ngx_int_t
ngx_credits_sync_configure(ngx_conf_t *cf)
{
    return NGX_ERROR;
}


ngx_credits_sync_t *
ngx_credits_sync_create(ngx_cycle_t *cycle)
{
    return NULL;
}


ngx_int_t
ngx_credits_sync_file(ngx_credits_sync_t *sync, ngx_fd_t fd,
    ngx_credits_sync_done_pt done, void *data)
{
    return NGX_DECLINED;
}

#endif
