/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fork_render.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "printable.h"

static const char heading[] = "! Added by pmreuseport fork:";

static int no_memory(struct pmreuseport_error *error)
{
	return pmr_error(error, -ENOMEM, "no memory for configurations; free some");
}

static int cannot(size_t number, const struct fork_template *template, const char *key,
		  const char *value, const char *why, struct pmreuseport_error *error)
{
	char *shown = printable(value, true);

	pmr_error(error, -EINVAL, "line %zu of %.300s: %.100s is \"%.300s\", which %s", number,
		  template->path, key, shown ? shown : "", why);
	free(shown);
	return -EINVAL;
}

/* Takes from and to, also if it fails. */
static int note_change(struct fork_rendered *rendered, struct fork_change change,
		       struct pmreuseport_error *error)
{
	struct fork_change *new =
		fork_grow((void **)&rendered->changes, &rendered->n, sizeof(*new), error);

	if (new) {
		*new = change;
		return 0;
	}
	free(change.from);
	free(change.to);
	return -ENOMEM;
}

/* What stands around the value stays as it is, but for placeholders in front of it. */
static int put_line(FILE *out, const struct fork_line *line, const char *value, unsigned int index,
		    size_t *length, struct pmreuseport_error *error)
{
	const char *at = line->text + line->conf.value_at, *rest = at + line->conf.value_length;
	char *before;

	/* Without a value, it is only known where the line ends. */
	if (!line->conf.value_length) {
		at = strchr(line->text, ':') + 1;
		rest = at;
	}
	before = fork_fill_in(line->text, at - line->text, index);
	if (!before)
		return no_memory(error);
	*length = fprintf(out, "%s%s%s%s", before, *value && at == rest ? " " : "", value, rest);
	free(before);
	return 0;
}

static int put_key(struct fork_rendered *rendered, FILE *out, const struct fork_template *template,
		   size_t i, const struct fork_instance *instance, struct pmreuseport_error *error)
{
	const struct fork_line *line = &template->lines[i];
	struct fork_change change = {
		.line = i + 1,
		.key = line->conf.key,
		.plugin = line->conf.plugin,
		.how = line->how,
	};
	const char *why = NULL;
	size_t length = 0;
	int err;

	change.from = strndup(line->text + line->conf.value_at, line->conf.value_length);
	if (!change.from)
		return no_memory(error);
	change.base = change.from;
	change.to = fork_value(line->how, change.from, instance, &why);
	if (!change.to) {
		err = why ? cannot(i + 1, template, change.key, change.from, why, error)
			  : no_memory(error);
		free(change.from);
		return err;
	}
	err = put_line(out, line, change.to, instance->index, &length, error);
	if (!err && length > CONF_LINE_MAX)
		err = cannot(i + 1, template, change.key, "...",
			     "gets longer than a line of pmacct can be; take a shorter one", error);
	if (!err)
		return note_change(rendered, change, error);
	free(change.from);
	free(change.to);
	return err;
}

static int put_addition(struct fork_rendered *rendered, FILE *out,
			const struct fork_template *template, const struct fork_addition *addition,
			size_t number, const char *newline, const struct fork_instance *instance,
			struct pmreuseport_error *error)
{
	struct fork_change change = {
		.line = number,
		.key = addition->key,
		.plugin = addition->plugin ? addition->plugin : "",
		.base = addition->value,
		.how = addition->how,
	};
	const char *why = NULL;

	change.to = fork_value(addition->how, addition->value, instance, &why);
	if (!change.to)
		return why ? cannot(number, template, change.key, addition->value, why, error)
			   : no_memory(error);
	fputs(change.key, out);
	if (addition->plugin)
		fprintf(out, "[%s]", change.plugin);
	fprintf(out, ": %s%s", change.to, newline);
	return note_change(rendered, change, error);
}

