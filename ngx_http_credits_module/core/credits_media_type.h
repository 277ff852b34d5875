#include "credits_operation.h"
int credits_media_type(const unsigned char *value, size_t n, unsigned bodies, credits_span_t *boundary);
