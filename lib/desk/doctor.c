/*
 * `itsm doctor`: what is wrong with a desk, and what can be done about it.
 *
 * Looking writes nothing and finishes nothing: the desk is opened untouched, so
 * that what a killed writer left is still to be seen. Cures are only such as
 * lose nothing and decide nothing that is a person's to decide; each is a
 * commit of its own where it changes files.
 */
#include "doctor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *keep(struct doctor *doctor, const char *text)
{
	return text ? itsm_arena_strdup(doctor->arena, text) : NULL;
}

struct doctor_case *doctor_add(struct doctor *doctor, const struct itsm_finding *finding, enum doctor_cure how,
	const char *cure, const char *target)
{
	struct doctor_case *item;

	itsm_arena_grow(doctor->arena, &doctor->cases, &doctor->capacity, doctor->count, sizeof(*doctor->cases));
	item = &doctor->cases[doctor->count++];
	*item = (struct doctor_case){.ailment = {.finding = *finding, .cure = keep(doctor, cure)}, .cure = how,
		.target = keep(doctor, target)};
	item->ailment.finding.rule = keep(doctor, finding->rule);
	item->ailment.finding.record = keep(doctor, finding->record);
	item->ailment.finding.path = keep(doctor, finding->path);
	item->ailment.finding.message = keep(doctor, finding->message);
	item->ailment.finding.remedy = keep(doctor, finding->remedy);
	return item;
}

struct doctor_case *doctor_warn(struct doctor *doctor, const char *rule, const char *path, const char *message,
	const char *remedy)
{
	struct itsm_finding finding = {
		.rule = rule, .severity = ITSM_SEVERITY_WARNING, .path = path, .message = message, .remedy = remedy};

	return doctor_add(doctor, &finding, DOCTOR_PERSON, NULL, NULL);
}

const char *doctor_commit(struct doctor *doctor, const char *filter, const char *path)
{
	const char *const argv[] = {"git", "log", "-1", "--format=%h (%an, %ad: %s)", "--date=short", "--no-renames",
		filter, "--", path, NULL};
	struct itsm_buffer out = {0};
	const char *answer = NULL;

	if (doctor->place.root && itsm_program_run(argv, doctor->place.root, NULL, &out, NULL, NULL) == 0 &&
		out.length > 1)
		answer = itsm_arena_strndup(doctor->arena, out.data, out.length - 1);
	itsm_buffer_free(&out);
	return answer;
}

