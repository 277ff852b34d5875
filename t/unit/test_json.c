#include "tap.h"

#include "credits_json.c"


/* writes all events down as text */

enum {
    NODE_A = CREDITS_JSON_ROOT + 1,
    NODE_LIST,
    NODE_ELEMENT,
    NODE_TEXT
};

static const credits_json_name_t  root_names[] = {
    credits_json_name("a", NODE_A),
    credits_json_name("list", NODE_LIST),
    credits_json_name("text", NODE_TEXT),
    credits_json_last_name
};

static const credits_json_name_t  a_names[] = {
    credits_json_name("a", NODE_A),
    credits_json_name("text", NODE_TEXT),
    credits_json_last_name
};

static const credits_json_node_t  nodes[] = {
    [CREDITS_JSON_ROOT] = { root_names, 0, 0 },
    [NODE_A] = { a_names, 0, 0 },
    [NODE_LIST] = { NULL, NODE_ELEMENT, 0 },
    [NODE_ELEMENT] = { NULL, NODE_ELEMENT, 1 },
    [NODE_TEXT] = { NULL, 0, 1 }
};

static char    events[8192];
static size_t  events_len;
static int     in_text;


static int
note(void *data, credits_json_t *j, credits_json_event_t event,
    const unsigned char *p, size_t n)
{
    char               *dst;
    size_t              room;
    static const char  *names[] = {
        "key", "{", "[", "\"", "#", "true", "false", "null"
    };

    dst = events + events_len;
    room = sizeof(events) - events_len;

    switch (event) {

    case CREDITS_JSON_TEXT:
        events_len += (size_t) snprintf(dst, room, "%s%.*s",
                                        in_text ? "" : " text:", (int) n, p);
        in_text = 1;
        return 0;

    case CREDITS_JSON_KEY:
        events_len += (size_t) snprintf(dst, room, " key:%u", j->member);
        return 0;

    case CREDITS_JSON_STRING_END:
    case CREDITS_JSON_END:
        in_text = 0;
        events_len += (size_t) snprintf(dst, room, " end:%u@%u-%llu", j->node,
                                        j->depth,
                                        (unsigned long long) j->end);
        return 0;

    default:
        events_len += (size_t) snprintf(dst, room, " %s%u@%u:%llu",
                                        names[event], j->node, j->depth,
                                        (unsigned long long) j->begin);
        break;
    }

    if (event >= CREDITS_JSON_NUMBER) {
        events_len += (size_t) snprintf(events + events_len,
                                        sizeof(events) - events_len, "-%llu",
                                        (unsigned long long) j->end);
    }

    if (event == CREDITS_JSON_NUMBER) {
        events_len += (size_t) snprintf(events + events_len,
                                        sizeof(events) - events_len, "=%lld",
                                        (long long) j->number);
    }

    return 0;
}


static int
ignore(void *data, credits_json_t *j, credits_json_event_t event,
    const unsigned char *p, size_t n)
{
    return 0;
}


/* in pieces of `step` bytes, the first of `first` bytes */

static int
scan_with(credits_json_pt handler, const char *s, size_t n, size_t first,
    size_t step, int strict)
{
    int             rc;
    size_t          i, len;
    unsigned char  *copy;
    credits_json_t  j;

    events_len = 0;
    events[0] = '\0';
    in_text = 0;
    rc = 0;

    credits_json_init(&j, nodes, handler, strict);

    for (i = 0; i < n; i += len) {
        len = (i == 0 && first) ? first : step;
        len = (len > n - i) ? n - i : len;

        copy = tap_piece(s + i, len);
        rc = credits_json_feed(&j, NULL, copy, len);
        free(copy);

        if (rc != 0) {
            rc = credits_json_feed(&j, NULL, (const unsigned char *) " ", 1);

            return (j.error != CREDITS_JSON_OK) ? rc : -3;
        }
    }

    return credits_json_end(&j, NULL);
}


static int
accepts(const char *s, size_t n, int strict)
{
    int     rc;
    size_t  cut;

    rc = scan_with(ignore, s, n, 0, n ? n : 1, strict);

    if (scan_with(ignore, s, n, 0, 1, strict) != rc) {
        return -2;
    }

    for (cut = 1; cut < n && n < 200; cut++) {
        if (scan_with(ignore, s, n, cut, n, strict) != rc) {
            return -2;
        }
    }

    return rc;
}


#define count(texts)  (sizeof(texts) / sizeof(texts[0]))


