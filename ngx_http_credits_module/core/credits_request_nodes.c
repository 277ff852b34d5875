/*
 * The request: the members that are known of each kind of body.  What is named
 * often comes first.
 */

#include "credits_request_nodes.h"


#define credits_request_nodes_bound(name, bound)                              \
    credits_json_name(name, CREDITS_NODE_BOUND + bound)

/* members that stand beside the prompt and have no text that is read */

#define CREDITS_REQUEST_BESIDE                                                \
    credits_json_name("tool_choice", CREDITS_NODE_BESIDE),                    \
    credits_json_name("metadata", CREDITS_NODE_BESIDE),                       \
    credits_json_name("stop", CREDITS_NODE_BESIDE)

/* what OpenAI's kinds of bodies share, and those that speak as it does */

#define CREDITS_REQUEST_OPENAI                                                \
    credits_json_name("model", CREDITS_NODE_MODEL),                           \
    credits_json_name("messages", CREDITS_NODE_MESSAGES),                     \
    credits_json_name("stream", CREDITS_NODE_STREAM),                         \
    credits_json_name("temperature", CREDITS_NODE_BESIDE),                    \
    credits_json_name("stream_options", CREDITS_NODE_OPTIONS),                \
    credits_json_name("input", CREDITS_NODE_INPUT),                           \
    credits_json_name("prompt", CREDITS_NODE_PROMPT),                         \
    credits_json_name("tools", CREDITS_NODE_TOOLS),                           \
    credits_json_name("max_tokens", CREDITS_NODE_MAX_TOKENS),                 \
    credits_json_name("max_completion_tokens", CREDITS_NODE_MAX_COMPLETION),  \
    credits_json_name("max_output_tokens", CREDITS_NODE_MAX_OUTPUT),          \
    credits_json_name("n", CREDITS_NODE_N),                                   \
    credits_json_name("best_of", CREDITS_NODE_BEST_OF),                       \
    credits_json_name("instructions", CREDITS_NODE_INSTRUCTIONS),             \
    credits_json_name("system", CREDITS_NODE_SYSTEM),                         \
    credits_json_name("functions", CREDITS_NODE_FUNCTIONS),                   \
    credits_json_name("response_format", CREDITS_NODE_RAW),                   \
    credits_json_name("text", CREDITS_NODE_RAW),                              \
    credits_json_name("service_tier", CREDITS_NODE_TIER),                     \
    credits_json_name("background", CREDITS_NODE_BACKGROUND),                 \
    credits_json_name("reasoning", CREDITS_NODE_THINKING),                    \
    credits_json_name("image", CREDITS_NODE_IMAGE),                           \
    credits_json_name("images", CREDITS_NODE_IMAGES),                         \
    credits_json_name("mask", CREDITS_NODE_IMAGE),                            \
    CREDITS_REQUEST_BESIDE,                                                   \
    credits_json_name("logit_bias", CREDITS_NODE_BESIDE),                     \
    credits_json_name("audio", CREDITS_NODE_BESIDE),                          \
    credits_request_nodes_bound("previous_response_id",                       \
                                CREDITS_BOUND_PREVIOUS_RESPONSE),             \
    credits_request_nodes_bound("conversation", CREDITS_BOUND_CONVERSATION),  \
    CREDITS_REQUEST_ROUTER,                                                   \
    CREDITS_REQUEST_SERVER

/* OpenRouter's, and its cousins' */

#define CREDITS_REQUEST_ROUTER                                                \
    credits_request_nodes_bound("models", CREDITS_BOUND_MODELS),              \
    credits_request_nodes_bound("route", CREDITS_BOUND_ROUTE),                \
    credits_request_nodes_bound("fallbacks", CREDITS_BOUND_MODELS),           \
    credits_request_nodes_bound("plugins", CREDITS_BOUND_PLUGINS),            \
    credits_request_nodes_bound("web_search_options",                         \
                                CREDITS_BOUND_SEARCH_OPTIONS),                \
    credits_request_nodes_bound("search_parameters",                          \
                                CREDITS_BOUND_SEARCH_OPTIONS)

