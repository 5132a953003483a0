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

static void add(const __u64 *values, int cpus, __u32 words, __u64 *sums)
{
	__u32 w;
	int cpu;

	for (cpu = 0; cpu < cpus; cpu++)
		for (w = 0; w < words; w++)
			sums[w] += values[cpu * words + w];
}

int pmr_per_cpu_add(int fd, int cpus, __u32 key, __u32 words, __u64 *sums)
{
	__u64 *values = calloc(cpus, words * sizeof(*values));
	int err = values ? bpf_map_lookup_elem(fd, &key, values) : -ENOMEM;

	if (!err)
		add(values, cpus, words, sums);
	free(values);
	return err;
}

/* The n first entries in one call, because each instance does this once in a second. Linux 5.13. */
static int read_entries(int fd, __u32 n, __u64 *values)
{
	__u32 *keys = calloc(n, sizeof(*keys)), next, got = n;
	int err = keys ? bpf_map_lookup_batch(fd, NULL, &next, keys, values, &got, NULL) : -ENOMEM;

	free(keys);
	/* -ENOENT: that was the end of the map. */
	if (err && err != -ENOENT)
		return err;
	return got == n ? 0 : -ENOENT;
}

int pmr_per_cpu_sum(const char *directory, const char *map, __u32 n, __u32 words, __u64 *sums,
		    struct pmreuseport_error *error)
{
	int cpus = libbpf_num_possible_cpus(), fd, err = 0;
	char path[2 * PMR_PATH_MAX + 32];
	__u64 *values;
	__u32 i;

	if (cpus < 0)
		return pmr_error(error, cpus, "cannot tell the number of CPUs (%s)", "mount /sys",
				 strerror(-cpus));
	snprintf(path, sizeof(path), "%s/%s", directory, map);
	fd = pmr_bpffs_open(path, BPF_MAP_TYPE_PERCPU_ARRAY, words * sizeof(*sums), error);
	if (fd < 0)
		return fd;
	values = calloc((size_t)n * cpus * words, sizeof(*values));
	err = values ? read_entries(fd, n, values) : -ENOMEM;
	for (i = 0; !err && i < n; i++)
		add(values + (size_t)i * cpus * words, cpus, words, sums + i * words);
	free(values);
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
