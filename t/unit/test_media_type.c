#include "tap.h"

#include "credits_media_type.c"


#define JSON  CREDITS_BODY_JSON
#define FORM  CREDITS_BODY_MULTIPART


static const struct {
    const char  *value;
    unsigned     bodies;
    int          want;
    const char  *boundary;
} cases[] = {
    { "application/json", JSON, JSON, "" },
    { " Application/JSON ", JSON, JSON, "" },
    { "application/json;", JSON, JSON, "" },
    { "application/json; charset=utf-8", JSON, JSON, "" },
    { "application/json;charset=UTF-8", JSON | FORM, JSON, "" },
    { "application/json; Charset=\"Utf-8\"", JSON, JSON, "" },
    { "application/json; profile=a; charset=utf-8", JSON, JSON, "" },

    { "", JSON, -1, "" },
    { "application/json", FORM, -1, "" },
    { "application/json; charset=utf-7", JSON, -1, "" },
    { "application/json; charset=utf-16", JSON, -1, "" },
    { "application/json; charset=us-ascii", JSON, -1, "" },
    { "application/json; charset=utf-8; charset=utf-7", JSON, -1, "" },
    { "application/json; charset=utf-8; CHARSET=utf-8", JSON, -1, "" },
    { "application/json; charset=", JSON, -1, "" },
    { "application/json; charset", JSON, -1, "" },
    { "application/json; charset =utf-8", JSON, -1, "" },
    { "application/json; charset=\"utf-8", JSON, -1, "" },
    { "application/json; charset=\"utf-\\8\"", JSON, -1, "" },
    { "application/json; profile=\"\\\"", JSON, -1, "" },
    { "application/json; charset=\"utf-8\"7", JSON, -1, "" },
    { "application/json charset=utf-8", JSON, -1, "" },
    { "application/json, text/plain", JSON, -1, "" },
    { "application/json; boundary=a", JSON, -1, "" },
    { "application/jsonp", JSON, -1, "" },
    { "application/vnd.api+json", JSON, -1, "" },
    { "text/plain", JSON | FORM, -1, "" },
    { "text/json", JSON | FORM, -1, "" },
    { "application/x-www-form-urlencoded", JSON | FORM, -1, "" },
    { "application/json; a=1; b=1; c=1; d=1; e=1; f=1; g=1; h=1; i=1",
      JSON, -1, "" },

    { "multipart/form-data; boundary=sea-7", FORM, FORM, "sea-7" },
    { "Multipart/Form-Data; Boundary=\"a:b/c\"", JSON | FORM, FORM, "a:b/c" },
    { "multipart/form-data; boundary=x; charset=utf-8", FORM, FORM, "x" },

    { "multipart/form-data; boundary=x", JSON, -1, "" },
    { "multipart/form-data", FORM, -1, "" },
    { "multipart/form-data; boundary=", FORM, -1, "" },
    { "multipart/form-data; boundary=\"\"", FORM, -1, "" },
    { "multipart/form-data; boundary=a; boundary=b", FORM, -1, "" },
    { "multipart/form-data; boundary=a; charset=utf-7", FORM, -1, "" },
    { "multipart/form-data; boundary=\"a b\"", FORM, -1, "" },
    { "multipart/form-data; boundary=a*b", FORM, -1, "" },
    { "multipart/mixed; boundary=a", FORM, -1, "" },
    { "multipart/form-data; boundary="
      "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggggggggg"
      "h", FORM, -1, "" },
    { "multipart/form-data; boundary="
      "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggggggggg",
      FORM, FORM,
      "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggggggggg"
    }
};


int
main(void)
{
    int              got;
    size_t           i, n;
    unsigned char   *copy;
    credits_span_t   boundary;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        n = strlen(cases[i].value);
        copy = tap_piece(cases[i].value, n);

        got = credits_media_type(copy, n, cases[i].bodies, &boundary);
        is(got, cases[i].want, "%s", cases[i].value);

        if (got > 0) {
            ok(boundary.len == strlen(cases[i].boundary)
               && memcmp(boundary.data, cases[i].boundary, boundary.len) == 0,
               "its boundary");
        }

        free(copy);
    }

    return tap_done();
}
