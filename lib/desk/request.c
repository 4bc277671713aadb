/* `itsm request`: what the catalogue offers, asked for by its form. */
#include <string.h>

#include "desk.h"
#include "itsm/request.h"

struct asking {
	const struct itsm_request *request;
	struct itsm_arena *arena;
	struct itsm_form form;
	const struct itsm_record *offering;
	const char **answers;       /* per field of the form; NULL = none */
	struct itsm_words fields;   /* of the request itself */
};

static enum itsm_type type_of(const char *name, const char *const **to)
{
	static const char *const people[] = {"person", NULL}, *const services[] = {"service", NULL}, *const items[] = {"item", NULL};
	static const struct {
		const char *name;
		enum itsm_type type;
		const char *const *to;
	} types[] = {
		{"text", ITSM_TYPE_TEXT, NULL}, {"int", ITSM_TYPE_INT, NULL}, {"bool", ITSM_TYPE_BOOL, NULL}, {"date", ITSM_TYPE_DATE, NULL},
		{"enum", ITSM_TYPE_ENUM, NULL}, {"person", ITSM_TYPE_REF, people}, {"service", ITSM_TYPE_REF, services},
		{"item", ITSM_TYPE_REF, items},
	};
	size_t i;

	for (i = 0; name && i < sizeof(types) / sizeof(*types); i++) {
		if (strcmp(types[i].name, name) == 0) {
			*to = types[i].to;
			return types[i].type;
		}
	}
	return ITSM_TYPE_STRING;
}

static const char *const *texts_of(struct itsm_arena *arena, const struct itsm_yaml *list)
{
	const char **texts = itsm_arena_alloc(arena, ((list ? list->count : 0) + 1) * sizeof(*texts));
	size_t i, count = 0;

	for (i = 0; list && list->type == ITSM_YAML_SEQUENCE && i < list->count; i++)
		if (list->items[i]->type == ITSM_YAML_SCALAR)
			texts[count++] = itsm_arena_strdup(arena, list->items[i]->text);
	return texts;
}

static const char *copy(struct itsm_arena *arena, const struct itsm_yaml *node, const char *key)
{
	const char *text = itsm_yaml_text(node, key);

	return text && *text ? itsm_arena_strdup(arena, text) : NULL;
}

static void read_field(struct itsm_arena *arena, const struct itsm_yaml *node, struct itsm_field *field)
{
	const char *required = itsm_yaml_text(node, "required"), *label = copy(arena, node, "label"), *help = copy(arena, node, "help");

	field->name = copy(arena, node, "name");
	field->type = type_of(itsm_yaml_text(node, "type"), &field->to);
	field->required = required && strcmp(required, "true") == 0;
	field->default_value = copy(arena, node, "default");
	field->help = label && help ? itsm_arena_printf(arena, "%s; %s", label, help) : label ? label : help;
	if (field->type == ITSM_TYPE_ENUM)
		field->values = texts_of(arena, itsm_yaml_get(node, "values"));
}

static int read_form(struct desk_change *change, struct asking *asking, struct itsm_error *err)
{
	const struct itsm_yaml *list;
	struct itsm_record *record;
	struct itsm_field *fields;
	struct itsm_hit hit;
	size_t i;
	int status = itsm_index_find(change->index, change->arena, asking->request->offering, "offering", &hit, err);

	if (status != 0 || (status = desk_change_record(change, hit.id, &record, err)) != 0)
		return status;
	change->judged = NULL;
	asking->offering = record;
	if (!record->state || strcmp(record->state, "published") != 0)
		return itsm_error_set(err, ITSM_EREFUSED, "%s can't be ordered: it is in state '%s'; `itsm list offering state:published` shows what can",
			record->id, record->state ? record->state : "");
	list = itsm_record_field(record, "form");
	fields = itsm_arena_alloc(asking->arena, ((list ? list->count : 0) + 1) * sizeof(*fields));
	asking->form = (struct itsm_form){itsm_arena_strdup(asking->arena, record->id), itsm_arena_strdup(asking->arena, record->title), fields, 0};
	for (i = 0; list && list->type == ITSM_YAML_SEQUENCE && i < list->count; i++)
		if (itsm_yaml_text(list->items[i], "name"))
			read_field(asking->arena, list->items[i], &fields[asking->form.count++]);
	return 0;
}

/* The field of the form that a word answers, and what it says. */
static size_t answered_by(const struct itsm_form *form, const char *word, const char **value)
{
	size_t i;

	for (i = 0; i < form->count; i++) {
		size_t length = strlen(form->fields[i].name);

		if (strncmp(word, form->fields[i].name, length) == 0 && word[length] == '=') {
			*value = word + length + 1;
			return i;
		}
	}
	return form->count;
}

