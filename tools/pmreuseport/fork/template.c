/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fork/template.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/array.h"
#include "conf/file.h"
#include "operator.h"

int fork_no_memory(struct pmreuseport_error *error)
{
	return pmr_error(error, -ENOMEM, "out of memory for the configurations",
			 "add memory, or raise the memory limit");
}

int fork_template_note(struct fork_template *template, struct pmreuseport_error *error,
		       const char *fmt, ...)
{
	struct fork_note *note = array_add(&template->notes, &template->n_notes);
	va_list args;
	int n;

	if (!note)
		return fork_no_memory(error);
	va_start(args, fmt);
	n = vasprintf(&note->text, fmt, args);
	va_end(args);
	if (n >= 0)
		return 0;
	template->n_notes--;
	return fork_no_memory(error);
}

int fork_template_note_of_one(struct fork_template *template, const struct pmreuseport_error *note,
			      struct pmreuseport_error *error)
{
	char text[PMR_SENTENCE_MAX];
	int err = fork_template_note(template, error, "%s", pmr_sentence(note, text));

	if (!err)
		template->notes[template->n_notes - 1].fix =
			template->notes[template->n_notes - 1].text + strlen(note->what) + 2;
	return err;
}

static int add_line(const char *text, size_t length, unsigned int number, void *context,
		    struct pmreuseport_error *error)
{
	struct fork_template *template = context;
	struct fork_line *line = array_add(&template->lines, &template->n);

	if (line)
		line->text = strdup(text);
	if (!line || !line->text)
		return fork_no_memory(error);
	line->length = length;
	conf_line_read(line->text, &line->conf);
	if (line->conf.wrong)
		return pmr_error(error, -EINVAL, "line %u of %.300s: %s, so pmacct would not start",
				 "%s", number, template->path, line->conf.wrong, conf_advice(text));
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
		free(template->notes[i].text);
	free(template->lines);
	free(template->additions);
	free(template->notes);
	*template = (struct fork_template){0};
}
