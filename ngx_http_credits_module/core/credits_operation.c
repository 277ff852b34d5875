/*
 * The operations of each dialect, and how a path finds its own.
 */

#include <string.h>

#include "credits_operation.h"


#define READ    (CREDITS_METHOD_GET | CREDITS_METHOD_HEAD)
#define POST    CREDITS_METHOD_POST
#define STORED  (READ | CREDITS_METHOD_DELETE)
#define ANY     0x7f

#define JSON    CREDITS_BODY_JSON
#define FORM    CREDITS_BODY_MULTIPART


/* the row of a free operation, and of one that cannot be metered */

#define credits_operation_free(dialect, name, nameable, path, methods)        \
    { dialect, name, nameable, path, methods, CREDITS_FREE, 0, 0, 0, 0,       \
      CREDITS_STREAM_NEVER, CREDITS_LIMIT_NONE, CREDITS_PRODUCT_JSON,         \
      CREDITS_PROMPT_NONE }

#define credits_operation_refused(dialect, name, words)                       \
    { dialect, name, 0, words, ANY, CREDITS_REFUSED, 0, 0, 0, 0,              \
      CREDITS_STREAM_NEVER, CREDITS_LIMIT_NONE, CREDITS_PRODUCT_JSON,         \
      CREDITS_PROMPT_NONE }


static int credits_operation_matches(const credits_operation_t *operation,
    credits_span_t path, credits_span_t *model);
static int credits_operation_match(credits_span_t pattern, credits_span_t path,
    credits_span_t *model);
static int credits_operation_match_segment(credits_span_t pattern,
    credits_span_t segment, credits_span_t *model);
static int credits_operation_match_rest(credits_span_t pattern,
    credits_span_t path, credits_span_t *model);
static int credits_operation_has_word(credits_span_t words,
    credits_span_t path);
static int credits_operation_is_word(credits_span_t word,
    credits_span_t segment);
static int credits_operation_harmless(credits_dialect_t dialect,
    credits_span_t path);
static int credits_operation_last(credits_span_t *path,
    unsigned char separator, credits_span_t *segment);
static int credits_operation_same(credits_span_t a, credits_span_t b);
static unsigned char credits_operation_lower(unsigned char c);
static credits_span_t credits_operation_span(const char *s);


/* of each dialect what is charged, then what is free, then what is refused */