static void refuse(struct desk_change *change, const struct asking *asking, const struct itsm_field *field, const char *message)
{
	struct itsm_finding finding = {.rule = "request/answer", .severity = ITSM_SEVERITY_ERROR, .record = asking->offering->id,
		.path = asking->offering->path};

	finding.line = itsm_record_line(asking->offering, "form", &finding.column);
	finding.message = itsm_arena_printf(change->outcome->arena, "%s: %s", field->name, message);
	finding.remedy = itsm_arena_printf(change->outcome->arena, "give %s=%s%s%s", field->name, itsm_type_name(field->type),
		field->help ? ": " : "", field->help ? field->help : "");
	itsm_findings_add(&change->outcome->findings, &finding);
}

/* The whole ID where a reference is abbreviated. */
static int take_reference(struct desk_change *change, const struct asking *asking, const struct itsm_field *field, const char **answer,
	struct itsm_error *err)
{
	struct itsm_error cause = {0};
	struct itsm_hit hit;
	int status = itsm_index_find(change->index, change->arena, *answer, field->to[0], &hit, &cause);

	if (status == 0) {
		*answer = hit.id;
	} else if (status == ITSM_ENOTFOUND || status == ITSM_EAMBIGUOUS) {
		refuse(change, asking, field, cause.message);
		status = 0;
	} else {
		*err = cause;
	}
	return status;
}

static int take_answers(struct desk_change *change, struct asking *asking, struct itsm_error *err)
{
	size_t i;
	int status = 0;

	for (i = 0; i < asking->form.count && status == 0; i++) {
		const struct itsm_field *field = &asking->form.fields[i];
		const char **answer = &asking->answers[i];
		struct itsm_error why = {0};

		if (!*answer)
			*answer = field->default_value;
		if (!*answer && field->required)
			refuse(change, asking, field, "an answer is needed");
		else if (*answer && itsm_field_value(field, *answer, change->arena, NULL, &why) != 0)
			refuse(change, asking, field, why.message);
		else if (*answer && field->type == ITSM_TYPE_REF)
			status = take_reference(change, asking, field, answer, err);
	}
	return status;
}

static void sort_words(struct desk_change *change, struct asking *asking)
{
	const struct itsm_words *words = &asking->request->words;
	const char **fields = itsm_arena_alloc(change->arena, (words->count + 2) * sizeof(*fields));
	size_t i, count = 0;

	asking->answers = itsm_arena_alloc(change->arena, (asking->form.count + 1) * sizeof(*asking->answers));
	fields[count++] = itsm_arena_printf(change->arena, "offering=%s", asking->form.offering);
	for (i = 0; i < words->count; i++) {
		const char *value;
		size_t place = answered_by(&asking->form, words->items[i], &value);

		if (place == asking->form.count)
			fields[count++] = words->items[i];
		else
			asking->answers[place] = *value ? value : NULL;
	}
	asking->fields = (struct itsm_words){fields, count};
}

static bool is_text(enum itsm_type type)
{
	return type != ITSM_TYPE_INT && type != ITSM_TYPE_BOOL && type != ITSM_TYPE_DATE;
}

static void write_answers(const struct asking *asking, struct itsm_buffer *out)
{
	bool any = false;
	size_t i;

	for (i = 0; i < asking->form.count; i++) {
		if (!asking->answers[i])
			continue;
		itsm_buffer_printf(out, "%s  %s: ", any ? "" : "answers:\n", asking->form.fields[i].name);
		itsm_yaml_write_scalar(out, asking->answers[i], is_text(asking->form.fields[i].type));
		itsm_buffer_putc(out, '\n');
		any = true;
	}
}

static void write_task(const struct itsm_yaml *task, struct itsm_buffer *out)
{
	const struct itsm_yaml *after = itsm_yaml_get(task, "after");
	const char *team = itsm_yaml_text(task, "team");
	size_t i;

	itsm_buffer_puts(out, "  - title: ");
	itsm_yaml_write_scalar(out, itsm_yaml_text(task, "title") ? itsm_yaml_text(task, "title") : "", true);
	itsm_buffer_putc(out, '\n');
	if (team) {
		itsm_buffer_puts(out, "    team: ");
		itsm_yaml_write_scalar(out, team, true);
		itsm_buffer_putc(out, '\n');
	}
	for (i = 0; after && after->type == ITSM_YAML_SEQUENCE && i < after->count; i++) {
		itsm_buffer_puts(out, i ? "      - " : "    after:\n      - ");
		itsm_yaml_write_scalar(out, after->items[i]->text ? after->items[i]->text : "", true);
		itsm_buffer_putc(out, '\n');
	}
}