static int put_additions(struct fork_rendered *rendered, FILE *out,
			 const struct fork_template *template, const struct fork_instance *instance,
			 struct pmreuseport_error *error)
{
	const struct fork_line *last = template->n ? &template->lines[template->n - 1] : NULL;
	const char *newline =
		template->n && strstr(template->lines[0].text, "\r\n") ? "\r\n" : "\n";
	size_t i;
	int err = 0;

	if (!template->n_additions)
		return 0;
	if (template->n + 1 + template->n_additions > CONF_LINES_MAX)
		return pmr_error(error, -EINVAL,
				 "%.300s gets more than the %d lines that pmacct reads; shorten it",
				 template->path, CONF_LINES_MAX);
	if (last && last->text[last->length - 1] != '\n')
		fputs(newline, out);
	fprintf(out, "%s%s", heading, newline);
	for (i = 0; !err && i < template->n_additions; i++)
		err = put_addition(rendered, out, template, &template->additions[i],
				   template->n + 2 + i, newline, instance, error);
	return err;
}

int fork_render(struct fork_rendered *rendered, const struct fork_template *template,
		const struct fork_instance *instance, struct pmreuseport_error *error)
{
	FILE *out = open_memstream(&rendered->text, &rendered->length);
	int err = 0;
	size_t i;

	if (!out)
		return no_memory(error);
	for (i = 0; !err && i < template->n; i++) {
		const struct fork_line *line = &template->lines[i];

		if (line->conf.key[0])
			err = put_key(rendered, out, template, i, instance, error);
		else
			fputs(line->text, out);
	}
	if (!err)
		err = put_additions(rendered, out, template, instance, error);
	if (fclose(out) && !err)
		err = no_memory(error);
	return err;
}

bool fork_change_is_one(const struct fork_change *change)
{
	return !change->from || strcmp(change->from, change->to);
}

struct used {
	unsigned int index;
	const struct fork_change *change;
};

static int compare(const void *a, const void *b)
{
	const struct used *x = a, *y = b;
	const int by_name = strcmp(x->change->to, y->change->to);

	return by_name ? by_name : (x->index > y->index) - (x->index < y->index);
}

int fork_render_check(const struct fork_rendered *rendered, unsigned int count,
		      struct pmreuseport_error *error)
{
	struct used *used = NULL, *one;
	size_t n = 0, i;
	unsigned int index;
	char *shown;
	int err = 0;

	for (index = 0; index < count; index++)
		for (i = 0; i < rendered[index].n; i++) {
			const struct fork_change *change = &rendered[index].changes[i];

			/* A device is nobody's. */
			if ((change->how != FORK_FILE && change->how != FORK_SOCKET) ||
			    !*change->to || fork_is_device(change->to))
				continue;
			one = fork_grow((void **)&used, &n, sizeof(*one), error);
			if (!one) {
				free(used);
				return -ENOMEM;
			}
			*one = (struct used){index, change};
		}
	if (n)
		qsort(used, n, sizeof(*used), compare);
	for (i = 1; !err && i < n; i++) {
		const struct used *a = &used[i - 1], *b = &used[i];

		if (strcmp(a->change->to, b->change->to) ||
		    (a->index == b->index && !strcmp(a->change->base, b->change->base)))
			continue;
		shown = printable(a->change->to, true);
		err = pmr_error(error, -EINVAL,
				"instance %u would use %.300s as %.100s (line %zu), and instance "
				"%u as %.100s (line %zu); rename one",
				a->index, shown ? shown : "", a->change->key, a->change->line,
				b->index, b->change->key, b->change->line);
		free(shown);
	}
	free(used);
	return err;
}

void fork_render_free(struct fork_rendered *rendered)
{
	size_t i;

	for (i = 0; i < rendered->n; i++) {
		free(rendered->changes[i].from);
		free(rendered->changes[i].to);
	}
	free(rendered->changes);
	free(rendered->text);
	*rendered = (struct fork_rendered){0};
}
