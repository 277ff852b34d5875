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
static void credits_json_number_fraction(credits_json_number_t *n,
    unsigned char c);
static void credits_json_number_exponent(credits_json_number_t *n,
    unsigned char c);
static int64_t credits_json_number_shift(const credits_json_number_t *n,
    int places, int *exact);


void
credits_json_number_init(credits_json_number_t *n, unsigned char c)
{
    n->negative = (c == '-');
    n->overflow = 0;
    n->inexact = 0;
    n->exponent_negative = 0;
    n->mantissa = (c != '-') ? c - '0' : 0;
    n->scale = 0;
    n->exponent = 0;
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
            credits_json_number_fraction(n, c);
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

    if (n->state == sw_zero || n->state == sw_integer) {
        return (n->negative || n->overflow) ? -1 : n->mantissa;
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


static void
credits_json_number_digit(credits_json_number_t *n, unsigned char c)
{
    int64_t  digit;

    digit = c - '0';

    if (n->mantissa > (INT64_MAX - digit) / 10) {
        n->overflow = 1;
        return;
    }

    n->mantissa = n->mantissa * 10 + digit;
}


static void
credits_json_number_fraction(credits_json_number_t *n, unsigned char c)
{
    int64_t  digit;

    digit = c - '0';

    if (n->mantissa > (INT64_MAX - digit) / 10) {

        /* no digit behind this one may be kept */

        n->inexact |= (digit != 0);
        return;
    }

    if (!n->inexact) {
        n->mantissa = n->mantissa * 10 + digit;
        n->scale++;
    }
}


static void
credits_json_number_exponent(credits_json_number_t *n, unsigned char c)
{
    n->exponent = n->exponent * 10 + (unsigned) (c - '0');

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

    if (n->negative || n->overflow) {
        return -1;
    }

    value = n->mantissa;
    places += n->exponent_negative ? -(int) n->exponent : (int) n->exponent;
    places -= (int) n->scale;

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
