/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fork/render.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/array.h"
#include "operator.h"

static const char heading[] = "! Added by pmreuseport fork:";

static int cannot(size_t number, const struct fork_template *template, const char *key,
		  const char *value, const struct fork_fault *fault,
		  struct pmreuseport_error *error)
{
	return pmr_error(error, -EINVAL, "line %zu of %.300s: %.100s is \"%.300s\", which %s", "%s",
			 number, template->path, key, value, fault->what, fault->advice);
}

/* Adds a change without a value. NULL: out of memory, with *error set. */
static struct fork_change *add_change(struct fork_rendered *rendered, size_t number,
				      const char *key, const char *plugin, enum fork_how how,
				      unsigned int index, struct pmreuseport_error *error)
{
	struct fork_change *change = array_add(&rendered->changes, &rendered->n);

	if (!change) {
		fork_no_memory(error);
		return NULL;
	}
	change->line = number;
	change->key = key;
	change->how = how;
	change->plugin = fork_fill_in(plugin, strlen(plugin), index);
	if (change->plugin)
		return change;
	fork_no_memory(error);
	return NULL;
}

/* Derives change->to from change->base. */
static int set_value(struct fork_change *change, const struct fork_template *template,
		     const struct fork_instance *instance, struct pmreuseport_error *error)
{
	const struct fork_fault *fault = NULL;

	change->to = fork_value(change->how, change->base, instance, &fault);
	if (change->to)
		return 0;
	if (!fault)
		return fork_no_memory(error);
	return cannot(change->line, template, change->key, change->base, fault, error);
}

/* Keeps the text around the value, but for placeholders before it. */
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
		return fork_no_memory(error);
	*length = fprintf(out, "%s%s%s%s", before, *value && at == rest ? " " : "", value, rest);
	free(before);
	return 0;
}

static int put_key(struct fork_rendered *rendered, FILE *out, const struct fork_template *template,
		   size_t i, const struct fork_instance *instance, struct pmreuseport_error *error)
{
	const struct fork_line *line = &template->lines[i];
	struct fork_change *change = add_change(rendered, i + 1, line->conf.key, line->conf.plugin,
						line->how, instance->index, error);
	size_t length = 0;
	int err;

	if (!change)
		return -ENOMEM;
	change->from = strndup(line->text + line->conf.value_at, line->conf.value_length);
	if (!change->from)
		return fork_no_memory(error);
	change->base = change->from;
	err = set_value(change, template, instance, error);
	if (!err)
		err = put_line(out, line, change->to, instance->index, &length, error);
	if (!err && length > CONF_LINE_MAX)
		err = pmr_error(error, -EINVAL,
				"line %zu of %.300s would exceed the %d bytes that pmacct reads",
				"shorten it", i + 1, template->path, CONF_LINE_MAX);
	return err;
}

static int put_addition(struct fork_rendered *rendered, FILE *out,
			const struct fork_template *template, const struct fork_addition *addition,
			size_t number, const char *newline, const struct fork_instance *instance,
			struct pmreuseport_error *error)
{
	struct fork_change *change = add_change(rendered, number, addition->key,
						addition->plugin ? addition->plugin : "",
						addition->how, instance->index, error);
	int err;

	if (!change)
		return -ENOMEM;
	change->base = addition->value;
	err = set_value(change, template, instance, error);
	if (err)
		return err;
	fputs(change->key, out);
	if (addition->plugin)
		fprintf(out, "[%s]", change->plugin);
	fprintf(out, ": %s%s", change->to, newline);
	return 0;
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
				 "%.300s would exceed the %d lines that pmacct reads", "shorten it",
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
		return fork_no_memory(error);
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
		err = fork_no_memory(error);
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
	int err = 0;

	for (index = 0; index < count; index++)
		for (i = 0; i < rendered[index].n; i++) {
			const struct fork_change *change = &rendered[index].changes[i];

			/* Instances can share a device. */
			if ((change->how != FORK_FILE && change->how != FORK_SOCKET) ||
			    !*change->to || fork_is_device(change->to))
				continue;
			one = array_add(&used, &n);
			if (!one) {
				free(used);
				return fork_no_memory(error);
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
		err = pmr_error(error, -EINVAL,
				"instance %u would use %.300s as %.100s (line %zu), and instance "
				"%u as %.100s (line %zu)",
				"rename one of the two", a->index, a->change->to, a->change->key,
				a->change->line, b->index, b->change->key, b->change->line);
	}
	free(used);
	return err;
}

void fork_render_free(struct fork_rendered *rendered)
{
	size_t i;

	for (i = 0; i < rendered->n; i++) {
		free(rendered->changes[i].plugin);
		free(rendered->changes[i].from);
		free(rendered->changes[i].to);
	}
	free(rendered->changes);
	free(rendered->text);
	*rendered = (struct fork_rendered){0};
}
