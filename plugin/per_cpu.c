// SPDX-License-Identifier: GPL-2.0-or-later
/* Counters that the selector keeps for each CPU. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpffs.h"
#include "bpffs_map.h"
#include "error.h"
#include "per_cpu.h"

int pmr_per_cpu_add(int fd, int cpus, __u32 key, __u32 words, __u64 *sums)
{
	__u64 *values = calloc(cpus, words * sizeof(*values));
	int err = values ? bpf_map_lookup_elem(fd, &key, values) : -ENOMEM, cpu;
	__u32 w;

	for (cpu = 0; !err && cpu < cpus; cpu++)
		for (w = 0; w < words; w++)
			sums[w] += values[cpu * words + w];
	free(values);
	return err;
}

int pmr_per_cpu_sum(const char *directory, const char *map, __u32 n, __u32 words, __u64 *sums,
		    struct pmreuseport_error *error)
{
	int cpus = libbpf_num_possible_cpus(), fd, err = 0;
	char path[2 * PMR_PATH_MAX + 32];
	__u32 key;

	if (cpus < 0)
		return pmr_error(error, cpus, "cannot tell the number of CPUs (%s)", "mount /sys",
				 strerror(-cpus));
	snprintf(path, sizeof(path), "%s/%s", directory, map);
	fd = pmr_bpffs_open(path, BPF_MAP_TYPE_PERCPU_ARRAY, words * sizeof(*sums), error);
	if (fd < 0)
		return fd;
	for (key = 0; !err && key < n; key++)
		err = pmr_per_cpu_add(fd, cpus, key, words, sums + key * words);
	close(fd);
	if (err == -ENOMEM)
		pmr_error(error, err, "out of memory for counters",
			  "add memory, or raise the memory limit");
	else if (err)
		pmr_error(error, err, "cannot read the map \"%s\" (%s)",
			  "check whether another process changes %s", map, strerror(-err),
			  PMR_ROOT);
	return err;
}
