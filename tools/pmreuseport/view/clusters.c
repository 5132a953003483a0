/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "view/clusters.h"

#include <errno.h>
#include <stdlib.h>

int clusters_read(struct clusters *clusters, const char *name, struct pmreuseport_error *error)
{
	char(*names)[PMREUSEPORT_CLUSTER_NAME_MAX + 1] = NULL;
	size_t n = 1, i;
	int err = 0;

	*clusters = (struct clusters){0};
	if (!name)
		err = pmr_clusters(&names, &n, error);
	if (!err) {
		clusters->list = calloc(n, sizeof(*clusters->list));
		if (!clusters->list)
			err = pmr_error(error, -ENOMEM, "out of memory for a list of clusters",
					"add memory, or raise the memory limit");
	}
	for (i = 0; !err && i < n; i++) {
		struct cluster_status *status = &clusters->list[clusters->n];

		err = cluster_status_read(status, names ? names[i] : name, error);
		if (err)
			cluster_status_free(status);
		else
			clusters->n++;
		/* Removed since it was listed: an error only if no other cluster is left. */
		if (err == -ENOENT && (clusters->n || i + 1 < n))
			err = 0;
	}
	free(names);
	return err;
}

void clusters_free(struct clusters *clusters)
{
	while (clusters->n)
		cluster_status_free(&clusters->list[--clusters->n]);
	free(clusters->list);
	*clusters = (struct clusters){0};
}
