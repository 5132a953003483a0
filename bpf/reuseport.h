/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the selector (BPF) and the library (host) must agree on: the layout of
 * the maps and the way from a source address to a slot. Both sides compile this
 * very code, so that a prediction made on the host is what the kernel does.
 */
#ifndef PMR_REUSEPORT_H
#define PMR_REUSEPORT_H

#include <linux/types.h>

/*
 * Entries in the arrays of sockets, hence the most hash buckets. Fixed by the
 * contract that public objects follow.
 */
#define PMR_MAX_BUCKETS 128

/*
 * Slots of a cluster. A power of two, so that a slot is a mask away from the
 * hash, and large enough that 128 buckets hold 128 slots each.
 */
#define PMR_SLOTS 16384

/*
 * How often the selector hashes again when a bucket has no live socket, before
 * it goes through all of them. With half of the buckets dead one in 256 of their
 * exporters gets that far.
 */
#define PMR_REHASH_TRIES 8

/*
 * An entry of map "slots": the bucket plus one. Zero, what the kernel fills a
 * new map with, means that the table was never written.
 *
 * Objects that have this map share one way from address to bucket, so that versions
 * of ours can follow each other while instances live. Whoever changes that way (hash,
 * slots, failover) must give the map another name.
 */
typedef __u32 pmr_slot_t;

/* An entry of map "counters": what a bucket was given. */
struct pmr_traffic {
	__u64 packets; /* datagrams, or new TCP connections (twice with SYN cookies) */
	__u64 bytes;   /* from the transport header on */
};

/* The index into map "decisions". */
enum pmr_decision {
	PMR_PRIMARY,  /* to the bucket that the slot table names */
	PMR_FAILOVER, /* that bucket has no live socket: to another one */
	PMR_KERNEL,   /* no bucket is live: left to the kernel's own hash */
	PMR_DROPPED,  /* that bucket has no live socket, and the cluster says drop */
	PMR_DECISIONS,
};

/* The entry of map "fallback": what becomes of the exporters of a dead bucket. */
enum pmr_fallback {
	PMR_FALLBACK_REHASH, /* to the live buckets */
	PMR_FALLBACK_DROP,
};

/* An entry of map "members": who put a socket into a bucket. */
struct pmr_member {
	__u64 cookie;	 /* SO_COOKIE of the socket; 0: never used */
	__u64 joined_ns; /* CLOCK_REALTIME, nanoseconds */
	__u32 pid;	 /* in the pid namespace of that process */
	__u32 reserved;
	char comm[16]; /* its name, NUL-terminated */
};

/* Finalizer of MurmurHash3: every bit of the input reaches every output bit. */
static inline __u32 pmr_mix(__u32 h)
{
	h ^= h >> 16;
	h *= 0x85ebca6b;
	h ^= h >> 13;
	h *= 0xc2b2ae35;
	h ^= h >> 16;
	return h;
}

/*
 * Hash of a source address: one word for IPv4, four for IPv6, as they stand in
 * the packet (network byte order).
 */
static inline __u32 pmr_hash(const __u32 *words, unsigned int n, __u32 nonce)
{
	__u32 h = nonce;
	unsigned int i;

	for (i = 0; i < n; i++) {
		h = pmr_mix(h ^ words[i]);
		h = h * 5 + 0xe6546b64;
	}
	return pmr_mix(h);
}

/* The hash for the given failover attempt (0 is the first). */
static inline __u32 pmr_rehash(__u32 hash, __u32 attempt)
{
	return pmr_mix(hash + (attempt + 1) * 0x9e3779b9);
}

static inline __u32 pmr_slot(__u32 hash)
{
	return hash & (PMR_SLOTS - 1);
}

#endif /* PMR_REUSEPORT_H */
