/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The maps of the selector. What their entries mean stands in reuseport.h. */
#ifndef PMR_MAPS_BPF_H
#define PMR_MAPS_BPF_H

#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "reuseport.h"

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
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, pmr_slot_t[PMR_SLOTS]);
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

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct pmr_pin_filter);
} pin_filter SEC(".maps");

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
	__type(value, struct pmr_counters);
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

#endif /* PMR_MAPS_BPF_H */
