/* Cases: small files, one topic a folder of tests/cases, each run by the same function. */
#ifndef TESTS_UNIT_CASES_H
#define TESTS_UNIT_CASES_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Run every file of tests/cases/TOPIC that ends in `ending`; how many there are. Below a cmocka test. */
static inline size_t cases_run(const char *topic, const char *ending, void (*run)(const char *path, const char *name))
{
	const char *source = getenv("ITSM_SOURCE");
	char folder[1024], path[2048];
	struct dirent *entry;
	size_t ran = 0;
	DIR *files;

	snprintf(folder, sizeof(folder), "%s/tests/cases/%s", source ? source : ".", topic);
	files = opendir(folder);
	assert_non_null(files);
	while ((entry = readdir(files))) {
		const char *dot = strrchr(entry->d_name, '.');

		if (!dot || strcmp(dot, ending) != 0)
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		run(path, entry->d_name);
		ran++;
	}
	closedir(files);
	return ran;
}

#endif
