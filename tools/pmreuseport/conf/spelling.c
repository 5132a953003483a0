/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "conf/spelling.h"

#include "common/nearest.h"

#include <string.h>

/* What is typed wrong in one place: a letter more, less, or another one, or two of them. */
#define NEAR 2

static const char *const ours[] = {
	"reuseport_hashbucket_count",
	"reuseport_hashbucket_index",
	"reuseport_bpf_prog",
	"reuseport_fallback",
	"cluster_name",
};

const char *spelling_of(const char *key)
{
	size_t distance = 0;
	const char *nearest = nearest_word(key, ours, sizeof(ours) / sizeof(ours[0]), &distance);

	if (!nearest || !distance)
		return NULL;
	return distance <= NEAR || !strncmp(key, "reuseport", 9) ? nearest : NULL;
}
