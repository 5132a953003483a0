/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conf/conf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/array.h"
#include "conf/file.h"
#include "operator.h"

static int add_line(const char *text, size_t length, unsigned int number, void *context,
		    struct pmreuseport_error *error)
{
	struct conf *conf = context;
	struct conf_entry *entry;
	struct conf_line line;

	(void)length;
	conf_line_read(text, &line);
	if (!line.key[0] && !line.wrong)
		return 0;
	entry = array_add(&conf->list, &conf->n);
	if (entry)
		entry->value = strndup(text + line.value_at, line.value_length);
	if (!entry || !entry->value)
		return pmr_error(error, -ENOMEM, "out of memory for the configuration",
				 "add memory, or raise the memory limit");
	entry->number = number;
	entry->line = line;
	entry->advice = line.wrong ? conf_advice(text) : NULL;
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

bool conf_is_true(const struct conf *conf, const char *key)
{
	const char *value = conf_get(conf, key);

	return value && !strcasecmp(value, "true");
}

void conf_free(struct conf *conf)
{
	while (conf->n)
		free(conf->list[--conf->n].value);
	free(conf->list);
	*conf = (struct conf){0};
}
