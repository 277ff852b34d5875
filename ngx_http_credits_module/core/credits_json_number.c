/*
 * The grammar of a JSON number.
 */

#include "credits_json_number.h"


typedef enum {
    sw_minus = 0,
    sw_zero,
    sw_integer,
    sw_point,
    sw_fraction,
    sw_exponent,
    sw_exponent_sign,
    sw_exponent_digits
} credits_json_number_state_t;


static int credits_json_number_part(credits_json_number_t *n,
    unsigned char c);
static void credits_json_number_digit(credits_json_number_t *n,
    unsigned char c);
static void credits_json_number_exponent(credits_json_number_t *n,
    unsigned char c);
static int64_t credits_json_number_shift(const credits_json_number_t *n,
    int places, int *exact);


void
credits_json_number_init(credits_json_number_t *n, unsigned char c)
{
    n->negative = (c == '-');
    n->inexact = 0;
    n->exponent_negative = 0;
    n->fraction = 0;
    n->power = 0;
    n->exponent = 0;
    n->mantissa = (c != '-') ? c - '0' : 0;
    n->state = (c == '-') ? sw_minus : (c == '0') ? sw_zero : sw_integer;
}


int
credits_json_number_next(credits_json_number_t *n, unsigned char c)
{
    int  digit;

    digit = (c >= '0' && c <= '9');

    switch (n->state) {

    case sw_minus:
        if (!digit) {
            return -1;
        }

        credits_json_number_digit(n, c);
        n->state = (c == '0') ? sw_zero : sw_integer;
        return 1;

    case sw_zero:
        if (digit) {
            return -1;
        }

        break;

    case sw_integer:
        if (digit) {
            credits_json_number_digit(n, c);
            return 1;
        }

        break;

    case sw_point:
    case sw_fraction:
        if (digit) {
            n->fraction++;
            credits_json_number_digit(n, c);
            n->state = sw_fraction;
            return 1;
        }

        if (n->state == sw_point) {
            return -1;
        }

        break;

    case sw_exponent:
        if (c == '+' || c == '-') {
            n->exponent_negative = (c == '-');
            n->state = sw_exponent_sign;
            return 1;
        }

        /* fall through */

    case sw_exponent_sign:
        if (!digit) {
            return -1;
        }

        credits_json_number_exponent(n, c);
        n->state = sw_exponent_digits;
        return 1;

    default: /* sw_exponent_digits */
        if (digit) {
            credits_json_number_exponent(n, c);
        }

        return digit;
    }

    return credits_json_number_part(n, c);
}


/* what begins behind digits: 1, or 0 for the end of the number */

static int
credits_json_number_part(credits_json_number_t *n, unsigned char c)
{
    if (c == '.' && n->state != sw_fraction) {
        n->state = sw_point;
        return 1;
    }

    if (c == 'e' || c == 'E') {
        n->state = sw_exponent;
        return 1;
    }

    return 0;
}


int
credits_json_number_whole(const credits_json_number_t *n)
{
    return n->state == sw_zero || n->state == sw_integer
           || n->state == sw_fraction || n->state == sw_exponent_digits;
}


int64_t
credits_json_number_value(const credits_json_number_t *n)
{
    int      exact;
    int64_t  value;

    if (n->power == 0 && n->exponent == 0) {
        return (n->negative || n->inexact) ? -1 : n->mantissa;
    }

    value = credits_json_number_shift(n, 0, &exact);

    return exact ? value : -1;
}


int64_t
credits_json_number_nanos(const credits_json_number_t *n)
{
    int      exact;
    int64_t  value;

    value = credits_json_number_shift(n, 9, &exact);

    return (exact || value < 0 || value == INT64_MAX) ? value : value + 1;
}


/* one digit more, in front of the point or behind it */

static void
credits_json_number_digit(credits_json_number_t *n, unsigned char c)
{
    int      last;
    int64_t  mantissa;

    if (n->fraction == 0 && n->mantissa) {
        n->power++;
    }

    if (c == '0') {
        return;
    }

    /* the power of the digit; zeros between it and the others are needed */

    last = -n->fraction;
    mantissa = n->mantissa;

    for ( /* void */ ; mantissa && n->power > last; last++) {

        if (n->inexact || mantissa > INT64_MAX / 10) {
            n->inexact = 1;
            return;
        }

        mantissa *= 10;
    }

    if (mantissa > INT64_MAX - (c - '0')) {
        n->inexact = 1;
        return;
    }

    n->mantissa = mantissa + (c - '0');
    n->power = -n->fraction;
}


static void
credits_json_number_exponent(credits_json_number_t *n, unsigned char c)
{
    n->exponent = n->exponent * 10 + (c - '0');

    if (n->exponent > CREDITS_JSON_EXPONENT_MAX) {
        n->exponent = CREDITS_JSON_EXPONENT_MAX;
    }
}


/* the number with its point moved to the right, what is left behind it cut */

static int64_t
credits_json_number_shift(const credits_json_number_t *n, int places,
    int *exact)
{
    int64_t  value;

    *exact = !n->inexact;

    if (n->negative) {
        return -1;
    }

    value = n->mantissa;
    places += n->power;
    places += n->exponent_negative ? -n->exponent : n->exponent;

    for ( /* void */ ; places > 0 && value; places--) {
        if (value > INT64_MAX / 10) {
            return -1;
        }

        value *= 10;
    }

    for ( /* void */ ; places < 0 && value; places++) {
        if (value % 10) {
            *exact = 0;
        }

        value /= 10;
    }

    return value;
}
