// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The tables that every instance of a cluster shares: seed, nonce, slots, fallback, size.
 *
 * The selector reads them while we write. Each single write leaves a valid state: a
 * slot belongs to its old bucket or to its new one, and a larger size only allows more
 * buckets. So a change needs no pause, and half a change does no harm.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "configuration.h"
#include "error.h"
#include "live_sockets.h"
#include "seed.h"
#include "slots.h"
#include "tables.h"

/* The maps have the values of the configuration. */
_Static_assert(PMREUSEPORT_MAX_BUCKETS == PMR_MAX_BUCKETS, "one maximum of buckets");
_Static_assert((int)PMREUSEPORT_DROP == PMR_FALLBACK_DROP, "one number for drop");

static int write_number(int fd, __u32 value)
{
	__u32 key = 0;

	return bpf_map_update_elem(fd, &key, &value, BPF_ANY);
}

/* Makes the table one for count buckets. A write takes it out of the caches of other CPUs. */
static int write_slots(int fd, const pmr_slot_t now[PMR_SLOTS], unsigned int count)
{
	pmr_slot_t slots[PMR_SLOTS];

	pmr_slots_fill(slots, count);
	return memcmp(slots, now, sizeof(slots)) ? pmr_slots_write(fd, slots) : 0;
}

/* The largest bucket in the table, plus one. */
static unsigned int buckets_in(const pmr_slot_t slots[PMR_SLOTS])
{
	unsigned int key, n = 0;

	for (key = 0; key < PMR_SLOTS; key++)
		if (slots[key] > n)
			n = slots[key];
	return n;
}

static int write_error(const struct pmr_cluster *cluster, int err, struct pmreuseport_error *error)
{
	return pmr_error(error, err, "cannot write the tables of cluster \"%s\" (%s)",
			 "run as the owner of its pins or as root", cluster->name, strerror(-err));
}

struct pmr_tables_before {
	__u32 nonce, fallback, size;
	struct pmr_seed seed;
	struct pmr_drained drained;
	pmr_slot_t slots[PMR_SLOTS];
};

/* All is read before anything is written. */
static int read_all(const struct pmr_object *object, struct pmr_tables_before **result)
{
	struct pmr_tables_before *before = calloc(1, sizeof(*before));
	__u32 key = 0;
	int err;

	*result = before;
	if (!before)
		return -ENOMEM;
	err = bpf_map_lookup_elem(bpf_map__fd(object->nonce), &key, &before->nonce);
	if (!err)
		err = bpf_map_lookup_elem(bpf_map__fd(object->size), &key, &before->size);
	if (!err && object->seed)
		err = bpf_map_lookup_elem(bpf_map__fd(object->seed), &key, &before->seed);
	if (!err && object->fallback)
		err = bpf_map_lookup_elem(bpf_map__fd(object->fallback), &key, &before->fallback);
	if (!err && object->drained)
		err = bpf_map_lookup_elem(bpf_map__fd(object->drained), &key, &before->drained);
	if (!err && object->slots)
		err = pmr_slots_read(bpf_map__fd(object->slots), before->slots, NULL);
	if (err) {
		pmr_tables_forget(before);
		*result = NULL;
	}
	return err;
}

static int write_drained(const struct pmr_object *object, const struct pmr_drained *drained)
{
	__u32 key = 0;

	return bpf_map_update_elem(bpf_map__fd(object->drained), &key, drained, BPF_ANY);
}

static int write_seed(const struct pmr_object *object, const struct pmr_seed *seed, __u32 nonce)
{
	__u32 key = 0;
	int err = 0;

	if (object->seed)
		err = bpf_map_update_elem(bpf_map__fd(object->seed), &key, seed, BPF_ANY);
	return err ? err : write_number(bpf_map__fd(object->nonce), nonce);
}

