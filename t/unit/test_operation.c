#include "tap.h"

#include "credits_operation.c"


static const credits_operation_t *
find(const char *dialect, const char *method, const char *path,
    credits_span_t *model)
{
    unsigned  bit;

    bit = strcmp(method, "GET") == 0 ? CREDITS_METHOD_GET
          : strcmp(method, "HEAD") == 0 ? CREDITS_METHOD_HEAD
          : strcmp(method, "POST") == 0 ? CREDITS_METHOD_POST
          : strcmp(method, "PUT") == 0 ? CREDITS_METHOD_PUT
          : strcmp(method, "DELETE") == 0 ? CREDITS_METHOD_DELETE
          : CREDITS_METHOD_OTHER;

    return credits_operation_find((credits_dialect_t)
                                  credits_dialect_find(
                                      (const unsigned char *) dialect,
                                      strlen(dialect)),
                                  bit, (const unsigned char *) path,
                                  strlen(path), model);
}


static const struct {
    const char  *dialect, *method, *path;
    const char  *want;      /* "charged chat", "refused batches", or NULL;
                               "!": the row has not the method */
    const char  *model;
} paths[] = {
    { "openai", "POST", "/v1/chat/completions", "charged chat", "" },
    { "openai", "POST", "/v1/chat/completions//", "charged chat", "" },
    { "openai", "POST", "/V1/Chat/COMPLETIONS", "charged chat", "" },
    { "openai", "POST", "/api/v1//chat/completions", "charged chat", "" },
    { "openai", "POST", "chat/completions", "charged chat", "" },
    { "openai", "POST", "/openai/deployments/gpt-4/chat/completions",
      "charged chat", "gpt-4" },
    { "openai", "POST", "/openai/v1/responses/", "charged responses", "" },
    { "openai", "POST", "/v1/responses/compact", "charged responses", "" },
    { "openai", "POST", "/v1/completions", "charged completions", "" },
    { "openai", "POST", "/v1/engines/davinci/completions",
      "charged completions", "davinci" },
    { "openai", "POST", "/v1/embeddings", "charged embeddings", "" },
    { "openai", "POST", "/v1/images/generations", "charged images", "" },
    { "openai", "POST", "/v1/images/edits", "charged images", "" },
    { "openai", "POST", "/v1/images/variations", "charged images", "" },
    { "openai", "POST", "/v1/audio/transcriptions", "charged transcriptions",
      "" },
    { "openai", "POST", "/v1/audio/translations", "charged translations",
      "" },
    { "openai", "POST", "/v1/audio/speech", "charged speech", "" },
    { "openai", "POST", "/v1/moderations", "free moderations", "" },
    { "openai", "GET", "/v1/models", "free models", "" },
    { "openai", "HEAD", "/v1/models/gpt-4o", "free models", "" },
    { "openai", "GET", "/api/v1/models/maker/one/endpoints", "free models",
      "" },
    { "openai", "GET", "/v1/responses/resp_1", "free stored responses", "" },
    { "openai", "DELETE", "/v1/responses/resp_1", "free stored responses",
      "" },
    { "openai", "GET", "/v1/responses/resp_1/input_items",
      "free stored responses", "" },
    { "openai", "POST", "/v1/responses/resp_1/cancel",
      "free cancelled responses", "" },
    { "openai", "POST", "/v1/responses/input_tokens",
      "free responses/input_tokens", "" },
    { "openai", "GET", "/v1/chat/completions/c/messages",
      "free stored completions", "" },
    { "openai", "DELETE", "/v1/chat/completions/c", "free stored completions",
      "" },

    /* the method */

    { "openai", "GET", "/v1/chat/completions", "!charged chat", "" },
    { "openai", "DELETE", "/v1/models/ft:a", "!free models", "" },
    { "openai", "POST", "/v1/models", "!free models", "" },
    { "openai", "POST", "/v1/chat/completions/c", "!free stored completions",
      "" },
    { "openai", "POST", "/v1/responses/resp_1", "!free stored responses",
      "" },

    { "openai", "GET", "/v1/responses/input_tokens", "free stored responses",
      "" },
    { "anthropic", "GET", "/v1/batches/messages", "refused batches", "" },

    /* refused by name, whatever stands around */

    { "openai", "POST", "/v1/batches", "refused batches", "" },
    { "openai", "GET", "/v1/BATCHES/b/", "refused batches", "" },
    { "openai", "POST", "/v1/batches/b/cancel", "refused batches", "" },
    { "openai", "POST", "/v1/files", "refused files", "" },
    { "openai", "GET", "/v1/files/f/content", "refused files", "" },
    { "openai", "POST", "/v1/uploads", "refused uploads", "" },
    { "openai", "POST", "/v1/fine_tuning/jobs", "refused fine_tuning", "" },
    { "openai", "POST", "/v1/realtime/client_secrets", "refused realtime",
      "" },
    { "openai", "GET", "/v1/realtime", "refused realtime", "" },
    { "openai", "POST", "/v1/realtime/calls", "refused realtime", "" },
    { "openai", "POST", "/v1/assistants", "refused assistants", "" },
    { "openai", "POST", "/v1/threads/t/runs", "refused threads", "" },
    { "openai", "POST", "/v1/vector_stores/v/search", "refused vector_stores",
      "" },
    { "openai", "POST", "/v1/videos", "refused videos", "" },
    { "openai", "POST", "/v1/evals", "refused evals", "" },
    { "openai", "POST", "/v1/containers", "refused containers", "" },
    { "openai", "POST", "/v1/conversations", "refused conversations", "" },
    { "openai", "POST", "/v1/chatkit/sessions", "refused chatkit", "" },
    { "openai", "GET", "/v1/organization/usage", "refused organization", "" },

    /* no free row where a provider may see something else */

    { "openai", "GET", "/v1/files/models", "refused files", "" },
    { "openai", "GET", "/v1/fine_tuning/jobs/x/models",
      "refused fine_tuning", "" },
    { "openai", "POST", "/v1/batches/moderations", "refused batches", "" },
    { "openai", "GET", "/v1/batches/../models", "refused batches", "" },
    { "openai", "GET", "/v1/x/../models", NULL, "" },
    { "openai", "GET", "/v1/batches;/models", NULL, "" },
    { "openai", "GET", "/v1/batches%2f../models", NULL, "" },
    { "openai", "GET", "/v1/batches\\models/models", NULL, "" },
    { "openai", "GET", "/v1/b?/models", NULL, "" },
    { "openai", "GET", "/v1/b#/models", NULL, "" },

    { "openai", "POST", "/v1/sculptures", NULL, "" },
    { "openai", "POST", "/", NULL, "" },
    { "openai", "POST", "", NULL, "" },
    { "openai", "POST", "/v1/mychat/xcompletions", NULL, "" },
    { "openai", "POST", "/v1/messages", NULL, "" },

    { "anthropic", "POST", "/v1/messages", "charged messages", "" },
    { "anthropic", "POST", "/v1/messages/count_tokens", "free count_tokens",
      "" },
    { "anthropic", "POST", "/v1/projects/p/locations/l/publishers/anthropic"
      "/models/tide-4@2025:streamRawPredict", "charged messages",
      "tide-4@2025" },
    { "anthropic", "POST", "/v1/publishers/anthropic/models/a:rawPredict",
      "charged messages", "a" },
    { "anthropic", "POST", "/v1/publishers/anthropic/models"
      "/count-tokens:rawPredict", "free count_tokens", "" },
    { "anthropic", "POST", "/v1/models/count-tokens:rawPredict",
      "charged messages", "count-tokens" },
    { "anthropic", "POST", "/v1/messages/batches", "refused batches", "" },
    { "anthropic", "GET", "/v1/messages/batches/b/results",
      "refused batches", "" },
    { "anthropic", "GET", "/v1/files", "refused files", "" },
    { "anthropic", "GET", "/v1/models", "free models", "" },

    { "gemini", "POST", "/v1beta/models/tide-flash:generateContent",
      "charged generate", "tide-flash" },
    { "gemini", "POST", "/v1beta/models/t:STREAMgeneratecontent",
      "charged generate", "t" },
    { "gemini", "POST", "/v1beta/tunedModels/t:generateContent",
      "charged generate", "t" },
    { "gemini", "POST", "/v1/projects/p/locations/l/publishers/google/models"
      "/t:generateContent", "charged generate", "t" },
    { "gemini", "POST", "/v1beta/models/a:b:generateContent",
      "charged generate", "a:b" },
    { "gemini", "POST", "/v1beta/models/:generateContent", NULL, "" },
    { "gemini", "GET", "/v1beta/models/t:generateContent",
      "!charged generate", "t" },
    { "gemini", "POST", "/v1beta/models/t:countTokens", "free count_tokens",
      "t" },
    { "gemini", "POST", "/v1beta/models/t:embedContent", "charged embed",
      "t" },
    { "gemini", "POST", "/v1beta/models/t:batchEmbedContents",
      "charged embed", "t" },
    { "gemini", "GET", "/v1beta/models/t", "free models", "" },
    { "gemini", "POST", "/v1beta/models/t:batchGenerateContent",
      "refused batchGenerateContent", "" },
    { "gemini", "POST", "/v1beta/cachedContents", "refused cachedContents",
      "" },
    { "gemini", "POST", "/upload/v1beta/files", "refused files", "" },
    { "gemini", "POST", "/v1beta/models/v:predictLongRunning",
      "refused predictLongRunning", "" },
    { "gemini", "GET", "/ws/google.ai.v1beta.GenerativeService"
      ".BidiGenerateContent", "refused BidiGenerateContent", "" },
    { "gemini", "GET", "/v1beta/tunedModels", "refused tunedModels", "" },

    { "mistral", "POST", "/v1/chat/completions", "charged chat", "" },
    { "mistral", "POST", "/v1/fim/completions", "charged fim", "" },
    { "mistral", "POST", "/v1/embeddings", "charged embeddings", "" },
    { "mistral", "POST", "/v1/ocr", "charged ocr", "" },
    { "mistral", "POST", "/v1/batch/jobs", "refused batch", "" },
    { "mistral", "POST", "/v1/agents/completions", "refused agents", "" },
    { "mistral", "POST", "/v1/conversations", "refused conversations", "" },
    { "mistral", "POST", "/v1/moderations", NULL, "" },

    { "cohere", "POST", "/v2/chat", "charged chat", "" },
    { "cohere", "POST", "/v1/embed", "charged embed", "" },
    { "cohere", "POST", "/v2/rerank", "charged rerank", "" },
    { "cohere", "POST", "/v1/tokenize", "free tokenize", "" },
    { "cohere", "POST", "/v1/embed-jobs", "refused jobs", "" },
    { "cohere", "POST", "/v1/datasets", "refused datasets", "" },
    { "cohere", "POST", "/v1/connectors/c/search", "refused connectors", "" },

    { "ollama", "POST", "/api/chat", "charged chat", "" },
    { "ollama", "POST", "/api/generate", "charged generate", "" },
    { "ollama", "POST", "/api/embed", "charged embed", "" },
    { "ollama", "POST", "/api/embeddings", "charged embed", "" },
    { "ollama", "GET", "/api/tags", "free models", "" },
    { "ollama", "POST", "/api/show", "free show", "" },
    { "ollama", "POST", "/api/pull", "refused pull", "" },
    { "ollama", "DELETE", "/api/delete", "refused delete", "" },
    { "ollama", "HEAD", "/api/blobs/sha256:1", "refused blobs", "" },

    { "bedrock", "POST", "/model/vendor.tide-1:0/converse",
      "charged converse", "vendor.tide-1:0" },
    { "bedrock", "POST", "/model/arn:aws:b:r:1:p/us.tide/converse-stream",
      "charged converse", "arn:aws:b:r:1:p/us.tide" },
    { "bedrock", "POST", "/bedrock/model/a/invoke/", "charged invoke", "a" },
    { "bedrock", "POST", "/model/a/invoke-with-response-stream",
      "charged invoke", "a" },
    { "bedrock", "POST", "/model/a/converse/model/b/converse",
      "charged converse", "a/converse/model/b" },
    { "bedrock", "POST", "/model/converse", NULL, "" },
    { "bedrock", "POST", "/model//converse", NULL, "" },
    { "bedrock", "POST", "/model/a/invoke-with-bidirectional-stream",
      "refused invoke-with-bidirectional-stream", "" },
    { "bedrock", "POST", "/model-invocation-job",
      "refused model-invocation-job", "" },
    { "bedrock", "POST", "/async-invoke", "refused async-invoke", "" }
};


