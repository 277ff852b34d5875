/*
 * The request: the members that make its price unboundable.
 */

#include <string.h>

#include "credits_request_bounds.h"


typedef struct {
    const char       *prefix;
    credits_bound_t   bound;    /* CREDITS_BOUNDS: the client runs it */
} credits_request_bounds_tool_t;


static unsigned char credits_request_bounds_lower(unsigned char c);


static const char *const  credits_request_bounds_names[CREDITS_BOUNDS] = {
    [CREDITS_BOUND_PREVIOUS_RESPONSE] = "previous_response_id",
    [CREDITS_BOUND_CONVERSATION] = "conversation",
    [CREDITS_BOUND_TEMPLATE] = "prompt",
    [CREDITS_BOUND_ITEM_REFERENCE] = "item_reference",
    [CREDITS_BOUND_FILE_ID] = "file_id",
    [CREDITS_BOUND_FILE_URL] = "file_url",
    [CREDITS_BOUND_FILE_DATA] = "fileData",
    [CREDITS_BOUND_MODELS] = "models",
    [CREDITS_BOUND_ROUTE] = "route",
    [CREDITS_BOUND_PLUGINS] = "plugins",
    [CREDITS_BOUND_SEARCH_OPTIONS] = "web_search_options",
    [CREDITS_BOUND_CONNECTORS] = "connectors",
    [CREDITS_BOUND_CACHED_CONTENT] = "cachedContent",
    [CREDITS_BOUND_CONTAINER] = "container",
    [CREDITS_BOUND_MCP_SERVERS] = "mcp_servers",
    [CREDITS_BOUND_AGENT_ID] = "agent_id",
    [CREDITS_BOUND_N_PREDICT] = "n_predict",
    [CREDITS_BOUND_IGNORE_EOS] = "ignore_eos",
    [CREDITS_BOUND_MIN_TOKENS] = "min_tokens",
    [CREDITS_BOUND_BEAM_SEARCH] = "use_beam_search",
    [CREDITS_BOUND_WEB_SEARCH] = "web_search",
    [CREDITS_BOUND_WEB_FETCH] = "web_fetch",
    [CREDITS_BOUND_FILE_SEARCH] = "file_search",
    [CREDITS_BOUND_CODE_INTERPRETER] = "code_interpreter",
    [CREDITS_BOUND_CODE_EXECUTION] = "code_execution",
    [CREDITS_BOUND_COMPUTER_USE] = "computer_use",
    [CREDITS_BOUND_IMAGE_GENERATION] = "image_generation",
    [CREDITS_BOUND_MCP] = "mcp",
    [CREDITS_BOUND_GOOGLE_SEARCH] = "google_search",
    [CREDITS_BOUND_URL_CONTEXT] = "url_context",
    [CREDITS_BOUND_TOOLS] = "tools",
    [CREDITS_BOUND_INVOKE] = "invoke"
};


/*
 * A type may have a date behind it: "web_search_20250305".  One that the
 * client runs is the whole word, unless it ends with "_" here.
 */

static const credits_request_bounds_tool_t  credits_request_bounds_tools[] = {
    { "function", CREDITS_BOUNDS },
    { "custom", CREDITS_BOUNDS },
    { "namespace", CREDITS_BOUNDS },
    { "local_shell", CREDITS_BOUNDS },
    { "apply_patch", CREDITS_BOUNDS },
    { "bash_", CREDITS_BOUNDS },
    { "text_editor_", CREDITS_BOUNDS },
    { "memory_", CREDITS_BOUNDS },
    { "tool_search", CREDITS_BOUNDS },
    { "tool_search_", CREDITS_BOUNDS },
    { "web_search", CREDITS_BOUND_WEB_SEARCH },
    { "web_fetch", CREDITS_BOUND_WEB_FETCH },
    { "file_search", CREDITS_BOUND_FILE_SEARCH },
    { "code_interpreter", CREDITS_BOUND_CODE_INTERPRETER },
    { "code_execution", CREDITS_BOUND_CODE_EXECUTION },
    { "computer", CREDITS_BOUND_COMPUTER_USE },
    { "image_generation", CREDITS_BOUND_IMAGE_GENERATION },
    { "mcp", CREDITS_BOUND_MCP },
    { "google_search", CREDITS_BOUND_GOOGLE_SEARCH },
    { "url_context", CREDITS_BOUND_URL_CONTEXT },
    { "", CREDITS_BOUND_TOOLS }
};


const char *
credits_request_bounds_name(credits_bound_t bound)
{
    return credits_request_bounds_names[bound];
}


uint32_t
credits_request_bounds_find(const unsigned char *name, size_t n)
{
    unsigned  i;

    for (i = 0; i < CREDITS_BOUNDS; i++) {
        if (strlen(credits_request_bounds_names[i]) == n
            && memcmp(credits_request_bounds_names[i], name, n) == 0)
        {
            return 1u << i;
        }
    }

    return 0;
}


uint32_t
credits_request_bounds_tool(const unsigned char *type, size_t n)
{
    size_t                                i;
    const credits_request_bounds_tool_t  *tool;

    for (tool = credits_request_bounds_tools; /* void */ ; tool++) {

        for (i = 0; i < n && tool->prefix[i]; i++) {
            if ((unsigned char) tool->prefix[i]
                != credits_request_bounds_lower(type[i]))
            {
                break;
            }
        }

        if (tool->prefix[i]) {
            continue;
        }

        if (tool->bound != CREDITS_BOUNDS) {
            return 1u << tool->bound;
        }

        if (i == n || tool->prefix[i - 1] == '_') {
            return 0;
        }
    }
}


static unsigned char
credits_request_bounds_lower(unsigned char c)
{
    return (c >= 'A' && c <= 'Z') ? c | 0x20 : c;
}