static const char  *good_documents[] = {
    "{}", "[]", " { } ", "\t\r\n []\n", "0", "-0", "1.5e-7", " 12 ",
    "true", "false", "null", "''", "'x'", "[1,2]", "[[],{}]", "{'a':1}",
    "{'a':1,'b':[true,false,null]}", "{'':''}", "{'a':{'a':{'a':0}}}",
    "[0]", "[-1e+9]", "[ 1 , 2 ]", "{ 'a' : 1 , 'b' : 2 }",
    "{'a':1,'a':2}", "['\\u0000']"
};

/* Numbers may be more than a double holds. */

static const char  *good_numbers[] = {
    "[0e+1]", "[0E0]", "[1E22]", "[-0.0]", "[1e400]", "[1e-400]",
    "[0.000000000000000000000000000000000000000000000000000000000000001]",
    "[123456789012345678901234567890123456789012345678901234567890123456]"
};

/* Every escape is allowed, and so is what needs none. */

static const char  *good_strings[] = {
    "['\\\\ \\/ \\b \\f \\n \\r \\t \\u0041']", "['/']", "['\x7f']",
    "['\\uD834\\udd1E']", "['\\uFFFF\\uFDD0']", "['\\\\u0000']",
    "['\\\\']", "['\xe2\x80\xa8\xe2\x80\xa9']", "['\xef\xbf\xbf']",
    "['\xf4\x8f\xbf\xbf']", "['/* no comment */']", "['[1,]']",
    "{'\\u0061':0,'a':1}"
};

/* RFC 8259 allows them, and parsers differ. */

static const char  *lone_surrogates[] = {
    "['\\ud800']", "['\\udc00\\ud800']", "['\\ud800\\u0041']",
    "['\\ud800x']"
};

static const char  *good_layout[] = {
    "[[[]],[{}],[[],[[]]]]", "[\n]\n", "\r\n{\r\n}\r\n", "[\t1\t,\t2\t]",
    "[null,1,'1',{}]"
};

static const char  *bad_documents[] = {
    "", " ", "{", "}", "[", "]", "{]", "[}", "{}}", "[]]", "{}{}", "[] []",
    "1 2", "truex", "tru", "nul", "True", "[1,]", "[,1]", "[,]", "[1 2]",
    "{,}", "{'a'}", "{'a':}", "{'a':1,}", "{'a' 1}", "{'a':1 2}", "{a:1}",
    "{1:1}", "{null:1}", "{'a':1,,'b':2}", "{'a'::1}", "[1}", "{'a':1]",
    "'", "'a", "['a]", "{'a':1", "[1", "-", "+1", "01", "1.", ".5", "0x1",
    "NaN", "Infinity", "/**/1", "[1]//", "\xef\xbb\xbf{}", "{}\x01",
    "\v{}", "[1\f]", "{'a':01}", "[-]", "[1e]", "[1.2.3]", "[tru]",
    "[falsey]", "{'a':'b\nc'}", "{'a\nb':1}", "['\\x']", "{}x", "{} 0",
    "[:]", "{[]:1}", "{'a':1:2}"
};

static const char  *bad_numbers[] = {
    "[-01]", "[00]", "[012]", "[-012]", "[-.1]", "[2.e3]", "[0.e1]",
    "[0e]", "[0E+]", "[1e+]", "[1.0e-]", "[0.3e+]", "[1.5e1.5]", "[++1]",
    "[+1]", "[--1]", "[- 1]", "[1 000]", "[1_000]", "[1,000.]", "[0x1F]",
    "[1a]", "[-NaN]", "[-Infinity]", "[1e1e1]", "[1-2]", "[-]", "[-a]",
    "[.]", "[1+2]", "[\xef\xbc\x91]", "1.", "1e", "-0x", "2."
};

static const char  *bad_strings[] = {
    "['\\u00A']", "['\\u00G0']", "['\\u']", "['\\U0041']", "['\\a']",
    "['\\0']", "['\\x41']", "['\\\xf0\x9f\x98\x80']", "['\\ ']", "['\\",
    "['\\']", "['\t']", "['\r']", "['\x1f']", "['\\ud800\\']",
    "['\\ud800\\u']", "['\\ud800\\udc0']", "[`a`]", "[\\u0027a\\u0027]",
    "\\'a\\'", "['a' 'b']", "['a''b']"
};

