/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "process_files.h"

#include <inttypes.h>
#include <stdio.h>

/* A number, or the word "unlimited". */
static uint64_t read_value(const char *text)
{
	uint64_t value;

	return sscanf(text, "%" SCNu64, &value) == 1 ? value : UINT64_MAX;
}

/* prlimit() needs the same user; everyone may read the file. */
bool process_files_limit(pid_t pid, struct files_limit *limit)
{
	char path[32] = "/proc/self/limits", line[128], soft[24], hard[24];
	bool found = false;
	FILE *in;

	if (pid)
		snprintf(path, sizeof(path), "/proc/%d/limits", (int)pid);
	in = fopen(path, "re");
	if (!in)
		return false;
	while (!found && fgets(line, sizeof(line), in))
		found = sscanf(line, "Max open files %23s %23s", soft, hard) == 2;
	fclose(in);
	if (found)
		*limit = (struct files_limit){read_value(soft), read_value(hard)};
	return found;
}
