/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conf/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf/line.h"
#include "operator.h"

/* "include FILE" has no colon, so it is wrong, not just an unknown key. */
const char *conf_advice(const char *text)
{
	text += strspn(text, " \t@");
	return strncasecmp(text, "include", 7)
		       ? "correct it, or make it a comment with !"
		       : "pmacct cannot include files; copy the contents of that file";
}

static int check_line(const char *path, const char *text, size_t length, unsigned int number,
		      struct pmreuseport_error *error)
{
	if (number > CONF_LINES_MAX)
		return pmr_error(error, -EINVAL,
				 "%.300s has more than %d lines, and pmacct reads no more",
				 "shorten it", path, CONF_LINES_MAX);
	if (memchr(text, '\0', length))
		return pmr_error(error, -EINVAL,
				 "line %u of %.300s contains a NUL byte, where pmacct stops "
				 "reading it",
				 "use a configuration file of pmacct", number, path);
	if (length > CONF_LINE_MAX)
		return pmr_error(error, -EINVAL,
				 "line %u of %.300s is longer than the %d bytes that pmacct reads",
				 "shorten it", number, path, CONF_LINE_MAX);
	return 0;
}

static FILE *open_file(const char *path, struct stat *status, int *err,
		       struct pmreuseport_error *error)
{
	/* Without O_NONBLOCK, open() of a named pipe would wait for a writer. */
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	FILE *file = NULL;

	if (fd < 0 || fstat(fd, status))
		*err = pmr_error(error, -errno, "cannot open %.300s (%s)",
				 "use a configuration file of pmacct", path, strerror(errno));
	else if (!S_ISREG(status->st_mode))
		*err = pmr_error(error, -EINVAL, "%.300s is not a regular file",
				 "use a configuration file of pmacct", path);
	else if (!(file = fdopen(fd, "r")))
		*err = pmr_error(error, -errno, "cannot read %.300s (%s)",
				 "add memory, or raise the memory limit", path, strerror(errno));
	if (!file && fd >= 0)
		close(fd);
	return file;
}

int conf_file_read(const char *path, struct stat *status, conf_file_fn *fn, void *context,
		   struct pmreuseport_error *error)
{
	unsigned int number = 0;
	char *text = NULL;
	size_t size = 0;
	ssize_t length;
	int err = 0;
	FILE *file;

	file = open_file(path, status, &err, error);
	if (!file)
		return err;
	while (!err && (length = getline(&text, &size, file)) >= 0) {
		err = check_line(path, text, length, ++number, error);
		if (!err)
			err = fn(text, length, number, context, error);
	}
	if (!err && ferror(file))
		err = pmr_error(error, -EIO, "cannot read %.300s (%s)", "check the file system",
				path, strerror(errno));
	free(text);
	fclose(file);
	return err;
}
