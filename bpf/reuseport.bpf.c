// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The selector: picks the socket of a reuseport group from the source address of
 * the packet, so that an exporter always reaches the same process.
 *
 *   source address -> hash -> slot -> bucket -> socket
 *
 * An operator may pin exporters to a bucket, which then comes before the slot's, and drain
 * a bucket, which then counts as one without a socket, but is never a reason to drop. A pin may
 * also say drop: for exporters in quarantine.
 *
 * If the bucket holds no socket, the hash is salted and tried again, so that the
 * exporters of a dead bucket spread over all survivors and each of them sticks
 * to one. The decision depends on the address, on the cluster's tables and on which
 * buckets are live, and on nothing else: UDP and TCP of one exporter reach the same bucket.
 *
 * An endpoint that is private to a bucket has no other one: that bucket gets all.
 *
 * The kernel also runs the program when a listener closes, once for each connection that
 * was not accepted yet: it migrates to the bucket that a new connection would reach.
 */
#include <stdbool.h>
#include <stddef.h>

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "reuseport.h"

/* From <sys/socket.h>, which BPF programs cannot include. */
#define PMR_AF_INET 2
#define PMR_AF_INET6 10

/* Shared by all endpoints of a cluster. */

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} nonce SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct pmr_seed);
} seed SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} size SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, PMR_SLOTS);
	__type(key, __u32);
	__type(value, pmr_slot_t);
} slots SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} fallback SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct pmr_drained);
} drained SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} pin_set SEC(".maps");

/* Room for two sets while one replaces the other; only used entries take memory. */
struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 2 * PMR_MAX_PINS);
	__type(key, struct pmr_pin_key);
	__type(value, __u32);
} pins SEC(".maps");

/* Instances map it into their memory, and write it when they die. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct pmr_strikes);
} strikes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} account SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, PMR_MAX_EXPORTERS);
	__type(key, struct pmr_source);
	__type(value, struct pmr_account);
} exporters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct pmr_budget);
} budget SEC(".maps");

/* One of each per endpoint. */

struct {
	__uint(type, BPF_MAP_TYPE_REUSEPORT_SOCKARRAY);
	__uint(max_entries, PMR_MAX_BUCKETS);
	__type(key, __u32);
	__type(value, __u64);
} udp_balancing_targets SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_REUSEPORT_SOCKARRAY);
	__uint(max_entries, PMR_MAX_BUCKETS);
	__type(key, __u32);
	__type(value, __u64);
} tcp_balancing_targets SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, PMR_MAX_BUCKETS);
	__type(key, __u32);
	__type(value, struct pmr_traffic);
} counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, PMR_DECISIONS);
	__type(key, __u32);
	__type(value, __u64);
} decisions SEC(".maps");

/* The bucket plus one that alone has ever held this endpoint; 0: the buckets share it. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} private_to SEC(".maps");

/* Only the library reads and writes it; it is pinned with the other maps. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, PMR_MAX_BUCKETS);
	__type(key, __u32);
	__type(value, struct pmr_member_record);
} members SEC(".maps");

static __always_inline void count_decision(__u32 decision)
{
	__u64 *n = bpf_map_lookup_elem(&decisions, &decision);

	if (n)
		(*n)++;
}

static __always_inline void count_traffic(__u32 bucket, __u32 len)
{
	struct pmr_traffic *t = bpf_map_lookup_elem(&counters, &bucket);

	if (t) {
		t->packets++;
		t->bytes += len;
	}
}

/* True if this CPU may add an exporter. */
static __always_inline bool spend(struct pmr_budget *own)
{
	const __u64 ns = 1000000000 / PMR_ADDED_PER_SECOND, now = bpf_ktime_get_coarse_ns();

	if (own->due_ns < now)
		own->due_ns = now;
	if (own->due_ns - now < PMR_ADDED_AT_ONCE * ns) {
		own->due_ns += ns;
		return true;
	}
	own->spent_ns = now;
	return false;
}

/* How many packets this one stands for; 0: it is not counted. */
static __always_inline __u32 weight_of_packet(struct pmr_budget *own)
{
	if (!own->spent_ns)
		return 1;
	/* By chance: each nth packet of a flood could be of one exporter. */
	if (bpf_get_prandom_u32() % PMR_SAMPLED)
		return 0;
	if (bpf_ktime_get_coarse_ns() - own->spent_ns > PMR_SAMPLED_FOR_NS)
		own->spent_ns = 0;
	return PMR_SAMPLED;
}

