/*
 * JSON replies.
 */

#include "ngx_http_credits_reply.h"
#include "ngx_http_credits_headers.h"


#define NGX_HTTP_CREDITS_PAYMENT_REQUIRED  402
#define NGX_HTTP_CREDITS_REPLY_NAME_MAX    128     /* bytes */


static ngx_int_t ngx_http_credits_reply_typed(ngx_http_request_t *r,
    ngx_uint_t status, const char *type, const char *code,
    const char *message);
static ngx_int_t ngx_http_credits_reply_failed(ngx_http_request_t *r,
    const ngx_http_credits_error_t *error, credits_document_t *d);
static void ngx_http_credits_reply_begin(ngx_http_request_t *r,
    credits_document_t *d, const ngx_http_credits_error_t *error);
static void ngx_http_credits_reply_end(ngx_http_request_t *r,
    credits_document_t *d, const ngx_http_credits_error_t *error);
static credits_dialect_t ngx_http_credits_reply_dialect(
    ngx_http_request_t *r);
static const char *ngx_http_credits_reply_google(ngx_uint_t status);
static ngx_int_t ngx_http_credits_reply_print(ngx_http_request_t *r,
    credits_document_t *d, ngx_str_t *text);


ngx_int_t
ngx_http_credits_reply_unauthorized(ngx_http_request_t *r)
{
    ngx_http_credits_ctx_count(r, NGX_CREDITS_COUNT_unauthorized, 1);

    return ngx_http_credits_reply_typed(r, NGX_HTTP_UNAUTHORIZED,
                                        "authentication_error",
                                        "unauthorized",
                                        "You are not signed in.");
}