static void
test_paths(void)
{
    char                        said[128];
    size_t                      i;
    unsigned                    bit;
    credits_span_t              model;
    const credits_operation_t  *row;

    static const char *const  charging[] = { "charged", "free", "refused" };

    for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        row = find(paths[i].dialect, paths[i].method, paths[i].path, &model);
        said[0] = '\0';

        if (row) {
            bit = find(paths[i].dialect, paths[i].method, paths[i].path,
                       &model)->methods;
            (void) snprintf(said, sizeof(said), "%s%s %s",
                            (bit & CREDITS_METHOD_GET
                             && strcmp(paths[i].method, "GET") == 0)
                            || (bit & CREDITS_METHOD_HEAD
                                && strcmp(paths[i].method, "HEAD") == 0)
                            || (bit & CREDITS_METHOD_POST
                                && strcmp(paths[i].method, "POST") == 0)
                            || (bit & CREDITS_METHOD_DELETE
                                && strcmp(paths[i].method, "DELETE") == 0)
                            ? "" : "!", charging[row->charging], row->name);
        }

        if (!ok(strcmp(said, paths[i].want ? paths[i].want : "") == 0
                && model.len == strlen(paths[i].model)
                && memcmp(model.data, paths[i].model, model.len) == 0,
                "%s %s %s", paths[i].dialect, paths[i].method, paths[i].path))
        {
            printf("# %s, model %.*s\n", said, (int) model.len, model.data);
        }
    }
}