/* Counters of each exporter. While they are off, this costs one array lookup. */
static __always_inline void count_exporter(const struct pmr_source *source, __u32 bucket, __u32 len)
{
	__u32 zero = 0, *on = bpf_map_lookup_elem(&account, &zero);
	struct pmr_account *seen, first;
	struct pmr_traffic traffic;
	struct pmr_budget *own;

	if (!on || !*on || !(own = bpf_map_lookup_elem(&budget, &zero)))
		return;
	traffic.packets = weight_of_packet(own);
	traffic.bytes = traffic.packets * len;
	if (!traffic.packets)
		return;
	seen = bpf_map_lookup_elem(&exporters, source);
	if (!seen) {
		if (!spend(own)) {
			own->uncounted.packets += traffic.packets;
			own->uncounted.bytes += traffic.bytes;
			return;
		}
		first = (struct pmr_account){.traffic = traffic, .bucket = bucket};
		if (!bpf_map_update_elem(&exporters, source, &first, BPF_NOEXIST)) {
			own->added++;
			return;
		}
		/* Another CPU was first. */
		seen = bpf_map_lookup_elem(&exporters, source);
		if (!seen)
			return;
	}
	__sync_fetch_and_add(&seen->traffic.packets, traffic.packets);
	__sync_fetch_and_add(&seen->traffic.bytes, traffic.bytes);
	seen->bucket = bucket;
}

/*
 * An IPv4 packet that reaches a dual-stack socket is still ETH_P_IP here, so an
 * exporter has one hash whatever the family of the socket.
 */
static __always_inline bool source_of_packet(struct sk_reuseport_md *ctx, struct pmr_source *source)
{
	switch (ctx->eth_protocol) {
	case bpf_htons(ETH_P_IP):
		return !bpf_skb_load_bytes_relative(ctx, offsetof(struct iphdr, saddr),
						    source->addr, 4, BPF_HDR_START_NET);
	case bpf_htons(ETH_P_IPV6):
		source->ipv6 = 1;
		return !bpf_skb_load_bytes_relative(ctx, offsetof(struct ipv6hdr, saddr),
						    source->addr, 16, BPF_HDR_START_NET);
	default:
		return false;
	}
}

/*
 * The hash of a migrating connection, for which there is no packet (Linux 5.14,
 * net/core/sock_reuseport.c, reuseport_migrate_sock()). On a dual-stack socket an IPv4
 * address is in IPv4-mapped form.
 */
static __always_inline bool source_of_peer(const struct bpf_sock *sk, struct pmr_source *source)
{
	switch (sk->family) {
	case PMR_AF_INET:
		source->addr[0] = sk->dst_ip4;
		return true;
	case PMR_AF_INET6:
		if (!sk->dst_ip6[0] && !sk->dst_ip6[1] && sk->dst_ip6[2] == bpf_htonl(0xffff)) {
			source->addr[0] = sk->dst_ip6[3];
			return true;
		}
		source->ipv6 = 1;
		source->addr[0] = sk->dst_ip6[0];
		source->addr[1] = sk->dst_ip6[1];
		source->addr[2] = sk->dst_ip6[2];
		source->addr[3] = sk->dst_ip6[3];
		return true;
	default:
		return false;
	}
}

/* The bucket that the source is pinned to, if the cluster has that bucket; or PMR_PIN_DROP. */
static __always_inline bool pinned_to(const struct pmr_source *source, __u32 buckets, __u32 *bucket)
{
	struct pmr_pin_key key = {.prefixlen = PMR_PIN_KEY_BITS + 128, .source = *source};
	__u32 zero = 0, *set = bpf_map_lookup_elem(&pin_set, &zero), *found;

	if (!set || !*set)
		return false;
	key.set = *set;
	found = bpf_map_lookup_elem(&pins, &key);
	if (!found || (*found >= buckets && *found < PMR_PIN_DROP))
		return false;
	*bucket = *found;
	return true;
}

/* The pin may have no row, or that of another exporter by now. */
static __always_inline void count_refused(const struct pmr_source *source, __u32 pin)
{
	__u32 zero = 0, row = (pin - 1) & (PMR_MAX_STRUCK - 1);
	struct pmr_strikes *table = bpf_map_lookup_elem(&strikes, &zero);

	if (table && pmr_same_source(&table->rows[row].source, source))
		__sync_fetch_and_add(&table->rows[row].dropped, 1);
}

