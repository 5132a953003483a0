// SPDX-License-Identifier: GPL-2.0-or-later
/* Drained buckets: nothing new reaches them, though their sockets stay where they are. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "internal.h"

static int open_map(const struct pmr_cluster *cluster, struct pmreuseport_error *error)
{
	return pmr_cluster_map(cluster, "drained", BPF_MAP_TYPE_ARRAY, sizeof(__u32),
			       sizeof(struct pmr_drained), error);
}

static int map_error(const struct pmr_cluster *cluster, const char *verb, int err,
		     struct pmreuseport_error *error)
{
	return pmr_error(error, err, "cannot %s which buckets of cluster \"%s\" are drained (%s)",
			 "run as the "
			 "owner of its pins or as root",
			 verb, cluster->name, strerror(-err));
}

static int read_map(int fd, const struct pmr_cluster *cluster, struct pmr_drained *drained,
		    struct pmreuseport_error *error)
{
	__u32 zero = 0;
	int err = bpf_map_lookup_elem(fd, &zero, drained);

	return err ? map_error(cluster, "read", err, error) : 0;
}

void pmr_drained_read(const struct pmr_cluster *cluster, struct pmr_drained *drained)
{
	int fd = open_map(cluster, NULL);

	if (fd < 0 || read_map(fd, cluster, drained, NULL))
		*drained = (struct pmr_drained){0};
	if (fd >= 0)
		close(fd);
}

static void set(struct pmr_drained *drained, unsigned int index, bool drain)
{
	__u64 *word = index < 64 ? &drained->low : &drained->high;
	const __u64 bit = 1ull << index % 64;

	*word = drain ? *word | bit : *word & ~bit;
}

static int write_map(int fd, const struct pmr_cluster *cluster, const struct pmr_drained *drained,
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
	int fd = open_map(cluster, error), err;

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	err = read_map(fd, cluster, &drained, error);
	for (; !err && from < PMR_MAX_BUCKETS; from++)
		set(&drained, from, false);
	if (!err)
		err = write_map(fd, cluster, &drained, error);
	close(fd);
	return err;
}

/* With the lock held. */
static int drain(const struct pmr_cluster *cluster, unsigned int index, bool on, bool *changed,
		 struct pmreuseport_error *error)
{
	const unsigned int buckets = pmr_cluster_number(cluster, "size");
	struct pmr_drained drained;
	bool nobody = false;
	int fd, err;

	if (index >= buckets)
		return pmr_error(error, -EINVAL, "there is no hash bucket %u in cluster \"%s\"",
				 "it has %u, counted "
				 "from 0",
				 index, cluster->name, buckets);
	fd = open_map(cluster, error);
	if (fd == -ENOENT)
		return pmr_error(error, -ENOTSUP,
				 "the selector of cluster \"%s\" cannot drain a bucket",
				 "remove "
				 "reuseport_bpf_prog to use the built-in one",
				 cluster->name);
	if (fd < 0)
		return fd;
	err = read_map(fd, cluster, &drained, error);
	if (err)
		goto out;
	*changed = pmr_is_drained(&drained, index) != on;
	set(&drained, index, on);
	if (on)
		err = pmr_live_only_beyond(cluster, buckets, &drained, &nobody, error);
	if (nobody)
		err = pmr_error(error, -EBUSY,
				"without hash bucket %u nobody would take the exporters of "
				"cluster \"%s\"",
				"start or undrain another one first", index, cluster->name);
	if (!err)
		err = write_map(fd, cluster, &drained, error);
out:
	close(fd);
	return err;
}

int pmr_drain(const char *name, unsigned int index, bool on, bool *changed,
	      struct pmreuseport_error *error)
{
	struct pmr_cluster cluster = {.lock = -1};
	int err;

	*changed = false;
	err = pmr_operate_open(&cluster, name, error);
	if (!err)
		err = drain(&cluster, index, on, changed, error);
	pmr_cluster_unlock(&cluster);
	return err;
}
