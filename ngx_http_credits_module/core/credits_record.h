/*
 * The journal record: one ended request, checksummed.
 */

#ifndef CREDITS_RECORD_H
#define CREDITS_RECORD_H

#include <stddef.h>
#include <stdint.h>

#include "credits_usage.h"
#include "credits_uuid.h"


#define CREDITS_USER_MAX        255
#define CREDITS_RECORD_MAX      2048    /* no encoded record is longer */


typedef enum {
    CREDITS_RELEASED = 0,
    CREDITS_SETTLED,
    CREDITS_ESTIMATED
} credits_status_t;

typedef struct {
    unsigned char      request[CREDITS_UUID_LEN];
    credits_status_t   status;
    int64_t            credits;         /* 0 when released */
    credits_usage_t    usage;
    int64_t            ended;           /* ms since the epoch, node's clock */
    unsigned char      user[CREDITS_USER_MAX];
    unsigned           user_len;        /* 1..CREDITS_USER_MAX */
    unsigned char      model[255];          /* that was asked for */
    unsigned           model_len;
    unsigned char      answered[255];       /* the model that answered, if it
                                               said another */
    unsigned           answered_len;
    char               tier[33];            /* of the answer; or "" */
    char               operation[33];       /* "openai chat" */
    char               price[256];          /* see credits_price_text() */
    char               type[16];        /* "chat"; NUL-terminated */
    char               reason[32];      /* why released, estimated; or "" */
} credits_record_t;


/* a release without usage, of type "other"; user_len: 1..CREDITS_USER_MAX */
void credits_record_init(credits_record_t *r,
    const unsigned char request[CREDITS_UUID_LEN], const unsigned char *user,
    unsigned user_len);

/* bytes written, at most CREDITS_RECORD_MAX; 0: a field is out of range */
size_t credits_record_encode(const credits_record_t *r,
    unsigned char buf[CREDITS_RECORD_MAX]);

/*
 * Returns the length of the record at p, 0 when more bytes are needed (a torn
 * tail, if there are none), -1 when these bytes are no record.
 */
int credits_record_decode(const unsigned char *p, size_t n,
    credits_record_t *r);

/* offset of the next place at or after p where a record could begin, or n */
size_t credits_record_resync(const unsigned char *p, size_t n);

#endif /* CREDITS_RECORD_H */
