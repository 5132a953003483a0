/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "exporters.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

int exporters_add(struct exporters *exporters, const char *text, struct pmreuseport_error *error)
{
	struct exporter exporter = {.family = AF_INET}, *grown;
	const size_t n = exporters->n;

	if (inet_pton(AF_INET, text, &exporter.address) != 1) {
		exporter.family = AF_INET6;
		if (inet_pton(AF_INET6, text, &exporter.address) != 1)
			return pmr_error(error, -EINVAL,
					 "'%.100s' is no IP address; give one like 198.51.100.7 "
					 "or 2001:db8::7",
					 text);
	}
	/* A power of two: full. */
	if (!(n & (n - 1))) {
		grown = realloc(exporters->list, (n ? 2 * n : 1) * sizeof(*grown));
		if (!grown)
			return pmr_error(error, -ENOMEM, "no memory for %zu addresses; free some",
					 n);
		exporters->list = grown;
	}
	exporters->list[exporters->n++] = exporter;
	return 0;
}

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

static int add_lines(struct exporters *exporters, FILE *file, const char *name,
		     struct pmreuseport_error *error)
{
	struct pmreuseport_error why = {""};
	unsigned long number = 0;
	char *line = NULL, *word;
	size_t size = 0;
	int err = 0;

	while (!err && getline(&line, &size, file) >= 0) {
		number++;
		word = word_of(line);
		if (*word)
			err = exporters_add(exporters, word, &why);
	}
	free(line);
	if (err)
		return pmr_error(error, err, "line %lu of %.200s: %s", number, name, why.text);
	if (ferror(file))
		return pmr_error(error, -EIO, "cannot read %.200s (%s); see what it is", name,
				 strerror(errno));
	return 0;
}

int exporters_read(struct exporters *exporters, const char *path, struct pmreuseport_error *error)
{
	FILE *file;
	int err;

	if (!strcmp(path, "-"))
		return add_lines(exporters, stdin, "standard input", error);
	file = fopen(path, "re");
	if (!file)
		return pmr_error(error, -errno, "cannot open %.200s (%s); name a file of addresses",
				 path, strerror(errno));
	err = add_lines(exporters, file, path, error);
	fclose(file);
	return err;
}

const char *exporter_text(const struct exporter *exporter)
{
	static char text[INET6_ADDRSTRLEN];

	return inet_ntop(exporter->family, &exporter->address, text, sizeof(text));
}

void exporters_free(struct exporters *exporters)
{
	free(exporters->list);
	*exporters = (struct exporters){0};
}