static int compare_texts(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

static int compare_cases(const void *a, const void *b)
{
	const struct itsm_finding *one = &((const struct doctor_case *)a)->ailment.finding;
	const struct itsm_finding *two = &((const struct doctor_case *)b)->ailment.finding;
	int order = compare_texts(one->path, two->path);

	if (order == 0 && one->line != two->line)
		order = one->line < two->line ? -1 : 1;
	if (order == 0 && one->column != two->column)
		order = one->column < two->column ? -1 : 1;
	return order ? order : compare_texts(one->rule, two->rule);
}

/* A desk that can't be opened still has a place and files. */
static int open_desk(struct doctor *doctor, struct itsm_error *err)
{
	struct itsm_desk_options options = *doctor->options;
	struct itsm_error reason = {0};
	int status = itsm_place_find(doctor->arena, options.start, &doctor->place, err);

	if (status != 0)
		return status;
	if (doctor->place.root) {
		doctor->root = open(doctor->place.root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (doctor->root < 0)
			return itsm_error_set(err, ITSM_EIO, "%s: %s", doctor->place.root, strerror(errno));
	}
	options.untouched = true;
	status = itsm_desk_open(&options, &doctor->desk, &reason);
	if (status == 0)
		return 0;
	if (status != ITSM_EDATA || doctor->root < 0) {
		if (err)
			*err = reason;
		return status;
	}
	doctor_look_at_closed(doctor, &reason);
	return 0;
}

/* A cure that is refused leaves the case to a person, and says why. */
static void cure_all(struct doctor *doctor)
{
	struct itsm_error failure;
	struct itsm_ailment *ailment;
	size_t i;

	for (i = 0; i < doctor->count; i++) {
		ailment = &doctor->cases[i].ailment;
		if (doctor->cases[i].cure == DOCTOR_PERSON || ailment->cured || ailment->failure)
			continue;
		failure = (struct itsm_error){0};
		if (doctor_cure(doctor, &doctor->cases[i], &failure) == 0)
			ailment->cured = true;
		else
			ailment->failure = keep(doctor, failure.message);
	}
}

static int look(struct doctor *doctor, bool fix, struct itsm_error *err)
{
	int status = open_desk(doctor, err);

	if (status != 0)
		return status;
	if (doctor->root >= 0)
		doctor_look_at_left(doctor);
	if (!doctor->desk)
		return 0;
	if (fix) /* what a writer left goes first: it changes what there is to be seen */
		cure_all(doctor);
	if (doctor->root >= 0 && (status = doctor_look_at_setup(doctor, err)) != 0)
		return status;
	if (doctor->root >= 0 && (status = doctor_look_at_index(doctor, err)) != 0)
		return status;
	return doctor_look_at_records(doctor, err);
}

static void close_desk(struct doctor *doctor)
{
	itsm_desk_free(doctor->desk);
	doctor->desk = NULL;
	if (doctor->root >= 0)
		close(doctor->root);
	doctor->root = -1;
}

/* What is left is what is to be seen afterwards: one cure may mend several cases. */
static int look_again(struct doctor *doctor, struct itsm_error *err)
{
	const struct doctor_case *before = doctor->cases;
	size_t before_count = doctor->count, found, i, j;
	int status;

	close_desk(doctor);
	doctor->cases = NULL;
	doctor->count = doctor->capacity = doctor->others = 0;
	status = look(doctor, false, err);
	found = doctor->count;
	for (i = 0; i < before_count && status == 0; i++) {
		const struct itsm_ailment *old = &before[i].ailment;

		if (old->cured)
			doctor_add(doctor, &old->finding, before[i].cure, NULL, NULL)->ailment = *old;
		for (j = 0; j < found && old->failure; j++) {
			struct itsm_ailment *now = &doctor->cases[j].ailment;

			if (strcmp(now->finding.rule, old->finding.rule) == 0 &&
				compare_texts(now->finding.path, old->finding.path) == 0)
				now->failure = old->failure;
		}
	}
	return status;
}

static void report(struct doctor *doctor, struct itsm_diagnosis *out)
{
	struct itsm_diagnosis diagnosis = {.count = doctor->count, .others = doctor->others};
	size_t i;

	diagnosis.ailments = itsm_arena_alloc(doctor->arena, (doctor->count + 1) * sizeof(*diagnosis.ailments));
	for (i = 0; i < doctor->count; i++) {
		diagnosis.ailments[i] = doctor->cases[i].ailment;
		diagnosis.left += !diagnosis.ailments[i].cured &&
			diagnosis.ailments[i].finding.severity != ITSM_SEVERITY_NOTE;
	}
	*out = diagnosis;
}

int itsm_doctor(struct itsm_arena *arena, const struct itsm_desk_options *options, bool fix, struct itsm_diagnosis *out,
	struct itsm_error *err)
{
	struct doctor doctor = {.arena = arena, .options = options, .root = -1};
	struct itsm_error failure = {0};
	int status = look(&doctor, fix, &failure);

	if (status == 0 && fix && doctor.desk) {
		cure_all(&doctor);
		status = look_again(&doctor, &failure);
	}
	if (status == 0) {
		if (doctor.count)
			qsort(doctor.cases, doctor.count, sizeof(*doctor.cases), compare_cases);
		report(&doctor, out);
	} else if (err) {
		*err = failure;
	}
	close_desk(&doctor);
	return status;
}