/* vLLM's and llama.cpp's: they defeat the limit */

#define CREDITS_REQUEST_SERVER                                                \
    credits_request_nodes_bound("n_predict", CREDITS_BOUND_N_PREDICT),        \
    credits_request_nodes_bound("ignore_eos", CREDITS_BOUND_IGNORE_EOS),      \
    credits_request_nodes_bound("min_tokens", CREDITS_BOUND_MIN_TOKENS),      \
    credits_request_nodes_bound("use_beam_search",                            \
                                CREDITS_BOUND_BEAM_SEARCH)

#define CREDITS_REQUEST_ANTHROPIC                                             \
    credits_json_name("messages", CREDITS_NODE_MESSAGES),                     \
    credits_json_name("max_tokens", CREDITS_NODE_MAX_TOKENS),                 \
    credits_json_name("stream", CREDITS_NODE_STREAM),                         \
    credits_json_name("system", CREDITS_NODE_SYSTEM),                         \
    credits_json_name("tools", CREDITS_NODE_TOOLS),                           \
    credits_json_name("thinking", CREDITS_NODE_THINKING),                     \
    credits_json_name("service_tier", CREDITS_NODE_TIER),                     \
    credits_json_name("anthropic_version", CREDITS_NODE_VERSION),             \
    credits_json_name("output_config", CREDITS_NODE_RAW),                     \
    credits_json_name("output_format", CREDITS_NODE_RAW),                     \
    CREDITS_REQUEST_BESIDE,                                                   \
    credits_request_nodes_bound("mcp_servers", CREDITS_BOUND_MCP_SERVERS),    \
    credits_request_nodes_bound("container", CREDITS_BOUND_CONTAINER),        \
    CREDITS_REQUEST_ROUTER


static const credits_json_name_t  credits_request_nodes_openai[] = {
    CREDITS_REQUEST_OPENAI,
    credits_json_last_name
};

static const credits_json_name_t  credits_request_nodes_anthropic[] = {
    credits_json_name("model", CREDITS_NODE_MODEL),
    CREDITS_REQUEST_ANTHROPIC,
    credits_json_last_name
};

/* Google's parser takes both ways to write a name */

static const credits_json_name_t  credits_request_nodes_gemini[] = {
    credits_json_name("contents", CREDITS_NODE_MESSAGES),
    credits_json_name("generationConfig", CREDITS_NODE_CONFIG),
    credits_json_name("generation_config", CREDITS_NODE_CONFIG),
    credits_json_name("systemInstruction", CREDITS_NODE_SYSTEM),
    credits_json_name("system_instruction", CREDITS_NODE_SYSTEM),
    credits_json_name("tools", CREDITS_NODE_TOOLS),
    credits_json_name("content", CREDITS_NODE_MESSAGE),
    credits_json_name("requests", CREDITS_NODE_PART),
    credits_json_name("toolConfig", CREDITS_NODE_BESIDE),
    credits_json_name("tool_config", CREDITS_NODE_BESIDE),
    credits_json_name("safetySettings", CREDITS_NODE_BESIDE),
    credits_json_name("safety_settings", CREDITS_NODE_BESIDE),
    credits_json_name("labels", CREDITS_NODE_BESIDE),
    credits_request_nodes_bound("cachedContent", CREDITS_BOUND_CACHED_CONTENT),
    credits_request_nodes_bound("cached_content",
                                CREDITS_BOUND_CACHED_CONTENT),
    credits_json_last_name
};

