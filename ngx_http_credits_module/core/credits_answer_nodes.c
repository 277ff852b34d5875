/*
 * The members that are read in the documents of an answer.  A name is looked
 * for from the first of its table: the most frequent ones stand there.
 */

#include "credits_answer_nodes.h"


#define name(s, node)   credits_json_name(s, node)
#define count(s, which)                                                       \
    credits_json_name(s, NODE_FIELD + CREDITS_COUNT_##which)


static const credits_json_name_t  credits_answer_nodes_root[] = {
    name("id", NODE_ORDINARY),
    name("object", NODE_OBJECT),
    name("created", NODE_ORDINARY),
    name("model", NODE_MODEL),
    name("choices", NODE_CHOICES),
    name("system_fingerprint", NODE_ORDINARY),
    name("type", NODE_TYPE),
    name("delta", NODE_EVENT_DELTA),
    name("index", NODE_ORDINARY),
    name("usage", NODE_USAGE),
    name("service_tier", NODE_TIER),
    name("sequence_number", NODE_ORDINARY),
    name("item_id", NODE_ORDINARY),
    name("output_index", NODE_ORDINARY),
    name("content_index", NODE_ORDINARY),
    name("logprobs", NODE_ORDINARY),
    name("obfuscation", NODE_ORDINARY),
    name("provider", NODE_ORDINARY),
    name("x_groq", NODE_X_GROQ),
    name("candidates", NODE_CANDIDATES),
    name("usageMetadata", NODE_METADATA),
    name("modelVersion", NODE_MODEL),
    name("message", NODE_MESSAGE),
    name("created_at", NODE_ORDINARY),
    name("response", NODE_RESPONSE),
    name("responseId", NODE_ORDINARY),
    name("done", NODE_DONE),
    name("error", NODE_ERROR),
    name("errors", NODE_ERROR),
    name("status", NODE_STATUS),
    name("base_resp", NODE_BASE_RESP),

    name("output", NODE_OUTPUT),
    name("item", NODE_EVENT_ITEM),
    name("part", NODE_EVENT_PART),
    name("content", NODE_ROOT_CONTENT),
    name("content_block", NODE_PART),
    name("text", NODE_ROOT_TEXT),
    name("thinking", NODE_TEXT),
    name("data", NODE_DATA),
    name("pages", NODE_PAGES),
    name("tool_usage", NODE_TOOL_USAGE),
    name("usage_info", NODE_METADATA),
    name("meta", NODE_METADATA),
    name("amazon-bedrock-invocationMetrics", NODE_METADATA),
    name("serviceTier", NODE_SERVICE_TIER),
    name("stop_reason", NODE_FINISH),
    name("stopReason", NODE_FINISH),
    name("done_reason", NODE_FINISH),
    name("finish_reason", NODE_FINISH),
    name("stop", NODE_DONE),
    count("prompt_eval_count", PROMPT),
    count("eval_count", COMPLETION),

    name("b64_json", NODE_KEEP),
    name("partial_image_b64", NODE_KEEP),
    name("audio", NODE_KEEP),
    name("start", NODE_PART),
    name("role", NODE_KEEP),
    name("metrics", NODE_KEEP),
    name("contentBlockIndex", NODE_KEEP),
    name("embedding", NODE_KEEP),
    name("embeddings", NODE_KEEP),
    name("promptFeedback", NODE_KEEP),
    name("totalTokens", NODE_KEEP),

    name("success", NODE_SUCCESS),
    name("detail", NODE_COMPLAINT),
    name("msg", NODE_COMPLAINT),
    name("error_msg", NODE_COMPLAINT),
    name("error_message", NODE_COMPLAINT),
    credits_json_last_name
};

static const credits_json_name_t  credits_answer_nodes_usage[] = {
    count("prompt_tokens", PROMPT),
    count("completion_tokens", COMPLETION),
    count("total_tokens", TOTAL),
    name("prompt_tokens_details", NODE_PROMPT_DETAILS),
    name("completion_tokens_details", NODE_COMPLETION_DETAILS),
    count("input_tokens", INPUT),
    count("output_tokens", OUTPUT),
    name("input_tokens_details", NODE_PROMPT_DETAILS),
    name("output_tokens_details", NODE_COMPLETION_DETAILS),
    name("input_token_details", NODE_PROMPT_DETAILS),
    name("output_token_details", NODE_COMPLETION_DETAILS),
    count("cache_creation_input_tokens", CACHE_CREATION),
    count("cache_read_input_tokens", CACHE_READ),
    name("cache_creation", NODE_WRITE_DETAILS),
    count("prompt_cache_hit_tokens", CACHED),
    count("cached_tokens", CACHED),
    count("reasoning_tokens", REASONING),
    name("server_tool_use", NODE_SERVER_TOOLS),
    count("num_search_queries", SEARCHES),
    name("service_tier", NODE_TIER),
    name("cost", NODE_COST),
    name("cost_in_usd_ticks", NODE_TICKS),

    count("promptTokenCount", PROMPT),
    count("candidatesTokenCount", COMPLETION),
    count("responseTokenCount", COMPLETION),
    count("totalTokenCount", TOTAL),
    count("thoughtsTokenCount", THOUGHTS),
    count("toolUsePromptTokenCount", TOOL_PROMPT),
    count("cachedContentTokenCount", CACHED),
    name("promptTokensDetails", NODE_INPUT_LIST),
    name("candidatesTokensDetails", NODE_OUTPUT_LIST),
    name("trafficType", NODE_TRAFFIC),

    count("inputTokens", INPUT),
    count("outputTokens", OUTPUT),
    count("totalTokens", TOTAL),
    count("cacheReadInputTokens", CACHE_READ),
    count("cacheWriteInputTokens", CACHE_CREATION),
    name("cacheDetails", NODE_CACHE_LIST),
    count("inputTokenCount", INPUT),
    count("outputTokenCount", OUTPUT),
    count("cacheReadInputTokenCount", CACHE_READ),
    count("cacheWriteInputTokenCount", CACHE_CREATION),

    name("billed_units", NODE_BILLED),
    name("tokens", NODE_TOKENS),
    count("pages_processed", PAGES),
    credits_json_last_name
};

static const credits_json_name_t  credits_answer_nodes_prompt_details[] = {
    count("cached_tokens", CACHED),
    count("audio_tokens", AUDIO_INPUT),
    count("image_tokens", IMAGE_INPUT),
    count("cache_write_tokens", CACHE_WRITE),
    count("cache_creation_tokens", CACHE_WRITE),
    name("cache_write_tokens_details", NODE_WRITE_DETAILS),
    credits_json_last_name
};

static const credits_json_name_t  credits_answer_nodes_completion_details[] = {
    count("reasoning_tokens", REASONING),
    count("thinking_tokens", REASONING),
    count("audio_tokens", AUDIO_OUTPUT),
    credits_json_last_name
};

static const credits_json_name_t  credits_answer_nodes_write_details[] = {
    count("ephemeral_5m_input_tokens", WRITE_SHORT),
    count("ephemeral_1h_input_tokens", WRITE_LONG),
    count("ttl_30m_tokens", WRITE_SHORT),
    count("ttl_12h_tokens", WRITE_LONG),
    credits_json_last_name
};

static const credits_json_name_t  credits_answer_nodes_server_tools[] = {
    count("web_search_requests", SEARCHES),
    credits_json_last_name
};

static const credits_json_name_t  credits_answer_nodes_billed[] = {
    count("input_tokens", BILLED_INPUT),
    count("output_tokens", BILLED_OUTPUT),
    count("image_tokens", BILLED_IMAGE),
    count("search_units", SEARCHES),
    count("pages", PAGES),
    credits_json_last_name
};

static const credits_json_name_t  credits_answer_nodes_tokens[] = {
    count("input_tokens", INPUT),
    count("output_tokens", OUTPUT),
    credits_json_last_name
};

static const credits_json_name_t  credits_answer_nodes_entry[] = {
    name("modality", NODE_LABEL),
    name("ttl", NODE_LABEL),
    count("tokenCount", ENTRY),
    count("inputTokens", ENTRY),
    credits_json_last_name
};

static const credits_json_name_t  credits_answer_nodes_cost[] = {
    name("total_cost", NODE_COST),
    credits_json_last_name
};

static const credits_json_name_t  credits_answer_nodes_tool_usage[] = {
    name("image_gen", NODE_IMAGE_GEN),
    name("web_search", NODE_WEB_SEARCH),
    credits_json_last_name
};

static const credits_json_name_t  credits_answer_nodes_image_gen[] = {
    count("input_tokens", MADE_INPUT),
    count("output_tokens", MADE_OUTPUT),
    credits_json_last_name
};

static const credits_json_name_t  credits_answer_nodes_web_search[] = {
    count("num_requests", SEARCHES),
    credits_json_last_name
};

static const credits_json_name_t  credits_answer_nodes_x_groq[] = {
    name("usage", NODE_USAGE),
    name("error", NODE_ERROR),
    credits_json_last_name
};

static const credits_json_name_t  credits_answer_nodes_base_resp[] = {
    name("status_code", NODE_STATUS_CODE),
    credits_json_last_name
};

static const credits_json_name_t  credits_answer_nodes_service_tier[] = {
    name("type", NODE_TIER),
    credits_json_last_name
};

static const credits_json_name_t  credits_answer_nodes_choice[] = {
    name("index", NODE_KEEP),
    name("delta", NODE_DELTA),
    name("finish_reason", NODE_FINISH),
    name("logprobs", NODE_KEEP),
    name("message", NODE_WHOLE),
    name("text", NODE_TEXT),
    name("usage", NODE_USAGE),
    name("error", NODE_ERROR),
    credits_json_last_name
};

/* strings without a name here are text: reasoning has many */
static const credits_json_name_t  credits_answer_nodes_message[] = {
    name("content", NODE_CONTENT),
    name("role", NODE_KEEP),
    name("tool_calls", NODE_CALLS),
    name("reasoning_content", NODE_TEXT),
    name("reasoning", NODE_TEXT),
    name("refusal", NODE_TEXT),
    name("reasoning_details", NODE_CONTENT),
    name("thinking_blocks", NODE_CONTENT),
    name("thinking", NODE_CONTENT),
    name("function_call", NODE_FUNCTION),
    name("audio", NODE_TRANSCRIPT),
    name("images", NODE_IMAGES),
    name("error", NODE_ERROR),
    name("usage", NODE_USAGE),
    name("model", NODE_MODEL),
    name("service_tier", NODE_TIER),
    name("finish_reason", NODE_FINISH),

    name("id", NODE_KEEP),
    name("type", NODE_KEEP),
    name("object", NODE_KEEP),
    name("name", NODE_KEEP),
    name("tool_call_id", NODE_KEEP),
    name("tool_name", NODE_KEEP),
    name("status", NODE_KEEP),
    name("phase", NODE_KEEP),
    name("format", NODE_KEEP),
    name("stop_reason", NODE_KEEP),
    name("stop_sequence", NODE_KEEP),
    name("data", NODE_KEEP),
    name("encrypted_content", NODE_KEEP),
    name("encrypted_reasoning", NODE_KEEP),
    name("reasoning_opaque", NODE_KEEP),
    name("signature", NODE_KEEP),
    name("reasoning_signature", NODE_KEEP),
    name("thinking_signature", NODE_KEEP),
    name("thought_signature", NODE_KEEP),
    name("obfuscation", NODE_KEEP),
    credits_json_last_name
};

/* of whatever dialect, and the content that Gemini has of parts */
static const credits_json_name_t  credits_answer_nodes_part[] = {
    name("text", NODE_TEXT),
    name("parts", NODE_CONTENT),
    name("thinking", NODE_CONTENT),
    name("partial_json", NODE_TEXT),
    name("refusal", NODE_TEXT),
    name("summary", NODE_CONTENT),
    name("content", NODE_TEXT),
    name("name", NODE_TEXT),
    name("input", NODE_RAW),
    name("arguments", NODE_RAW),
    name("transcript", NODE_TEXT),
    name("functionCall", NODE_FUNCTION),
    name("toolUse", NODE_FUNCTION),
    name("reasoningContent", NODE_REASONING),
    name("executableCode", NODE_CODE),
    name("codeExecutionResult", NODE_CODE),
    name("inlineData", NODE_INLINE),
    name("image_url", NODE_IMAGE),
    credits_json_last_name
};

static const credits_json_name_t  credits_answer_nodes_event_delta[] = {
    name("text", NODE_TEXT),
    name("type", NODE_KEEP),
    name("thinking", NODE_CONTENT),
    name("partial_json", NODE_TEXT),
    name("stop_reason", NODE_FINISH),
    name("message", NODE_DELTA),
    name("content", NODE_CONTENT),
    name("tool_calls", NODE_CALLS),
    name("toolUse", NODE_FUNCTION),
    name("reasoningContent", NODE_REASONING),
    name("finish_reason", NODE_FINISH),
    name("usage", NODE_USAGE),
    name("error", NODE_ERROR),
    name("role", NODE_KEEP),
    name("id", NODE_KEEP),
    name("signature", NODE_KEEP),
    name("stop_sequence", NODE_KEEP),
    name("data", NODE_KEEP),
    name("encrypted_content", NODE_KEEP),
    credits_json_last_name
};

static const credits_json_name_t  credits_answer_nodes_transcript[] = {
    name("transcript", NODE_TEXT),
    credits_json_last_name
};

static const credits_json_name_t  credits_answer_nodes_call[] = {
    name("function", NODE_FUNCTION),
    name("custom", NODE_FUNCTION),
    name("name", NODE_TEXT),
    name("arguments", NODE_RAW),
    name("parameters", NODE_RAW),
    credits_json_last_name
};

static const credits_json_name_t  credits_answer_nodes_function[] = {
    name("arguments", NODE_RAW),
    name("name", NODE_TEXT),
    name("args", NODE_RAW),
    name("input", NODE_RAW),
    credits_json_last_name
};

static const credits_json_name_t  credits_answer_nodes_code[] = {
    name("code", NODE_TEXT),
    name("output", NODE_TEXT),
    credits_json_last_name
};

static const credits_json_name_t  credits_answer_nodes_reasoning[] = {
    name("text", NODE_TEXT),
    name("reasoningText", NODE_REASONING),
    credits_json_last_name
};

static const credits_json_name_t  credits_answer_nodes_inline[] = {
    name("mimeType", NODE_MIME),
    credits_json_last_name
};

static const credits_json_name_t  credits_answer_nodes_response[] = {
    name("usage", NODE_USAGE),
    name("model", NODE_MODEL),
    name("status", NODE_STATUS),
    name("output", NODE_OUTPUT),
    name("error", NODE_ERROR),
    name("service_tier", NODE_TIER),
    name("tool_usage", NODE_TOOL_USAGE),
    credits_json_last_name
};

static const credits_json_name_t  credits_answer_nodes_output[] = {
    name("message", NODE_MESSAGE),
    name("text", NODE_TEXT),
    name("choices", NODE_CHOICES),
    name("finish_reason", NODE_FINISH),
    credits_json_last_name
};

static const credits_json_name_t  credits_answer_nodes_item[] = {
    name("type", NODE_ITEM_TYPE),
    name("content", NODE_CONTENT),
    name("summary", NODE_CONTENT),
    name("name", NODE_TEXT),
    name("arguments", NODE_RAW),
    name("input", NODE_RAW),
    name("code", NODE_TEXT),
    name("action", NODE_RAW),
    name("operation", NODE_RAW),
    name("text", NODE_TEXT),
    credits_json_last_name
};

static const credits_json_name_t  credits_answer_nodes_candidate[] = {
    name("content", NODE_CONTENT),
    name("finishReason", NODE_FINISH),
    credits_json_last_name
};

static const credits_json_name_t  credits_answer_nodes_datum[] = {
    name("b64_json", NODE_PICTURE),
    name("url", NODE_PICTURE),
    name("embedding", NODE_KEEP),
    credits_json_last_name
};

static const credits_json_name_t  credits_answer_nodes_page[] = {
    name("markdown", NODE_TEXT),
    credits_json_last_name
};


const credits_json_node_t  credits_answer_nodes[] = {
    [CREDITS_JSON_ROOT] = { credits_answer_nodes_root, 0, 0, 0 },

    [NODE_TYPE] = { NULL, 0, 1, 0 },
    [NODE_ERROR] = { NULL, NODE_ERROR, 1, 0 },
    [NODE_STATUS] = { NULL, 0, 1, 0 },
    [NODE_COMPLAINT] = { NULL, 0, 1, 0 },
    [NODE_TRAFFIC] = { NULL, 0, 1, 0 },
    [NODE_OBJECT] = { NULL, 0, 1, 0 },
    [NODE_MODEL] = { NULL, 0, 1, 0 },
    [NODE_TIER] = { NULL, 0, 1, 0 },
    [NODE_CHOICES] = { NULL, NODE_CHOICE, 0, 0 },
    [NODE_USAGE] = { credits_answer_nodes_usage, 0, 0, 0 },
    [NODE_X_GROQ] = { credits_answer_nodes_x_groq, 0, 0, 0 },

    [NODE_FIELD ... NODE_FIELD_LAST] = { NULL, 0, 1, 0 },
    [NODE_COST] = { credits_answer_nodes_cost, 0, 1, 0 },
    [NODE_TICKS] = { NULL, 0, 1, 0 },

    [NODE_METADATA] = { credits_answer_nodes_usage, 0, 0, 0 },
    [NODE_TOOL_USAGE] = { credits_answer_nodes_tool_usage, 0, 0, 0 },
    [NODE_IMAGE_GEN] = { credits_answer_nodes_image_gen, 0, 0, 0 },
    [NODE_WEB_SEARCH] = { credits_answer_nodes_web_search, 0, 0, 0 },
    [NODE_PROMPT_DETAILS] = { credits_answer_nodes_prompt_details, 0, 0, 0 },
    [NODE_COMPLETION_DETAILS] = { credits_answer_nodes_completion_details,
                                  0, 0, 0 },
    [NODE_WRITE_DETAILS] = { credits_answer_nodes_write_details, 0, 0, 0 },
    [NODE_SERVER_TOOLS] = { credits_answer_nodes_server_tools, 0, 0, 0 },
    [NODE_BILLED] = { credits_answer_nodes_billed, 0, 0, 0 },
    [NODE_TOKENS] = { credits_answer_nodes_tokens, 0, 0, 0 },
    [NODE_INPUT_LIST] = { NULL, NODE_INPUT_ENTRY, 0, 0 },
    [NODE_INPUT_ENTRY] = { credits_answer_nodes_entry, 0, 0, 0 },
    [NODE_OUTPUT_LIST] = { NULL, NODE_OUTPUT_ENTRY, 0, 0 },
    [NODE_OUTPUT_ENTRY] = { credits_answer_nodes_entry, 0, 0, 0 },
    [NODE_CACHE_LIST] = { NULL, NODE_CACHE_ENTRY, 0, 0 },
    [NODE_CACHE_ENTRY] = { credits_answer_nodes_entry, 0, 0, 0 },
    [NODE_LABEL] = { NULL, 0, 1, 0 },

    [NODE_TEXT] = { NULL, 0, 1, 0 },
    [NODE_RAW] = { NULL, 0, 1, 0 },
    [NODE_FINISH] = { NULL, 0, 1, 0 },
    [NODE_STATUS_CODE] = { NULL, 0, 1, 0 },
    [NODE_BASE_RESP] = { credits_answer_nodes_base_resp, 0, 0, 0 },
    [NODE_SERVICE_TIER] = { credits_answer_nodes_service_tier, 0, 1, 0 },
    [NODE_ROOT_TEXT] = { NULL, 0, 1, 0 },
    [NODE_ROOT_CONTENT] = { credits_answer_nodes_part, NODE_PART, 1, 0 },

    [NODE_CHOICE] = { credits_answer_nodes_choice, 0, 0, 0 },
    [NODE_DELTA] = { credits_answer_nodes_message, 0, 1, NODE_TEXT },
    [NODE_WHOLE] = { credits_answer_nodes_message, 0, 1, NODE_TEXT },
    [NODE_MESSAGE] = { credits_answer_nodes_message, 0, 1, NODE_TEXT },
    [NODE_CONTENT] = { credits_answer_nodes_part, NODE_PART, 1, 0 },
    [NODE_PART] = { credits_answer_nodes_part, 0, 1, 0 },
    [NODE_TRANSCRIPT] = { credits_answer_nodes_transcript, 0, 0, 0 },
    [NODE_CALLS] = { credits_answer_nodes_call, NODE_CALL, 0, 0 },
    [NODE_CALL] = { credits_answer_nodes_call, 0, 0, 0 },
    [NODE_FUNCTION] = { credits_answer_nodes_function, 0, 0, 0 },
    [NODE_CODE] = { credits_answer_nodes_code, 0, 0, 0 },
    [NODE_REASONING] = { credits_answer_nodes_reasoning, 0, 0, 0 },
    [NODE_INLINE] = { credits_answer_nodes_inline, 0, 0, 0 },
    [NODE_MIME] = { NULL, 0, 1, 0 },
    [NODE_IMAGES] = { NULL, NODE_IMAGE, 0, 0 },
    [NODE_EVENT_DELTA] = { credits_answer_nodes_event_delta, 0, 1, NODE_TEXT },
    [NODE_RESPONSE] = { credits_answer_nodes_response, 0, 1, 0 },
    [NODE_OUTPUT] = { credits_answer_nodes_output, NODE_OUTPUT_ITEM, 1, 0 },
    [NODE_OUTPUT_ITEM] = { credits_answer_nodes_item, 0, 1, 0 },
    [NODE_EVENT_ITEM] = { credits_answer_nodes_item, 0, 0, 0 },
    [NODE_EVENT_PART] = { credits_answer_nodes_part, 0, 0, 0 },
    [NODE_ITEM_TYPE] = { NULL, 0, 1, 0 },
    [NODE_CANDIDATES] = { NULL, NODE_CANDIDATE, 0, 0 },
    [NODE_CANDIDATE] = { credits_answer_nodes_candidate, 0, 0, 0 },
    [NODE_DATA] = { NULL, NODE_DATUM, 0, 0 },
    [NODE_DATUM] = { credits_answer_nodes_datum, 0, 0, 0 },
    [NODE_PICTURE] = { NULL, 0, 1, 0 },
    [NODE_PAGES] = { NULL, NODE_PAGE, 0, 0 },
    [NODE_PAGE] = { credits_answer_nodes_page, 0, 0, 0 }
};
