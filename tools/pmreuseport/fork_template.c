/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fork_template.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

void *fork_grow(void **list, size_t *n, size_t size, struct pmreuseport_error *error)
{
	void *grown = reallocarray(*list, *n + 1, size);

	if (!grown) {
		pmr_error(error, -ENOMEM, "no memory for the configuration; free some");
		return NULL;
	}
	*list = grown;
	grown = (char *)grown + *n * size;
	(*n)++;
	return memset(grown, 0, size);
}

int fork_template_note(struct fork_template *template, struct pmreuseport_error *error,
		       const char *fmt, ...)
{
	char **note =
		fork_grow((void **)&template->notes, &template->n_notes, sizeof(*note), error);
	va_list args;
	int n;

	if (!note)
		return -ENOMEM;
	va_start(args, fmt);
	n = vasprintf(note, fmt, args);
	va_end(args);
	if (n >= 0)
		return 0;
	template->n_notes--;
	return pmr_error(error, -ENOMEM, "no memory for a note; free some");
}

/* "include FILE" has no colon, so it is no key that pmacct just ignores. */
static const char *advice(const char *text)
{
	text += strspn(text, " \t@");
	return strncasecmp(text, "include", 7) ? "correct it"
					       : "pmacct includes no files, so write in here what "
						 "is in that one";
}

static int add_line(struct fork_template *template, char *text, size_t length,
		    struct pmreuseport_error *error)
{
	const size_t number = template->n + 1;
	struct fork_line *line;

	if (number > CONF_LINES_MAX)
		return pmr_error(error, -EINVAL,
				 "%.300s has more than %d lines, and pmacct reads no more; shorten "
				 "it",
				 template->path, CONF_LINES_MAX);
	if (memchr(text, '\0', length))
		return pmr_error(error, -EINVAL,
				 "line %zu of %.300s contains a NUL byte, where pmacct stops "
				 "reading it; is this a configuration of pmacct?",
				 number, template->path);
	if (length > CONF_LINE_MAX)
		return pmr_error(error, -EINVAL,
				 "line %zu of %.300s is longer than the %d bytes that pmacct "
				 "reads; shorten it",
				 number, template->path, CONF_LINE_MAX);
	line = fork_grow((void **)&template->lines, &template->n, sizeof(*line), error);
	if (!line)
		return -ENOMEM;
	line->text = strdup(text);
	if (!line->text)
		return pmr_error(error, -ENOMEM, "no memory for the configuration; free some");
	line->length = length;
	conf_line_read(line->text, &line->conf);
	if (line->conf.wrong)
		return pmr_error(error, -EINVAL, "line %zu of %.300s: %s, so pmacct would end; %s",
				 number, template->path, line->conf.wrong, advice(text));
	return 0;
}

static int add_lines(struct fork_template *template, FILE *file, struct pmreuseport_error *error)
{
	char *text = NULL;
	size_t size = 0;
	ssize_t length;
	int err = 0;

	while (!err && (length = getline(&text, &size, file)) >= 0)
		err = add_line(template, text, length, error);
	if (!err && ferror(file))
		err = pmr_error(error, -EIO, "cannot read %.300s (%s); see what it is",
				template->path, strerror(errno));
	free(text);
	return err;
}

int fork_template_read(struct fork_template *template, const char *path,
		       struct pmreuseport_error *error)
{
	/* A named pipe would wait here for somebody who writes. */
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	FILE *file = NULL;
	int err = 0;

	*template = (struct fork_template){.path = path, .own = FORK_NO_INDEX};
	if (fd < 0 || fstat(fd, &template->status))
		err = pmr_error(error, -errno,
				"cannot open %.300s (%s); name a configuration file of pmacct",
				path, strerror(errno));
	else if (!S_ISREG(template->status.st_mode))
		err = pmr_error(error, -EINVAL,
				"%.300s is no regular file; name a configuration file of pmacct",
				path);
	else if (!(file = fdopen(fd, "r")))
		err = pmr_error(error, -errno, "cannot read %.300s (%s); free some memory", path,
				strerror(errno));
	if (!err)
		err = add_lines(template, file, error);
	if (file)
		fclose(file);
	else if (fd >= 0)
		close(fd);
	return err;
}

void fork_template_free(struct fork_template *template)
{
	size_t i;

	for (i = 0; i < template->n; i++)
		free(template->lines[i].text);
	for (i = 0; i < template->n_additions; i++) {
		free(template->additions[i].plugin);
		free(template->additions[i].value);
	}
	for (i = 0; i < template->n_notes; i++)
		free(template->notes[i]);
	free(template->lines);
	free(template->additions);
	free(template->notes);
	*template = (struct fork_template){0};
}
