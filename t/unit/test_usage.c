#include "tap.h"

#include "credits_usage.c"


static int64_t
billable(int64_t prompt, int64_t completion, int64_t total)
{
    credits_usage_t  usage;

    credits_usage_init(&usage);
    usage.prompt = prompt;
    usage.completion = completion;
    usage.total = total;

    return credits_usage_billable(&usage);
}


static void
test_init(void)
{
    size_t           i;
    int64_t          absent[sizeof(credits_usage_t) / sizeof(int64_t)];
    credits_usage_t  usage;

    for (i = 0; i < sizeof(absent) / sizeof(absent[0]); i++) {
        absent[i] = -1;
    }

    memset(&usage, 0, sizeof(usage));
    credits_usage_init(&usage);

    ok(memcmp(&usage, absent, sizeof(absent)) == 0, "all is absent");
}


int
main(void)
{
    test_init();

    is(billable(5, 7, 12), 12, "the total");
    is(billable(5, 7, 300), 300, "a total that says more than its parts");
    is(billable(5, 7, 3), 12, "a total that says less");
    is(billable(5, -1, -1), 5, "no completion");
    is(billable(-1, 7, -1), 7, "no prompt");
    is(billable(-1, -1, -1), 0, "nothing");
    is(billable(INT64_MAX, INT64_MAX, -1), INT64_MAX, "it cannot overflow");

    return tap_done();
}
