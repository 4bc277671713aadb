/*
 * Gives a fuzz target every file of its corpus, without libFuzzer: what was
 * found once is tried on every build. Usage: TARGET FOLDER
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "itsm/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int main(int count, char **arguments)
{
	const char *path = count > 1 ? arguments[1] : ".";
	int folder = open(path, O_RDONLY | O_DIRECTORY);
	DIR *entries = opendir(path);
	struct dirent *entry;
	struct itsm_error err;
	unsigned files = 0;

	while (entries && (entry = readdir(entries)) != NULL) {
		struct itsm_buffer text = {0};

		if (entry->d_name[0] == '.')
			continue;
		if (itsm_file_read(folder, entry->d_name, 16u << 20, &text, &err) != ITSM_OK) {
			fprintf(stderr, "%s\n", err.message);
			return 1;
		}
		fprintf(stderr, "%s\n", entry->d_name);
		LLVMFuzzerTestOneInput((const uint8_t *)text.data, text.length);
		itsm_buffer_free(&text);
		files++;
	}
	if (entries)
		closedir(entries);
	if (folder >= 0)
		close(folder);
	return files > 0 ? 0 : 1;
}
