/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The maps that an object may have: the contract, and what only the built-in one has. */
#ifndef PMR_OBJECT_MAPS_H
#define PMR_OBJECT_MAPS_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>

#include "object.h"

struct pmr_map_spec {
	const char *name;
	size_t field; /* of struct pmr_object */
	bool required;
	enum { PMR_CLUSTER_MAP, PMR_ENDPOINT_MAP, PMR_UDP_MAP, PMR_TCP_MAP } scope;
	enum bpf_map_type type;
	__u32 key_size;
	__u32 value_size;
	__u32 max_entries;
};

/* The next one for the protocol of the object; NULL to begin with, and at the end. */
const struct pmr_map_spec *pmr_map_spec_next(const struct pmr_object *object,
					     const struct pmr_map_spec *spec);

/* The bit of a map in the field "shared" of an object. */
__u32 pmr_map_bit(const struct pmr_map_spec *spec);

/* Where the object keeps the map. */
struct bpf_map **pmr_map_field(const struct pmr_object *object, const struct pmr_map_spec *spec);

#endif /* PMR_OBJECT_MAPS_H */
