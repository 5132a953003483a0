/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "view/exporters.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/array.h"
#include "operator.h"
#include "view/list_file.h"

int exporters_add(struct exporters *exporters, const char *text, struct pmreuseport_error *error)
{
	struct exporter exporter = {.family = AF_INET}, *added;

	if (inet_pton(AF_INET, text, &exporter.address) != 1) {
		exporter.family = AF_INET6;
		if (inet_pton(AF_INET6, text, &exporter.address) != 1)
			return pmr_error(error, -EINVAL, "'%.100s' is no IP address",
					 "give one like 198.51.100.7 or 2001:db8::7", text);
	}
	added = array_add(&exporters->list, &exporters->n);
	if (!added)
		return pmr_error(error, -ENOMEM, "out of memory for %zu addresses",
				 "add memory, or raise the memory limit", exporters->n + 1);
	*added = exporter;
	return 0;
}

static int add_line(char *line, void *exporters, struct pmreuseport_error *error)
{
	return exporters_add(exporters, line, error);
}

int exporters_read(struct exporters *exporters, const char *path, struct pmreuseport_error *error)
{
	return list_file_each(path, add_line, exporters, error);
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
