// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where the next packet of an address goes: the selector's decision (reuseport.bpf.c),
 * taken from the same maps.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "internal.h"

static int open_array(const struct pmr_cluster *cluster, const char *map, __u32 value_size,
		      struct pmreuseport_error *error)
{
	return pmr_cluster_map(cluster, map, BPF_MAP_TYPE_ARRAY, sizeof(__u32), value_size, error);
}

static int read_error(int err, const char *what, struct pmreuseport_error *error)
{
	return pmr_error(error, err, "cannot read the map \"%s\" (%s)",
			 "see whether somebody else changes %s", what, strerror(-err), PMR_ROOT);
}

/* Without such a map the selector is of a version that knows nothing of the matter. */
static int optional(int fd)
{
	return fd >= 0 || fd == -ENOENT ? 0 : fd;
}

static int open_optional(struct pmr_where *where, const struct pmr_cluster *cluster,
			 struct pmreuseport_error *error)
{
	int err;

	err = optional(where->fallback = open_array(cluster, "fallback", sizeof(__u32), error));
	if (!err)
		err = optional(where->drained = open_array(cluster, "drained",
							   sizeof(struct pmr_drained), error));
	return err ? err : pmr_pins_open(cluster, &where->pinned, &where->overrides, error);
}

int pmr_where_open(struct pmr_where *where, const char *name, const char *endpoint,
		   struct pmreuseport_error *error)
{
	char path[PMR_PATH_MAX + 1];
	struct pmr_cluster cluster;
	int err;

	*where = (struct pmr_where){-1, -1, -1, -1, -1, -1, -1, -1};
	pmr_cluster_name(&cluster, name);
	snprintf(path, sizeof(path), "%s/%s", cluster.path, endpoint);

	where->slots = open_array(&cluster, "slots", sizeof(pmr_slot_t), error);
	if (where->slots == -ENOENT)
		return pmr_error(error, -ENOTSUP,
				 "the selector of cluster \"%s\" has no slot table, so only itself "
				 "knows where an exporter goes",
				 "remove reuseport_bpf_prog to use "
				 "the built-in one",
				 name);
	if (where->slots < 0)
		return where->slots;
	err = where->nonce = open_array(&cluster, "nonce", sizeof(__u32), error);
	if (err >= 0)
		err = where->size = open_array(&cluster, "size", sizeof(__u32), error);
	if (err >= 0)
		err = where->targets = pmr_live_open_array(path, endpoint, error);
	if (err == -ENOENT)
		read_error(err, "nonce, size or targets", error);
	if (err >= 0)
		err = open_optional(where, &cluster, error);
	if (err < 0)
		pmr_where_close(where);
	return err < 0 ? err : 0;
}