static const credits_json_name_t  credits_request_nodes_mistral[] = {
    credits_json_name("model", CREDITS_NODE_MODEL),
    credits_json_name("messages", CREDITS_NODE_MESSAGES),
    credits_json_name("stream", CREDITS_NODE_STREAM),
    credits_json_name("max_tokens", CREDITS_NODE_MAX_TOKENS),
    credits_json_name("tools", CREDITS_NODE_TOOLS),
    credits_json_name("prompt", CREDITS_NODE_PROMPT),
    credits_json_name("suffix", CREDITS_NODE_PART),
    credits_json_name("input", CREDITS_NODE_INPUT),
    credits_json_name("inputs", CREDITS_NODE_INPUT),
    credits_json_name("document", CREDITS_NODE_PART),
    credits_json_name("n", CREDITS_NODE_N),
    credits_json_name("response_format", CREDITS_NODE_RAW),
    credits_json_name("service_tier", CREDITS_NODE_TIER),
    CREDITS_REQUEST_BESIDE,
    credits_request_nodes_bound("agent_id", CREDITS_BOUND_AGENT_ID),
    CREDITS_REQUEST_ROUTER,
    CREDITS_REQUEST_SERVER,
    credits_json_last_name
};

static const credits_json_name_t  credits_request_nodes_cohere[] = {
    credits_json_name("model", CREDITS_NODE_MODEL),
    credits_json_name("messages", CREDITS_NODE_MESSAGES),
    credits_json_name("stream", CREDITS_NODE_STREAM),
    credits_json_name("max_tokens", CREDITS_NODE_MAX_TOKENS),
    credits_json_name("tools", CREDITS_NODE_TOOLS),
    credits_json_name("documents", CREDITS_NODE_JSON),
    credits_json_name("query", CREDITS_NODE_PART),
    credits_json_name("texts", CREDITS_NODE_PART),
    credits_json_name("inputs", CREDITS_NODE_PART),
    credits_json_name("images", CREDITS_NODE_IMAGES),
    credits_json_name("message", CREDITS_NODE_PART),
    credits_json_name("chat_history", CREDITS_NODE_MESSAGES),
    credits_json_name("preamble", CREDITS_NODE_PART),
    credits_json_name("num_generations", CREDITS_NODE_N),
    credits_json_name("thinking", CREDITS_NODE_THINKING),
    credits_json_name("response_format", CREDITS_NODE_RAW),
    CREDITS_REQUEST_BESIDE,
    credits_request_nodes_bound("connectors", CREDITS_BOUND_CONNECTORS),
    credits_request_nodes_bound("conversation_id",
                                CREDITS_BOUND_CONVERSATION),
    CREDITS_REQUEST_ROUTER,
    credits_json_last_name
};

static const credits_json_name_t  credits_request_nodes_ollama[] = {
    credits_json_name("model", CREDITS_NODE_MODEL),
    credits_json_name("messages", CREDITS_NODE_MESSAGES),
    credits_json_name("stream", CREDITS_NODE_STREAM),
    credits_json_name("options", CREDITS_NODE_CONFIG),
    credits_json_name("prompt", CREDITS_NODE_PROMPT),
    credits_json_name("suffix", CREDITS_NODE_PART),
    credits_json_name("system", CREDITS_NODE_SYSTEM),
    credits_json_name("input", CREDITS_NODE_INPUT),
    credits_json_name("images", CREDITS_NODE_IMAGES),
    credits_json_name("tools", CREDITS_NODE_TOOLS),
    credits_json_name("format", CREDITS_NODE_RAW),
    credits_json_name("template", CREDITS_NODE_PART),

    /* tokens of a conversation before */

    credits_json_name("context", CREDITS_NODE_MESSAGE),
    credits_json_last_name
};

static const credits_json_name_t  credits_request_nodes_converse[] = {
    credits_json_name("messages", CREDITS_NODE_MESSAGES),
    credits_json_name("inferenceConfig", CREDITS_NODE_CONFIG),
    credits_json_name("system", CREDITS_NODE_SYSTEM),
    credits_json_name("toolConfig", CREDITS_NODE_TOOLS),
    credits_json_name("serviceTier", CREDITS_NODE_TIER_OBJECT),
    credits_json_name("outputConfig", CREDITS_NODE_RAW),
    credits_json_name("requestMetadata", CREDITS_NODE_BESIDE),
    credits_json_name("promptVariables", CREDITS_NODE_JSON),
    credits_json_name("additionalModelRequestFields",
                      CREDITS_NODE_ADDITIONAL),
    credits_json_last_name
};

