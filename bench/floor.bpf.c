// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The least that a selector does: it reads the source address and selects a socket, with no
 * hash, no tables and no counters. What other selectors are compared with.
 */
#include <stddef.h>

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define BUCKETS 8 /* of bench/selector */

/* The contract asks for these. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} nonce SEC(".maps"), size SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_REUSEPORT_SOCKARRAY);
	__uint(max_entries, 128);
	__type(key, __u32);
	__type(value, __u64);
} udp_balancing_targets SEC(".maps"), tcp_balancing_targets SEC(".maps");

SEC("sk_reuseport")
int _selector(struct sk_reuseport_md *ctx)
{
	__u32 address[4] = {}, bucket;
	int err;

	if (ctx->eth_protocol == bpf_htons(ETH_P_IP)) {
		err = bpf_skb_load_bytes_relative(ctx, offsetof(struct iphdr, saddr), address, 4,
						  BPF_HDR_START_NET);
		bucket = address[0] >> 24;
	} else {
		err = bpf_skb_load_bytes_relative(ctx, offsetof(struct ipv6hdr, saddr), address, 16,
						  BPF_HDR_START_NET);
		bucket = address[3] >> 24;
	}
	if (err)
		return SK_PASS;
	bucket %= BUCKETS;
	if (ctx->ip_protocol == IPPROTO_TCP)
		bpf_sk_select_reuseport(ctx, &tcp_balancing_targets, &bucket, 0);
	else
		bpf_sk_select_reuseport(ctx, &udp_balancing_targets, &bucket, 0);
	return SK_PASS;
}

char _license[] SEC("license") = "GPL";
