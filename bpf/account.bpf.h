/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counters of each exporter, with a budget for those that a flood adds. */
#ifndef PMR_ACCOUNT_BPF_H
#define PMR_ACCOUNT_BPF_H

#include <stdbool.h>

#include "maps.bpf.h"

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

/* Counters of each exporter, while map "account" says so. */
static __noinline int count_exporter(const struct pmr_source *source, __u32 bucket, __u32 len)
{
	struct pmr_budget *own;
	__u32 zero = 0;
	struct pmr_account *seen, first;
	struct pmr_traffic traffic;

	own = bpf_map_lookup_elem(&budget, &zero);
	if (!own)
		return 0;
	traffic.packets = weight_of_packet(own);
	traffic.bytes = traffic.packets * len;
	if (!traffic.packets)
		return 0;
	seen = bpf_map_lookup_elem(&exporters, source);
	if (!seen) {
		if (!spend(own)) {
			own->uncounted.packets += traffic.packets;
			own->uncounted.bytes += traffic.bytes;
			return 0;
		}
		first = (struct pmr_account){.traffic = traffic, .bucket = bucket};
		if (!bpf_map_update_elem(&exporters, source, &first, BPF_NOEXIST)) {
			own->added++;
			return 0;
		}
		/* Another CPU was first. */
		seen = bpf_map_lookup_elem(&exporters, source);
		if (!seen)
			return 0;
	}
	__sync_fetch_and_add(&seen->traffic.packets, traffic.packets);
	__sync_fetch_and_add(&seen->traffic.bytes, traffic.bytes);
	seen->bucket = bucket;
	return 0;
}

#endif /* PMR_ACCOUNT_BPF_H */