static const credits_operation_t  credits_operation_table[] = {

    { CREDITS_OPENAI, "chat", 1,
      "deployments/{model}/chat/completions|chat/completions", POST,
      CREDITS_CHARGED, JSON, 0, 1, 1, CREDITS_STREAM_MEMBER,
      CREDITS_LIMIT_MAX_COMPLETION_TOKENS, CREDITS_PRODUCT_JSON,
      CREDITS_PROMPT_CHAT },
    { CREDITS_OPENAI, "completions", 1,
      "deployments/{model}/completions|engines/{model}/completions"
      "|completions", POST,
      CREDITS_CHARGED, JSON, 0, 1, 1, CREDITS_STREAM_MEMBER,
      CREDITS_LIMIT_MAX_TOKENS, CREDITS_PRODUCT_JSON,
      CREDITS_PROMPT_COMPLETIONS },
    { CREDITS_OPENAI, "responses", 1, "responses", POST,
      CREDITS_CHARGED, JSON, 0, 0, 1, CREDITS_STREAM_MEMBER,
      CREDITS_LIMIT_MAX_OUTPUT_TOKENS, CREDITS_PRODUCT_JSON,
      CREDITS_PROMPT_RESPONSES },

    /* a conversation made shorter: it takes no limit */

    { CREDITS_OPENAI, "responses", 1, "responses/compact", POST,
      CREDITS_CHARGED, JSON, 0, 0, 1, CREDITS_STREAM_NEVER,
      CREDITS_LIMIT_NONE, CREDITS_PRODUCT_JSON, CREDITS_PROMPT_RESPONSES },
    { CREDITS_OPENAI, "embeddings", 1,
      "deployments/{model}/embeddings|engines/{model}/embeddings"
      "|embeddings", POST,
      CREDITS_CHARGED, JSON, 0, 0, 0, CREDITS_STREAM_NEVER,
      CREDITS_LIMIT_NONE, CREDITS_PRODUCT_JSON, CREDITS_PROMPT_INPUT },
    { CREDITS_OPENAI, "images", 1,
      "deployments/{model}/images/generations|images/generations", POST,
      CREDITS_CHARGED, JSON, 0, 0, 0, CREDITS_STREAM_MEMBER,
      CREDITS_LIMIT_NONE, CREDITS_PRODUCT_PICTURES, CREDITS_PROMPT_IMAGES },
    { CREDITS_OPENAI, "images", 1,
      "deployments/{model}/images/edits|images/edits", POST,
      CREDITS_CHARGED, JSON | FORM, 0, 0, 0, CREDITS_STREAM_MEMBER,
      CREDITS_LIMIT_NONE, CREDITS_PRODUCT_PICTURES, CREDITS_PROMPT_IMAGES },
    { CREDITS_OPENAI, "images", 1, "images/variations", POST,
      CREDITS_CHARGED, FORM, 0, 0, 0, CREDITS_STREAM_NEVER,
      CREDITS_LIMIT_NONE, CREDITS_PRODUCT_PICTURES, CREDITS_PROMPT_IMAGES },
    { CREDITS_OPENAI, "transcriptions", 1,
      "deployments/{model}/audio/transcriptions|audio/transcriptions", POST,
      CREDITS_CHARGED, FORM, 0, 0, 1, CREDITS_STREAM_MEMBER,
      CREDITS_LIMIT_NONE, CREDITS_PRODUCT_TEXT, CREDITS_PROMPT_SOUND },
    { CREDITS_OPENAI, "translations", 1,
      "deployments/{model}/audio/translations|audio/translations", POST,
      CREDITS_CHARGED, FORM, 0, 0, 1, CREDITS_STREAM_MEMBER,
      CREDITS_LIMIT_NONE, CREDITS_PRODUCT_TEXT, CREDITS_PROMPT_SOUND },
    { CREDITS_OPENAI, "speech", 1,
      "deployments/{model}/audio/speech|audio/speech", POST,
      CREDITS_CHARGED, JSON, 0, 0, 0, CREDITS_STREAM_NEVER,
      CREDITS_LIMIT_NONE, CREDITS_PRODUCT_SOUND, CREDITS_PROMPT_INPUT },

    credits_operation_free(CREDITS_OPENAI, "moderations", 1, "moderations",
                           POST),
    credits_operation_free(CREDITS_OPENAI, "responses/input_tokens", 0,
                           "responses/input_tokens", POST),

    /* what is stored is not listed: a list has what others asked */

    credits_operation_free(CREDITS_OPENAI, "stored responses", 0,
                           "responses/*", STORED),
    credits_operation_free(CREDITS_OPENAI, "stored responses", 0,
                           "responses/*/input_items", READ),
    credits_operation_free(CREDITS_OPENAI, "cancelled responses", 0,
                           "responses/*/cancel", POST),
    credits_operation_free(CREDITS_OPENAI, "stored completions", 0,
                           "chat/completions/*", STORED),
    credits_operation_free(CREDITS_OPENAI, "stored completions", 0,
                           "chat/completions/*/messages", READ),

    /* OpenRouter's models are "maker/model" */

    credits_operation_free(CREDITS_OPENAI, "models", 0,
                           "models|models/*|models/*/*"
                           "|models/*/*/endpoints", READ),

    credits_operation_refused(CREDITS_OPENAI, "batches", "batches"),
    credits_operation_refused(CREDITS_OPENAI, "files", "files"),
    credits_operation_refused(CREDITS_OPENAI, "uploads", "uploads"),
    credits_operation_refused(CREDITS_OPENAI, "fine_tuning",
                              "fine_tuning|fine-tunes|fine-tuning"),
    credits_operation_refused(CREDITS_OPENAI, "realtime", "realtime"),
    credits_operation_refused(CREDITS_OPENAI, "assistants", "assistants"),
    credits_operation_refused(CREDITS_OPENAI, "threads", "threads"),
    credits_operation_refused(CREDITS_OPENAI, "vector_stores",
                              "vector_stores"),
    credits_operation_refused(CREDITS_OPENAI, "videos", "videos"),
    credits_operation_refused(CREDITS_OPENAI, "evals", "evals"),
    credits_operation_refused(CREDITS_OPENAI, "containers", "containers"),
    credits_operation_refused(CREDITS_OPENAI, "conversations",
                              "conversations"),
    credits_operation_refused(CREDITS_OPENAI, "chatkit", "chatkit"),
    credits_operation_refused(CREDITS_OPENAI, "skills", "skills"),
    credits_operation_refused(CREDITS_OPENAI, "organization",
                              "organization|organizations"),
    credits_operation_refused(CREDITS_OPENAI, "projects", "projects"),

    /* Vertex counts by the rawPredict of a model of that name */

    credits_operation_free(CREDITS_ANTHROPIC, "count_tokens", 1,
                           "messages/count_tokens|publishers/anthropic/models"
                           "/count-tokens:rawPredict", POST),
    { CREDITS_ANTHROPIC, "messages", 1, "messages", POST,
      CREDITS_CHARGED, JSON, 0, 0, 1, CREDITS_STREAM_MEMBER,
      CREDITS_LIMIT_MAX_TOKENS, CREDITS_PRODUCT_JSON,
      CREDITS_PROMPT_ANTHROPIC },
    { CREDITS_ANTHROPIC, "messages", 1,
      "{model}:rawPredict|{model}:streamRawPredict", POST,
      CREDITS_CHARGED, JSON, 1, 0, 1, CREDITS_STREAM_MEMBER,
      CREDITS_LIMIT_MAX_TOKENS, CREDITS_PRODUCT_JSON,
      CREDITS_PROMPT_ANTHROPIC },
    credits_operation_free(CREDITS_ANTHROPIC, "models", 0, "models|models/*",
                           READ),
    credits_operation_refused(CREDITS_ANTHROPIC, "batches", "batches"),
    credits_operation_refused(CREDITS_ANTHROPIC, "files", "files"),
    credits_operation_refused(CREDITS_ANTHROPIC, "skills", "skills"),
    credits_operation_refused(CREDITS_ANTHROPIC, "agents", "agents"),
    credits_operation_refused(CREDITS_ANTHROPIC, "sessions", "sessions"),
    credits_operation_refused(CREDITS_ANTHROPIC, "environments",
                              "environments"),
    credits_operation_refused(CREDITS_ANTHROPIC, "organizations",
                              "organizations"),

    { CREDITS_GEMINI, "generate", 1, "{model}:generateContent", POST,
      CREDITS_CHARGED, JSON, 1, 0, 1, CREDITS_STREAM_NEVER,
      CREDITS_LIMIT_GENERATION_CONFIG, CREDITS_PRODUCT_JSON,
      CREDITS_PROMPT_GEMINI },
    { CREDITS_GEMINI, "generate", 1, "{model}:streamGenerateContent", POST,
      CREDITS_CHARGED, JSON, 1, 0, 1, CREDITS_STREAM_ALWAYS,
      CREDITS_LIMIT_GENERATION_CONFIG, CREDITS_PRODUCT_JSON,
      CREDITS_PROMPT_GEMINI },
    { CREDITS_GEMINI, "embed", 1,
      "{model}:embedContent|{model}:batchEmbedContents", POST,
      CREDITS_CHARGED, JSON, 1, 0, 0, CREDITS_STREAM_NEVER,
      CREDITS_LIMIT_NONE, CREDITS_PRODUCT_JSON, CREDITS_PROMPT_GEMINI },
    credits_operation_free(CREDITS_GEMINI, "count_tokens", 1,
                           "{model}:countTokens", POST),
    credits_operation_free(CREDITS_GEMINI, "models", 0, "models|models/{id}",
                           READ),
    credits_operation_refused(CREDITS_GEMINI, "batchGenerateContent",
                              "batchGenerateContent"),
    credits_operation_refused(CREDITS_GEMINI, "asyncBatchEmbedContent",
                              "asyncBatchEmbedContent"),
    credits_operation_refused(CREDITS_GEMINI, "batches",
                              "batches|batchPredictionJobs"),
    credits_operation_refused(CREDITS_GEMINI, "cachedContents",
                              "cachedContents"),
    credits_operation_refused(CREDITS_GEMINI, "files", "files"),
    credits_operation_refused(CREDITS_GEMINI, "tunedModels",
                              "tunedModels|tuningJobs"),
    credits_operation_refused(CREDITS_GEMINI, "predictLongRunning",
                              "predictLongRunning|fetchPredictOperation"),
    credits_operation_refused(CREDITS_GEMINI, "predict", "predict"),
    credits_operation_refused(CREDITS_GEMINI, "BidiGenerateContent",
                              "BidiGenerateContent"
                              "|BidiGenerateContentConstrained"
                              "|BidiGenerateMusic|live"),
    credits_operation_refused(CREDITS_GEMINI, "auth_tokens",
                              "auth_tokens|authTokens"),
    credits_operation_refused(CREDITS_GEMINI, "interactions", "interactions"),
    credits_operation_refused(CREDITS_GEMINI, "corpora",
                              "corpora|ragStores|fileSearchStores"),

    { CREDITS_MISTRAL, "chat", 1, "chat/completions", POST,
      CREDITS_CHARGED, JSON, 0, 0, 1, CREDITS_STREAM_MEMBER,
      CREDITS_LIMIT_MAX_TOKENS, CREDITS_PRODUCT_JSON, CREDITS_PROMPT_MISTRAL },
    { CREDITS_MISTRAL, "fim", 1, "fim/completions", POST,
      CREDITS_CHARGED, JSON, 0, 0, 1, CREDITS_STREAM_MEMBER,
      CREDITS_LIMIT_MAX_TOKENS, CREDITS_PRODUCT_JSON, CREDITS_PROMPT_MISTRAL },
    { CREDITS_MISTRAL, "embeddings", 1, "embeddings", POST,
      CREDITS_CHARGED, JSON, 0, 0, 0, CREDITS_STREAM_NEVER,
      CREDITS_LIMIT_NONE, CREDITS_PRODUCT_JSON, CREDITS_PROMPT_MISTRAL },
    { CREDITS_MISTRAL, "ocr", 1, "ocr", POST,
      CREDITS_CHARGED, JSON, 0, 0, 0, CREDITS_STREAM_NEVER,
      CREDITS_LIMIT_NONE, CREDITS_PRODUCT_JSON, CREDITS_PROMPT_MISTRAL },
    credits_operation_free(CREDITS_MISTRAL, "models", 0, "models|models/*",
                           READ),
    credits_operation_refused(CREDITS_MISTRAL, "batch", "batch|batches"),
    credits_operation_refused(CREDITS_MISTRAL, "agents", "agents"),
    credits_operation_refused(CREDITS_MISTRAL, "conversations",
                              "conversations"),
    credits_operation_refused(CREDITS_MISTRAL, "files", "files"),
    credits_operation_refused(CREDITS_MISTRAL, "fine_tuning", "fine_tuning"),
    credits_operation_refused(CREDITS_MISTRAL, "libraries", "libraries"),
    credits_operation_refused(CREDITS_MISTRAL, "realtime", "realtime"),

    { CREDITS_COHERE, "chat", 1, "chat", POST,
      CREDITS_CHARGED, JSON, 0, 0, 1, CREDITS_STREAM_MEMBER,
      CREDITS_LIMIT_MAX_TOKENS, CREDITS_PRODUCT_JSON, CREDITS_PROMPT_COHERE },
    { CREDITS_COHERE, "embed", 1, "embed", POST,
      CREDITS_CHARGED, JSON, 0, 0, 0, CREDITS_STREAM_NEVER,
      CREDITS_LIMIT_NONE, CREDITS_PRODUCT_JSON, CREDITS_PROMPT_COHERE },
    { CREDITS_COHERE, "rerank", 1, "rerank", POST,
      CREDITS_CHARGED, JSON, 0, 0, 0, CREDITS_STREAM_NEVER,
      CREDITS_LIMIT_NONE, CREDITS_PRODUCT_JSON, CREDITS_PROMPT_COHERE },
    credits_operation_free(CREDITS_COHERE, "tokenize", 0,
                           "tokenize|detokenize", POST),
    credits_operation_free(CREDITS_COHERE, "models", 0, "models|models/*",
                           READ),
    credits_operation_refused(CREDITS_COHERE, "jobs",
                              "jobs|embed-jobs|batches"),
    credits_operation_refused(CREDITS_COHERE, "datasets", "datasets"),
    credits_operation_refused(CREDITS_COHERE, "connectors", "connectors"),
    credits_operation_refused(CREDITS_COHERE, "finetuning",
                              "finetuning|fine-tuning"),

    { CREDITS_OLLAMA, "chat", 1, "api/chat", POST,
      CREDITS_CHARGED, JSON, 0, 0, 1, CREDITS_STREAM_UNLESS,
      CREDITS_LIMIT_NUM_PREDICT, CREDITS_PRODUCT_JSON, CREDITS_PROMPT_OLLAMA },
    { CREDITS_OLLAMA, "generate", 1, "api/generate", POST,
      CREDITS_CHARGED, JSON, 0, 0, 1, CREDITS_STREAM_UNLESS,
      CREDITS_LIMIT_NUM_PREDICT, CREDITS_PRODUCT_JSON, CREDITS_PROMPT_OLLAMA },
    { CREDITS_OLLAMA, "embed", 1, "api/embed|api/embeddings", POST,
      CREDITS_CHARGED, JSON, 0, 0, 0, CREDITS_STREAM_NEVER,
      CREDITS_LIMIT_NONE, CREDITS_PRODUCT_JSON, CREDITS_PROMPT_OLLAMA },
    credits_operation_free(CREDITS_OLLAMA, "models", 0,
                           "api/tags|api/version|api/ps", READ),
    credits_operation_free(CREDITS_OLLAMA, "show", 0, "api/show", POST),

    /* these change the server */

    credits_operation_refused(CREDITS_OLLAMA, "pull", "pull"),
    credits_operation_refused(CREDITS_OLLAMA, "push", "push"),
    credits_operation_refused(CREDITS_OLLAMA, "create", "create"),
    credits_operation_refused(CREDITS_OLLAMA, "copy", "copy"),
    credits_operation_refused(CREDITS_OLLAMA, "delete", "delete"),
    credits_operation_refused(CREDITS_OLLAMA, "blobs", "blobs"),

    { CREDITS_BEDROCK, "converse", 1, "model/{model...}/converse", POST,
      CREDITS_CHARGED, JSON, 1, 0, 1, CREDITS_STREAM_NEVER,
      CREDITS_LIMIT_INFERENCE_CONFIG, CREDITS_PRODUCT_JSON,
      CREDITS_PROMPT_CONVERSE },
    { CREDITS_BEDROCK, "converse", 1, "model/{model...}/converse-stream", POST,
      CREDITS_CHARGED, JSON, 1, 0, 1, CREDITS_STREAM_ALWAYS,
      CREDITS_LIMIT_INFERENCE_CONFIG, CREDITS_PRODUCT_JSON,
      CREDITS_PROMPT_CONVERSE },
    { CREDITS_BEDROCK, "invoke", 1, "model/{model...}/invoke", POST,
      CREDITS_CHARGED, JSON, 1, 0, 1, CREDITS_STREAM_NEVER,
      CREDITS_LIMIT_MAX_TOKENS, CREDITS_PRODUCT_JSON, CREDITS_PROMPT_INVOKE },
    { CREDITS_BEDROCK, "invoke", 1,
      "model/{model...}/invoke-with-response-stream", POST,
      CREDITS_CHARGED, JSON, 1, 0, 1, CREDITS_STREAM_ALWAYS,
      CREDITS_LIMIT_MAX_TOKENS, CREDITS_PRODUCT_JSON, CREDITS_PROMPT_INVOKE },
    credits_operation_free(CREDITS_BEDROCK, "count-tokens", 0,
                           "model/{model...}/count-tokens", POST),
    credits_operation_free(CREDITS_BEDROCK, "foundation-models", 0,
                           "foundation-models|foundation-models/*", READ),
    credits_operation_refused(CREDITS_BEDROCK,
                              "invoke-with-bidirectional-stream",
                              "invoke-with-bidirectional-stream"),
    credits_operation_refused(CREDITS_BEDROCK, "async-invoke", "async-invoke"),
    credits_operation_refused(CREDITS_BEDROCK, "model-invocation-job",
                              "model-invocation-job|model-invocation-jobs"),
    credits_operation_refused(CREDITS_BEDROCK, "model-customization-jobs",
                              "model-customization-jobs"),
    credits_operation_refused(CREDITS_BEDROCK, "agents", "agents"),
    credits_operation_refused(CREDITS_BEDROCK, "flows", "flows"),
    credits_operation_refused(CREDITS_BEDROCK, "knowledgebases",
                              "knowledgebases")
};

