/* Where in its file a field of a record is: for the few that have something found against them. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "index.h"
#include "itsm/file.h"

void itsm_index_positions_begin(struct index_positions *positions, struct itsm_index *index)
{
	*positions = (struct index_positions){ .index = index, .root = -1 };
}

static const struct index_proposal *find_proposal(const struct itsm_index *index, const char *path)
{
	const struct index_proposal *proposal = index->snapshot != ITSM_SNAPSHOT_WORK ? index->proposals : NULL;

	while (proposal && strcmp(proposal->path, path) != 0)
		proposal = proposal->next;
	return proposal;
}

static bool read_text(struct index_positions *positions, const char *path, const struct itsm_oid *blob,
	struct itsm_buffer *text)
{
	struct itsm_index *index = positions->index;
	const struct index_proposal *proposal = find_proposal(index, path);

	if (proposal) {
		itsm_buffer_add(text, proposal->text, proposal->size);
		return true;
	}
	if (index->snapshot != ITSM_SNAPSHOT_WORK)
		return itsm_index_repository(index, NULL) == 0 &&
			itsm_repo_blob(index->repo, blob, ITSM_FILE_MAX_BYTES, text, NULL) == 0;
	if (positions->root < 0)
		positions->root = open(index->options.place->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return itsm_file_read(positions->root, path, ITSM_FILE_MAX_BYTES, text, NULL) == 0;
}

static void read_record(struct index_positions *positions, const char *path, const struct itsm_oid *blob)
{
	struct itsm_findings findings;
	struct itsm_buffer text = {0};

	itsm_arena_free(positions->arena);
	positions->arena = itsm_arena_new();
	positions->record = NULL;
	snprintf(positions->path, sizeof(positions->path), "%s", path);
	itsm_findings_init(&findings, positions->arena);
	if (read_text(positions, path, blob, &text))
		positions->record = itsm_record_read(positions->arena, positions->index->options.kinds, path,
			text.data ? text.data : "", text.length, &findings);
	itsm_buffer_free(&text);
}

void itsm_index_position(struct index_positions *positions, const char *path, const struct itsm_oid *blob,
	const char *field, unsigned *line, unsigned *column)
{
	*line = *column = 0;
	if (!positions->arena || strcmp(positions->path, path) != 0)
		read_record(positions, path, blob);
	if (positions->record)
		*line = itsm_record_line(positions->record, field ? field : "", column);
}

void itsm_index_positions_end(struct index_positions *positions)
{
	itsm_arena_free(positions->arena);
	if (positions->root >= 0)
		close(positions->root);
}
