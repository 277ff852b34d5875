/*
 * The HTTP floor: what the stations of a request's way share.
 */

#ifndef NGX_HTTP_CREDITS_H
#define NGX_HTTP_CREDITS_H

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_credits_compat.h"

#include "../engine/ngx_credits_ledger.h"
#include "../engine/ngx_credits_sync.h"
#include "../core/credits_answer.h"
#include "../core/credits_cookie.h"
#include "../core/credits_price.h"
#include "../core/credits_record.h"
#include "../core/credits_request.h"
#include "../core/credits_signature.h"
#include "../core/credits_webhook.h"


#define NGX_HTTP_CREDITS_OFF        0
#define NGX_HTTP_CREDITS_USER       1       /* a user is needed */
#define NGX_HTTP_CREDITS_ON         2       /* and credits */

#define NGX_HTTP_CREDITS_AUTO       0       /* hold what is available */
#define NGX_HTTP_CREDITS_STRICT     -2      /* hold the estimate or refuse */

#define NGX_HTTP_CREDITS_DENY       0
#define NGX_HTTP_CREDITS_ALLOW      1

#define NGX_HTTP_CREDITS_SECRET_MIN  16     /* bytes */

/*
 * A hold's life in Postgres; longer than an answer may take, since a hold that
 * expired under a running answer no longer protects the balance.
 */
#define NGX_HTTP_CREDITS_HOLD_TTL   (60 * 60 * 1000)


typedef struct {
    ngx_str_t                    secret;
    ngx_str_t                    cookie;
    ngx_msec_t                   cache;
} ngx_http_credits_session_t;


typedef struct {
    credits_webhook_str_t        secrets[CREDITS_WEBHOOK_SECRETS];
    ngx_uint_t                   nsecrets;
    ngx_flag_t                   refund_debt;   /* what a refund cannot take
                                                   back becomes debt */
} ngx_http_credits_webhook_t;


typedef struct {
    ngx_str_t                    pattern;
    credits_price_t              price;     /* unit is the location's */
} ngx_http_credits_price_t;


typedef struct {
    ngx_credits_pg_conf_t        postgres;
    ngx_credits_ledger_conf_t    ledger_conf;
    ngx_shm_zone_t              *shm_zone;
    ngx_path_t                  *journal;
    ngx_credits_ledger_t        *ledger;    /* of this process */
    ngx_queue_t                  admitted;  /* requests of this process */
    unsigned                     enabled:1; /* some location uses credits */
} ngx_http_credits_main_conf_t;


typedef struct {
    ngx_uint_t                   mode;
    ngx_http_credits_session_t  *session;
    ngx_http_complex_value_t    *user;
    ngx_str_t                    type;
    ngx_int_t                    unit;
    ngx_array_t                 *prices;    /* of ngx_http_credits_price_t */
    ngx_int_t                    hold;      /* credits, or AUTO, STRICT */
    ngx_int_t                    max_output;
    ngx_flag_t                   clamp;
    ngx_msec_t                   drain;
    size_t                       drain_size;
    ngx_uint_t                   on_error;
    ngx_http_complex_value_t    *purchase_url;
    ngx_http_credits_webhook_t  *webhook;       /* this location's only */
    unsigned                     document:1;    /* a content handler of ours
                                                   that needs a user */
} ngx_http_credits_loc_conf_t;


typedef struct ngx_http_credits_ctx_s  ngx_http_credits_ctx_t;

typedef void (*ngx_http_credits_resume_pt)(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx);


typedef ngx_int_t (*ngx_http_credits_ask_pt)(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx);


typedef enum {
    NGX_HTTP_CREDITS_NEW = 0,
    NGX_HTTP_CREDITS_READING,               /* the request's body */
    NGX_HTTP_CREDITS_READ,
    NGX_HTTP_CREDITS_HOLDING,               /* asking Postgres */
    NGX_HTTP_CREDITS_ANSWERED,              /* Postgres has spoken */
    NGX_HTTP_CREDITS_ADMITTED
} ngx_http_credits_step_e;


/* a request; found again after an internal redirect has wiped r->ctx */

struct ngx_http_credits_ctx_s {
    ngx_queue_t                  queue;     /* of requests admitted */
    ngx_http_request_t          *request;
    ngx_http_credits_step_e      step;

