// SPDX-License-Identifier: GPL-2.0-or-later
/* The map of drained buckets: nothing new reaches them, though their sockets stay. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "drained.h"
#include "error.h"

int pmr_drained_open(const struct pmr_cluster *cluster, struct pmreuseport_error *error)
{
	return pmr_cluster_map(cluster, "drained", BPF_MAP_TYPE_ARRAY, sizeof(__u32),
			       sizeof(struct pmr_drained), error);
}

static int map_error(const struct pmr_cluster *cluster, const char *verb, int err,
		     struct pmreuseport_error *error)
{
	return pmr_error(error, err, "cannot %s which buckets of cluster \"%s\" are drained (%s)",
			 "run as the owner of its pins or as root", verb, cluster->name,
			 strerror(-err));
}

int pmr_drained_load(int fd, const struct pmr_cluster *cluster, struct pmr_drained *drained,
		     struct pmreuseport_error *error)
{
	__u32 zero = 0;
	int err = bpf_map_lookup_elem(fd, &zero, drained);

	return err ? map_error(cluster, "read", err, error) : 0;
}

void pmr_drained_read(const struct pmr_cluster *cluster, struct pmr_drained *drained)
{
	int fd = pmr_drained_open(cluster, NULL);

	if (fd < 0 || pmr_drained_load(fd, cluster, drained, NULL))
		*drained = (struct pmr_drained){0};
	if (fd >= 0)
		close(fd);
}

void pmr_drained_set(struct pmr_drained *drained, unsigned int index, bool drain)
{
	__u64 *word = index < 64 ? &drained->low : &drained->high;
	const __u64 bit = 1ull << index % 64;

	*word = drain ? *word | bit : *word & ~bit;
}

int pmr_drained_store(int fd, const struct pmr_cluster *cluster, const struct pmr_drained *drained,
		      struct pmreuseport_error *error)
{
	__u32 zero = 0;
	int err = bpf_map_update_elem(fd, &zero, drained, BPF_ANY);

	return err ? map_error(cluster, "write", err, error) : 0;
}

int pmr_drained_forget(const struct pmr_cluster *cluster, unsigned int from,
		       struct pmreuseport_error *error)
{
	struct pmr_drained drained;
	int fd = pmr_drained_open(cluster, error), err;

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	err = pmr_drained_load(fd, cluster, &drained, error);
	for (; !err && from < PMR_MAX_BUCKETS; from++)
		pmr_drained_set(&drained, from, false);
	if (!err)
		err = pmr_drained_store(fd, cluster, &drained, error);
	close(fd);
	return err;
}
