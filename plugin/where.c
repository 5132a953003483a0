// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where the next packet of an address goes: the selector's decision (reuseport.bpf.c),
 * taken from the same maps.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "internal.h"

/* -ENOENT, and no sentence: it is not there. */
static int open_map(const char *directory, const char *map, __u32 value_size,
		    struct pmreuseport_error *error)
{
	char path[PMR_PATH_MAX + 32];

	snprintf(path, sizeof(path), "%s/%s", directory, map);
	return pmr_bpffs_open(path, BPF_MAP_TYPE_ARRAY, value_size, error);
}

static int read_error(int err, const char *what, struct pmreuseport_error *error)
{
	return pmr_error(error, err,
			 "cannot read the map \"%s\" (%s); see whether somebody else changes %s",
			 what, strerror(-err), PMR_ROOT);
}

int pmr_where_open(struct pmr_where *where, const char *cluster, const char *endpoint,
		   struct pmreuseport_error *error)
{
	char path[PMR_PATH_MAX + 1];
	struct pmr_cluster named;
	int err;

	*where = (struct pmr_where){-1, -1, -1, -1, -1};
	pmr_cluster_name(&named, cluster);
	snprintf(path, sizeof(path), "%s/%s", named.path, endpoint);

	where->slots = open_map(named.path, "slots", sizeof(pmr_slot_t), error);
	if (where->slots == -ENOENT)
		return pmr_error(error, -ENOTSUP,
				 "the selector of cluster \"%s\" has no slot table, so only itself "
				 "knows where an exporter goes; remove reuseport_bpf_prog to use "
				 "the built-in one",
				 cluster);
	if (where->slots < 0)
		return where->slots;
	err = where->nonce = open_map(named.path, "nonce", sizeof(__u32), error);
	if (err >= 0)
		err = where->size = open_map(named.path, "size", sizeof(__u32), error);
	if (err >= 0)
		err = where->targets = pmr_live_open_array(path, endpoint, error);
	if (err == -ENOENT)
		read_error(err, "nonce, size or targets", error);
	if (err < 0)
		goto fail;
	/* Without it the selector is of a version that always hashes again. */
	err = where->fallback = open_map(named.path, "fallback", sizeof(__u32), error);
	if (err < 0 && err != -ENOENT)
		goto fail;
	return 0;
fail:
	pmr_where_close(where);
	return err;
}

void pmr_where_close(struct pmr_where *where)
{
	const int fds[] = {where->nonce, where->size, where->slots, where->fallback,
			   where->targets};
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
		return pmr_error(error, -ENOMEM, "no memory for the slot table; free some");
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
	__u32 drop = PMR_FALLBACK_REHASH, bucket;
	__u64 cookie;
	int err;

	memset(view, 0, sizeof(*view));
	err = read_number(where->nonce, &view->nonce, "nonce", error);
	if (!err)
		err = read_number(where->size, &view->buckets, "size", error);
	if (!err && where->fallback >= 0)
		err = read_number(where->fallback, &drop, "fallback", error);
	if (!err)
		err = pmr_slots_read(where->slots, view->slots, error);
	view->drop = drop == PMR_FALLBACK_DROP;
	for (bucket = 0; !err && bucket < PMR_MAX_BUCKETS; bucket++) {
		err = bpf_map_lookup_elem(where->targets, &bucket, &cookie);
		view->live[bucket] = !err;
		err = err && err != -ENOENT ? read_error(err, "targets", error) : 0;
	}
	return err;
}

static __u32 bucket_of(const struct pmr_view *view, __u32 hash)
{
	pmr_slot_t slot = view->slots[pmr_slot(hash)];

	return slot ? slot - 1 : hash % view->buckets;
}

static __u32 hash_of(int family, const void *address, __u32 nonce)
{
	static const __u8 mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
	__u32 words[4];

	memcpy(words, address, family == AF_INET ? 4 : 16);
	if (family == AF_INET)
		return pmr_hash(words, 1, nonce);
	return memcmp(words, mapped, sizeof(mapped)) ? pmr_hash(words, 4, nonce)
						     : pmr_hash(&words[3], 1, nonce);
}

/* A table of somebody else's may name buckets that no array has. */
static bool is_live(const struct pmr_view *view, __u32 bucket)
{
	return bucket < PMR_MAX_BUCKETS && view->live[bucket];
}

/* The home is dead: the same tries in the same order as the selector's. */
static enum pmr_decision fail_over(const struct pmr_view *view, __u32 hash, unsigned int *bucket)
{
	__u32 stride, last, i;

	for (i = 0; i < PMR_REHASH_TRIES; i++) {
		*bucket = bucket_of(view, pmr_rehash(hash, i));
		if (is_live(view, *bucket))
			return PMR_FAILOVER;
	}
	last = *bucket;
	stride = pmr_rehash(hash, PMR_REHASH_TRIES) | 1;
	for (i = 1; i <= PMR_MAX_BUCKETS; i++) {
		*bucket = (last + i * stride) & (PMR_MAX_BUCKETS - 1);
		if (*bucket < view->buckets && is_live(view, *bucket))
			return PMR_FAILOVER;
	}
	return PMR_KERNEL;
}

struct pmr_place pmr_view_place(const struct pmr_view *view, int family, const void *address)
{
	struct pmr_place place = {.decision = PMR_KERNEL};
	__u32 hash;

	if (!view->buckets)
		return place;
	hash = hash_of(family, address, view->nonce);
	place.home = place.bucket = bucket_of(view, hash);
	if (is_live(view, place.home))
		place.decision = PMR_PRIMARY;
	else if (view->drop)
		place.decision = PMR_DROPPED;
	else
		place.decision = fail_over(view, hash, &place.bucket);
	return place;
}

int pmr_where(const struct pmr_where *where, int family, const void *address,
	      struct pmr_place *place, struct pmreuseport_error *error)
{
	struct pmr_view *view = malloc(sizeof(*view));
	int err;

	if (!view)
		return pmr_error(error, -ENOMEM, "no memory for the slot table; free some");
	err = pmr_where_look(where, view, error);
	if (!err)
		*place = pmr_view_place(view, family, address);
	free(view);
	return err;
}
