/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conf/spelling.h"

#include "common/nearest.h"

#include <string.h>

/* The edit distance of a typing error: one or two letters. */
#define NEAR 2

static const char *const known[] = {
	"reuseport_hashbucket_count",
	"reuseport_hashbucket_index",
	"reuseport_bpf_prog",
	"reuseport_fallback",
	"reuseport_endpoints",
	"reuseport_quarantine",
	"reuseport_seed",
	"cluster_name",
};

const char *spelling_of(const char *key)
{
	size_t distance = 0;
	const char *nearest = nearest_word(key, known, sizeof(known) / sizeof(known[0]), &distance);

	if (!nearest || !distance)
		return NULL;
	return distance <= NEAR || !strncmp(key, "reuseport", 9) ? nearest : NULL;
}
