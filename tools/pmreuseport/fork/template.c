/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fork/template.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf/file.h"
#include "operator.h"

void *fork_grow(void **list, size_t *n, size_t size, struct pmreuseport_error *error)
{
	void *grown = *list;

	/* A power of two: full. */
	if (!(*n & (*n - 1)))
		grown = reallocarray(*list, *n ? 2 * *n : 1, size);
	if (!grown) {
		pmr_error(error, -ENOMEM, "out of memory for the configuration",
			  "free some memory, or raise the limit");
		return NULL;
	}
	*list = grown;
	return memset((char *)grown + (*n)++ * size, 0, size);
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
	return pmr_error(error, -ENOMEM, "out of memory for a note",
			 "free some memory, or raise the limit");
}

static int add_line(const char *text, size_t length, unsigned int number, void *context,
		    struct pmreuseport_error *error)
{
	struct fork_template *template = context;
	struct fork_line *line =
		fork_grow((void **)&template->lines, &template->n, sizeof(*line), error);

	if (!line)
		return -ENOMEM;
	line->text = strdup(text);
	if (!line->text)
		return pmr_error(error, -ENOMEM, "out of memory for the configuration",
				 "free some memory, or raise the limit");
	line->length = length;
	conf_line_read(line->text, &line->conf);
	if (line->conf.wrong)
		return pmr_error(error, -EINVAL, "line %u of %.300s: %s, so pmacct would end", "%s",
				 number, template->path, line->conf.wrong, conf_advice(text));
	return 0;
}

int fork_template_read(struct fork_template *template, const char *path,
		       struct pmreuseport_error *error)
{
	*template = (struct fork_template){.path = path, .own = FORK_NO_INDEX};
	return conf_file_read(path, &template->status, add_line, template, error);
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
