/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "view/list_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "operator.h"

/* Cuts off the comment, and the blanks at both ends. */
static char *word_of(char *line)
{
	static const char blanks[] = " \t\r\n";
	size_t len;

	line += strspn(line, blanks);
	line[strcspn(line, "#")] = '\0';
	len = strlen(line);
	while (len && strchr(blanks, line[len - 1]))
		line[--len] = '\0';
	return line;
}

static int each_of(FILE *file, const char *name,
		   int (*fn)(char *line, void *context, struct pmreuseport_error *error),
		   void *context, struct pmreuseport_error *error)
{
	struct pmreuseport_error why = {0};
	unsigned long number = 0;
	char *line = NULL, *word;
	size_t size = 0;
	ssize_t len;
	int err = 0;

	while (!err && (len = getline(&line, &size, file)) >= 0) {
		number++;
		/* The rest of the line would be ignored. */
		if (strlen(line) != (size_t)len) {
			err = pmr_error(&why, -EINVAL, "there is a NUL byte", "give plain text");
			break;
		}
		word = word_of(line);
		if (*word)
			err = fn(word, context, &why);
	}
	free(line);
	if (err)
		return pmr_error(error, err, "line %lu of %.200s: %s", "%s", number, name, why.what,
				 why.advice);
	if (ferror(file))
		return pmr_error(error, -EIO, "cannot read %.200s (%s)", "check the file", name,
				 strerror(errno));
	return 0;
}

int list_file_each(const char *path,
		   int (*fn)(char *line, void *context, struct pmreuseport_error *error),
		   void *context, struct pmreuseport_error *error)
{
	FILE *file;
	int err;

	if (!strcmp(path, "-"))
		return each_of(stdin, "standard input", fn, context, error);
	file = fopen(path, "re");
	if (!file)
		return pmr_error(error, -errno, "cannot open %.200s (%s)",
				 "name a file that can be read", path, strerror(errno));
	err = each_of(file, path, fn, context, error);
	fclose(file);
	return err;
}
