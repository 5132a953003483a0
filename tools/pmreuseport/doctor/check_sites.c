/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Of the daemons of two sites with the same routers, only one writes what a router sends. So a
 * router must be in the bucket with the same index at both, which depends on count and seed.
 */
#include "doctor/check_sites.h"

#include <stddef.h>
#include <string.h>

/* The key that they have in common; NULL: these are not two sites. */
static const char *common(const struct instance *a, const struct instance *b)
{
	static const char *const keys[] = {"bmp_daemon_ha", "bgp_daemon_ha"};
	const char *of_a = a->config->ha_cluster, *of_b = b->config->ha_cluster;
	size_t i;

	if (!strcmp(a->config->cluster, b->config->cluster) || !of_a != !of_b ||
	    (of_a && strcmp(of_a, of_b)))
		return NULL;
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (conf_is_true(&a->conf, keys[i]) && conf_is_true(&b->conf, keys[i]))
			return keys[i];
	return NULL;
}

static void compare(struct findings *findings, const struct instance *a, const struct instance *b,
		    const char *key)
{
	const bool count = a->config->count != b->config->count;

	if (!count && !strcmp(pmr_seed_of(a->config), pmr_seed_of(b->config)))
		return;
	findings_add(findings, "sites", FINDING_WARN,
		     "%s is true in %s of cluster \"%s\" and in %s of cluster \"%s\", but they "
		     "differ in %s, so a router is in another bucket at the other site",
		     key, a->file, a->config->cluster, b->file, b->config->cluster,
		     count ? "reuseport_hashbucket_count" : "reuseport_seed");
	findings_fix(findings, "use the same count and the same reuseport_seed at all sites");
}

void check_sites(struct findings *findings, const struct instances *instances)
{
	const struct instance *a, *b, *end = instances->list + instances->n;
	const char *key;

	for (b = instances->list; b < end; b++)
		for (a = instances->list; a < b; a++) {
			key = a->balanced && b->balanced ? common(a, b) : NULL;
			if (!key)
				continue;
			compare(findings, a, b, key);
			/* The others of its cluster are compared with each other. */
			break;
		}
}