static const credits_json_name_t  credits_request_nodes_additional[] = {
    credits_json_name("thinking", CREDITS_NODE_THINKING),
    credits_json_name("tools", CREDITS_NODE_TOOL_LIST),
    credits_json_last_name
};

/* Claude's own body; of other makers' no limit is known */

static const credits_json_name_t  credits_request_nodes_invoke[] = {
    CREDITS_REQUEST_ANTHROPIC,
    credits_json_name("prompt", CREDITS_NODE_PROMPT),
    credits_json_name("inputText", CREDITS_NODE_PART),
    credits_json_name("images", CREDITS_NODE_IMAGES),
    credits_json_last_name
};

static const credits_json_name_t  credits_request_nodes_options[] = {
    credits_json_name("include_usage", CREDITS_NODE_INCLUDE),
    credits_json_last_name
};

static const credits_json_name_t  credits_request_nodes_config_gemini[] = {
    credits_json_name("maxOutputTokens", CREDITS_NODE_CONFIG_MAX),
    credits_json_name("max_output_tokens", CREDITS_NODE_CONFIG_MAX),
    credits_json_name("candidateCount", CREDITS_NODE_N),
    credits_json_name("candidate_count", CREDITS_NODE_N),
    credits_json_name("thinkingConfig", CREDITS_NODE_THINKING),
    credits_json_name("thinking_config", CREDITS_NODE_THINKING),
    credits_json_name("responseSchema", CREDITS_NODE_RAW),
    credits_json_name("response_schema", CREDITS_NODE_RAW),
    credits_json_name("responseJsonSchema", CREDITS_NODE_RAW),
    credits_json_name("response_json_schema", CREDITS_NODE_RAW),
    credits_json_last_name
};

static const credits_json_name_t  credits_request_nodes_config_ollama[] = {
    credits_json_name("num_predict", CREDITS_NODE_CONFIG_MAX),
    credits_json_last_name
};

static const credits_json_name_t  credits_request_nodes_config_converse[] = {
    credits_json_name("maxTokens", CREDITS_NODE_CONFIG_MAX),
    credits_json_last_name
};

static const credits_json_name_t  credits_request_nodes_thinking[] = {
    credits_json_name("budget_tokens", CREDITS_NODE_BUDGET),
    credits_json_name("thinkingBudget", CREDITS_NODE_BUDGET),
    credits_json_name("thinking_budget", CREDITS_NODE_BUDGET),
    credits_json_name("token_budget", CREDITS_NODE_BUDGET),
    credits_json_name("max_tokens", CREDITS_NODE_BUDGET),
    credits_json_last_name
};

static const credits_json_name_t  credits_request_nodes_tier[] = {
    credits_json_name("type", CREDITS_NODE_TIER),
    credits_json_last_name
};

/* a message, a part of it, an item of the Responses API's input */