#define CREDITS_OPERATION_ROWS                                                \
    (sizeof(credits_operation_table) / sizeof(credits_operation_table[0]))


const credits_operation_t *
credits_operation_rows(size_t *n)
{
    *n = CREDITS_OPERATION_ROWS;

    return credits_operation_table;
}


const credits_operation_t *
credits_operation_named(credits_dialect_t dialect, const unsigned char *name,
    size_t n)
{
    size_t                      i;
    const credits_operation_t  *row;

    for (i = 0; i < CREDITS_OPERATION_ROWS; i++) {
        row = &credits_operation_table[i];

        if (row->dialect == dialect && row->nameable
            && strlen(row->name) == n && memcmp(row->name, name, n) == 0)
        {
            return row;
        }
    }

    return NULL;
}


const credits_operation_t *
credits_operation_find(credits_dialect_t dialect, unsigned method,
    const unsigned char *path, size_t n, credits_span_t *model)
{
    size_t                      i;
    credits_span_t              whole, found;
    const credits_operation_t  *row, *other;

    whole.data = path;
    whole.len = n;
    other = NULL;
    *model = credits_operation_span("");

    for (i = 0; i < CREDITS_OPERATION_ROWS; i++) {
        row = &credits_operation_table[i];

        if (row->dialect != dialect
            || !credits_operation_matches(row, whole, &found))
        {
            continue;
        }

        if (row->methods & method) {
            *model = found;
            return row;
        }

        if (other == NULL) {
            other = row;
            *model = found;
        }
    }

    return other;
}