static void
test_names(void)
{
    size_t                      i, n;
    credits_span_t              model;
    const char                 *name, *path;
    const credits_operation_t  *row, *rows;

    static const char *const  names[CREDITS_DIALECTS] = {
        "chat completions responses embeddings images transcriptions"
        " translations speech moderations",
        "messages count_tokens",
        "generate count_tokens embed",
        "chat fim embeddings ocr",
        "chat embed rerank",
        "chat generate embed",
        "converse invoke"
    };

    for (i = 0; i < CREDITS_DIALECTS; i++) {
        is(credits_dialect_find((const unsigned char *)
                                credits_dialect_name((credits_dialect_t) i),
                                strlen(credits_dialect_name(
                                           (credits_dialect_t) i))),
           i, "%s", credits_dialect_name((credits_dialect_t) i));

        for (name = names[i]; *name; name += n + (name[n] == ' ')) {
            n = strcspn(name, " ");
            row = credits_operation_named((credits_dialect_t) i,
                                          (const unsigned char *) name, n);
            ok(row && row->dialect == i && row->charging != CREDITS_REFUSED,
               "%.*s can be named", (int) n, name);
        }
    }

    is(credits_dialect_find((const unsigned char *) "OpenAI", 6), -1,
       "no such dialect");
    ok(credits_operation_named(CREDITS_OPENAI,
                               (const unsigned char *) "batches", 7) == NULL
       && credits_operation_named(CREDITS_OPENAI,
                                  (const unsigned char *) "chat ", 5) == NULL
       && credits_operation_named(CREDITS_OLLAMA,
                                  (const unsigned char *) "rerank", 6)
          == NULL, "no such operation");

    row = credits_operation_named(CREDITS_GEMINI,
                                  (const unsigned char *) "generate", 8);
    path = "/v1beta/models/tide:streamGenerateContent";
    is(credits_operation_variant(row, (const unsigned char *) path,
                                 strlen(path), &model)->stream,
       CREDITS_STREAM_ALWAYS, "a named one streams by its path");
    is(model.len, 4, "which names the model");
    ok(credits_operation_variant(row, (const unsigned char *) "/gem", 4,
                                 &model) == row && model.len == 0,
       "or it is what was named");
    path = "/v1beta/models/tide:countTokens";
    ok(credits_operation_variant(row, (const unsigned char *) path,
                                 strlen(path), &model) == row,
       "no path makes it another one");
    path = "/openai/deployments/a/chat/completions";
    row = credits_operation_named(CREDITS_OPENAI,
                                  (const unsigned char *) "chat", 4);
    is(credits_operation_model(row, (const unsigned char *) path,
                               strlen(path)).len, 1, "the model of a path");

    rows = credits_operation_rows(&n);

    for (i = 0; i < n; i++) {
        ok(rows[i].charging == CREDITS_CHARGED
           ? rows[i].methods == CREDITS_METHOD_POST && rows[i].nameable
             && rows[i].bodies && rows[i].prompt != CREDITS_PROMPT_NONE
           : rows[i].bodies == 0,
           "%s %s is a whole row", credits_dialect_name(rows[i].dialect),
           rows[i].name);
    }
}


int
main(void)
{
    test_paths();
    test_names();

    return tap_done();
}
