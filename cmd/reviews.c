#include "reviews.h"

#include "itsm/approval.h"
#include "itsm/json.h"

int reviews_read(struct context *context, struct itsm_words names, struct itsm_error *err)
{
	struct itsm_review_file *files = itsm_arena_alloc(context->arena, (names.count + 1) * sizeof(*files));
	struct itsm_buffer text = {0};
	size_t position;
	int status = ITSM_OK;

	for (position = 0; position < names.count && !status; position++) {
		status = context_read(names.items[position], ITSM_JSON_MAX_BYTES, &text, err);
		if (status)
			break;
		files[position].name = names.items[position];
		files[position].json = itsm_arena_strndup(context->arena, text.data, text.length);
		files[position].size = text.length;
	}
	itsm_buffer_free(&text);
	return status ? status : itsm_desk_reviews(context->desk, files, names.count, err);
}