const credits_operation_t *
credits_operation_variant(const credits_operation_t *operation,
    const unsigned char *path, size_t n, credits_span_t *model)
{
    size_t                      i;
    credits_span_t              whole;
    const credits_operation_t  *row;

    whole.data = path;
    whole.len = n;

    for (i = 0; i < CREDITS_OPERATION_ROWS; i++) {
        row = &credits_operation_table[i];

        if (row->dialect == operation->dialect
            && strcmp(row->name, operation->name) == 0
            && credits_operation_matches(row, whole, model))
        {
            return row;
        }
    }

    *model = credits_operation_span("");

    return operation;
}


credits_span_t
credits_operation_model(const credits_operation_t *operation,
    const unsigned char *path, size_t n)
{
    credits_span_t  model;

    (void) credits_operation_variant(operation, path, n, &model);

    return model;
}


static int
credits_operation_matches(const credits_operation_t *operation,
    credits_span_t path, credits_span_t *model)
{
    credits_span_t  patterns, pattern;

    patterns = credits_operation_span(operation->path);
    *model = credits_operation_span("");

    if (operation->charging == CREDITS_REFUSED) {
        return credits_operation_has_word(patterns, path);
    }

    /* the first alternative that has the path says the most of it */

    while (patterns.len) {
        pattern = patterns;
        pattern.len = strcspn((const char *) patterns.data, "|");

        if (credits_operation_match(pattern, path, model)) {
            return operation->charging == CREDITS_CHARGED
                   || credits_operation_harmless(operation->dialect, path);
        }

        if (pattern.len < patterns.len) {
            pattern.len++;
        }

        patterns.data += pattern.len;
        patterns.len -= pattern.len;
    }

    return 0;
}