    /* suspended */
    ngx_credits_op_t            *op;
    ngx_http_credits_resume_pt   resume;
    ngx_event_t                  timer;
    ngx_msec_t                   waited;

    /* who */
    ngx_str_t                    user;
    ngx_int_t                    identity;  /* NGX_OK, NGX_DECLINED: nobody,
                                               NGX_ERROR, NGX_AGAIN: asking */
    u_char                       session_key[NGX_CREDITS_SESSION_KEY];

    /* how much */
    u_char                       id[CREDITS_UUID_LEN];
    ngx_str_t                    id_text;
    credits_request_t           *chat;
    credits_price_t              price;
    ngx_str_t                    type;
    int64_t                      prompt_tokens;
    int64_t                      want;
    ngx_int_t                    answer;    /* of the ledger */
    int64_t                      hold;
    int64_t                      balance;
    int64_t                      held;      /* by all of the user's requests */
    int64_t                      available;
    ngx_credits_inflight_t        *flight;

    /* the answer */
    credits_answer_t            *metering;
    ngx_chain_t                 *free;      /* held bytes let go */
    ngx_chain_t                 *busy;
    off_t                        drained;   /* since the client has left */

    /* the end */
    credits_status_t             status;
    credits_usage_t              usage;
    int64_t                      charged;

    /* in place of nginx's own error page */
    ngx_str_t                    error;

    /* a document for the client */
    ngx_http_credits_ask_pt      ask;       /* still to be asked for */
    ngx_str_t                    text;

    /* an event: text is its outcome */
    ngx_str_t                    event;         /* its id */
    ngx_str_t                    detail;

    unsigned                     suspended:1;
    unsigned                     strip:1;
    unsigned                     complete:1;    /* the answer's last byte */
    unsigned                     left:1;        /* the client has left */
    unsigned                     sink:1;        /* and nothing is sent */
    unsigned                     denied:1;
    unsigned                     retried:1;
    unsigned                     stopped:1;     /* so is this worker */
    unsigned                     ended:1;
};


extern ngx_module_t  ngx_http_credits_module;


/* conf */
void *ngx_http_credits_create_main_conf(ngx_conf_t *cf);
ngx_int_t ngx_http_credits_complete_main_conf(ngx_conf_t *cf,
    ngx_http_credits_main_conf_t *mcf);
void *ngx_http_credits_create_loc_conf(ngx_conf_t *cf);
char *ngx_http_credits_merge_loc_conf(ngx_conf_t *cf, void *parent,
    void *child);
