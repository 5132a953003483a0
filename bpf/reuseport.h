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
 * The one entry of map "slots" is the table of all of them. A slot is the bucket plus one. Zero,
 * what the kernel fills a new map with, means that the table was never written. A byte each, so
 * that the table has 256 cache lines, in memory that the kernel maps with large pages.
 *
 * Objects that have this map share one way from address to bucket, so that versions
 * of ours can follow each other while instances live. A change of that way (hash,
 * slots, failover) must give the map another name, or add a map that all or none must have,
 * as those for pins and drained buckets: see check_same_maps() in plugin/join_check.c.
 */
typedef __u8 pmr_slot_t;

#define PMR_SLOTS_SIZE (PMR_SLOTS * sizeof(pmr_slot_t)) /* in bytes */

/* Room for the name in map "seed", of which map "nonce" holds a hash. */
#define PMR_SEED_SIZE 64

/* The entry of map "seed". Only the library reads it. */
struct pmr_seed {
	char name[PMR_SEED_SIZE]; /* NUL-terminated */
};

struct pmr_traffic {
	__u64 packets; /* datagrams, or new TCP connections (twice with SYN cookies) */
	__u64 bytes;   /* from the transport header on */
};

/* An entry of map "counters": what a bucket was given. */
struct pmr_counters {
	struct pmr_traffic traffic;
	__u64 failover; /* packets of them, decided PMR_FAILOVER */
	__u64 pinned;
};

/*
 * What the selector decides for a packet. Those that select a bucket are counted with that bucket;
 * map "decisions" has the others under these numbers.
 */
enum pmr_decision {
	PMR_PRIMARY,  /* to the bucket that the slot table names */
	PMR_FAILOVER, /* that bucket has no live socket: to another one */
	PMR_KERNEL,   /* no bucket is live: left to the kernel's own hash */
	PMR_DROPPED,  /* that bucket has no live socket, and the cluster says drop */
	PMR_PINNED,   /* to the bucket that the exporter is pinned to */
	PMR_REFUSED,  /* the exporter's pin says drop */
	PMR_DECISIONS,
};

/*
 * The entry of map "fallback" if the exporters of a dead bucket are dropped: what daemons
 * know as PMREUSEPORT_DROP. Any other value: they go to the live buckets.
 */
#define PMR_FALLBACK_DROP 1

/* The entry of map "drained": a bit for each bucket that gets nothing new. */
struct pmr_drained {
	__u64 low; /* of buckets 0 to 63 */
	__u64 high;
};

/* Without a branch or an index, of which the verifier would follow both sides each time. */
static inline int pmr_is_drained(const struct pmr_drained *drained, __u32 bucket)
{
	const __u64 high = -(__u64)(bucket / 64 & 1);

	return ((drained->low & ~high) | (drained->high & high)) >> (bucket % 64) & 1;
}

/* Whether the exporters of a bucket without a socket are dropped. A drained one is not dead. */
static inline _Bool pmr_is_dropped(__u32 fallback, const struct pmr_drained *drained, __u32 bucket)
{
	return fallback == PMR_FALLBACK_DROP && !pmr_is_drained(drained, bucket);
}

/* An address with its family, which keeps ::/0 from holding the IPv4 ones too. */
struct pmr_source {
	__u32 ipv6;    /* 1, or 0 for IPv4 */
	__u32 addr[4]; /* network byte order; for IPv4 the first word, the others are 0 */
};

/*
 * Pins: the buckets of exporters that are not left to the hash. A set of them is replaced
 * as a whole: the new one is written beside the old one under another number, and then
 * map "pin_set" names that number. 0: there are no pins.
 */
#define PMR_MAX_PINS 16384

/*
 * The value of a pin whose packets are dropped, plus 1 and the row of map "strikes" that counts
 * them if the address has one. A smaller value is a bucket.
 */
#define PMR_PIN_DROP 0x80000000U

/* A key of map "pins"; its value is the bucket, or PMR_PIN_DROP. */
struct pmr_pin_key {
	__u32 prefixlen; /* in bits, from set on */
	__u32 set;
	struct pmr_source source;
};

/* Set in the number of a set that has pins of networks, too. */
#define PMR_PINS_NETWORKS 0x8000u

/*
 * The entry of map "pin_filter": a bit for each address that may be pinned. If the bit of an
 * exporter is not set, and no network is pinned, the selector need not look for a pin, which
 * takes it longer than all the rest.
 */
#define PMR_PIN_FILTER_BITS 131072 /* a power of two; 16 KB */

struct pmr_pin_filter {
	__u8 bits[PMR_PIN_FILTER_BITS / 8];
};

/* What comes before the address in a prefix: the set and the family. */
#define PMR_PIN_KEY_BITS 64

/*
 * Map "exporters" counts as many of them while map "account" says 1. If more send, the kernel
 * deletes those that were silent for long.
 */
#define PMR_MAX_EXPORTERS 65536

/*
 * A flood from spoofed addresses must neither cost much nor replace the real exporters at once.
 * So each CPU adds only so many to the map: as many as fit, and then some per second. A real
 * exporter sends again, and is added with one of its next packets.
 *
 * A CPU that may add none counts one packet of PMR_SAMPLED, as that many, because most of its
 * look-ups find nothing and miss the caches. Until it has been able to add all for a while.
 */