int pmr_tables_write(const struct pmr_object *object, const struct pmr_cluster *cluster,
		     const struct pmreuseport_config *config, struct pmr_tables_before **before,
		     struct pmreuseport_error *error)
{
	const char *name = pmr_seed_of(config);
	struct pmr_seed seed = {0};
	int err = read_all(object, before);

	snprintf(seed.name, sizeof(seed.name), "%s", name);
	if (!err)
		err = write_seed(object, &seed, pmr_seed_hash(name));
	if (!err && object->slots)
		err = write_slots(bpf_map__fd(object->slots), (*before)->slots, config->count);
	if (!err && object->fallback)
		err = write_number(bpf_map__fd(object->fallback), config->fallback);
	/* It was set for a process that has ended. */
	if (!err && object->drained)
		err = write_drained(object, &(struct pmr_drained){0});
	if (!err)
		err = write_number(bpf_map__fd(object->size), config->count);
	return err ? write_error(cluster, err, error) : 0;
}

/* A table that cannot be written now could not be written before. */
void pmr_tables_restore(const struct pmr_object *object, const struct pmr_tables_before *before)
{
	if (!before)
		return;
	write_number(bpf_map__fd(object->size), before->size);
	if (object->drained)
		write_drained(object, &before->drained);
	if (object->fallback)
		write_number(bpf_map__fd(object->fallback), before->fallback);
	if (object->slots)
		pmr_slots_write(bpf_map__fd(object->slots), before->slots);
	write_seed(object, &before->seed, before->nonce);
}

void pmr_tables_forget(struct pmr_tables_before *before)
{
	free(before);
}

static int open_table(const struct pmr_cluster *cluster, const char *map, __u32 value_size,
		      struct pmreuseport_error *error)
{
	return pmr_cluster_map(cluster, map, BPF_MAP_TYPE_ARRAY, sizeof(__u32), value_size, error);
}

int pmr_tables_grow(const struct pmr_cluster *cluster, struct pmr_growth *growth,
		    struct pmreuseport_error *error)
{
	unsigned int count = pmr_cluster_number(cluster, "size");
	pmr_slot_t slots[PMR_SLOTS];
	unsigned int n;
	int fd, err;

	*growth = (struct pmr_growth){0};
	fd = open_table(cluster, "slots", PMR_SLOTS_SIZE, error);
	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	err = pmr_slots_read(fd, slots, error);
	if (err)
		goto out;
	n = buckets_in(slots);
	if (n && n < count) {
		err = pmr_live_everywhere(cluster, n, &count, growth->missing, error);
		if (err)
			goto out;
		n = count;
	}
	if (n) {
		err = write_slots(fd, slots, n);
		if (err)
			write_error(cluster, err, error);
	}
	growth->in_use = n;
out:
	close(fd);
	return err;
}

int pmr_tables_resize(const struct pmr_cluster *cluster, unsigned int count,
		      struct pmr_growth *growth, struct pmreuseport_error *error)
{
	pmr_slot_t now[PMR_SLOTS];
	int slots, size, err = 0;

	slots = open_table(cluster, "slots", PMR_SLOTS_SIZE, error);
	if (slots == -ENOENT)
		return pmr_error(error, -ENOTSUP,
				 "the selector of cluster \"%s\" has no slot table, so its count "
				 "cannot be changed under live instances",
				 "stop all, set reuseport_hashbucket_count to %u, and start them",
				 cluster->name, count);
	if (slots < 0)
		return slots;
	size = open_table(cluster, "size", sizeof(__u32), error);
	if (size < 0) {
		err = size == -ENOENT ? write_error(cluster, size, error) : size;
		goto out;
	}

	/* When shrinking, the removed buckets must leave the table first. */
	err = pmr_slots_read(slots, now, NULL);
	if (!err && buckets_in(now) > count)
		err = write_slots(slots, now, count);
	if (!err)
		err = write_number(size, count);
	close(size);
	if (err) {
		write_error(cluster, err, error);
		goto out;
	}
	err = pmr_tables_grow(cluster, growth, error);
out:
	close(slots);
	return err;
}