static const char  *bad_containers[] = {
    "[1,,2]", "[1],", "[,", "[1,", "['a',", "[[]", "[1]]", "[}]", "[a]",
    "[1:2]", "[']", "['',]", "[1;2]", "(1)", "<null>", "[*]", "{*}",
    "{'a'", "{'a':", "{'a':'", "{'a':1,", "{'a','b'}", "{'a';1}",
    "{'a'=1}", "{'a':1;}", "{'a':1,'b'}", "{'a':1 'b':2}", "{'a':1,}}",
    "{'a' 'b':1}", "{true:1}", "{1.5:1}", "{{}:1}", "{['a']:1}",
    "{,'a':1}", "{'a':b}", "{:1}", "{'a':{}", "{'a':[}", "{'a':[1}]",
    "{}[]", "[]{}", "''1", "1''"
};

static const char  *bad_words[] = {
    "[True]", "[TRUE]", "[nil]", "[undefined]", "[truefalse]", "[nulll]",
    "[fals]", "[t]", "[n]", "[null true]", "nan", "yes", "tRUE", "a", "$"
};

/* JSON knows no comments, no other white space and no other encoding. */

static const char  *bad_space[] = {
    "[1]/**/", "[/* */1]", "{'a':1}//", "{'a':1}#", "#\n[]", "[]\\n",
    "[\xc2\xa0]", "[\xe2\x81\xa0]", "\xe2\x80\xa8[]", "[]\xef\xbb\xbf",
    "\xef\xbb[]", "\xff\xfe[", "\xfe\xff[", "[\x01]", "\x1e[]"
};

/* JSON allows them, UTF-8 does not. */

static const char  *not_utf8[] = {
    "['\xff']", "['\x80']", "['\xc3']", "['\xc3\x28']", "['\xc0\xaf']",
    "['\xe0\x80\xaf']", "['\xf0\x80\x80\xaf']", "['\xed\xa0\x80']",
    "['\xed\xbf\xbf']", "['\xf4\x90\x80\x80']", "['\xf5\x80\x80\x80']",
    "['\xf8\x88\x80\x80\x80']", "['\xe4\xbd']", "['\xe4\xbd\\n']",
    "['\xe5\xe5']", "{'\xe4':0}"
};


/*
 * Scans each of the n texts, whose quotes are single ones, as accepts() does.
 */

static void
check_texts(const char *const *texts, size_t n, int strict, int rc,
    const char *name)
{
    char    *text;
    size_t   i;

    for (i = 0; i < n; i++) {
        text = tap_quotes(texts[i]);
        is(accepts(text, strlen(text), strict), rc, "%s[%zu]", name, i);
        free(text);
    }
}


static void
test_accepted(void)
{
    check_texts(good_documents, count(good_documents), 1, 0,
                "accepted: good_documents");
    check_texts(good_numbers, count(good_numbers), 1, 0,
                "accepted: good_numbers");
    check_texts(good_strings, count(good_strings), 1, 0,
                "accepted: good_strings");
    check_texts(lone_surrogates, count(lone_surrogates), 1, 0,
                "accepted: lone_surrogates");
    check_texts(good_layout, count(good_layout), 1, 0,
                "accepted: good_layout");
}


static void
test_refused(void)
{
    check_texts(bad_documents, count(bad_documents), 0, -1,
                "refused: bad_documents");
    check_texts(bad_numbers, count(bad_numbers), 0, -1,
                "refused: bad_numbers");
    check_texts(bad_strings, count(bad_strings), 0, -1,
                "refused: bad_strings");
    check_texts(bad_containers, count(bad_containers), 0, -1,
                "refused: bad_containers");
    check_texts(bad_words, count(bad_words), 0, -1, "refused: bad_words");
    check_texts(bad_space, count(bad_space), 0, -1, "refused: bad_space");

    is(accepts("{}\0", 3, 0), -1, "refused: NUL behind");
}


static void
test_strict(void)
{
    check_texts(not_utf8, count(not_utf8), 1, -1, "strict: not_utf8");
    check_texts(not_utf8, count(not_utf8), 0, 0, "lenient: not_utf8");

    is(accepts("{\"a\\u0000\":1}", 13, 1), -1, "strict: NUL in a key");
    is(accepts("{\"\\ud83d\\u0000\":1}", 18, 1), -1, "strict: and there");
    is(accepts("{\"a\\u0000\":1}", 13, 0), 0, "lenient: NUL in a key");
    is(accepts("{\"\xff\":1}", 7, 1), -1, "strict: a key not in UTF-8");
    is(accepts("{\"\xff\":1}", 7, 0), 0, "lenient: a key not in UTF-8");
}


