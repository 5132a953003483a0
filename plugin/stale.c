// SPDX-License-Identifier: GPL-2.0-or-later
/* What dead endpoints of other network namespaces have left. */
#include <dirent.h>
#include <stdio.h>
#include <unistd.h>

#include "endpoint.h"
#include "endpoint_dir.h"
#include "live_sockets.h"
#include "stale.h"

static int remove_stale(const char *path, const char *name, void *context,
			struct pmreuseport_error *error)
{
	char pin[PMR_PIN_PATH_MAX];
	struct dirent *entry;
	unsigned int live;
	DIR *dir;

	(void)error;
	if (pmr_endpoint_same_netns(name, context) ||
	    pmr_live_in_endpoint(path, name, &live, NULL) || live)
		return 0;
	dir = opendir(path);
	if (!dir)
		return 0;
	while ((entry = readdir(dir))) {
		snprintf(pin, sizeof(pin), "%s/%.31s", path, entry->d_name);
		unlink(pin);
	}
	closedir(dir);
	rmdir(path);
	return 0;
}

void pmr_stale_remove(const struct pmr_cluster *cluster, const char *endpoint_name)
{
	pmr_endpoint_each(cluster, remove_stale, (void *)endpoint_name, NULL);
}
