/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fork/plugins.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/array.h"
#include "operator.h"

static const char spaces[] = " \t\n\v\f\r";

/* A copy without the spaces around it; NULL: out of memory. */
static char *trimmed(const char *text, size_t length)
{
	while (length && strchr(spaces, *text)) {
		text++;
		length--;
	}
	while (length && strchr(spaces, text[length - 1]))
		length--;
	return strndup(text, length);
}

static int add(struct fork_plugins *plugins, const char *token, size_t length, bool *unnamed,
	       struct pmreuseport_error *error)
{
	const char *open = memchr(token, '[', length), *close = memchr(token, ']', length);
	struct fork_plugin *plugin;
	char *c;

	plugin = array_add(&plugins->list, &plugins->n);
	if (!plugin)
		return fork_no_memory(error);
	/* After a plugin without a name, pmacct replaces the names of all that follow. */
	if (!open || !close || close < open)
		*unnamed = true;
	plugin->type = trimmed(token, open && close > open ? (size_t)(open - token) : length);
	for (c = plugin->type; c && *c; c++)
		*c = tolower((unsigned char)*c);
	if (!*unnamed)
		plugin->name = trimmed(open + 1, close - open - 1);
	else if (plugin->type && asprintf(&plugin->name, "default_%s", plugin->type) < 0)
		plugin->name = NULL;
	if (!plugin->type || !plugin->name)
		return fork_no_memory(error);
	return 0;
}

int fork_plugins_read(struct fork_plugins *plugins, const struct fork_template *template,
		      struct pmreuseport_error *error)
{
	const char *at = "", *end = at;
	bool unnamed = false;
	size_t i, length;
	int err = 0;

	*plugins = (struct fork_plugins){0};
	/* Of this key the first line is in effect, of all others the last one. */
	for (i = 0; i < template->n; i++) {
		const struct fork_line *line = &template->lines[i];

		if (!strcmp(line->conf.key, "plugins") && !line->conf.plugin[0]) {
			at = line->text + line->conf.value_at;
			end = at + line->conf.value_length;
			break;
		}
	}
	while (!err && at < end) {
		const char *comma = memchr(at, ',', end - at);

		length = (comma ? comma : end) - at;
		if (length)
			err = add(plugins, at, length, &unnamed, error);
		at += length + 1;
	}
	if (!err && !plugins->n) {
		plugins->by_default = true;
		err = add(plugins, "memory", strlen("memory"), &unnamed, error);
	}
	return err;
}

bool fork_plugins_have(const struct fork_plugins *plugins, const char *type)
{
	size_t i;

	for (i = 0; i < plugins->n; i++)
		if (!strcmp(plugins->list[i].type, type))
			return true;
	return false;
}

const char *fork_plugins_type_of(const struct fork_plugins *plugins, const char *name)
{
	size_t i;

	for (i = 0; i < plugins->n; i++)
		if (!strcmp(plugins->list[i].name, name))
			return plugins->list[i].type;
	return NULL;
}

const struct fork_line *fork_line_of(const struct fork_template *template, const char *key,
				     const char *plugin)
{
	size_t i;

	for (i = template->n; i-- > 0;) {
		const struct conf_line *conf = &template->lines[i].conf;

		if (!strcmp(conf->key, key) &&
		    (!plugin || !conf->plugin[0] || !strcmp(conf->plugin, plugin)))
			return &template->lines[i];
	}
	return NULL;
}

size_t fork_line_number(const struct fork_template *template, const struct fork_line *line)
{
	return line - template->lines + 1;
}

bool fork_line_is_true(const struct fork_line *line)
{
	return line && line->conf.value_length == strlen("true") &&
	       !strncasecmp(line->text + line->conf.value_at, "true", strlen("true"));
}

void fork_plugins_free(struct fork_plugins *plugins)
{
	size_t i;

	for (i = 0; i < plugins->n; i++) {
		free(plugins->list[i].type);
		free(plugins->list[i].name);
	}
	free(plugins->list);
	*plugins = (struct fork_plugins){0};
}