static void
test_depth(void)
{
    char    text[4096];
    size_t  i, depth;

    static const struct {
        size_t  depth;
        int     strict, rc;
    } cases[] = {
        { 64, 1, 0 }, { 65, 1, -1 }, { 1024, 0, 0 }, { 1025, 0, -1 }
    };

    for (i = 0; i < 4; i++) {
        depth = cases[i].depth;
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        is(accepts(text, 2 * depth, cases[i].strict), cases[i].rc,
           "%zu arrays", depth);
    }

    /* kinds are remembered all the way down */

    memset(text, '[', 1024);
    memset(text + 1024, ']', 1024);
    text[500] = '{';
    is(accepts(text, 2048, 0), -1, "an object has a key first");
    memset(text, '[', 1024);
    text[1024 + 600] = '}';
    is(accepts(text, 2048, 0), -1, "an array does not end with a brace");
}


static void
test_events(void)
{
    char     whole[sizeof(events)], *text;
    size_t   i, n, cut;
    unsigned good;

    static const struct {
        const char  *text, *events;
    } cases[] = {
        { "{}", " {1@0:0 end:1@0-2" },
        { " [ ] ", " [1@0:1 end:1@0-4" },
        { "17", " #1@0:0-2=17" },
        { "{'a': 17 ,'x':-1}",
          " {1@0:0 key:2 #2@1:6-8=17 key:0 #0@1:14-16=-1 end:1@0-17" },
        { "{'text':'h\\u00e9\\n'}",
          " {1@0:0 key:5 \"5@1:8 text:h\303\251\n end:5@1-19 end:1@0-20" },

        /* keys are compared as they are decoded, and case matters */
        { "{'\\u0061':null,'A':true,'aa':false}",
          " {1@0:0 key:2 null2@1:10-14 key:0 true0@1:19-23"
          " key:0 false0@1:29-34 end:1@0-35" },

        /* only strings of wanted nodes are handed over */
        { "{'a':'secret','text':'shown'}",
          " {1@0:0 key:2 \"2@1:5 end:2@1-13 key:5 \"5@1:21 text:shown"
          " end:5@1-28 end:1@0-29" },

        /* nodes by path, not by name */
        { "{'x':{'a':{'text':'no'}},'a':{'text':'yes'}}",
          " {1@0:0 key:0 {0@1:5 key:0 {0@2:10 key:0 \"0@3:18 end:0@3-22"
          " end:0@2-23 end:0@1-24 key:2 {2@1:29 key:5 \"5@2:37 text:yes"
          " end:5@2-42 end:2@1-43 end:1@0-44" },

        { "{'list':['a',['b'],{'a':1}],'a':2}",
          " {1@0:0 key:3 [3@1:8 \"4@2:9 text:a end:4@2-12 [4@2:13 \"4@3:14"
          " text:b end:4@3-17 end:4@2-18 {4@2:19 key:0 #0@3:24-25=1"
          " end:4@2-26 end:3@1-27 key:2 #2@1:32-33=2 end:1@0-34" },

        /* an array where an object was expected has no members */
        { "{'a':['text',{'a':1}]}",
          " {1@0:0 key:2 [2@1:5 \"0@2:6 end:0@2-12 {0@2:13 key:0"
          " #0@3:18-19=1 end:0@2-20 end:2@1-21 end:1@0-22" }
    };

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        text = tap_quotes(cases[i].text);
        n = strlen(text);

        is(scan_with(note, text, n, 0, n, 1), 0, "%s", cases[i].text);
        strcpy(whole, events);

        if (!ok(strcmp(whole, cases[i].events) == 0, "its events")) {
            printf("#  got%s\n# want%s\n", whole, cases[i].events);
        }

        good = (scan_with(note, text, n, 0, 1, 1) == 0
                && strcmp(events, whole) == 0);

        for (cut = 1; cut < n; cut++) {
            if (scan_with(note, text, n, cut, n, 1) != 0
                || strcmp(events, whole) != 0)
            {
                good = 0;
            }
        }

        ok(good, "the same, cut anywhere");
        free(text);
    }
}