static const credits_json_name_t  credits_request_nodes_part[] = {
    credits_json_name("role", CREDITS_NODE_WORD),
    credits_json_name("content", CREDITS_NODE_PART),
    credits_json_name("type", CREDITS_NODE_TYPE),
    credits_json_name("text", CREDITS_NODE_PART),
    credits_json_name("id", CREDITS_NODE_WORD),
    credits_json_name("function", CREDITS_NODE_PART),
    credits_json_name("name", CREDITS_NODE_PART),
    credits_json_name("arguments", CREDITS_NODE_JSON),
    credits_json_name("parts", CREDITS_NODE_PART),
    credits_json_name("tool_calls", CREDITS_NODE_PART),
    credits_json_name("tool_call_id", CREDITS_NODE_WORD),
    credits_json_name("call_id", CREDITS_NODE_WORD),
    credits_json_name("tool_use_id", CREDITS_NODE_WORD),
    credits_json_name("toolUseId", CREDITS_NODE_WORD),
    credits_json_name("output", CREDITS_NODE_PART),
    credits_json_name("function_call", CREDITS_NODE_PART),
    credits_json_name("functionCall", CREDITS_NODE_PART),
    credits_json_name("functionResponse", CREDITS_NODE_PART),
    credits_json_name("image_url", CREDITS_NODE_IMAGE),
    credits_json_name("source", CREDITS_NODE_SOURCE),
    credits_json_name("inlineData", CREDITS_NODE_SOURCE),
    credits_json_name("inline_data", CREDITS_NODE_SOURCE),
    credits_json_name("input", CREDITS_NODE_JSON),
    credits_json_name("args", CREDITS_NODE_JSON),
    credits_json_name("response", CREDITS_NODE_JSON),
    credits_json_name("toolUse", CREDITS_NODE_PART),
    credits_json_name("toolResult", CREDITS_NODE_PART),
    credits_json_name("json", CREDITS_NODE_JSON),
    credits_json_name("input_audio", CREDITS_NODE_AUDIO),
    credits_json_name("image", CREDITS_NODE_IMAGE),
    credits_json_name("images", CREDITS_NODE_IMAGES),
    credits_json_name("document", CREDITS_NODE_DOCUMENT),
    credits_json_name("file", CREDITS_NODE_FILE),
    credits_json_name("file_data", CREDITS_NODE_FILE_DATA),
    credits_json_name("fileData", CREDITS_NODE_FILE_DATA),
    credits_json_name("file_id", CREDITS_NODE_FILE_ID),
    credits_json_name("file_url", CREDITS_NODE_FILE_URL),
    credits_json_name("filename", CREDITS_NODE_PART),
    credits_json_name("document_url", CREDITS_NODE_FILE),
    credits_json_name("video_url", CREDITS_NODE_FILE),
    credits_json_name("video", CREDITS_NODE_FILE),
    credits_json_name("audio_url", CREDITS_NODE_AUDIO),
    credits_json_name("audio", CREDITS_NODE_AUDIO),
    credits_json_name("status", CREDITS_NODE_WORD),
    credits_json_name("object", CREDITS_NODE_WORD),
    credits_json_name("detail", CREDITS_NODE_WORD),
    credits_json_name("cache_control", CREDITS_NODE_PART),
    credits_json_name("ttl", CREDITS_NODE_WORD),
    credits_json_name("tools", CREDITS_NODE_TOOLS),
    credits_json_last_name
};

static const credits_json_name_t  credits_request_nodes_media[] = {
    credits_json_name("url", CREDITS_NODE_URL),
    credits_json_name("detail", CREDITS_NODE_WORD),
    credits_json_name("type", CREDITS_NODE_SOURCE_TYPE),
    credits_json_name("data", CREDITS_NODE_BLOB),
    credits_json_name("media_type", CREDITS_NODE_MIME),
    credits_json_name("mimeType", CREDITS_NODE_MIME),
    credits_json_name("mime_type", CREDITS_NODE_MIME),
    credits_json_name("bytes", CREDITS_NODE_BLOB),
    credits_json_name("format", CREDITS_NODE_WORD),
    credits_json_name("source", CREDITS_NODE_INNER),
    credits_json_name("image_url", CREDITS_NODE_INNER),
    credits_json_name("file_data", CREDITS_NODE_BLOB),
    credits_json_name("fileUri", CREDITS_NODE_URL),
    credits_json_name("file_uri", CREDITS_NODE_URL),
    credits_json_name("uri", CREDITS_NODE_URL),
    credits_request_nodes_bound("file_id", CREDITS_BOUND_FILE_ID),
    credits_request_nodes_bound("file_url", CREDITS_BOUND_FILE_URL),
    credits_json_name("id", CREDITS_NODE_WORD),
    credits_json_name("text", CREDITS_NODE_PART),
    credits_json_name("content", CREDITS_NODE_PART),
    credits_json_name("filename", CREDITS_NODE_PART),
    credits_json_name("name", CREDITS_NODE_PART),
    credits_json_last_name
};

