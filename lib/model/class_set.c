/* The classes of items: the built-in ones and what a desk has in policy/classes/. The form is told in itsm/class.h. */
#include <stddef.h>
#include <string.h>

#include "itsm/class.h"
#include "itsm/file.h"
#include "itsm/time.h"
#include "kind_set.h"

#define BUILT_IN "built-in"

struct itsm_classes {
	struct itsm_arena *arena;
	struct itsm_class **items; /* sorted by name */
	size_t count, capacity;
	unsigned holders;
};

/* YAML texts, NULL at the end. */
extern const char *const class_builtins[];

struct raw_class {
	struct itsm_class class;
	const char *stale, *audit;
};

#define CLASS(name, kind, member, required) { name, kind, offsetof(struct raw_class, member), 0, required }

static const struct kind_key class_keys[] = {
	CLASS("class", KIND_KEY_STRING, class.name, true),
	CLASS("help", KIND_KEY_STRING, class.help, false),
	CLASS("required", KIND_KEY_LIST, class.required, false),
	CLASS("recommended", KIND_KEY_LIST, class.recommended, false),
	CLASS("stale", KIND_KEY_STRING, stale, false),
	CLASS("audit", KIND_KEY_STRING, audit, false),
};

static int read_duration(const struct itsm_yaml *tree, const char *key, const char *text, int64_t *out, struct itsm_error *err)
{
	const struct itsm_yaml *node = itsm_yaml_get(tree, key);

	if (!text || (itsm_duration_parse(text, out) && *out > 0))
		return ITSM_OK;
	return itsm_error_set_at(err, ITSM_EDATA, node->line, node->column, "'%s' of a class takes a duration such as 60d", key);
}

static int read_class(struct itsm_arena *arena, const char *text, size_t size, const char *origin, struct itsm_class **out,
	struct itsm_error *err)
{
	struct raw_class raw = { .class = { .origin = origin, .stale = ITSM_CLASS_STALE } };
	struct itsm_yaml *tree;
	int status = itsm_yaml_parse(arena, text, size, 1, &tree, err);

	if (status < 0 || (status = kind_shape_read(arena, tree, class_keys, sizeof(class_keys) / sizeof(*class_keys),
		"a class", &raw, err)) < 0 ||
	    (status = read_duration(tree, "stale", raw.stale, &raw.class.stale, err)) < 0 ||
	    (status = read_duration(tree, "audit", raw.audit, &raw.class.audit, err)) < 0)
		return status;
	raw.class.line = itsm_yaml_get(tree, "class")->line;
	if (!kind_shape_is_name(raw.class.name, true))
		return itsm_error_set_at(err, ITSM_EDATA, raw.class.line, 1, "'%s' is no name of a class", raw.class.name);
	*out = itsm_arena_alloc(arena, sizeof(**out));
	**out = raw.class;
	return ITSM_OK;
}

static size_t place_of(const struct itsm_classes *classes, const char *name)
{
	size_t at = 0;

	while (at < classes->count && strcmp(classes->items[at]->name, name) < 0)
		at++;
	return at;
}

static const struct itsm_class *exact(const struct itsm_classes *classes, const char *name)
{
	size_t at = place_of(classes, name);

	return at < classes->count && strcmp(classes->items[at]->name, name) == 0 ? classes->items[at] : NULL;
}

static void insert(struct itsm_classes *classes, struct itsm_class *class)
{
	size_t at = place_of(classes, class->name);

	if (exact(classes, class->name)) {
		classes->items[at] = class;
		return;
	}
	itsm_arena_insert(classes->arena, &classes->items, &classes->capacity, &classes->count, at, class);
}

int itsm_classes_new(struct itsm_classes **out, struct itsm_error *err)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_classes *classes = itsm_arena_alloc(arena, sizeof(*classes));
	struct itsm_class *class = NULL;
	int status = ITSM_OK;

	classes->arena = arena;
	classes->holders = 1;
	for (size_t i = 0; status == ITSM_OK && class_builtins[i]; i++) {
		status = read_class(arena, class_builtins[i], strlen(class_builtins[i]), BUILT_IN, &class, err);
		if (status == ITSM_OK)
			insert(classes, class);
	}
	if (status < 0)
		itsm_arena_free(arena);
	else
		*out = classes;
	return status;
}

struct itsm_classes *itsm_classes_keep(struct itsm_classes *classes)
{
	if (classes)
		classes->holders++;
	return classes;
}

void itsm_classes_free(struct itsm_classes *classes)
{
	if (classes && --classes->holders == 0)
		itsm_arena_free(classes->arena);
}

int itsm_classes_add(struct itsm_classes *classes, const char *path, const char *text, size_t size, struct itsm_error *err)
{
	struct itsm_class *class = NULL;
	const char *copy = itsm_arena_strndup(classes->arena, text, size);
	int status = read_class(classes->arena, copy, size, itsm_arena_strdup(classes->arena, path), &class, err);

	if (status == ITSM_OK && strcmp(itsm_file_stem(classes->arena, path), class->name) != 0)
		status = itsm_error_set_at(err, ITSM_EDATA, class->line, 1, "the class is called '%s'; give its file the same name",
			class->name);
	if (status == ITSM_OK)
		insert(classes, class);
	else
		itsm_error_prefix(err, "%s", path);
	return status;
}

/* Each of a|b|c: a field of the kind, or a path of plain names below `attributes`. */
static bool is_known(struct itsm_arena *arena, const struct itsm_kind *kind, const char *words)
{
	char *copy = itsm_arena_strdup(arena, words), *save = NULL, *word;

	for (word = strtok_r(copy, "|", &save); word; word = strtok_r(NULL, "|", &save)) {
		if (strncmp(word, "attributes.", 11) == 0) {
			if (!word[11] || word[strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.")] ||
			    strstr(word, "..") || word[strlen(word) - 1] == '.' || !itsm_kind_field(kind, "attributes"))
				return false;
		} else if (!itsm_kind_field(kind, word)) {
			return false;
		}
	}
	return *words && *words != '|';
}

static int verify(struct itsm_arena *arena, const struct itsm_class *class, const char *const *list, const struct itsm_kind *kind,
	struct itsm_error *err)
{
	for (; list && *list; list++)
		if (!is_known(arena, kind, *list))
			return itsm_error_set_at(err, ITSM_EDATA, class->line, 1, "%s: %s has no field '%s'; `itsm schema %s` lists them",
				class->origin, kind->name, *list, kind->name);
	return ITSM_OK;
}

int itsm_classes_finish(struct itsm_classes *classes, const struct itsm_kind *kind, struct itsm_error *err)
{
	int status = ITSM_OK;

	for (size_t i = 0; status == ITSM_OK && i < classes->count; i++) {
		status = verify(classes->arena, classes->items[i], classes->items[i]->required, kind, err);
		if (status == ITSM_OK)
			status = verify(classes->arena, classes->items[i], classes->items[i]->recommended, kind, err);
	}
	return status;
}

size_t itsm_classes_count(const struct itsm_classes *classes)
{
	return classes->count;
}

const struct itsm_class *itsm_classes_at(const struct itsm_classes *classes, size_t position)
{
	return position < classes->count ? classes->items[position] : NULL;
}

const struct itsm_class *itsm_classes_find(const struct itsm_classes *classes, const char *name)
{
	const struct itsm_class *class = name ? exact(classes, name) : NULL;

	return class ? class : exact(classes, ITSM_CLASS_OTHER);
}

bool itsm_class_is_own(const struct itsm_class *one)
{
	return strcmp(one->origin, BUILT_IN) != 0;
}
