/*
 * The request: the members that make its price unboundable, a bit each.
 */

#ifndef CREDITS_REQUEST_BOUNDS_H
#define CREDITS_REQUEST_BOUNDS_H

#include <stddef.h>
#include <stdint.h>


/* in the order of their names */
typedef enum {
    CREDITS_BOUND_PREVIOUS_RESPONSE = 0,
    CREDITS_BOUND_CONVERSATION,
    CREDITS_BOUND_TEMPLATE,
    CREDITS_BOUND_ITEM_REFERENCE,
    CREDITS_BOUND_FILE_ID,
    CREDITS_BOUND_FILE_URL,
    CREDITS_BOUND_FILE_DATA,
    CREDITS_BOUND_MODELS,
    CREDITS_BOUND_ROUTE,
    CREDITS_BOUND_PLUGINS,
    CREDITS_BOUND_SEARCH_OPTIONS,
    CREDITS_BOUND_CONNECTORS,
    CREDITS_BOUND_CACHED_CONTENT,
    CREDITS_BOUND_CONTAINER,
    CREDITS_BOUND_MCP_SERVERS,
    CREDITS_BOUND_AGENT_ID,
    CREDITS_BOUND_N_PREDICT,
    CREDITS_BOUND_IGNORE_EOS,
    CREDITS_BOUND_MIN_TOKENS,
    CREDITS_BOUND_BEAM_SEARCH,

    /* kinds of tools that the provider runs */
    CREDITS_BOUND_WEB_SEARCH,
    CREDITS_BOUND_WEB_FETCH,
    CREDITS_BOUND_FILE_SEARCH,
    CREDITS_BOUND_CODE_INTERPRETER,
    CREDITS_BOUND_CODE_EXECUTION,
    CREDITS_BOUND_COMPUTER_USE,
    CREDITS_BOUND_IMAGE_GENERATION,
    CREDITS_BOUND_MCP,
    CREDITS_BOUND_GOOGLE_SEARCH,
    CREDITS_BOUND_URL_CONTEXT,
    CREDITS_BOUND_TOOLS,        /* any other */

    CREDITS_BOUND_INVOKE,       /* a body of which no limit is known */
    CREDITS_BOUNDS
} credits_bound_t;


const char *credits_request_bounds_name(credits_bound_t bound);

/* the bit of a name, or 0 */
uint32_t credits_request_bounds_find(const unsigned char *name, size_t n);

/* the bit of a tool by its type, or 0 where the client runs it */
uint32_t credits_request_bounds_tool(const unsigned char *type, size_t n);

#endif /* CREDITS_REQUEST_BOUNDS_H */
