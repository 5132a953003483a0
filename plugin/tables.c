// SPDX-License-Identifier: GPL-2.0-or-later
/* The tables that every instance of a cluster shares: nonce, slots, size. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "internal.h"

/*
 * FNV-1a of the name. A seed that is the same after a reboot keeps an exporter
 * in its bucket, next to what the instance has stored for it (templates).
 */
static __u32 nonce_of(const char *cluster)
{
	__u32 h = 2166136261u;

	for (; *cluster; cluster++)
		h = (h ^ (unsigned char)*cluster) * 16777619u;
	return h ? h : 1;
}

static int write_slots(int fd, unsigned int count)
{
	pmr_slot_t *slots = calloc(PMR_SLOTS, sizeof(*slots));
	__u32 key;
	int err = 0;

	if (!slots)
		return -ENOMEM;
	pmr_slots_fill(slots, count);
	for (key = 0; !err && key < PMR_SLOTS; key++)
		err = bpf_map_update_elem(fd, &key, &slots[key], BPF_ANY);
	free(slots);
	return err;
}

int pmr_tables_write(const struct pmr_object *object, const struct pmr_cluster *cluster,
		     unsigned int count, struct pmreuseport_error *error)
{
	__u32 key = 0, nonce = 0;
	int err;

	err = bpf_map_lookup_elem(bpf_map__fd(object->nonce), &key, &nonce);
	if (!err && !nonce) {
		nonce = nonce_of(cluster->name);
		err = bpf_map_update_elem(bpf_map__fd(object->nonce), &key, &nonce, BPF_ANY);
	}
	if (!err && object->slots)
		err = write_slots(bpf_map__fd(object->slots), count);
	if (!err)
		err = bpf_map_update_elem(bpf_map__fd(object->size), &key, &count, BPF_ANY);
	if (err)
		return pmr_error(error, err,
				 "cannot write the tables of cluster \"%s\" (%s); remove its pins "
				 "if they are not ours",
				 cluster->name, strerror(-err));
	return 0;
}
