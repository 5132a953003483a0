// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The selector: picks the socket of a reuseport group from the source address of
 * the packet, so that an exporter always reaches the same process.
 *
 *   source address -> hash -> slot -> bucket -> socket
 *
 * If the bucket holds no socket, the hash is salted and tried again, so that the
 * exporters of a dead bucket spread over all survivors and each of them sticks
 * to one. The decision depends on the address and on which buckets are live, and
 * on nothing else: UDP and TCP of one exporter take the same way.
 *
 * The program is also asked when a listener closes, once for each connection that
 * nobody has accepted yet: they migrate to where the exporter would connect now.
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

/* Of <sys/socket.h>, which is not for BPF. */
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

/* Written and read by the library only; it lives and is pinned with the rest. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, PMR_MAX_BUCKETS);
	__type(key, __u32);
	__type(value, struct pmr_member);
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

/*
 * An IPv4 packet that reaches a dual-stack socket is still ETH_P_IP here, so an
 * exporter has one hash whatever the family of the socket.
 */
static __always_inline bool hash_source(struct sk_reuseport_md *ctx, __u32 seed, __u32 *hash)
{
	__u32 addr[4];

	switch (ctx->eth_protocol) {
	case bpf_htons(ETH_P_IP):
		if (bpf_skb_load_bytes_relative(ctx, offsetof(struct iphdr, saddr), addr, 4,
						BPF_HDR_START_NET))
			return false;
		*hash = pmr_hash(addr, 1, seed);
		return true;
	case bpf_htons(ETH_P_IPV6):
		if (bpf_skb_load_bytes_relative(ctx, offsetof(struct ipv6hdr, saddr), addr, 16,
						BPF_HDR_START_NET))
			return false;
		*hash = pmr_hash(addr, 4, seed);
		return true;
	default:
		return false;
	}
}

/*
 * The same for a connection that migrates, which comes without a packet (Linux 5.14,
 * net/core/sock_reuseport.c, reuseport_migrate_sock()). On a dual-stack socket an IPv4
 * address is in IPv4-mapped form.
 */
static __always_inline bool hash_peer(const struct bpf_sock *sk, __u32 seed, __u32 *hash)
{
	__u32 addr[4];

	switch (sk->family) {
	case PMR_AF_INET:
		addr[0] = sk->dst_ip4;
		*hash = pmr_hash(addr, 1, seed);
		return true;
	case PMR_AF_INET6:
		addr[0] = sk->dst_ip6[0];
		addr[1] = sk->dst_ip6[1];
		addr[2] = sk->dst_ip6[2];
		addr[3] = sk->dst_ip6[3];
		*hash = !addr[0] && !addr[1] && addr[2] == bpf_htonl(0xffff)
				? pmr_hash(&addr[3], 1, seed)
				: pmr_hash(addr, 4, seed);
		return true;
	default:
		return false;
	}
}

static __always_inline __u32 bucket_of(__u32 hash, __u32 buckets)
{
	__u32 key = pmr_slot(hash);
	pmr_slot_t *slot = bpf_map_lookup_elem(&slots, &key);

	return slot && *slot ? *slot - 1 : hash % buckets;
}

/* True if the bucket holds a live socket; that socket is then selected. */
static __always_inline bool select_bucket(struct sk_reuseport_md *ctx, void *targets, __u32 bucket)
{
	return !bpf_sk_select_reuseport(ctx, targets, &bucket, 0);
}

/*
 * The loops are unrolled on purpose: without CAP_PERFMON the verifier follows
 * mispredicted branches too, and in a loop it finds no end of them. As it is,
 * CAP_BPF alone can load this program.
 */
SEC("sk_reuseport/migrate")
int _selector(struct sk_reuseport_md *ctx)
{
	void *targets = ctx->ip_protocol == IPPROTO_TCP ? (void *)&tcp_balancing_targets
							: (void *)&udp_balancing_targets;
	__u32 zero = 0, *buckets = bpf_map_lookup_elem(&size, &zero);
	__u32 *seed = bpf_map_lookup_elem(&nonce, &zero);
	__u32 *drop = bpf_map_lookup_elem(&fallback, &zero);
	const struct bpf_sock *migrating = ctx->migrating_sk;
	__u32 decision = PMR_PRIMARY;
	__u32 hash, bucket, last, stride, n, i;

	if (!buckets || !*buckets || !seed || !drop)
		goto kernel;
	if (!(migrating ? hash_peer(migrating, *seed, &hash) : hash_source(ctx, *seed, &hash)))
		goto kernel;

	n = *buckets;
	bucket = bucket_of(hash, n);
	if (select_bucket(ctx, targets, bucket))
		goto selected;

	if (*drop == PMR_FALLBACK_DROP) {
		count_decision(PMR_DROPPED);
		return SK_DROP;
	}

	decision = PMR_FAILOVER;
#pragma clang loop unroll(full)
	for (i = 0; i < PMR_REHASH_TRIES; i++) {
		bucket = bucket_of(pmr_rehash(hash, i), n);
		if (select_bucket(ctx, targets, bucket))
			goto selected;
	}

	/*
	 * Few are live. An odd stride visits every entry once, in an order of the
	 * exporter's own, so that neighbouring survivors get equal shares. The size is
	 * read anew each time, which leaves the verifier nothing to remember about it:
	 * ten thousand steps for the program, not 700 thousand.
	 */
	last = bucket;
	stride = pmr_rehash(hash, PMR_REHASH_TRIES) | 1;
#pragma clang loop unroll(full)
	for (i = 1; i <= PMR_MAX_BUCKETS; i++) {
		bucket = (last + i * stride) & (PMR_MAX_BUCKETS - 1);
		if (bucket < *(volatile __u32 *)buckets && select_bucket(ctx, targets, bucket))
			goto selected;
	}

kernel:
	/* No selection: the kernel takes a socket of the group by its own hash. */
	count_decision(PMR_KERNEL);
	return SK_PASS;

selected:
	count_traffic(bucket, ctx->len);
	count_decision(decision);
	return SK_PASS;
}

char _license[] SEC("license") = "GPL";