/* from the end, segment by segment */

static int
credits_operation_match(credits_span_t pattern, credits_span_t path,
    credits_span_t *model)
{
    credits_span_t  want, segment;

    *model = credits_operation_span("");

    while (credits_operation_last(&pattern, '/', &want)) {

        if (credits_operation_same(want,
                                   credits_operation_span("{model...}")))
        {
            return credits_operation_match_rest(pattern, path, model);
        }

        if (!credits_operation_last(&path, '/', &segment)
            || !credits_operation_match_segment(want, segment, model))
        {
            return 0;
        }
    }

    return 1;
}


static int
credits_operation_match_segment(credits_span_t pattern, credits_span_t segment,
    credits_span_t *model)
{
    size_t          n;
    credits_span_t  verb;

    n = sizeof("{model}") - 1;

    if (pattern.len == 1 && pattern.data[0] == '*') {
        return 1;
    }

    if (credits_operation_same(pattern, credits_operation_span("{id}"))) {
        return memchr(segment.data, ':', segment.len) == NULL;
    }

    if (pattern.len < n || memcmp(pattern.data, "{model}", n) != 0) {
        return credits_operation_same(pattern, segment);
    }

    if (pattern.len > n) {

        /* a verb of ours has no colon but its first byte */

        pattern.data += n + 1;
        pattern.len -= n + 1;

        if (segment.len <= pattern.len + 1) {
            return 0;
        }

        segment.len -= pattern.len;
        verb.data = segment.data + segment.len;
        verb.len = pattern.len;
        segment.len--;

        if (segment.data[segment.len] != ':'
            || !credits_operation_same(pattern, verb))
        {
            return 0;
        }
    }

    *model = segment;

    return 1;
}