ngx_int_t
ngx_http_credits_reply_unavailable(ngx_http_request_t *r)
{
    ngx_str_t  seconds = ngx_string("1");

    ngx_http_credits_ctx_count(r, NGX_CREDITS_COUNT_unavailable, 1);

    if (ngx_http_credits_headers_add(r, "Retry-After", &seconds) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_credits_reply_typed(r, NGX_HTTP_SERVICE_UNAVAILABLE,
                                        "server_error", "service_unavailable",
                                        "Credits cannot be checked at the "
                                        "moment. Nothing was charged; try "
                                        "again.");
}


ngx_int_t
ngx_http_credits_reply_frozen(ngx_http_request_t *r)
{
    return ngx_http_credits_reply_typed(r, NGX_HTTP_FORBIDDEN,
                                        "permission_error", "account_frozen",
                                        "This account is frozen.");
}


/* only the log says which of the checks failed */

ngx_int_t
ngx_http_credits_reply_unsigned(ngx_http_request_t *r)
{
    return ngx_http_credits_reply_typed(r, NGX_HTTP_UNAUTHORIZED,
                                        "authentication_error",
                                        "invalid_signature",
                                        "The signature is not valid.");
}


ngx_int_t
ngx_http_credits_reply_not_allowed(ngx_http_request_t *r,
    const char *methods, const char *message)
{
    ngx_str_t  allow;

    allow.data = (u_char *) methods;
    allow.len = ngx_strlen(methods);

    if (ngx_http_credits_headers_add(r, "Allow", &allow) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_credits_reply_error(r, NGX_HTTP_NOT_ALLOWED,
                                        "method_not_allowed", message);
}


ngx_int_t
ngx_http_credits_reply_error(ngx_http_request_t *r, ngx_uint_t status,
    const char *code, const char *message)
{
    return ngx_http_credits_reply_typed(r, status, "invalid_request_error",
                                        code, message);
}


ngx_int_t
ngx_http_credits_reply_naming(ngx_http_request_t *r, ngx_uint_t status,
    const char *code, const char *format, ngx_str_t *name)
{
    u_char     message[NGX_HTTP_CREDITS_REPLY_NAME_MAX + 256];
    ngx_str_t  shown;

    shown = *name;
    shown.len = ngx_min(shown.len, NGX_HTTP_CREDITS_REPLY_NAME_MAX);

    *ngx_snprintf(message, sizeof(message) - 1, format, &shown) = '\0';

    return ngx_http_credits_reply_error(r, status, code, (char *) message);
}


ngx_int_t
ngx_http_credits_reply_insufficient(ngx_http_request_t *r, int64_t available,
    int64_t required, int64_t held)
{
    ngx_str_t                     url;
    credits_document_t            d;
    ngx_http_credits_error_t      error;
    ngx_http_credits_loc_conf_t  *lcf;

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_credits_module);

    ngx_str_null(&url);

    if (lcf->purchase_url
        && ngx_http_complex_value(r, lcf->purchase_url, &url) != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    error.status = NGX_HTTP_CREDITS_PAYMENT_REQUIRED;
    error.type = "insufficient_quota";
    error.code = "insufficient_credits";
    error.message = (held > 0 && available + held >= required)
                    ? "Your credits are held by your own requests in flight. "
                      "Try again when one of them has ended."
                    : "You are out of credits. Buy more to go on.";

    ngx_http_credits_reply_begin(r, &d, &error);

    credits_document_integer(&d, "available", ngx_max(available, 0));
    credits_document_integer(&d, "required", required);
    credits_document_integer(&d, "held", held);

    if (url.len) {
        credits_document_text(&d, "purchase_url", url.data, url.len);

    } else {
        credits_document_null(&d, "purchase_url");
    }

    return ngx_http_credits_reply_failed(r, &error, &d);
}


static ngx_int_t
ngx_http_credits_reply_typed(ngx_http_request_t *r, ngx_uint_t status,
    const char *type, const char *code, const char *message)
{
    credits_document_t        d;
    ngx_http_credits_error_t  error;

    error.status = status;
    error.type = type;
    error.code = code;
    error.message = message;

    ngx_http_credits_reply_begin(r, &d, &error);

    return ngx_http_credits_reply_failed(r, &error, &d);
}


/* nginx would prefer the status of an error_page that led here */

static ngx_int_t
ngx_http_credits_reply_failed(ngx_http_request_t *r,
    const ngx_http_credits_error_t *error, credits_document_t *d)
{
    r->err_status = 0;

    ngx_http_credits_reply_end(r, d, error);

    return ngx_http_credits_reply_document(r, error->status, d);
}


/* what only this error has may follow */

static void
ngx_http_credits_reply_begin(ngx_http_request_t *r, credits_document_t *d,
    const ngx_http_credits_error_t *error)
{
    credits_document_init(d);

    switch (ngx_http_credits_reply_dialect(r)) {

    case CREDITS_OLLAMA:
        credits_document_string(d, "error", error->message);
        break;

    case CREDITS_GEMINI:
        credits_document_object(d, "error");
        credits_document_integer(d, "code", error->status);
        credits_document_string(d, "message", error->message);
        credits_document_string(d, "status",
                                ngx_http_credits_reply_google(error->status));
        break;

    default:
        credits_document_object(d, "error");
        credits_document_string(d, "message", error->message);
        credits_document_string(d, "type", error->type);
        credits_document_null(d, "param");
        credits_document_string(d, "code", error->code);
    }
}


static void
ngx_http_credits_reply_end(ngx_http_request_t *r, credits_document_t *d,
    const ngx_http_credits_error_t *error)
{
    if (ngx_http_credits_reply_dialect(r) != CREDITS_OLLAMA) {
        credits_document_end(d);
    }

    credits_document_string(d, "type", "error");
    credits_document_string(d, "object", "error");
    credits_document_string(d, "message", error->message);
    credits_document_null(d, "param");
    credits_document_string(d, "code", error->code);
}


/* where nothing is proxied, no SDK asks */

static credits_dialect_t
ngx_http_credits_reply_dialect(ngx_http_request_t *r)
{
    ngx_http_credits_loc_conf_t  *lcf;

    lcf = ngx_http_get_module_loc_conf(r, ngx_http_credits_module);

    return lcf->mode == NGX_HTTP_CREDITS_OFF ? CREDITS_OPENAI
                                             : lcf->api->dialect;
}


/* the name that goes with a status in Google's APIs */

static const char *
ngx_http_credits_reply_google(ngx_uint_t status)
{
    switch (status) {

    case NGX_HTTP_UNAUTHORIZED:
        return "UNAUTHENTICATED";

    case NGX_HTTP_CREDITS_PAYMENT_REQUIRED:
        return "FAILED_PRECONDITION";

    case NGX_HTTP_FORBIDDEN:
        return "PERMISSION_DENIED";

    case NGX_HTTP_NOT_FOUND:
        return "NOT_FOUND";

    case NGX_HTTP_TOO_MANY_REQUESTS:
        return "RESOURCE_EXHAUSTED";

    case NGX_HTTP_BAD_GATEWAY:
    case NGX_HTTP_SERVICE_UNAVAILABLE:
        return "UNAVAILABLE";

    case NGX_HTTP_GATEWAY_TIME_OUT:
        return "DEADLINE_EXCEEDED";

    default:
        return status < NGX_HTTP_INTERNAL_SERVER_ERROR ? "INVALID_ARGUMENT"
                                                       : "INTERNAL";
    }
}


ngx_int_t
ngx_http_credits_reply_text(ngx_http_request_t *r,
    const ngx_http_credits_error_t *error, ngx_str_t *text)
{
    credits_document_t  d;

    ngx_http_credits_reply_begin(r, &d, error);
    ngx_http_credits_reply_end(r, &d, error);

    return ngx_http_credits_reply_print(r, &d, text);
}


ngx_int_t
ngx_http_credits_reply_document(ngx_http_request_t *r, ngx_uint_t status,
    credits_document_t *d)
{
    ngx_str_t  text;

    if (ngx_http_credits_reply_print(r, d, &text) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_credits_reply_send(r, status, &text);
}


/* with a newline behind it; the document is freed */

static ngx_int_t
ngx_http_credits_reply_print(ngx_http_request_t *r, credits_document_t *d,
    ngx_str_t *text)
{
    size_t       len;
    ngx_int_t    rc;
    const char  *printed;

    rc = NGX_ERROR;
    printed = credits_document_print(d, &len);

    if (printed) {
        text->len = len + 1;
        text->data = ngx_pnalloc(r->pool, text->len);

        if (text->data) {
            *ngx_cpymem(text->data, printed, len) = '\n';
            rc = NGX_OK;
        }
    }

    credits_document_free(d);

    return rc;
}


ngx_int_t
ngx_http_credits_reply_send(ngx_http_request_t *r, ngx_uint_t status,
    ngx_str_t *text)
{
    ngx_str_t                 type = ngx_string("application/json");
    ngx_str_t                 cache = ngx_string("private, no-store");
    ngx_http_complex_value_t  cv;

    if (ngx_http_credits_headers_add(r, "Cache-Control", &cache) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_memzero(&cv, sizeof(ngx_http_complex_value_t));
    cv.value = *text;

    return ngx_http_send_response(r, status, &type, &cv);
}


ngx_int_t
ngx_http_credits_reply_refuse(ngx_http_request_t *r, ngx_int_t rc)
{
    ngx_http_finalize_request(r, rc);

    return NGX_DONE;
}
