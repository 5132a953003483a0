/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counters that the selector keeps for each CPU. */
#ifndef PMR_PER_CPU_H
#define PMR_PER_CPU_H

#include <linux/types.h>

#include "pmreuseport.h"

/*
 * Adds what each CPU has in one entry of a map to sums, words of it. cpus: what
 * libbpf_num_possible_cpus() returned. Returns 0 or a negative errno.
 */
int pmr_per_cpu_add(int fd, int cpus, __u32 key, __u32 words, __u64 *sums);

/*
 * Adds the n first entries of a map of 64-bit counters to sums, words of them in each entry.
 * -ENOENT, with *error unset: the object has no such map. Needs no lock.
 */
int pmr_per_cpu_sum(const char *directory, const char *map, __u32 n, __u32 words, __u64 *sums,
		    struct pmreuseport_error *error);

#endif /* PMR_PER_CPU_H */
