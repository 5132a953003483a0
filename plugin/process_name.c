// SPDX-License-Identifier: GPL-2.0-or-later
/* The name of a process, as it may be shown. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "process_name.h"

void pmr_clean_name(char *name, size_t size)
{
	size_t i;

	name[size - 1] = '\0';
	for (i = 0; name[i]; i++)
		if (name[i] < ' ' || name[i] > '~')
			name[i] = '?';
}

void pmr_process_name(pid_t pid, char *name, size_t size)
{
	ssize_t n = -1;
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, name, size - 1);
		close(fd);
	}
	name[n > 0 ? n : 0] = '\0';
	name[strcspn(name, "\n")] = '\0';
	if (!*name)
		snprintf(name, size, "?");
	pmr_clean_name(name, size);
}
