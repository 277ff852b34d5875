/*
 * Durability against power loss: a file's data goes to its disk now and then,
 * from a thread, never from the event loop.
 */

#ifndef NGX_CREDITS_SYNC_H
#define NGX_CREDITS_SYNC_H

#include <ngx_config.h>
#include <ngx_core.h>


typedef struct ngx_credits_sync_s  ngx_credits_sync_t;


/* at configuration time; NGX_OK, or NGX_ERROR: nginx has no threads */
ngx_int_t ngx_credits_sync_configure(ngx_conf_t *cf);

/* NULL: out of memory, or no thread pool */
ngx_credits_sync_t *ngx_credits_sync_create(ngx_cycle_t *cycle);

/*
 * NGX_OK: the file's data is on its way to the disk, `done` will be called
 * with 0 or an errno; the descriptor may be closed meanwhile.  NGX_DECLINED:
 * another file still is, or there is no descriptor or task left, which has
 * been logged: try again.
 */
typedef void (*ngx_credits_sync_done_pt)(void *data, ngx_err_t err);

ngx_int_t ngx_credits_sync_file(ngx_credits_sync_t *sync, ngx_fd_t fd,
    ngx_credits_sync_done_pt done, void *data);

#endif /* NGX_CREDITS_SYNC_H */
