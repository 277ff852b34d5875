/*
 * The members that are read in the documents of an answer: one table for all
 * dialects, because relays mix them.
 */

#ifndef CREDITS_ANSWER_NODES_H
#define CREDITS_ANSWER_NODES_H

#include "credits_answer_counts.h"
#include "credits_json.h"


enum {
    NODE_ORDINARY = CREDITS_JSON_ROOT + 1,  /* a member of an ordinary usage
                                               chunk, and not read */

    /* strings that are compared, the first three also in usage chunks */
    NODE_OBJECT,            /* "error" is an error */
    NODE_MODEL,
    NODE_TIER,
    NODE_TYPE,
    NODE_STATUS,            /* "failed" is an error */
    NODE_TRAFFIC,
    NODE_COMPLAINT,         /* an error, in a short unknown document */

    /* other members that say nothing of the document's shape */
    NODE_ERROR,             /* anything but null, false, 0, "" and [] */
    NODE_SUCCESS,           /* false is an error, in an unknown document */
    NODE_DATA,
    NODE_DATUM,
    NODE_PAGES,
    NODE_PAGE,

    /* this one and all below say that the shape is known */
    NODE_KNOWN,
    NODE_CHOICES = NODE_KNOWN,
    NODE_USAGE,
    NODE_X_GROQ,
    NODE_CHOICE,
    NODE_KEEP,              /* not read */

    /* strings of these are produced text */
    NODE_TEXT,
    NODE_RAW,               /* and what an object or a list has of bytes */
    NODE_CONTENT,
    NODE_PART,
    NODE_DELTA,             /* what is said of a message: in a stream */
    NODE_WHOLE,             /* and in one piece */
    NODE_EVENT_DELTA,       /* a string, or an object */
    NODE_RESPONSE,
    NODE_OUTPUT,
    NODE_OUTPUT_ITEM,
    NODE_TEXT_LAST = NODE_OUTPUT_ITEM,

    NODE_ROOT_TEXT,         /* a delta, or the whole text again */
    NODE_ROOT_CONTENT,
    NODE_MESSAGE,           /* of the root */

    NODE_FIELD,             /* in the order of credits_count_t */
    NODE_FIELD_LAST = NODE_FIELD + CREDITS_COUNTS - 1,
    NODE_COST,              /* dollars */
    NODE_TICKS,             /* 10,000,000,000 are a dollar */
    NODE_COUNT_LAST = NODE_TICKS,

    NODE_METADATA,          /* usage by another name */
    NODE_TOOL_USAGE,
    NODE_IMAGE_GEN,
    NODE_WEB_SEARCH,
    NODE_PROMPT_DETAILS,
    NODE_COMPLETION_DETAILS,
    NODE_WRITE_DETAILS,
    NODE_SERVER_TOOLS,
    NODE_BILLED,
    NODE_TOKENS,
    NODE_INPUT_LIST,        /* one entry a modality */
    NODE_INPUT_ENTRY,
    NODE_OUTPUT_LIST,
    NODE_OUTPUT_ENTRY,
    NODE_CACHE_LIST,        /* one entry a time to live */
    NODE_CACHE_ENTRY,
    NODE_LABEL,             /* of an entry */

    NODE_FINISH,            /* a reason */
    NODE_DONE,              /* true or false */
    NODE_STATUS_CODE,       /* other than 0 is an error */
    NODE_BASE_RESP,
    NODE_SERVICE_TIER,
    NODE_TRANSCRIPT,
    NODE_CALLS,
    NODE_CALL,
    NODE_FUNCTION,
    NODE_CODE,
    NODE_REASONING,
    NODE_INLINE,
    NODE_MIME,              /* of a picture, or not */
    NODE_IMAGES,
    NODE_IMAGE,
    NODE_EVENT_ITEM,
    NODE_EVENT_PART,
    NODE_ITEM_TYPE,
    NODE_CANDIDATES,
    NODE_CANDIDATE,
    NODE_PICTURE
};


extern const credits_json_node_t  credits_answer_nodes[];

#endif /* CREDITS_ANSWER_NODES_H */
