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

#include <linux/bpf.h>
#include <linux/in.h>

#include <bpf/bpf_helpers.h>

#include "account.bpf.h"
#include "maps.bpf.h"
#include "reuseport.h"
#include "source.bpf.h"

/* What most packets need is inlined; what few need is not, so that it costs the others nothing. */

static __noinline int count_decision(__u32 decision)
{
	__u64 *n = bpf_map_lookup_elem(&decisions, &decision);

	if (n)
		(*n)++;
	return 0;
}

static __always_inline void count_packet(__u32 bucket, __u32 decision, __u32 len)
{
	struct pmr_counters *n = bpf_map_lookup_elem(&counters, &bucket);

	if (!n)
		return;
	n->traffic.packets++;
	n->traffic.bytes += len;
	if (decision == PMR_PRIMARY)
		return;
	/*
	 * With a branch for each, the compiler adds to the pointer, by an amount that depends on
	 * the way there, which the verifier refuses without CAP_PERFMON.
	 */
	n->failover += decision == PMR_FAILOVER;
	n->pinned += decision == PMR_PINNED;
}

static __always_inline bool may_be_pinned(const struct pmr_source *source, __u32 set)
{
	__u32 zero = 0, bit = pmr_pin_filter_bit(source);
	const struct pmr_pin_filter *filter = bpf_map_lookup_elem(&pin_filter, &zero);

	return set & PMR_PINS_NETWORKS || !filter || filter->bits[bit / 8] >> bit % 8 & 1;
}

/* The bucket that the source is pinned to, PMR_PIN_DROP or more, or -1: it has no pin. */
static __noinline __s64 pin_of(const struct pmr_source *source, __u32 set)
{
	/* Word by word: the CPU would wait for a longer load of what it has just stored. */
	struct pmr_pin_key key = {
		.prefixlen = PMR_PIN_KEY_BITS + 128,
		.set = set,
		.source = {source->ipv6,
			   {source->addr[0], source->addr[1], source->addr[2], source->addr[3]}},
	};
	const __u32 *found = bpf_map_lookup_elem(&pins, &key);

	return found ? (__s64)*found : -1;
}

/* The pin may have no row, or that of another exporter by now. */
static __noinline int count_refused(const struct pmr_source *source, __u32 pin)
{
	__u32 zero = 0, row = (pin - 1) & (PMR_MAX_STRUCK - 1);
	struct pmr_strikes *table = bpf_map_lookup_elem(&strikes, &zero);

	if (table && pmr_same_source(&table->rows[row].source, source))
		__sync_fetch_and_add(&table->rows[row].dropped, 1);
	return 0;
}

static __always_inline __u32 bucket_of(__u32 hash, __u32 buckets)
{
	__u32 zero = 0;
	const pmr_slot_t *table = bpf_map_lookup_elem(&slots, &zero);

	return pmr_bucket_of_slot(table ? table[pmr_slot(hash)] : 0, hash, buckets);
}

/* True if the bucket holds a live socket and is not drained; that socket is then selected. */
static __always_inline bool select_bucket(struct sk_reuseport_md *ctx, void *targets,
					  const struct pmr_drained *skip, __u32 bucket)
{
	return !pmr_is_drained(skip, bucket) && !bpf_sk_select_reuseport(ctx, targets, &bucket, 0);
}

static __always_inline void *targets_of(const struct sk_reuseport_md *ctx)
{
	return ctx->ip_protocol == IPPROTO_TCP ? (void *)&tcp_balancing_targets
					       : (void *)&udp_balancing_targets;
}

/*
 * Selects another bucket than the one that has no live socket or is drained. Returns it, or the
 * negative decision that leaves the packet without one. *decision is PMR_PRIMARY or PMR_PINNED.
 *
 * The loops are unrolled on purpose: without CAP_PERFMON the verifier follows mispredicted
 * branches too, and does not get to the end of a loop with them. Unrolled, the program loads with
 * CAP_BPF alone.
 */