/* Answers and tasks go to the end of the front matter. */
static int add_lists(struct desk_change *change, const struct asking *asking, const struct itsm_buffer *text, struct desk_put *put,
	struct itsm_error *err)
{
	const struct itsm_yaml *tasks = itsm_record_field(asking->offering, "tasks");
	struct itsm_document document;
	struct itsm_buffer whole = {0};
	size_t i;
	int status = itsm_document_read(text->data, text->length, true, &document, err);

	if (status != 0)
		return status;
	itsm_buffer_add(&whole, text->data, document.front_end);
	write_answers(asking, &whole);
	for (i = 0; tasks && tasks->type == ITSM_YAML_SEQUENCE && i < tasks->count; i++) {
		itsm_buffer_puts(&whole, i ? "" : "tasks:\n");
		write_task(tasks->items[i], &whole);
	}
	itsm_buffer_add(&whole, text->data + document.front_end, text->length - document.front_end);
	put->text = itsm_arena_strndup(change->arena, whole.data, whole.length);
	put->size = whole.length;
	itsm_buffer_free(&whole);
	return 0;
}

static int compose(struct desk_change *change, struct asking *asking, struct desk_put *put, struct itsm_error *err)
{
	const struct desk_author who = {desk_change_person(change), change->identity_name, change->identity_mail};
	const struct itsm_request *request = asking->request;
	struct itsm_new fresh = {.kind = "request", .words = asking->fields, .title = request->title};
	const struct itsm_kind *kind;
	struct itsm_buffer text = {0};
	char id[ITSM_ID_MAX];
	int status;

	if (!fresh.title && !desk_word(change->arena, asking->fields, "title"))
		fresh.title = asking->form.name;
	if ((status = itsm_desk_kind(change->desk, "request", &kind, err)) != 0 ||
	    (status = itsm_id_make(kind->prefix, id, err)) != 0)
		return status;
	put->path = itsm_kind_path(change->arena, kind, id, change->desk->options.now, NULL);
	put->given = asking->fields;
	status = desk_new_text(change->desk, change->arena, kind, &fresh, &who, false, &text, err);
	if (status == 0)
		status = add_lists(change, asking, &text, put, err);
	itsm_buffer_free(&text);
	if (status != 0)
		return status;
	change->outcome->id = itsm_arena_strdup(change->outcome->arena, id);
	change->outcome->path = itsm_arena_strdup(change->outcome->arena, put->path);
	itsm_buffer_printf(&change->subject, "%s: request %s", id, asking->form.name);
	desk_change_trailer(change, "Itsm-Action", "request");
	desk_change_trailer(change, "Itsm-Record", id);
	return 0;
}

static int make_request(struct desk_change *change, void *context, struct itsm_error *err)
{
	struct asking *asking = context;
	struct desk_put put = {0};
	int status;

	asking->arena = change->arena;
	if ((status = read_form(change, asking, err)) != 0)
		return status;
	sort_words(change, asking);
	if ((status = take_answers(change, asking, err)) != 0 || change->outcome->findings.errors)
		return status;
	if ((status = compose(change, asking, &put, err)) != 0 || (status = desk_change_put_all(change, &put, 1, err)) != 0)
		return status;
	return put.record && !change->outcome->findings.errors ? desk_change_judge(change, put.record, NULL, err) : 0;
}

int itsm_desk_request(struct itsm_desk *desk, const struct itsm_request *request, struct itsm_outcome *outcome,
	struct itsm_error *err)
{
	struct asking asking = {.request = request};

	return desk_change_run(desk, make_request, &asking, request->message, outcome, err);
}

static int look_at_form(struct desk_change *change, void *context, struct itsm_error *err)
{
	return read_form(change, context, err);
}

int itsm_desk_form(struct itsm_desk *desk, struct itsm_arena *arena, const char *offering, struct itsm_form *out,
	struct itsm_error *err)
{
	const struct itsm_request request = {.offering = offering};
	struct asking asking = {.request = &request, .arena = arena};
	struct itsm_outcome outcome;
	int status;

	itsm_outcome_init(&outcome, arena);
	status = desk_change_look(desk, look_at_form, &asking, &outcome, err);
	if (status == 0)
		*out = asking.form;
	return status;
}