/* one segment or more behind the first that is the one of the pattern */

static int
credits_operation_match_rest(credits_span_t pattern, credits_span_t path,
    credits_span_t *model)
{
    int             found;
    credits_span_t  rest, want, segment;

    while (path.len && path.data[path.len - 1] == '/') {
        path.len--;
    }

    (void) credits_operation_last(&pattern, '/', &want);

    rest = path;
    found = 0;

    while (credits_operation_last(&rest, '/', &segment)) {

        if (segment.data + segment.len < path.data + path.len
            && credits_operation_same(want, segment))
        {
            model->data = segment.data + segment.len + 1;
            model->len = (size_t) (path.data + path.len - model->data);
            found = 1;
        }
    }

    return found;
}


static int
credits_operation_has_word(credits_span_t words, credits_span_t path)
{
    credits_span_t  rest, word, segment;

    while (credits_operation_last(&path, '/', &segment)) {
        rest = words;

        while (credits_operation_last(&rest, '|', &word)) {
            if (credits_operation_is_word(word, segment)) {
                return 1;
            }
        }
    }

    return 0;
}


/* "model:word" and "package.word" end with it */

static int
credits_operation_is_word(credits_span_t word, credits_span_t segment)
{
    unsigned char  before;

    if (segment.len > word.len) {
        before = segment.data[segment.len - word.len - 1];

        if (before != ':' && before != '.') {
            return 0;
        }

        segment.data += segment.len - word.len;
        segment.len = word.len;
    }

    return credits_operation_same(word, segment);
}


