/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conf/conf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "conf/file.h"
#include "operator.h"

static int add_line(const char *text, size_t length, unsigned int number, void *context,
		    struct pmreuseport_error *error)
{
	struct conf *conf = context;
	struct conf_entry *entry;

	(void)length;
	entry = realloc(conf->list, (conf->n + 1) * sizeof(*entry));
	if (!entry)
		return pmr_error(error, -ENOMEM, "out of memory for the configuration",
				 "free some memory, or raise the limit");
	conf->list = entry;
	entry = &conf->list[conf->n];
	conf_line_read(text, &entry->line);
	if (!entry->line.key[0] && !entry->line.wrong)
		return 0;
	entry->number = number;
	entry->advice = entry->line.wrong ? conf_advice(text) : NULL;
	entry->value = strndup(text + entry->line.value_at, entry->line.value_length);
	if (!entry->value)
		return pmr_error(error, -ENOMEM, "out of memory for the configuration",
				 "free some memory, or raise the limit");
	conf->n++;
	return 0;
}

int conf_read(struct conf *conf, const char *file, struct pmreuseport_error *error)
{
	struct stat status;

	*conf = (struct conf){0};
	return conf_file_read(file, &status, add_line, conf, error);
}

const struct conf_entry *conf_find(const struct conf *conf, const char *key)
{
	size_t i = conf->n;

	while (i--)
		if (!conf->list[i].line.wrong && !strcmp(conf->list[i].line.key, key))
			return &conf->list[i];
	return NULL;
}

const char *conf_get(const struct conf *conf, const char *key)
{
	const struct conf_entry *entry = conf_find(conf, key);

	return entry ? entry->value : NULL;
}

void conf_free(struct conf *conf)
{
	while (conf->n)
		free(conf->list[--conf->n].value);
	free(conf->list);
	*conf = (struct conf){0};
}
