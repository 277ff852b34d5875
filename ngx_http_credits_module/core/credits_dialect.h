/*
 * The dialects that a provider's API may speak.
 */

#ifndef CREDITS_DIALECT_H
#define CREDITS_DIALECT_H

#include <stddef.h>


typedef enum {
    CREDITS_OPENAI = 0,
    CREDITS_ANTHROPIC,
    CREDITS_GEMINI,
    CREDITS_MISTRAL,
    CREDITS_COHERE,
    CREDITS_OLLAMA,
    CREDITS_BEDROCK,
    CREDITS_DIALECTS
} credits_dialect_t;


/* the dialect's number, or -1 */
int credits_dialect_find(const unsigned char *name, size_t n);
const char *credits_dialect_name(credits_dialect_t dialect);

#endif /* CREDITS_DIALECT_H */
