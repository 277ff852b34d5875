/*
 * Secrets: from a file or from the environment, never from nginx.conf.
 */

#include "ngx_http_credits_secret.h"
#include "ngx_http_credits_args.h"


#define NGX_HTTP_CREDITS_FILE_MAX    4096


static ngx_int_t ngx_http_credits_secret_keep_env(ngx_conf_t *cf,
    ngx_str_t *name);
static ngx_int_t ngx_http_credits_secret_file(ngx_conf_t *cf, ngx_str_t *name,
    ngx_str_t *secret);


ngx_int_t
ngx_http_credits_secret_read(ngx_conf_t *cf, ngx_str_t *value,
    ngx_str_t *secret)
{
    char       *env;
    ngx_str_t   name;

    if (ngx_http_credits_args_parameter(value, "file:", &name)) {
        return ngx_http_credits_secret_file(cf, &name, secret);
    }

    if (!ngx_http_credits_args_parameter(value, "env:", &name)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "a secret is given as \"env:NAME\" or "
                           "\"file:PATH\"");
        return NGX_ERROR;
    }

    if (ngx_http_credits_secret_keep_env(cf, &name) != NGX_OK) {
        return NGX_ERROR;
    }

    /* now: the workers' environment is another one */

    env = getenv((char *) name.data);

    if (env == NULL || *env == '\0') {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "the environment variable \"%V\" is not set",
                           &name);
        return NGX_ERROR;
    }

    name.data = (u_char *) env;
    name.len = ngx_strlen(env);

    secret->len = name.len;
    secret->data = ngx_pnalloc(cf->pool, name.len + 1);
    if (secret->data == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(secret->data, env, name.len + 1);

    return NGX_OK;
}


static ngx_int_t
ngx_http_credits_secret_file(ngx_conf_t *cf, ngx_str_t *name,
    ngx_str_t *secret)
{
    u_char           buf[NGX_HTTP_CREDITS_FILE_MAX];
    ssize_t          n;
    ngx_fd_t         fd;
    ngx_int_t        rc;
    ngx_file_info_t  fi;

    if (ngx_conf_full_name(cf->cycle, name, 1) != NGX_OK) {
        return NGX_ERROR;
    }

    fd = ngx_open_file(name->data, NGX_FILE_RDONLY, NGX_FILE_OPEN, 0);

    if (fd == NGX_INVALID_FILE) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           ngx_open_file_n " \"%V\" failed", name);
        return NGX_ERROR;
    }

    rc = NGX_ERROR;
    n = -1;

    if (ngx_fd_info(fd, &fi) == NGX_FILE_ERROR) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           ngx_fd_info_n " \"%V\" failed", name);

    } else if (ngx_file_access(&fi) & 07) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "the secret in \"%V\" can be read by everybody",
                           name);

    } else {
        n = ngx_read_fd(fd, buf, sizeof(buf));
    }

    /* a final newline is the editor's, not the secret's */

    while (n > 0 && (buf[n - 1] == '\n' || buf[n - 1] == '\r')) {
        n--;
    }

    if (n > 0 && n < (ssize_t) sizeof(buf)) {
        secret->len = (size_t) n;
        secret->data = ngx_pnalloc(cf->pool, secret->len + 1);

        if (secret->data) {
            ngx_memcpy(secret->data, buf, secret->len);
            secret->data[secret->len] = '\0';
            rc = NGX_OK;
        }

    } else if (n >= 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "the secret in \"%V\" is empty or too long", name);
    }

    ngx_explicit_memzero(buf, sizeof(buf));
    (void) ngx_close_file(fd);

    return rc;
}


/* as "env NAME;" does: a binary upgrade passes only variables that it names */

static ngx_int_t
ngx_http_credits_secret_keep_env(ngx_conf_t *cf, ngx_str_t *name)
{
    ngx_str_t        *env;
    ngx_uint_t        i;
    ngx_core_conf_t  *ccf;

    ccf = (ngx_core_conf_t *) ngx_get_conf(cf->cycle->conf_ctx,
                                           ngx_core_module);
    env = ccf->env.elts;

    for (i = 0; i < ccf->env.nelts; i++) {
        if (env[i].len == name->len
            && ngx_strncmp(env[i].data, name->data, name->len) == 0)
        {
            return NGX_OK;
        }
    }

    env = ngx_array_push(&ccf->env);
    if (env == NULL) {
        return NGX_ERROR;
    }

    *env = *name;

    return NGX_OK;
}