static void
test_limits(void)
{
    char    text[2048];
    size_t  i;

    /* a key that is too long matches nothing, and does no harm */

    memset(text, 'a', sizeof(text));
    memcpy(text, "{\"", 2);
    memcpy(text + 300, "\":1,\"a\":2}", 10);

    is(scan_with(note, text, 310, 0, 1, 1), 0, "a long key");
    ok(strcmp(events, " {1@0:0 key:0 #0@1:302-303=1 key:2 #2@1:308-309=2"
                      " end:1@0-310") == 0,
       "the next one is found:%s", events);

    /* and cannot be made to by what follows */

    memset(text, 'x', 60);
    memcpy(text, "{\"", 2);
    strcpy(text + 50, "\\u0061\":1}");

    is(scan_with(note, text, strlen(text), 0, 1000, 1), 0, "a long key");
    ok(strncmp(events, " {1@0:0 key:0 ", 14) == 0, "is not its end");

    /* deeper than nodes are remembered: other, and known again above */

    events_len = 0;
    text[0] = '\0';

    for (i = 0; i < 70; i++) {
        strcat(text, "{\"a\":");
    }

    strcat(text, "1");

    for (i = 0; i < 70; i++) {
        strcat(text, "}");
    }

    is(scan_with(note, text, strlen(text), 0, 1000, 0), 0, "70 levels");
    ok(strstr(events, " key:2 {2@63:") != NULL, "a node at level 63");
    ok(strstr(events, " key:2 {2@64:") != NULL, "a node at level 64");
    ok(strstr(events, " {0@65:") != NULL, "none at level 65");
    ok(strstr(events, " end:0@65-") != NULL, "none at its end");
    ok(strstr(events, " end:2@63-") != NULL, "known again above");

    ok(sizeof(credits_json_t) <= 400, "%zu bytes", sizeof(credits_json_t));
}


static void
test_folds(void)
{
    size_t  i, n;

    static const credits_json_name_t  known[] = {
        credits_json_name("max_tokens", 2),
        credits_json_name("n", 3),
        credits_json_last_name
    };

    static const char *const  same[] = {
        "Max_Tokens", "MAX_TOKENS", "max_to\xe2\x84\xaa" "ens",
        "MAX_TO\xe2\x84\xaa" "EN\xc5\xbf", "N"
    };

    static const char *const  other[] = {
        "max_tokens", "n", "", "max", "max_tokenss", "max_token", "max-tokens",
        "MAX\x7fTOKENS", "max_to\xe2\x84\xab" "ens", "max_token\xc5",
        "max_token\xc5\xbe", "max_to\xe2\x84", ".", "nn"
    };

    for (i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
        n = strlen(same[i]);
        ok(credits_json_folds(known, (const unsigned char *) same[i], n),
           "folds: %s", same[i]);
    }

    for (i = 0; i < sizeof(other) / sizeof(other[0]); i++) {
        n = strlen(other[i]);
        ok(!credits_json_folds(known, (const unsigned char *) other[i], n),
           "does not: %s", other[i]);
    }

    ok(!credits_json_folds(NULL, (const unsigned char *) "n", 1), "no names");
}


/* the bytes of a key, also of a long one, and the names around it */

static int
keys(void *data, credits_json_t *j, credits_json_event_t event,
    const unsigned char *p, size_t n)
{
    uint64_t  *sum;

    sum = data;

    if (event == CREDITS_JSON_KEY) {
        *sum += j->key_bytes;
        ok(credits_json_siblings(j) == NULL, "an object of no names");
    }

    return 0;
}


static void
test_keys(void)
{
    char            body[200];
    size_t          n;
    uint64_t        sum;
    credits_json_t  j;

    static const credits_json_node_t  root[] = {
        [CREDITS_JSON_ROOT] = { NULL, 0, 0, 0 }
    };

    sum = 0;
    n = (size_t) sprintf(body, "{\"%0100d\":{\"\\u00e9\":1},\"\":2}", 7);
    credits_json_init(&j, root, keys, 1);
    is(credits_json_feed(&j, &sum, (const unsigned char *) body, n), 0,
       "keys of all lengths");
    is(sum, 102, "their bytes");
}


static int
stop(void *data, credits_json_t *j, credits_json_event_t event,
    const unsigned char *p, size_t n)
{
    return (event == CREDITS_JSON_NULL) ? -1 : 0;
}


int
main(void)
{
    credits_json_t  j;

    test_accepted();
    test_refused();
    test_strict();
    test_depth();
    test_events();
    test_limits();
    test_folds();
    test_keys();

    credits_json_init(&j, nodes, stop, 1);
    is(credits_json_feed(&j, NULL, (const unsigned char *) "[1,null", 7), -1,
       "the handler can stop it");
    is(j.error, CREDITS_JSON_ESTOPPED, "and that is said");
    is(credits_json_end(&j, NULL), -1, "it does not go on");

    credits_json_init(&j, nodes, ignore, 1);
    ok(credits_json_blank(&j), "blank");
    credits_json_feed(&j, NULL, (const unsigned char *) " \n", 2);
    ok(credits_json_blank(&j), "still blank");
    credits_json_feed(&j, NULL, (const unsigned char *) "[", 1);
    ok(!credits_json_blank(&j), "not blank");

    return tap_done();
}
