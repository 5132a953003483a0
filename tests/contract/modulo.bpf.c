// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A third-party object that follows the contract of reuseport_bpf_prog: modulo
 * hashing, no optional maps, and the section name that libbpf 1.0 does not know any
 * more. The macros turn it into objects that must be refused.
 */
#include <stddef.h>

#include <linux/bpf.h>
#include <linux/ip.h>

#include <bpf/bpf_helpers.h>

#ifndef SECTION
#define SECTION "sk_reuseport/selector"
#endif
#ifndef SELECTOR
#define SELECTOR _selector
#endif
#ifndef NONCE_TYPE
#define NONCE_TYPE BPF_MAP_TYPE_ARRAY
#endif
#ifndef TARGETS
#define TARGETS 128
#endif
#ifndef FACTOR
#define FACTOR 0x9e3779b1
#endif
#ifndef SIZE
#define SIZE size
#endif

struct {
	__uint(type, NONCE_TYPE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} nonce SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} SIZE SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_REUSEPORT_SOCKARRAY);
	__uint(max_entries, TARGETS);
	__type(key, __u32);
	__type(value, __u64);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
} udp_balancing_targets SEC(".maps"), tcp_balancing_targets SEC(".maps");

/* Names that our own object has, for something else. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} counters SEC(".maps"), slots SEC(".maps");

SEC(SECTION)
int SELECTOR(struct sk_reuseport_md *ctx)
{
	__u32 zero = 0, *seed, *buckets, address, key;

	seed = bpf_map_lookup_elem(&nonce, &zero);
	buckets = bpf_map_lookup_elem(&SIZE, &zero);
	if (!seed || !buckets || !*buckets)
		return SK_PASS;
#ifdef UNSAFE
	return seed[1024]; /* beyond the value, says the verifier */
#endif
	if (bpf_skb_load_bytes_relative(ctx, offsetof(struct iphdr, saddr), &address, 4,
					BPF_HDR_START_NET))
		return SK_PASS;

	key = ((address ^ *seed) * FACTOR >> 24) % *buckets;
	if (ctx->ip_protocol == 6)
		bpf_sk_select_reuseport(ctx, &tcp_balancing_targets, &key, 0);
	else
		bpf_sk_select_reuseport(ctx, &udp_balancing_targets, &key, 0);
	return SK_PASS;
}

char _license[] SEC("license") = "GPL";
