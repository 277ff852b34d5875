/*
 * The dialects that a provider's API may speak.
 */

#include <string.h>

#include "credits_dialect.h"


static const char *const  credits_dialect_names[CREDITS_DIALECTS] = {
    [CREDITS_OPENAI] = "openai",
    [CREDITS_ANTHROPIC] = "anthropic",
    [CREDITS_GEMINI] = "gemini",
    [CREDITS_MISTRAL] = "mistral",
    [CREDITS_COHERE] = "cohere",
    [CREDITS_OLLAMA] = "ollama",
    [CREDITS_BEDROCK] = "bedrock"
};


int
credits_dialect_find(const unsigned char *name, size_t n)
{
    int  i;

    for (i = 0; i < CREDITS_DIALECTS; i++) {
        if (strlen(credits_dialect_names[i]) == n
            && memcmp(credits_dialect_names[i], name, n) == 0)
        {
            return i;
        }
    }

    return -1;
}


const char *
credits_dialect_name(credits_dialect_t dialect)
{
    return credits_dialect_names[dialect];
}
