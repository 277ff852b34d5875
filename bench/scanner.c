/*
 * Feeds a scanner of core/ one body, for bench/scanner to count its
 * instructions: scanner CASE N SIZE.  The body has N units, events or the
 * like, at most 1000, and comes in pieces of SIZE bytes, or, if that is 0, of
 * a unit's length.  Prints that length.
 */

#define _GNU_SOURCE

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "credits_answer.h"
#include "credits_request.h"


typedef struct {
    credits_dialect_t   dialect;
    const char         *operation;
    int                 request;
    const char         *head;
    const char         *unit;       /* N times */
    const char         *tail;
} scanner_case_t;


/* in the order of bench/scanner */
static const scanner_case_t  cases[] = {
    { CREDITS_OPENAI, "chat", 0, "",
      "data: {\"id\":\"chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT\",\"object\":"
      "\"chat.completion.chunk\",\"created\":1741569952,\"model\":\"gpt-4o-min"
      "i-2024-07-18\",\"service_tier\":\"default\",\"system_fingerprint\":\"fp"
      "_44709d6fcb\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\" word"
      "\"},\"logprobs\":null,\"finish_reason\":null}],\"usage\":null}\n\n",
      "data: [DONE]\n\n" },

    { CREDITS_ANTHROPIC, "messages", 0, "",
      "event: content_block_delta\ndata: {\"type\":\"content_block_delta\","
      "\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\" word\"}}"
      "\n\n",
      "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n" },

    { CREDITS_OPENAI, "responses", 0, "",
      "event: response.output_text.delta\ndata: {\"type\":\"response.output_te"
      "xt.delta\",\"sequence_number\":12,\"item_id\":\"msg_67c9fdcf37fc8190ba8"
      "2116e33fb28c507b8b0ad4e5eb654\",\"output_index\":0,\"content_index\":0,"
      "\"delta\":\" word\",\"logprobs\":[],\"obfuscation\":\"Sf3kQ9aZ\"}\n\n",
      "" },

    { CREDITS_OPENAI, "chat", 0,
      "{\"object\":\"chat.completion\",\"choices\":[{\"index\":0,\"message\":{"
      "\"role\":\"assistant\",\"content\":\"",
      "The quick brown fox jumps over a lazy dog, and it sleeps on.\\n",
      "\"},\"finish_reason\":\"stop\"}]}" },

    { CREDITS_OPENAI, "chat", 1,
      "{\"model\":\"gpt-4o-mini\",\"stream\":true,\"messages\":[{\"role\":"
      "\"system\",\"content\":\"You are a helpful assistant.\"}",
      ",{\"role\":\"user\",\"content\":\"What is the weather like in Paris,"
      " and what will it be tomorrow?\"}", "]}" },

    { CREDITS_OPENAI, "chat", 1,
      "{\"model\":\"gpt-4o-mini\",\"messages\":[],\"tools\":[{}",
      ",{\"type\":\"function\",\"function\":{\"name\":\"get_weather\",\"descri"
      "ption\":\"Get the weather in a location.\",\"parameters\":{\"type\":"
      "\"object\",\"properties\":{\"location\":{\"type\":\"string\",\"descript"
      "ion\":\"The city, e.g. Paris\"}},\"required\":[\"location\"]}}}",
      "]}" }
};


/* what is counted */

__attribute__((noinline)) void
measured_answer(const credits_operation_t *operation, const unsigned char *p,
    size_t n, size_t size)
{
    size_t                   len;
    static credits_answer_t  answer;

    credits_answer_init(&answer, operation, CREDITS_LABEL_NONE, 0);

    for ( /* void */ ; n; p += len, n -= len) {
        len = (n < size) ? n : size;
        credits_answer_feed(&answer, p, len, NULL, NULL);
    }

    credits_answer_end(&answer, NULL, NULL);
}


__attribute__((noinline)) void
measured_request(const credits_operation_t *operation, const unsigned char *p,
    size_t n, size_t size)
{
    size_t                    len;
    static credits_request_t  request;

    static const credits_part_tokens_t  parts = {
        CREDITS_PART_IMAGE_TOKENS, CREDITS_PART_AUDIO_TOKENS,
        CREDITS_PART_FILE_TOKENS
    };

    credits_request_init(&request, operation, &parts,
                         (credits_span_t) { NULL, 0 });

    for ( /* void */ ; n; p += len, n -= len) {
        len = (n < size) ? n : size;
        (void) credits_request_feed(&request, p, len);
    }

    (void) credits_request_end(&request);
}


int
main(int argc, char **argv)
{
    char                       *end;
    size_t                      i, n, size;
    const scanner_case_t       *c;
    const credits_operation_t  *operation;

    static char  body[1 << 20];

    c = &cases[atoi(argv[1])];
    n = strtoul(argv[2], NULL, 10);
    size = strtoul(argv[3], NULL, 10);

    end = stpcpy(body, c->head);

    for (i = 0; i < n; i++) {
        end = stpcpy(end, c->unit);
    }

    end = stpcpy(end, c->tail);

    operation = credits_operation_named(c->dialect,
                                        (const unsigned char *) c->operation,
                                        strlen(c->operation));

    (c->request ? measured_request : measured_answer)(operation,
        (const unsigned char *) body, (size_t) (end - body),
        size ? size : strlen(c->unit));

    (void) printf("%zu\n", strlen(c->unit));

    return 0;
}
