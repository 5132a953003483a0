/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The source address of a packet, or of a connection that migrates. */
#ifndef PMR_SOURCE_BPF_H
#define PMR_SOURCE_BPF_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "reuseport.h"

/* From <sys/socket.h>, which BPF programs cannot include. */
#define PMR_AF_INET 2
#define PMR_AF_INET6 10

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
static __noinline bool source_of_peer(const struct bpf_sock *sk, struct pmr_source *source)
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

#endif /* PMR_SOURCE_BPF_H */
