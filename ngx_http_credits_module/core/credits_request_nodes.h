/*
 * The request: the members that are known of each kind of body, as nodes of
 * the scanner.
 */

#ifndef CREDITS_REQUEST_NODES_H
#define CREDITS_REQUEST_NODES_H

#include "credits_json.h"
#include "credits_operation.h"
#include "credits_request_bounds.h"


enum {
    /* an object names these once */
    CREDITS_NODE_MODEL = CREDITS_JSON_ROOT + 1,
    CREDITS_NODE_STREAM,
    CREDITS_NODE_OPTIONS,
    CREDITS_NODE_INCLUDE,
    CREDITS_NODE_N,
    CREDITS_NODE_BEST_OF,
    CREDITS_NODE_MAX_TOKENS,    /* in the order of credits_request_limit_t */
    CREDITS_NODE_MAX_COMPLETION,
    CREDITS_NODE_MAX_OUTPUT,
    CREDITS_NODE_CONFIG_MAX,
    CREDITS_NODE_CONFIG,        /* the object that has the limit */
    CREDITS_NODE_THINKING,
    CREDITS_NODE_BUDGET,
    CREDITS_NODE_TIER,
    CREDITS_NODE_TIER_OBJECT,
    CREDITS_NODE_BACKGROUND,
    CREDITS_NODE_VERSION,       /* anthropic_version */
    CREDITS_NODE_MESSAGES,
    CREDITS_NODE_PROMPT,
    CREDITS_NODE_INPUT,
    CREDITS_NODE_SYSTEM,
    CREDITS_NODE_INSTRUCTIONS,
    CREDITS_NODE_FUNCTIONS,
    CREDITS_NODE_TOOLS,         /* the last: in a message it may be again */
    CREDITS_NODE_ONCE,

    /* of a prompt: what the provider's API knows */
    CREDITS_NODE_MESSAGE = CREDITS_NODE_ONCE,
    CREDITS_NODE_PART,
    CREDITS_NODE_TYPE,
    CREDITS_NODE_WORD,          /* an id, or one of few words */
    CREDITS_NODE_URL,
    CREDITS_NODE_IMAGE,
    CREDITS_NODE_IMAGES,
    CREDITS_NODE_PICTURE,       /* one of them, as base64 */
    CREDITS_NODE_AUDIO,
    CREDITS_NODE_FILE,
    CREDITS_NODE_FILE_DATA,     /* of OpenAI a string, of Gemini an object */
    CREDITS_NODE_FILE_ID,
    CREDITS_NODE_FILE_URL,
    CREDITS_NODE_DOCUMENT,
    CREDITS_NODE_SOURCE,        /* its media type says of what */
    CREDITS_NODE_INNER,         /* of a part whose kind is known */
    CREDITS_NODE_SOURCE_TYPE,
    CREDITS_NODE_MIME,
    CREDITS_NODE_BLOB,

    CREDITS_NODE_JSON,          /* any, of a member that is known */

    /* what it does not know */
    CREDITS_NODE_DATA,          /* any JSON, all of it text */
    CREDITS_NODE_LOOSE,         /* beside the prompt */
    CREDITS_NODE_RAW,           /* counts as it is written */

    CREDITS_NODE_BESIDE,        /* known, and no text of the prompt */

    CREDITS_NODE_ADDITIONAL,    /* members that Bedrock hands to the model */
    CREDITS_NODE_TOOL_LIST,
    CREDITS_NODE_TOOL,
    CREDITS_NODE_TOOL_TYPE,

    CREDITS_NODE_BOUND,         /* and its bit: a credits_bound_t */
    CREDITS_NODES = CREDITS_NODE_BOUND + CREDITS_BOUNDS
};


/* the nodes of a kind of body */
const credits_json_node_t *credits_request_nodes(credits_prompt_t prompt);

#endif /* CREDITS_REQUEST_NODES_H */
