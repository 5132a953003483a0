/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether live instances have found the selector of their cluster detached. */
#include "doctor/check_selector.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "operator.h"

static void say_reattached(struct findings *findings, const char *cluster,
			   const struct pmr_endpoint_status *endpoint, unsigned int b)
{
	const unsigned int n = endpoint->bucket[b].member.reattached;

	if (!n)
		return;
	findings_add(findings, "reattached", FINDING_WARN,
		     "hash bucket %u of cluster \"%s\" found the selector of %s detached %u "
		     "time%s, and attached it again",
		     b, cluster, endpoint->name, n, n == 1 ? "" : "s");
	findings_fix(findings, "find the process of the same user that detaches it or attaches "
			       "another program; the log of the instance has the times");
}

static int check_cluster(struct findings *findings, const char *cluster)
{
	struct pmreuseport_error error = {0};
	struct pmr_status status = {0};
	unsigned int b;
	size_t e;
	int err;

	err = pmr_status_read(&status, cluster, &error);
	for (e = 0; !err && e < status.n; e++)
		for (b = 0; b < PMR_MAX_BUCKETS; b++)
			say_reattached(findings, cluster, &status.endpoints[e], b);
	pmr_status_free(&status);
	/* Other checks report why else a cluster cannot be read. */
	if (err == -ETIMEDOUT)
		findings_add_error(findings, "reattached", FINDING_WARN, &error);
	return err;
}

static bool lock_is_held(const struct instances *instances)
{
	bool held = false;
	size_t i;

	for (i = 0; i < instances->n; i++)
		held |= instances->list[i].lock_is_held;
	return held;
}

bool check_selector(struct findings *findings, const struct instances *instances)
{
	char(*names)[PMREUSEPORT_CLUSTER_NAME_MAX + 1] = NULL;
	size_t n = 0, i;

	/* Reported already, after a minute. */
	if (lock_is_held(instances))
		return false;
	if (pmr_clusters(&names, &n, NULL))
		return true;
	for (i = 0; i < n && check_cluster(findings, names[i]) != -ETIMEDOUT; i++)
		;
	free(names);
	return i == n;
}
