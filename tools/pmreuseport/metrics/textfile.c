/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "metrics/textfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "operator.h"

/* In the same directory, with a name that does not match "*.prom". To be freed. */
static char *temporary_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *base = slash ? slash + 1 : path;
	char *name;

	if (asprintf(&name, "%.*s.%s.XXXXXX", (int)(base - path), path, base) < 0)
		return NULL;
	return name;
}

static int write_all(int fd, const char *text, size_t size)
{
	ssize_t n;

	for (; size; text += n, size -= n) {
		n = write(fd, text, size);
		if (n < 0)
			return -errno;
	}
	/* So that the renamed file is complete after a crash, too. */
	return fchmod(fd, 0644) || fsync(fd) ? -errno : 0;
}

int textfile_write(const char *path, const char *text, size_t size, struct pmreuseport_error *error)
{
	struct stat st;
	char *name;
	int fd, err;

	/* Never replace /dev/null. */
	if (!lstat(path, &st) && !S_ISREG(st.st_mode))
		return pmr_error(error, -EEXIST, "%.200s exists and is not a regular file",
				 "use another file", path);
	name = temporary_name(path);
	if (!name)
		return pmr_error(error, -ENOMEM, "out of memory for a file name",
				 "add memory, or raise the memory limit");
	fd = mkostemp(name, O_CLOEXEC);
	err = fd < 0 ? -errno : write_all(fd, text, size);
	if (fd >= 0 && close(fd) && !err)
		err = -errno;
	if (!err && rename(name, path))
		err = -errno;
	if (err && fd >= 0)
		unlink(name);
	free(name);
	if (err)
		return pmr_error(error, err, "cannot write %.200s (%s)",
				 "check that its directory exists, has room, and that this user "
				 "can write to it",
				 path, strerror(-err));
	return 0;
}
