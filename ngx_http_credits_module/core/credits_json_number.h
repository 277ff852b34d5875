/*
 * The grammar of a JSON number, one byte at a time.
 */

#ifndef CREDITS_JSON_NUMBER_H
#define CREDITS_JSON_NUMBER_H

#include <stdint.h>


typedef struct {
    unsigned    state;
    int         integer;
    int64_t     value;
} credits_json_number_t;


/* c is the first byte, '-' or a digit */
void credits_json_number_init(credits_json_number_t *n, unsigned char c);

/* 1: c belongs to the number, 0: it has ended before c, -1: malformed */
int credits_json_number_next(credits_json_number_t *n, unsigned char c);

/* 1 if the number could end here */
int credits_json_number_whole(const credits_json_number_t *n);

/* -1: signed, fractional, with an exponent, or above INT64_MAX */
int64_t credits_json_number_value(const credits_json_number_t *n);

#endif /* CREDITS_JSON_NUMBER_H */
