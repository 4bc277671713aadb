/* Any bytes as what a forge says of reviews: refused with a reason, or one whole opinion for each account. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "itsm/approval.h"
#include "itsm/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
	if (!condition)
		abort();
}

static bool is_decision(const char *text)
{
	return strcmp(text, "approve") == 0 || strcmp(text, "reject") == 0 || strcmp(text, "withdraw") == 0;
}

static void check_account(const char *account, const char *forge)
{
	size_t length = strlen(forge);

	require(strncmp(account, forge, length) == 0 && account[length] == ':' && account[length + 1]);
	require(!strpbrk(account, " \t\r\n") && itsm_utf8_invalid(account, strlen(account)) == strlen(account));
}

static void check(const struct itsm_forge_review *reviews, size_t count)
{
	size_t i, j;

	for (i = 0; i < count; i++) {
		const struct itsm_forge_review *review = &reviews[i];

		require(strcmp(review->forge, "github") == 0 || strcmp(review->forge, "gitlab") == 0);
		check_account(review->account, review->forge);
		if (review->author)
			check_account(review->author, review->forge);
		require(is_decision(review->decision));
		require(!review->commit || (strlen(review->commit) == 40 && strspn(review->commit, "0123456789abcdef") == 40));
		for (j = 0; j < i && i < 100; j++)
			require(strcasecmp(reviews[j].account, review->account) != 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct itsm_arena *arena = itsm_arena_new();
	const struct itsm_forge_review *reviews = NULL;
	struct itsm_error err = {0};
	size_t count = 0;
	char *text = malloc(size ? size : 1);
	int status;

	memcpy(text, data, size);
	status = itsm_reviews_read(arena, "reviews", text, size, &reviews, &count, &err);
	if (status == ITSM_OK)
		check(reviews, count);
	else
		require((status == ITSM_EDATA || status == ITSM_ELIMIT) && err.message[0]);
	require(count <= size);
	free(text);
	itsm_arena_free(arena);
	return 0;
}
