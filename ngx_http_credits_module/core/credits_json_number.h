/*
 * The grammar of a JSON number, one byte at a time.
 */

#ifndef CREDITS_JSON_NUMBER_H
#define CREDITS_JSON_NUMBER_H

#include <stdint.h>


#define CREDITS_JSON_EXPONENT_MAX  100000000    /* a larger one is this one */

/* mantissa times ten to the power of `power`, and then of the exponent */
typedef struct {
    unsigned    state;
    unsigned    negative:1;
    unsigned    inexact:1;      /* digits did not fit and were left out */
    unsigned    exponent_negative:1;
    int         fraction;       /* digits behind the point */
    int         power;
    int         exponent;
    int64_t     mantissa;       /* without zeros at its end */
} credits_json_number_t;


/* c is the first byte, '-' or a digit */
void credits_json_number_init(credits_json_number_t *n, unsigned char c);

/* 1: c belongs to the number, 0: it has ended before c, -1: malformed */
int credits_json_number_next(credits_json_number_t *n, unsigned char c);

/* 1 if the number could end here */
int credits_json_number_whole(const credits_json_number_t *n);

/*
 * The number, if it is a whole one, however it is written ("100.0", "1e2");
 * -1: signed, fractional, or above INT64_MAX.
 */
int64_t credits_json_number_value(const credits_json_number_t *n);

/* its thousand millionths, rounded up; -1: signed, or above INT64_MAX */
int64_t credits_json_number_nanos(const credits_json_number_t *n);

#endif /* CREDITS_JSON_NUMBER_H */