static const credits_json_name_t  credits_request_nodes_document[] = {
    credits_json_name("source", CREDITS_NODE_SOURCE),
    credits_json_name("name", CREDITS_NODE_PART),
    credits_json_name("format", CREDITS_NODE_WORD),
    credits_json_last_name
};

/* of a tool its kind; the whole of it counts as it is written */

static const credits_json_name_t  credits_request_nodes_tool[] = {
    credits_json_name("type", CREDITS_NODE_TOOL_TYPE),
    credits_json_name("function", CREDITS_NODE_BESIDE),
    credits_json_name("name", CREDITS_NODE_BESIDE),
    credits_json_name("description", CREDITS_NODE_BESIDE),
    credits_json_name("parameters", CREDITS_NODE_BESIDE),
    credits_json_name("functionDeclarations", CREDITS_NODE_BESIDE),
    credits_json_name("function_declarations", CREDITS_NODE_BESIDE),
    credits_json_name("input_schema", CREDITS_NODE_BESIDE),
    credits_json_name("tools", CREDITS_NODE_TOOL_LIST),
    credits_request_nodes_bound("googleSearch", CREDITS_BOUND_GOOGLE_SEARCH),
    credits_request_nodes_bound("google_search", CREDITS_BOUND_GOOGLE_SEARCH),
    credits_request_nodes_bound("googleSearchRetrieval",
                                CREDITS_BOUND_GOOGLE_SEARCH),
    credits_request_nodes_bound("google_search_retrieval",
                                CREDITS_BOUND_GOOGLE_SEARCH),
    credits_request_nodes_bound("enterpriseWebSearch",
                                CREDITS_BOUND_GOOGLE_SEARCH),
    credits_request_nodes_bound("enterprise_web_search",
                                CREDITS_BOUND_GOOGLE_SEARCH),
    credits_request_nodes_bound("codeExecution", CREDITS_BOUND_CODE_EXECUTION),
    credits_request_nodes_bound("code_execution",
                                CREDITS_BOUND_CODE_EXECUTION),
    credits_request_nodes_bound("urlContext", CREDITS_BOUND_URL_CONTEXT),
    credits_request_nodes_bound("url_context", CREDITS_BOUND_URL_CONTEXT),
    credits_request_nodes_bound("fileSearch", CREDITS_BOUND_FILE_SEARCH),
    credits_request_nodes_bound("file_search", CREDITS_BOUND_FILE_SEARCH),
    credits_request_nodes_bound("computerUse", CREDITS_BOUND_COMPUTER_USE),
    credits_request_nodes_bound("computer_use", CREDITS_BOUND_COMPUTER_USE),
    credits_request_nodes_bound("googleMaps", CREDITS_BOUND_TOOLS),
    credits_request_nodes_bound("google_maps", CREDITS_BOUND_TOOLS),
    credits_request_nodes_bound("retrieval", CREDITS_BOUND_TOOLS),
    credits_request_nodes_bound("mcpServers", CREDITS_BOUND_MCP),
    credits_request_nodes_bound("mcp_servers", CREDITS_BOUND_MCP),
    credits_request_nodes_bound("systemTool", CREDITS_BOUND_TOOLS),
    credits_json_last_name
};


#define CREDITS_REQUEST_MEDIA(node)                                           \
    [node] = { credits_request_nodes_media, node, 1, CREDITS_NODE_DATA }

/* all nodes of a body with these members of itself and of its config; tool:
   the node of those that are not known of a tool */

