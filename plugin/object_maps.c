// SPDX-License-Identifier: GPL-2.0-or-later
/* The maps that an object may have: the contract, and what only the built-in one has. */
#include "object_maps.h"
#include "reuseport.h"

#define FIELD(f) offsetof(struct pmr_object, f)

#define U32 sizeof(__u32)

/* clang-format off: a line each */
static const struct pmr_map_spec specs[] = {
	{"udp_balancing_targets", FIELD(targets), true, PMR_UDP_MAP,
	 BPF_MAP_TYPE_REUSEPORT_SOCKARRAY, U32, sizeof(__u64), PMR_MAX_BUCKETS},
	{"tcp_balancing_targets", FIELD(targets), true, PMR_TCP_MAP,
	 BPF_MAP_TYPE_REUSEPORT_SOCKARRAY, U32, sizeof(__u64), PMR_MAX_BUCKETS},
	{"nonce", FIELD(nonce), true, PMR_CLUSTER_MAP, BPF_MAP_TYPE_ARRAY, U32, U32, 1},
	{"size", FIELD(size), true, PMR_CLUSTER_MAP, BPF_MAP_TYPE_ARRAY, U32, U32, 1},
	{"seed", FIELD(seed), false, PMR_CLUSTER_MAP, BPF_MAP_TYPE_ARRAY, U32,
	 sizeof(struct pmr_seed), 1},
	{"slots", FIELD(slots), false, PMR_CLUSTER_MAP, BPF_MAP_TYPE_ARRAY, U32, PMR_SLOTS_SIZE, 1},
	{"fallback", FIELD(fallback), false, PMR_CLUSTER_MAP, BPF_MAP_TYPE_ARRAY, U32, U32, 1},
	{"drained", FIELD(drained), false, PMR_CLUSTER_MAP, BPF_MAP_TYPE_ARRAY, U32,
	 sizeof(struct pmr_drained), 1},
	{"pin_set", FIELD(pin_set), false, PMR_CLUSTER_MAP, BPF_MAP_TYPE_ARRAY, U32, U32, 1},
	{"pins", FIELD(pins), false, PMR_CLUSTER_MAP, BPF_MAP_TYPE_LPM_TRIE,
	 sizeof(struct pmr_pin_key), U32, 2 * PMR_MAX_PINS},
	{"pin_filter", FIELD(pin_filter), false, PMR_CLUSTER_MAP, BPF_MAP_TYPE_ARRAY, U32,
	 sizeof(struct pmr_pin_filter), 1},
	{"strikes", FIELD(strikes), false, PMR_CLUSTER_MAP, BPF_MAP_TYPE_ARRAY, U32,
	 sizeof(struct pmr_strikes), 1},
	{"account", FIELD(account), false, PMR_CLUSTER_MAP, BPF_MAP_TYPE_ARRAY, U32, U32, 1},
	{"exporters", FIELD(exporters), false, PMR_CLUSTER_MAP, BPF_MAP_TYPE_LRU_HASH,
	 sizeof(struct pmr_source), sizeof(struct pmr_account), PMR_MAX_EXPORTERS},
	{"budget", FIELD(budget), false, PMR_CLUSTER_MAP, BPF_MAP_TYPE_PERCPU_ARRAY, U32,
	 sizeof(struct pmr_budget), 1},
	{"counters", FIELD(counters), false, PMR_ENDPOINT_MAP, BPF_MAP_TYPE_PERCPU_ARRAY, U32,
	 sizeof(struct pmr_counters), PMR_MAX_BUCKETS},
	{"decisions", FIELD(decisions), false, PMR_ENDPOINT_MAP, BPF_MAP_TYPE_PERCPU_ARRAY, U32,
	 sizeof(__u64), PMR_DECISIONS},
	{"members", FIELD(members), false, PMR_ENDPOINT_MAP, BPF_MAP_TYPE_ARRAY, U32,
	 sizeof(struct pmr_member_record), PMR_MAX_BUCKETS},
	{"private_to", FIELD(private_to), false, PMR_ENDPOINT_MAP, BPF_MAP_TYPE_ARRAY, U32, U32, 1},
};
/* clang-format on */

#define END (specs + sizeof(specs) / sizeof(specs[0]))

const struct pmr_map_spec *pmr_map_spec_next(const struct pmr_object *object,
					     const struct pmr_map_spec *spec)
{
	for (spec = spec ? spec + 1 : specs; spec < END; spec++)
		if (spec->scope != (object->tcp ? PMR_UDP_MAP : PMR_TCP_MAP))
			return spec;
	return NULL;
}

__u32 pmr_map_bit(const struct pmr_map_spec *spec)
{
	return 1U << (spec - specs);
}

struct bpf_map **pmr_map_field(const struct pmr_object *object, const struct pmr_map_spec *spec)
{
	return (struct bpf_map **)((char *)object + spec->field);
}