static __always_inline __u32 bucket_of(__u32 hash, __u32 buckets)
{
	__u32 key = pmr_slot(hash);
	pmr_slot_t *slot = bpf_map_lookup_elem(&slots, &key);

	return pmr_bucket_of_slot(slot ? *slot : 0, hash, buckets);
}

/* True if the bucket holds a live socket and is not drained; that socket is then selected. */
static __always_inline bool select_bucket(struct sk_reuseport_md *ctx, void *targets,
					  const struct pmr_drained *skip, __u32 bucket)
{
	return !pmr_is_drained(skip, bucket) && !bpf_sk_select_reuseport(ctx, targets, &bucket, 0);
}

/*
 * The loops are unrolled on purpose: without CAP_PERFMON the verifier follows
 * mispredicted branches too, and does not get to the end of a loop with them. Unrolled,
 * the program loads with CAP_BPF alone.
 */
SEC("sk_reuseport/migrate")
int _selector(struct sk_reuseport_md *ctx)
{
	void *targets = ctx->ip_protocol == IPPROTO_TCP ? (void *)&tcp_balancing_targets
							: (void *)&udp_balancing_targets;
	__u32 zero = 0, *buckets = bpf_map_lookup_elem(&size, &zero);
	__u32 *start = bpf_map_lookup_elem(&nonce, &zero);
	__u32 *drop = bpf_map_lookup_elem(&fallback, &zero);
	const struct pmr_drained *skip = bpf_map_lookup_elem(&drained, &zero);
	const struct bpf_sock *migrating = ctx->migrating_sk;
	struct pmr_source source = {0};
	__u32 decision = PMR_PRIMARY;
	__u32 hash, bucket, last, stride, n, i, *holder;

	if (!buckets || !*buckets || !start || !drop || !skip)
		goto kernel;
	if (!(migrating ? source_of_peer(migrating, &source) : source_of_packet(ctx, &source)))
		goto kernel;

	n = *buckets;
	hash = pmr_hash_source(&source, *start);
	if (!pinned_to(&source, n, &bucket)) {
		bucket = bucket_of(hash, n);
	} else if (bucket < PMR_PIN_DROP) {
		decision = PMR_PINNED;
	} else {
		count_refused(&source, bucket);
		count_decision(PMR_REFUSED);
		return SK_DROP;
	}
	if (select_bucket(ctx, targets, skip, bucket))
		goto selected;

	/* A private endpoint has one bucket for all, and no other one to wait for. */
	holder = bpf_map_lookup_elem(&private_to, &zero);
	if (holder && *holder) {
		last = *holder - 1;
		if (!bpf_sk_select_reuseport(ctx, targets, &last, 0)) {
			bucket = last;
			decision = PMR_PRIMARY;
			goto selected;
		}
	}

	if (pmr_is_dropped(*drop, skip, bucket))
		goto dropped;

	/* An exporter that is pinned to such a bucket goes where it would without the pin. */
	if (decision == PMR_PINNED) {
		bucket = bucket_of(hash, n);
		if (select_bucket(ctx, targets, skip, bucket)) {
			decision = PMR_FAILOVER;
			goto selected;
		}
		if (pmr_is_dropped(*drop, skip, bucket))
			goto dropped;
	}
	decision = PMR_FAILOVER;
#pragma clang loop unroll(full)
	for (i = 0; i < PMR_REHASH_TRIES; i++) {
		bucket = bucket_of(pmr_rehash(hash, i), n);
		if (select_bucket(ctx, targets, skip, bucket))
			goto selected;
	}

	/*
	 * The size is read again each time, so the verifier keeps no state of it:
	 * this takes it some ten thousand steps, not 700 thousand.
	 */
	last = bucket;
	stride = pmr_walk_stride(hash);
#pragma clang loop unroll(full)
	for (i = 1; i <= PMR_MAX_BUCKETS; i++) {
		bucket = pmr_walk(last, i, stride);
		if (bucket < *(volatile __u32 *)buckets &&
		    select_bucket(ctx, targets, skip, bucket))
			goto selected;
	}

kernel:
	/* No selection: the kernel takes a socket of the group by its own hash. */
	count_decision(PMR_KERNEL);
	return SK_PASS;

dropped:
	count_decision(PMR_DROPPED);
	return SK_DROP;

selected:
	count_traffic(bucket, ctx->len);
	count_exporter(&source, bucket, ctx->len);
	count_decision(decision);
	return SK_PASS;
}

char _license[] SEC("license") = "GPL";