#define CREDITS_REQUEST_NODES(root, config, tool)                             \
{                                                                             \
    [CREDITS_JSON_ROOT] = { root, 0, 0, CREDITS_NODE_LOOSE },                 \
    [CREDITS_NODE_MODEL] = { NULL, 0, 1, 0 },                                 \
    [CREDITS_NODE_OPTIONS] = { credits_request_nodes_options, 0, 0, 0 },      \
    [CREDITS_NODE_CONFIG] = { config, 0, 0, CREDITS_NODE_LOOSE },             \
    [CREDITS_NODE_THINKING] =                                                 \
        { credits_request_nodes_thinking, 0, 0, CREDITS_NODE_LOOSE },         \
    [CREDITS_NODE_TIER] = { NULL, 0, 1, 0 },                                  \
    [CREDITS_NODE_TIER_OBJECT] =                                              \
        { credits_request_nodes_tier, 0, 0, CREDITS_NODE_LOOSE },             \
    [CREDITS_NODE_MESSAGES] =                                                 \
        { NULL, CREDITS_NODE_MESSAGE, 1, CREDITS_NODE_DATA },                 \
    [CREDITS_NODE_PROMPT] =                                                   \
        { NULL, CREDITS_NODE_PROMPT, 1, CREDITS_NODE_DATA },                  \
    [CREDITS_NODE_INPUT] =                                                    \
        { NULL, CREDITS_NODE_MESSAGE, 1, CREDITS_NODE_DATA },                 \
    [CREDITS_NODE_SYSTEM] =                                                   \
        { credits_request_nodes_part, CREDITS_NODE_PART, 1,                   \
          CREDITS_NODE_DATA },                                                \
    [CREDITS_NODE_INSTRUCTIONS] =                                             \
        { NULL, CREDITS_NODE_MESSAGE, 1, CREDITS_NODE_DATA },                 \
    [CREDITS_NODE_TOOLS] =                                                    \
        { credits_request_nodes_tool, CREDITS_NODE_TOOL, 0, 0 },              \
    [CREDITS_NODE_MESSAGE] =                                                  \
        { credits_request_nodes_part, CREDITS_NODE_MESSAGE, 1,                \
          CREDITS_NODE_DATA },                                                \
    [CREDITS_NODE_PART] =                                                     \
        { credits_request_nodes_part, CREDITS_NODE_PART, 1,                   \
          CREDITS_NODE_DATA },                                                \
    [CREDITS_NODE_TYPE] = { NULL, CREDITS_NODE_DATA, 1, CREDITS_NODE_DATA },  \
    [CREDITS_NODE_WORD] = { NULL, CREDITS_NODE_DATA, 1, CREDITS_NODE_DATA },  \
    [CREDITS_NODE_URL] = { NULL, CREDITS_NODE_DATA, 1, CREDITS_NODE_DATA },   \
    CREDITS_REQUEST_MEDIA(CREDITS_NODE_IMAGE),                                \
    [CREDITS_NODE_IMAGES] =                                                   \
        { NULL, CREDITS_NODE_PICTURE, 1, CREDITS_NODE_DATA },                 \
    CREDITS_REQUEST_MEDIA(CREDITS_NODE_PICTURE),                              \
    CREDITS_REQUEST_MEDIA(CREDITS_NODE_AUDIO),                                \
    CREDITS_REQUEST_MEDIA(CREDITS_NODE_FILE),                                 \
    CREDITS_REQUEST_MEDIA(CREDITS_NODE_FILE_DATA),                            \
    [CREDITS_NODE_FILE_ID] =                                                  \
        { NULL, CREDITS_NODE_DATA, 1, CREDITS_NODE_DATA },                    \
    [CREDITS_NODE_FILE_URL] =                                                 \
        { NULL, CREDITS_NODE_DATA, 1, CREDITS_NODE_DATA },                    \
    [CREDITS_NODE_DOCUMENT] =                                                 \
        { credits_request_nodes_document, CREDITS_NODE_DOCUMENT, 1,           \
          CREDITS_NODE_DATA },                                                \
    CREDITS_REQUEST_MEDIA(CREDITS_NODE_SOURCE),                               \
    CREDITS_REQUEST_MEDIA(CREDITS_NODE_INNER),                                \
    [CREDITS_NODE_SOURCE_TYPE] =                                              \
        { NULL, CREDITS_NODE_DATA, 1, CREDITS_NODE_DATA },                    \
    [CREDITS_NODE_MIME] = { NULL, CREDITS_NODE_DATA, 1, CREDITS_NODE_DATA },  \
    [CREDITS_NODE_BLOB] = { NULL, CREDITS_NODE_DATA, 1, CREDITS_NODE_DATA },  \
    [CREDITS_NODE_DATA] = { NULL, CREDITS_NODE_DATA, 1, CREDITS_NODE_DATA },  \
    [CREDITS_NODE_JSON] = { NULL, CREDITS_NODE_DATA, 1, CREDITS_NODE_DATA },  \
    [CREDITS_NODE_LOOSE] = { NULL, CREDITS_NODE_DATA, 1, CREDITS_NODE_DATA }, \
    [CREDITS_NODE_TOOL_LIST] =                                                \
        { credits_request_nodes_tool, CREDITS_NODE_TOOL, 0, 0 },              \
    [CREDITS_NODE_TOOL] =                                                     \
        { credits_request_nodes_tool, CREDITS_NODE_TOOL, 0, tool },           \
    [CREDITS_NODE_ADDITIONAL] =                                               \
        { credits_request_nodes_additional, 0, 0, CREDITS_NODE_LOOSE },       \
    [CREDITS_NODE_TOOL_TYPE] = { NULL, 0, 1, 0 },                             \
    [CREDITS_NODES - 1] = { NULL, 0, 0, 0 }                                   \
}


