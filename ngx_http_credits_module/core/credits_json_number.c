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


static void credits_json_number_digit(credits_json_number_t *n,
    unsigned char c);


void
credits_json_number_init(credits_json_number_t *n, unsigned char c)
{
    n->integer = (c != '-');
    n->value = (c != '-') ? c - '0' : 0;
    n->state = (c == '-') ? sw_minus : (c == '0') ? sw_zero : sw_integer;
}


int
credits_json_number_next(credits_json_number_t *n, unsigned char c)
{
    int  digit;

    digit = (c >= '0' && c <= '9');

    switch (n->state) {

    case sw_minus:
        n->state = (c == '0') ? sw_zero : sw_integer;
        return digit ? 1 : -1;

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
        n->state = sw_fraction;
        return digit ? 1 : -1;

    case sw_fraction:
        if (digit) {
            return 1;
        }

        break;

    case sw_exponent:
        if (c == '+' || c == '-') {
            n->state = sw_exponent_sign;
            return 1;
        }

        n->state = sw_exponent_digits;
        return digit ? 1 : -1;

    case sw_exponent_sign:
        n->state = sw_exponent_digits;
        return digit ? 1 : -1;

    default: /* sw_exponent_digits */
        return digit;
    }

    if (c == '.' && n->state != sw_fraction) {
        n->integer = 0;
        n->state = sw_point;
        return 1;
    }

    if (c == 'e' || c == 'E') {
        n->integer = 0;
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
    return n->integer ? n->value : -1;
}


static void
credits_json_number_digit(credits_json_number_t *n, unsigned char c)
{
    int64_t  digit;

    digit = c - '0';

    if (n->value > (INT64_MAX - digit) / 10) {
        n->integer = 0;
    }

    if (n->integer) {
        n->value = n->value * 10 + digit;
    }
}
