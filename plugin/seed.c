// SPDX-License-Identifier: GPL-2.0-or-later
/* The seed of the hash. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "configuration.h"
#include "error.h"
#include "keys.h"
#include "seed.h"

_Static_assert(PMREUSEPORT_SEED_MAX + 1 == PMR_SEED_SIZE, "one maximum length");
_Static_assert(PMREUSEPORT_SEED_MAX >= PMREUSEPORT_CLUSTER_NAME_MAX, "each cluster name fits");

const char *pmr_seed_of(const struct pmreuseport_config *config)
{
	if (config->seed)
		return config->seed;
	return config->ha_cluster ? config->ha_cluster : config->cluster;
}

/*
 * FNV-1a of the name. A seed that is the same after a reboot keeps an exporter
 * in its bucket, next to what the instance has stored for it (templates).
 */
__u32 pmr_seed_hash(const char *name)
{
	__u32 h = 2166136261u;

	for (; *name; name++)
		h = (h ^ (unsigned char)*name) * 16777619u;
	return h ? h : 1;
}

static bool is_printable(char c)
{
	return c >= ' ' && c <= '~';
}

int pmr_seed_check(const struct pmreuseport_config *config, struct pmreuseport_error *error)
{
	const char *name = pmr_seed_of(config), *c;

	for (c = name; is_printable(*c); c++)
		;
	if (c > name && !*c && c - name <= PMREUSEPORT_SEED_MAX)
		return 0;
	return pmr_error(error, -EINVAL, "%s is \"%.100s\", which cannot be a seed",
			 "set %s to a name of 1 to %d printable ASCII characters",
			 config->seed ? PMR_KEY_SEED : "*_ha_cluster_name", name, PMR_KEY_SEED,
			 PMREUSEPORT_SEED_MAX);
}

void pmr_seed_read(const struct pmr_cluster *cluster, struct pmr_seed *seed)
{
	__u32 key = 0;
	char *c;
	int fd;

	memset(seed, 0, sizeof(*seed));
	fd = pmr_cluster_map(cluster, "seed", BPF_MAP_TYPE_ARRAY, sizeof(key), sizeof(*seed), NULL);
	if (fd < 0)
		return;
	if (bpf_map_lookup_elem(fd, &key, seed))
		memset(seed, 0, sizeof(*seed));
	close(fd);
	seed->name[sizeof(seed->name) - 1] = '\0';
	for (c = seed->name; *c; c++)
		if (!is_printable(*c))
			*c = '?';
}

int pmr_seed_check_live(const struct pmr_cluster *cluster, const struct pmr_object *object,
			const struct pmreuseport_config *config, struct pmreuseport_error *error)
{
	const char *name = pmr_seed_of(config);
	struct pmr_seed seed;

	pmr_seed_read(cluster, &seed);
	if (object->seed && strcmp(seed.name, name))
		return pmr_refuse(error, PMREUSEPORT_OTHER_SEED, -EEXIST,
				  "the seed of the mapping is \"%s\", but live instances of "
				  "cluster \"%s\" use \"%s\"",
				  "set reuseport_seed to the same name in all of them, or stop "
				  "them all first",
				  name, cluster->name, seed.name);
	/* An object of others has no map for the name. */
	if (pmr_cluster_number(cluster, "nonce") != pmr_seed_hash(name))
		return pmr_refuse(error, PMREUSEPORT_OTHER_SEED, -EEXIST,
				  "the seed of the mapping is \"%s\", but live instances of "
				  "cluster \"%s\" use another one",
				  "set reuseport_seed to the same name in all of them, or stop "
				  "them all first",
				  name, cluster->name);
	return 0;
}