char *ngx_http_credits_database(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_credits_zone(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_credits_journal(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_credits_session(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_credits_user(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_credits_price(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_credits_type(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_credits_hold(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_credits_drain(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);


/*
 * "env:NAME" or "file:PATH"; read now, by the master.  NGX_OK, or NGX_ERROR
 * after logging what is wrong, never what is in it.
 */
ngx_int_t ngx_http_credits_secret(ngx_conf_t *cf, ngx_str_t *value,
    ngx_str_t *secret);
/* NGX_CONF_ERROR, after saying which value it was */
char *ngx_http_credits_invalid(ngx_conf_t *cf, ngx_str_t *value);
/* 1: value begins with name, rest is what follows */
ngx_uint_t ngx_http_credits_parameter(ngx_str_t *value, const char *name,
    ngx_str_t *rest);

extern ngx_conf_enum_t  ngx_http_credits_modes[];
extern ngx_conf_enum_t  ngx_http_credits_on_error[];
extern ngx_conf_enum_t  ngx_http_credits_lost_hold[];
extern ngx_conf_num_bounds_t  ngx_http_credits_unit_bounds;
extern ngx_conf_num_bounds_t  ngx_http_credits_output_bounds;

/* the request's context, NULL: none */
ngx_http_credits_ctx_t *ngx_http_credits_get_ctx(ngx_http_request_t *r);
/* the same, made if there is none; NULL: out of memory */
ngx_http_credits_ctx_t *ngx_http_credits_make_ctx(ngx_http_request_t *r);
ngx_credits_zone_t *ngx_http_credits_get_zone(ngx_http_request_t *r);

/* stations */
ngx_int_t ngx_http_credits_access_handler(ngx_http_request_t *r);
/* NGX_OK: ctx->user is known; all else is to be returned from the phase */
ngx_int_t ngx_http_credits_require_user(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx);
ngx_int_t ngx_http_credits_admission_handler(ngx_http_request_t *r);
ngx_int_t ngx_http_credits_metering_init(void);
ngx_int_t ngx_http_credits_errors_init(void);
/* the client has left: the rest of the answer has credits_drain to come in */
void ngx_http_credits_left(ngx_http_request_t *r);
/* TERM: all that is under way ends with what was seen of it */
void ngx_http_credits_settle_all(ngx_http_credits_main_conf_t *mcf);
/* idempotent; the one exit of a request that holds credits */
void ngx_http_credits_settle(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx);

/* the request's body, in pieces; what a piece returns but NGX_OK ends it */
typedef ngx_int_t (*ngx_http_credits_piece_pt)(void *data, u_char *p,
    size_t n);
ngx_int_t ngx_http_credits_body_pieces(ngx_http_request_t *r,
    ngx_http_credits_piece_pt piece, void *data);
/* replaces it by its edited form */
ngx_int_t ngx_http_credits_body_splice(ngx_http_request_t *r,
    credits_edit_t *edits, unsigned n);
/* asks the provider for an answer that can be read */
void ngx_http_credits_plain_answer(ngx_http_request_t *r);
/* the next header of this name (lower case) behind `after`, or NULL */
ngx_table_elt_t *ngx_http_credits_header(ngx_http_request_t *r,
    ngx_table_elt_t *after, const char *name, size_t len);

/* content handlers: directives */
char *ngx_http_credits_balance(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_credits_transactions(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_credits_webhook(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
ngx_int_t ngx_http_credits_webhook_handler(ngx_http_request_t *r);
char *ngx_http_credits_metrics(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/*
 * Suspends until `resume` is called from the operation's callback or by the
 * timer; the client's leaving ends the request.  NGX_AGAIN, or NGX_ERROR.
 */
ngx_int_t ngx_http_credits_suspend(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx);
/* the same, but a client that leaves does not end what was begun for it */
void ngx_http_credits_suspend_unwatched(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx);
/* suspends for a moment; then the same handler is entered again */
ngx_int_t ngx_http_credits_sleep(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx, ngx_msec_t msec);
/* goes on; the request may be gone on return */
void ngx_http_credits_resume(ngx_http_credits_ctx_t *ctx);
/* the request ends: nobody is to be resumed any more */
void ngx_http_credits_wait_cancel(ngx_http_credits_ctx_t *ctx);
/*
 * Waits, a little longer each time, while settlements of this user are on
 * their way: NGX_AGAIN; NGX_OK when there is none, or it took too long.
 */
ngx_int_t ngx_http_credits_wait_pending(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx);

/* once admitted: ngx_http_credits_left() is called when the client has left */
void ngx_http_credits_watch_client(ngx_http_request_t *r);

/* replies: each sends, finalizes the request and returns NGX_DONE */
ngx_int_t ngx_http_credits_reply_unauthorized(ngx_http_request_t *r);
ngx_int_t ngx_http_credits_reply_insufficient(ngx_http_request_t *r,
    ngx_http_credits_ctx_t *ctx);
ngx_int_t ngx_http_credits_reply_unavailable(ngx_http_request_t *r);
ngx_int_t ngx_http_credits_reply_frozen(ngx_http_request_t *r);
ngx_int_t ngx_http_credits_reply_unsigned(ngx_http_request_t *r);
ngx_int_t ngx_http_credits_reply_error(ngx_http_request_t *r,
    ngx_uint_t status, const char *code, const char *message);
/* the document of an error; more: further members, or NULL.  NGX_ERROR: no
 * memory */
ngx_int_t ngx_http_credits_error_text(ngx_http_request_t *r, const char *type,
    const char *code, const char *message, ngx_str_t *more, ngx_str_t *text);
/* sends a document; returns what a content handler returns */
ngx_int_t ngx_http_credits_send_json(ngx_http_request_t *r, ngx_uint_t status,
    ngx_str_t *text);

ngx_int_t ngx_http_credits_add_variables(ngx_conf_t *cf);
ngx_int_t ngx_http_credits_add_header(ngx_http_request_t *r, const char *name,
    ngx_str_t *value);

#endif /* NGX_HTTP_CREDITS_H */
