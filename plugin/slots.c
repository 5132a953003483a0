// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The slot table: which bucket a slot belongs to. A function of the count and of
 * nothing else, so it needs no history: any instance computes the same table.
 *
 * Built by growing: the table for n + 1 buckets is the table for n, from which
 * the new bucket takes slots so that all stay equal. Hence growing moves only the
 * slots that the new bucket receives, and shrinking only those it gives back.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "bpffs.h"
#include "error.h"
#include "slots.h"

void pmr_slots_fill(pmr_slot_t slots[PMR_SLOTS], unsigned int count)
{
	unsigned int held[PMR_MAX_BUCKETS] = {PMR_SLOTS};
	unsigned int n, s;

	for (s = 0; s < PMR_SLOTS; s++)
		slots[s] = 0 + 1;

	for (n = 1; n < count; n++) {
		/*
		 * Of n + 1 buckets the first "extra" hold one slot more than
		 * "share"; extra <= n, so the new bucket is never one of them.
		 */
		unsigned int share = PMR_SLOTS / (n + 1);
		unsigned int extra = PMR_SLOTS % (n + 1);

		for (s = 0; s < PMR_SLOTS; s++) {
			unsigned int owner = slots[s] - 1;

			if (held[owner] > share + (owner < extra)) {
				held[owner]--;
				slots[s] = n + 1;
				held[n]++;
			}
		}
	}
}

int pmr_slots_read(int fd, pmr_slot_t slots[PMR_SLOTS], struct pmreuseport_error *error)
{
	__u32 zero = 0;
	int err = bpf_map_lookup_elem(fd, &zero, slots);

	return err ? pmr_error(error, err, "cannot read the map \"slots\" (%s)",
			       "check whether another process changes %s", strerror(-err), PMR_ROOT)
		   : 0;
}

int pmr_slots_write(int fd, const pmr_slot_t slots[PMR_SLOTS])
{
	__u32 zero = 0;

	return bpf_map_update_elem(fd, &zero, slots, BPF_ANY);
}

int pmr_slots_of(const struct pmr_cluster *cluster, pmr_slot_t **slots,
		 struct pmreuseport_error *error)
{
	int fd, err;

	*slots = NULL;
	fd = pmr_cluster_map(cluster, "slots", BPF_MAP_TYPE_ARRAY, sizeof(__u32), PMR_SLOTS_SIZE,
			     error);
	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	*slots = malloc(PMR_SLOTS_SIZE);
	err = *slots ? pmr_slots_read(fd, *slots, error)
		     : pmr_error(error, -ENOMEM, "out of memory for the slot table",
				 "add memory, or raise the memory limit");
	close(fd);
	if (err) {
		free(*slots);
		*slots = NULL;
	}
	return err;
}