static __noinline int elsewhere(struct sk_reuseport_md *ctx, __u32 hash, __u32 bucket,
				__u32 *decision)
{
	__u32 zero = 0, *buckets = bpf_map_lookup_elem(&size, &zero);
	__u32 *drop = bpf_map_lookup_elem(&fallback, &zero);
	__u32 *holder = bpf_map_lookup_elem(&private_to, &zero);
	const struct pmr_drained *skip = bpf_map_lookup_elem(&drained, &zero);
	void *targets = targets_of(ctx);
	__u32 n, i, last, stride;

	if (!buckets || !drop || !holder || !skip)
		return -PMR_KERNEL;
	n = *buckets;

	/* A private endpoint has one bucket for all, and no other one to wait for. */
	if (*holder) {
		last = *holder - 1;
		if (!bpf_sk_select_reuseport(ctx, targets, &last, 0)) {
			*decision = PMR_PRIMARY;
			return last;
		}
	}

	if (pmr_is_dropped(*drop, skip, bucket))
		return -PMR_DROPPED;

	/* An exporter that is pinned to such a bucket goes where it would without the pin. */
	if (*decision == PMR_PINNED) {
		*decision = PMR_FAILOVER;
		bucket = bucket_of(hash, n);
		if (select_bucket(ctx, targets, skip, bucket))
			return bucket;
		if (pmr_is_dropped(*drop, skip, bucket))
			return -PMR_DROPPED;
	}
	*decision = PMR_FAILOVER;
#pragma clang loop unroll(full)
	for (i = 0; i < PMR_REHASH_TRIES; i++) {
		bucket = bucket_of(pmr_rehash(hash, i), n);
		if (select_bucket(ctx, targets, skip, bucket))
			return bucket;
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
			return bucket;
	}
	return -PMR_KERNEL;
}

SEC("sk_reuseport/migrate")
int _selector(struct sk_reuseport_md *ctx)
{
	__u32 zero = 0, *buckets = bpf_map_lookup_elem(&size, &zero);
	__u32 *start = bpf_map_lookup_elem(&nonce, &zero);
	__u32 *set = bpf_map_lookup_elem(&pin_set, &zero);
	__u32 *counts = bpf_map_lookup_elem(&account, &zero);
	const struct pmr_drained *skip = bpf_map_lookup_elem(&drained, &zero);
	const struct bpf_sock *migrating = ctx->migrating_sk;
	struct pmr_source source = {0};
	__u32 decision = PMR_PRIMARY;
	__u32 hash, bucket;
	__s64 pin;
	int other;

	if (!buckets || !*buckets || !start || !set || !counts || !skip)
		goto kernel;
	if (!(migrating ? source_of_peer(migrating, &source) : source_of_packet(ctx, &source)))
		goto kernel;

	hash = pmr_hash_source(&source, *start);
	bucket = bucket_of(hash, *buckets);
	if (*set && may_be_pinned(&source, *set)) {
		pin = pin_of(&source, *set);
		if (pin >= PMR_PIN_DROP) {
			count_refused(&source, pin);
			count_decision(PMR_REFUSED);
			return SK_DROP;
		}
		/* The cluster may have been made smaller. */
		if (pin >= 0 && pin < *buckets) {
			bucket = pin;
			decision = PMR_PINNED;
		}
	}
	if (!select_bucket(ctx, targets_of(ctx), skip, bucket)) {
		other = elsewhere(ctx, hash, bucket, &decision);
		if (other == -PMR_KERNEL)
			goto kernel;
		if (other < 0) {
			count_decision(-other);
			return SK_DROP;
		}
		bucket = other;
	}
	count_packet(bucket, decision, ctx->len);
	if (*counts)
		count_exporter(&source, bucket, ctx->len);
	return SK_PASS;

kernel:
	/* No selection: the kernel takes a socket of the group by its own hash. */
	count_decision(PMR_KERNEL);
	return SK_PASS;
}

char _license[] SEC("license") = "GPL";
