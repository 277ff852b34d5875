#include "tap.h"

#include "credits_document.c"


/* the allocator of cJSON for a while: it fails at the `fail_at`th call */

static unsigned  calls, fail_at;
static int       in_use;


static void *
failing_malloc(size_t size)
{
    void  *p;

    p = (++calls == fail_at) ? NULL : malloc(size);
    in_use += (p != NULL);

    return p;
}


static void
counting_free(void *p)
{
    in_use -= (p != NULL);
    free(p);
}


/* 1 if the document is printed as `want`, in which ' stands for " */

static int
prints(credits_document_t *d, const char *want)
{
    int          good;
    char        *copy;
    size_t       len;
    const char  *text;

    copy = tap_quotes(want);
    text = credits_document_print(d, &len);
    good = text && len == strlen(copy) && strcmp(text, copy) == 0;

    if (!good) {
        printf("# got  %s\n# want %s\n", text ? text : "nothing", copy);
    }

    free(copy);
    credits_document_free(d);

    return good;
}


static int
prints_text(const char *bytes, size_t n, const char *want)
{
    int                  good;
    unsigned char       *copy;
    credits_document_t   d;

    copy = tap_piece(bytes, n);

    credits_document_init(&d);
    credits_document_text(&d, "t", copy, n);
    free(copy);

    good = prints(&d, want);

    return good;
}


static void
build_error(credits_document_t *d)
{
    credits_document_init(d);
    credits_document_object(d, "error");
    credits_document_string(d, "message", "You are out of credits.");
    credits_document_null(d, "param");
    credits_document_integer(d, "available", -16);
    credits_document_true(d, "estimated");
    credits_document_end(d);
    credits_document_string(d, "last", "");
}

#define ERROR  "{'error':{'message':'You are out of credits.','param':null,"  \
    "'available':-16,'estimated':true},'last':''}"


static void
test_documents(void)
{
    credits_document_t  d;

    credits_document_init(&d);
    ok(prints(&d, "{}"), "nothing in it");

    build_error(&d);
    ok(prints(&d, ERROR), "members in their order, an object among them");

    credits_document_init(&d);
    credits_document_object(&d, "a");
    credits_document_object(&d, "b");
    credits_document_object(&d, "c");
    credits_document_null(&d, "d");
    ok(prints(&d, "{'a':{'b':{'c':{'d':null}}}}"),
       "as deep as can be, what is open is closed");

    credits_document_init(&d);
    credits_document_null(&d, "a");
    credits_document_null(&d, "a");
    ok(prints(&d, "{'a':null,'a':null}"), "names are the caller's");
}


static void
test_integers(void)
{
    credits_document_t  d;

    credits_document_init(&d);
    credits_document_integer(&d, "zero", 0);
    credits_document_integer(&d, "odd", 9007199254740993);
    credits_document_integer(&d, "max", INT64_MAX);
    credits_document_integer(&d, "min", INT64_MIN);
    ok(prints(&d, "{'zero':0,'odd':9007199254740993,"
                  "'max':9223372036854775807,'min':-9223372036854775808}"),
       "integers in all their digits");
}


static void
test_text(void)
{
    size_t  i;

    static const struct {
        const char  *text;
        const char  *want;
        const char  *what;
    } cases[] = {
        { "", "", "empty" },
        { "a/b?c=<d>&e", "a/b?c=<d>&e", "plain" },
        { "say \"no\"", "say \\'no\\'", "quotes are escaped" },
        { "a\\b", "a\\\\b", "a backslash is escaped" },
        { "\b\f\n\r\t", "\\b\\f\\n\\r\\t", "controls with a name" },
        { "\x01\x1f\x7f", "\\u0001\\u001f\x7f", "controls without one" },
        { "\xe4\xbd\xa0\xc3\xa9\xf0\x9f\x98\x80",
          "\xe4\xbd\xa0\xc3\xa9\xf0\x9f\x98\x80", "UTF-8 stays" },
        { "\xff", "\xef\xbf\xbd", "no UTF-8" },
        { "\xc3" "a", "\xef\xbf\xbd" "a", "a sequence without its end" },
        { "a\xe4\xbd", "a\xef\xbf\xbd\xef\xbf\xbd", "cut by the end" },
        { "\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd", "overlong" },
        { "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd",
          "a surrogate" },
        { "\xf4\x90\x80\x80",
          "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd",
          "above U+10FFFF" }
    };

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char  want[128];

        snprintf(want, sizeof(want), "{'t':'%s'}", cases[i].want);
        ok(prints_text(cases[i].text, strlen(cases[i].text), want), "%s",
           cases[i].what);
    }

    ok(prints_text("a\0b", 3, "{'t':'a\xef\xbf\xbd" "b'}"),
       "NUL does not end a text");
    ok(prints_text("abc", 2, "{'t':'ab'}"), "no byte behind n is read");
}


/* what came after a failure is ignored, and nothing is printed */

static void
test_failures(void)
{
    size_t              len;
    unsigned            i;
    credits_document_t  d;

    credits_document_init(&d);

    for (i = 0; i < CREDITS_DOCUMENT_DEPTH; i++) {
        credits_document_object(&d, "a");
    }

    credits_document_string(&d, "b", "c");
    credits_document_integer(&d, "b", 1);
    credits_document_true(&d, "b");
    credits_document_null(&d, "b");
    credits_document_object(&d, "b");
    ok(credits_document_print(&d, &len) == NULL, "too deep");
    credits_document_free(&d);

    credits_document_init(&d);
    credits_document_end(&d);
    ok(credits_document_print(&d, &len) == NULL, "no object is open");
    credits_document_free(&d);
}


static void
test_memory(void)
{
    int                 good, printed;
    size_t              len;
    cJSON_Hooks         hooks = { failing_malloc, counting_free };
    credits_document_t  d;

    good = 1;

    cJSON_InitHooks(&hooks);

    for (fail_at = 1, printed = 0; !printed; fail_at++) {
        calls = 0;
        build_error(&d);
        printed = (credits_document_print(&d, &len) != NULL);

        good &= (printed == (calls < fail_at));

        credits_document_free(&d);
        good &= (in_use == 0);
    }

    cJSON_InitHooks(NULL);

    ok(good, "each of %u allocations may fail", fail_at - 2);
    ok(fail_at - 2 > 12, "and there are some");
}


int
main(void)
{
    test_documents();
    test_integers();
    test_text();
    test_failures();
    test_memory();

    return tap_done();
}
