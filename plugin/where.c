// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where the next packet of an address goes: the selector's decision (reuseport.bpf.c),
 * taken from the same maps. They are read anew for each question, so the answer is of
 * now, whatever has joined, died or been resized since the last one.
 */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
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

/* An entry of an array map. */
static int read_entry(int fd, __u32 key, __u32 *value, const char *what,
		      struct pmreuseport_error *error)
{
	int err = bpf_map_lookup_elem(fd, &key, value);

	return err ? read_error(err, what, error) : 0;
}

static int bucket_of(const struct pmr_where *where, __u32 hash, __u32 buckets, __u32 *bucket,
		     struct pmreuseport_error *error)
{
	pmr_slot_t slot;
	int err = read_entry(where->slots, pmr_slot(hash), &slot, "slots", error);

	*bucket = slot ? slot - 1 : hash % buckets;
	return err;
}

/* 1: the bucket holds a live socket. 0: it does not. Otherwise an error. */
static int is_live(const struct pmr_where *where, __u32 bucket, struct pmreuseport_error *error)
{
	__u64 cookie;
	int err = bpf_map_lookup_elem(where->targets, &bucket, &cookie);

	if (!err || err == -ENOENT)
		return !err;
	return read_error(err, "targets", error);
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

/* The home is dead: the same tries in the same order as the selector's. */
static int fail_over(const struct pmr_where *where, __u32 hash, __u32 buckets,
		     struct pmr_place *place, struct pmreuseport_error *error)
{
	__u32 bucket = place->home, stride, last, i;
	int live = 0, err;

	place->decision = PMR_FAILOVER;
	for (i = 0; i < PMR_REHASH_TRIES; i++) {
		err = bucket_of(where, pmr_rehash(hash, i), buckets, &bucket, error);
		live = err ? err : is_live(where, bucket, error);
		if (live)
			goto out;
	}
	last = bucket;
	stride = pmr_rehash(hash, PMR_REHASH_TRIES) | 1;
	for (i = 1; i <= PMR_MAX_BUCKETS; i++) {
		bucket = (last + i * stride) & (PMR_MAX_BUCKETS - 1);
		live = bucket < buckets ? is_live(where, bucket, error) : 0;
		if (live)
			goto out;
	}
	place->decision = PMR_KERNEL;
out:
	place->bucket = bucket;
	return live < 0 ? live : 0;
}

int pmr_where(const struct pmr_where *where, int family, const void *address,
	      struct pmr_place *place, struct pmreuseport_error *error)
{
	__u32 nonce, buckets, drop = PMR_FALLBACK_REHASH, hash;
	int err;

	memset(place, 0, sizeof(*place));
	err = read_entry(where->nonce, 0, &nonce, "nonce", error);
	if (!err)
		err = read_entry(where->size, 0, &buckets, "size", error);
	if (!err && where->fallback >= 0)
		err = read_entry(where->fallback, 0, &drop, "fallback", error);
	if (err)
		return err;
	if (!buckets) {
		place->decision = PMR_KERNEL;
		return 0;
	}

	hash = hash_of(family, address, nonce);
	err = bucket_of(where, hash, buckets, &place->home, error);
	if (err)
		return err;
	err = is_live(where, place->home, error);
	if (err < 0)
		return err;
	place->bucket = place->home;
	place->decision = err ? PMR_PRIMARY : PMR_DROPPED;
	if (err || drop == PMR_FALLBACK_DROP)
		return 0;
	return fail_over(where, hash, buckets, place, error);
}