static const credits_json_node_t  credits_request_nodes_of_openai[] =
    CREDITS_REQUEST_NODES(credits_request_nodes_openai, NULL, 0);

static const credits_json_node_t  credits_request_nodes_of_anthropic[] =
    CREDITS_REQUEST_NODES(credits_request_nodes_anthropic, NULL, 0);

static const credits_json_node_t  credits_request_nodes_of_gemini[] =
    CREDITS_REQUEST_NODES(credits_request_nodes_gemini,
                          credits_request_nodes_config_gemini,
                          CREDITS_NODE_BOUND + CREDITS_BOUND_TOOLS);

static const credits_json_node_t  credits_request_nodes_of_mistral[] =
    CREDITS_REQUEST_NODES(credits_request_nodes_mistral, NULL, 0);

static const credits_json_node_t  credits_request_nodes_of_cohere[] =
    CREDITS_REQUEST_NODES(credits_request_nodes_cohere, NULL, 0);

static const credits_json_node_t  credits_request_nodes_of_ollama[] =
    CREDITS_REQUEST_NODES(credits_request_nodes_ollama,
                          credits_request_nodes_config_ollama, 0);

static const credits_json_node_t  credits_request_nodes_of_converse[] =
    CREDITS_REQUEST_NODES(credits_request_nodes_converse,
                          credits_request_nodes_config_converse, 0);

static const credits_json_node_t  credits_request_nodes_of_invoke[] =
    CREDITS_REQUEST_NODES(credits_request_nodes_invoke, NULL, 0);


const credits_json_node_t *
credits_request_nodes(credits_prompt_t prompt)
{
    switch (prompt) {

    case CREDITS_PROMPT_ANTHROPIC:
        return credits_request_nodes_of_anthropic;

    case CREDITS_PROMPT_GEMINI:
        return credits_request_nodes_of_gemini;

    case CREDITS_PROMPT_MISTRAL:
        return credits_request_nodes_of_mistral;

    case CREDITS_PROMPT_COHERE:
        return credits_request_nodes_of_cohere;

    case CREDITS_PROMPT_OLLAMA:
        return credits_request_nodes_of_ollama;

    case CREDITS_PROMPT_CONVERSE:
        return credits_request_nodes_of_converse;

    case CREDITS_PROMPT_INVOKE:
        return credits_request_nodes_of_invoke;

    default:
        return credits_request_nodes_of_openai;
    }
}