void pmr_where_close(struct pmr_where *where)
{
	const int fds[] = {where->nonce,    where->size,    where->slots,  where->targets,
			   where->fallback, where->drained, where->pinned, where->overrides};
	size_t i;

	for (i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

/* The one entry of an array map. */
static int read_number(int fd, __u32 *value, const char *what, struct pmreuseport_error *error)
{
	__u32 zero = 0;
	int err = bpf_map_lookup_elem(fd, &zero, value);

	return err ? read_error(err, what, error) : 0;
}

/* One by one, that takes 16384 system calls. */
int pmr_slots_read(int fd, pmr_slot_t slots[PMR_SLOTS], struct pmreuseport_error *error)
{
	__u32 n = PMR_SLOTS, next, *keys = malloc(PMR_SLOTS * sizeof(*keys));
	int err;

	if (!keys)
		return pmr_error(error, -ENOMEM, "out of memory for the slot table",
				 "free some memory, or raise the limit");
	err = bpf_map_lookup_batch(fd, NULL, &next, keys, slots, &n, NULL);
	free(keys);
	/* -ENOENT: that was the end of the map. */
	if (err && err != -ENOENT)
		return read_error(err, "slots", error);
	return n == PMR_SLOTS ? 0 : read_error(-EINVAL, "slots", error);
}

int pmr_where_look(const struct pmr_where *where, struct pmr_view *view,
		   struct pmreuseport_error *error)
{
	__u32 drop = PMR_FALLBACK_REHASH, zero = 0, bucket;
	__u64 cookie;
	int err;

	memset(view, 0, sizeof(*view));
	err = read_number(where->nonce, &view->nonce, "nonce", error);
	if (!err)
		err = read_number(where->size, &view->buckets, "size", error);
	if (!err && where->fallback >= 0)
		err = read_number(where->fallback, &drop, "fallback", error);
	if (!err && where->drained >= 0 &&
	    (err = bpf_map_lookup_elem(where->drained, &zero, &view->drained)))
		read_error(err, "drained", error);
	if (!err)
		err = pmr_slots_read(where->slots, view->slots, error);
	view->drop = drop == PMR_FALLBACK_DROP;
	for (bucket = 0; !err && bucket < PMR_MAX_BUCKETS; bucket++) {
		err = bpf_map_lookup_elem(where->targets, &bucket, &cookie);
		view->live[bucket] = !err;
		err = err && err != -ENOENT ? read_error(err, "targets", error) : 0;
	}
	return err ? err : pmr_pins_read(where->pinned, where->overrides, &view->pins, error);
}

static __u32 bucket_of(const struct pmr_view *view, __u32 hash)
{
	pmr_slot_t slot = view->slots[pmr_slot(hash)];

	return slot ? slot - 1 : hash % view->buckets;
}

/* A table of somebody else's may name buckets that no array has. */
bool pmr_view_is_open(const struct pmr_view *view, __u32 bucket)
{
	return bucket < PMR_MAX_BUCKETS && view->live[bucket] &&
	       !pmr_is_drained(&view->drained, bucket);
}

/* The home is dead: the same tries in the same order as the selector's. */
static enum pmr_decision fail_over(const struct pmr_view *view, __u32 hash, unsigned int *bucket)
{
	__u32 stride, last, i;

	for (i = 0; i < PMR_REHASH_TRIES; i++) {
		*bucket = bucket_of(view, pmr_rehash(hash, i));
		if (pmr_view_is_open(view, *bucket))
			return PMR_FAILOVER;
	}
	last = *bucket;
	stride = pmr_rehash(hash, PMR_REHASH_TRIES) | 1;
	for (i = 1; i <= PMR_MAX_BUCKETS; i++) {
		*bucket = (last + i * stride) & (PMR_MAX_BUCKETS - 1);
		if (*bucket < view->buckets && pmr_view_is_open(view, *bucket))
			return PMR_FAILOVER;
	}
	return PMR_KERNEL;
}

static bool is_dropped(const struct pmr_view *view, unsigned int bucket)
{
	return view->drop && !pmr_is_drained(&view->drained, bucket);
}

struct pmr_place pmr_view_place(const struct pmr_view *view, int family, const void *address)
{
	const struct pmr_source source = pmr_source_of(family, address);
	const struct pmr_pin *pin = pmr_pins_find(&view->pins, &source);
	struct pmr_place place = {.decision = PMR_KERNEL};
	__u32 hash;

	if (!view->buckets)
		return place;
	if (pin && pin->bucket >= view->buckets)
		pin = NULL;
	hash = pmr_hash_source(&source, view->nonce);
	place.home = place.bucket = pin ? pin->bucket : bucket_of(view, hash);
	if (pmr_view_is_open(view, place.home)) {
		place.decision = pin ? PMR_OVERRIDE : PMR_PRIMARY;
		return place;
	}
	if (is_dropped(view, place.bucket)) {
		place.decision = PMR_DROPPED;
		return place;
	}
	if (pin) {
		place.bucket = bucket_of(view, hash);
		if (pmr_view_is_open(view, place.bucket)) {
			place.decision = PMR_FAILOVER;
			return place;
		}
		if (is_dropped(view, place.bucket)) {
			place.decision = PMR_DROPPED;
			return place;
		}
	}
	place.decision = fail_over(view, hash, &place.bucket);
	return place;
}

int pmr_where(const struct pmr_where *where, int family, const void *address,
	      struct pmr_place *place, struct pmreuseport_error *error)
{
	struct pmr_view *view = calloc(1, sizeof(*view));
	int err;

	if (!view)
		return pmr_error(error, -ENOMEM, "out of memory for the slot table",
				 "free some memory, or raise the limit");
	err = pmr_where_look(where, view, error);
	if (!err)
		*place = pmr_view_place(view, family, address);
	free(view->pins.list);
	free(view);
	return err;
}