/* nothing of a path that costs nothing may mean something else elsewhere */

static int
credits_operation_harmless(credits_dialect_t dialect, credits_span_t path)
{
    size_t                      i;
    unsigned char               c;
    credits_span_t              rest, segment;
    const credits_operation_t  *row;

    for (i = 0; i < path.len; i++) {
        c = path.data[i];

        if (c <= 0x20 || c >= 0x7f || strchr("\"#%;<>?\\^`{|}", c)) {
            return 0;
        }
    }

    rest = path;

    while (credits_operation_last(&rest, '/', &segment)) {
        if (segment.len <= 2 && segment.data[0] == '.'
            && segment.data[segment.len - 1] == '.')
        {
            return 0;
        }
    }

    for (i = 0; i < CREDITS_OPERATION_ROWS; i++) {
        row = &credits_operation_table[i];

        if (row->dialect == dialect && row->charging == CREDITS_REFUSED
            && credits_operation_has_word(credits_operation_span(row->path),
                                          path))
        {
            return 0;
        }
    }

    return 1;
}


/* takes the last segment off that is not empty; 0: there is none */

static int
credits_operation_last(credits_span_t *path, unsigned char separator,
    credits_span_t *segment)
{
    size_t  n;

    n = path->len;

    while (n && path->data[n - 1] == separator) {
        n--;
    }

    segment->len = n;

    while (n && path->data[n - 1] != separator) {
        n--;
    }

    segment->data = path->data + n;
    segment->len -= n;
    path->len = n;

    return segment->len != 0;
}


static int
credits_operation_same(credits_span_t a, credits_span_t b)
{
    size_t  i;

    if (a.len != b.len) {
        return 0;
    }

    for (i = 0; i < a.len; i++) {
        if (credits_operation_lower(a.data[i])
            != credits_operation_lower(b.data[i]))
        {
            return 0;
        }
    }

    return 1;
}


static unsigned char
credits_operation_lower(unsigned char c)
{
    return (c >= 'A' && c <= 'Z') ? c | 0x20 : c;
}


static credits_span_t
credits_operation_span(const char *s)
{
    credits_span_t  span;

    span.data = (const unsigned char *) s;
    span.len = strlen(s);

    return span;
}
