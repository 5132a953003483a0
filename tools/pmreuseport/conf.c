/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"

static int add_line(struct conf *conf, const char *file, unsigned int number, const char *text,
		    size_t length, struct pmreuseport_error *error)
{
	struct conf_entry *entry;

	if (number > CONF_LINES_MAX)
		return pmr_error(error, -E2BIG,
				 "%.200s has more than %d lines, and pmacct reads no more; make it "
				 "shorter",
				 file, CONF_LINES_MAX);
	if (length > CONF_LINE_MAX || strlen(text) != length)
		return pmr_error(error, -EINVAL,
				 "line %u of %.200s has %s, which pmacct does not read as one line "
				 "of text; correct it",
				 number, file,
				 length > CONF_LINE_MAX ? "more than 10239 bytes" : "a byte 0");
	entry = realloc(conf->list, (conf->n + 1) * sizeof(*entry));
	if (!entry)
		return pmr_error(error, -ENOMEM, "no memory to read %.200s; free some", file);
	conf->list = entry;
	entry = &conf->list[conf->n];
	conf_line_read(text, &entry->line);
	if (!entry->line.key[0] && !entry->line.wrong)
		return 0;
	entry->number = number;
	entry->includes =
		entry->line.wrong && !strncasecmp(text + strspn(text, " \t@"), "include", 7);
	entry->value = strndup(text + entry->line.value_at, entry->line.value_length);
	if (!entry->value)
		return pmr_error(error, -ENOMEM, "no memory to read %.200s; free some", file);
	conf->n++;
	return 0;
}

static FILE *open_file(const char *file, struct pmreuseport_error *error)
{
	struct stat st;
	FILE *in;
	int fd;

	/* O_NONBLOCK: a FIFO must not hang us. */
	fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0) {
		pmr_error(error, -errno, "cannot open %.200s (%s); name a configuration file", file,
			  strerror(errno));
		return NULL;
	}
	in = !fstat(fd, &st) && S_ISREG(st.st_mode) ? fdopen(fd, "r") : NULL;
	if (!in) {
		pmr_error(error, -EINVAL,
			  "%.200s is not a regular file, which pmacct insists on; name a "
			  "configuration file",
			  file);
		close(fd);
	}
	return in;
}

int conf_read(struct conf *conf, const char *file, struct pmreuseport_error *error)
{
	FILE *in = open_file(file, error);
	unsigned int number = 0;
	char *text = NULL;
	ssize_t length;
	size_t size = 0;
	int err = 0;

	*conf = (struct conf){0};
	if (!in)
		return -EINVAL;
	while (!err && (length = getline(&text, &size, in)) >= 0)
		err = add_line(conf, file, ++number, text, length, error);
	if (!err && ferror(in))
		err = pmr_error(error, -EIO, "cannot read %.200s; see whether its disk is well",
				file);
	free(text);
	fclose(in);
	return err;
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