#define PMR_ADDED_PER_SECOND 512
#define PMR_ADDED_AT_ONCE PMR_MAX_EXPORTERS
#define PMR_SAMPLED 8
#define PMR_SAMPLED_FOR_NS 1000000000

/* The entry of map "budget" of each CPU. */
struct pmr_budget {
	__u64 due_ns;	/* when all that were added would have been, at that rate */
	__u64 spent_ns; /* when one was not added; 0: each packet is counted */
	__u64 added;
	struct pmr_traffic uncounted; /* of exporters that were not added */
};

/* An entry of map "exporters", by struct pmr_source. */
struct pmr_account {
	struct pmr_traffic traffic;
	__u32 bucket; /* the last one that it was sent to */
	__u32 reserved;
};

/*
 * Strikes: instances that died of a signal while they decoded what an exporter had sent. The
 * dying instance adds one itself, through a shared mapping, before the kernel closes its socket.
 * So each instance that the exporter reaches next knows of it.
 */
#define PMR_MAX_STRUCK 64 /* a power of two */

/* More at a time than that must be a fault of the instances, or forged source addresses. */
#define PMR_MAX_QUARANTINED 16

/* A strike that follows the last one within this time puts the exporter into quarantine. */
#define PMR_STRIKE_WINDOW_NS (600ULL * 1000000000)

/* An exporter in map "strikes". Times are CLOCK_REALTIME, in nanoseconds. */
struct pmr_struck {
	struct pmr_source source;
	__u32 strikes;
	__u32 told;   /* how many of them stand in a log */
	__u32 signal; /* that the last instance died of */
	__u32 full;   /* 1: too many are in quarantine to add this one */
	__u32 pinned; /* 1: the selector has been told to drop */
	__u64 last_ns;
	__u64 since_ns; /* since when it is in quarantine; 0: it is not */
	__u64 dropped;	/* packets, since then */
};

/* The entry of map "strikes". */
struct pmr_strikes {
	__u32 lock; /* not 0: a process writes a row; see strikes.h */
	__u32 used; /* rows that were ever used: the first ones */
	__u64 total;
	struct pmr_struck rows[PMR_MAX_STRUCK];
};

/* An entry of map "members": who put a socket into a bucket. */
struct pmr_member_record {
	__u64 cookie;	 /* SO_COOKIE of the socket; 0: never used */
	__u64 joined_ns; /* CLOCK_REALTIME, nanoseconds */
	__u64 started;	 /* field 22 of /proc/PID/stat, plus one; 0: unknown */
	__u32 pid;	 /* in the pid namespace pid_ns */
	__u32 pid_ns;	 /* inode of /proc/self/ns/pid of the process that wrote this; 0: unknown */
	__u32 time_ns;	 /* the same of /proc/self/ns/time, which started depends on */
	__u32 released;	 /* 1: an operator took the socket out of the bucket */
	__u32 reattached;   /* how often it found the selector detached, and attached it again */
	__u32 max_sessions; /* TCP: how many the process takes; 0: unknown */
	char comm[16];	    /* its name, NUL-terminated */
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

/* Of an address, whatever its family. */
static inline __u32 pmr_hash_source(const struct pmr_source *source, __u32 nonce)
{
	return source->ipv6 ? pmr_hash(source->addr, 4, nonce) : pmr_hash(source->addr, 1, nonce);
}

static inline _Bool pmr_same_source(const struct pmr_source *a, const struct pmr_source *b)
{
	return a->ipv6 == b->ipv6 && a->addr[0] == b->addr[0] && a->addr[1] == b->addr[1] &&
	       a->addr[2] == b->addr[2] && a->addr[3] == b->addr[3];
}

/* The bit of an address. It does not depend on the seed, as pins do not. */
static inline __u32 pmr_pin_filter_bit(const struct pmr_source *source)
{
	const __u32 word = source->addr[0] ^ source->addr[1] ^ source->addr[2] ^ source->addr[3];

	return pmr_mix(word) & (PMR_PIN_FILTER_BITS - 1);
}

static inline __u32 pmr_slot(__u32 hash)
{
	return hash & (PMR_SLOTS - 1);
}

/* The bucket of a hash, from its entry in the slot table. */
static inline __u32 pmr_bucket_of_slot(pmr_slot_t slot, __u32 hash, __u32 buckets)
{
	return slot ? slot - 1U : hash % buckets;
}

/*
 * The order of failover: PMR_REHASH_TRIES hashes, each with its slot (pmr_rehash()), and if
 * none of them leads to a live bucket, few are live. Then each bucket is tried once, from
 * the last one on, with an odd stride that depends on the exporter, so that neighbouring
 * survivors get equal shares.
 */
static inline __u32 pmr_walk_stride(__u32 hash)
{
	return pmr_rehash(hash, PMR_REHASH_TRIES) | 1;
}

/* The bucket of a step (1..PMR_MAX_BUCKETS); it may be one that the cluster does not have. */
static inline __u32 pmr_walk(__u32 last, __u32 step, __u32 stride)
{
	return (last + step * stride) & (PMR_MAX_BUCKETS - 1);
}

#endif /* PMR_REUSEPORT_H */
