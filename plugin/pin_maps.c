// SPDX-License-Identifier: GPL-2.0-or-later
/* Reading the maps that hold the pins; see pin_maps.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "bpffs.h"
#include "error.h"
#include "pin_maps.h"

int pmr_pins_error(int err, const char *what, struct pmreuseport_error *error)
{
	return pmr_error(error, err, "cannot %s the pins of the cluster (%s)",
			 "check whether another process changes %s", what, strerror(-err),
			 PMR_ROOT);
}

int pmr_pins_open(const struct pmr_cluster *cluster, int *set_fd, int *pins_fd,
		  struct pmreuseport_error *error)
{
	*pins_fd = -ENOENT;
	*set_fd = pmr_cluster_map(cluster, "pin_set", BPF_MAP_TYPE_ARRAY, sizeof(__u32),
				  sizeof(__u32), error);
	if (*set_fd < 0)
		return *set_fd == -ENOENT ? 0 : *set_fd;
	*pins_fd = pmr_cluster_map(cluster, "pins", BPF_MAP_TYPE_LPM_TRIE,
				   sizeof(struct pmr_pin_key), sizeof(__u32), error);
	return *pins_fd >= 0 || *pins_fd == -ENOENT ? 0 : *pins_fd;
}

int pmr_pins_check(const struct pmr_cluster *cluster, struct pmreuseport_error *error)
{
	if (pmr_cluster_has(cluster, "pin_set") && pmr_cluster_has(cluster, "pins") &&
	    pmr_cluster_has(cluster, "pin_filter"))
		return 0;
	return pmr_error(error, -ENOTSUP, "the selector of cluster \"%s\" has no pins",
			 "remove reuseport_bpf_prog to use the built-in one", cluster->name);
}

int pmr_pins_collect(int pins_fd, __u32 set, bool others, struct pmr_pins_keys *keys)
{
	__u32 n = 2 * PMR_MAX_PINS, i;
	struct pmr_pin_key next;
	int err;

	keys->n = 0;
	keys->list = malloc(n * sizeof(*keys->list));
	keys->buckets = malloc(n * sizeof(*keys->buckets));
	if (!keys->list || !keys->buckets)
		return -ENOMEM;
	/* In one call, because a change has the lock. */
	err = bpf_map_lookup_batch(pins_fd, NULL, &next, keys->list, keys->buckets, &n, NULL);
	/* -ENOENT: that was the end of the map. */
	if (err && err != -ENOENT)
		return err == -EINTR ? -EAGAIN : err;
	for (i = 0; i < n; i++) {
		if (keys->list[i].prefixlen < PMR_PIN_KEY_BITS ||
		    (keys->list[i].set == set) == others)
			continue;
		keys->list[keys->n] = keys->list[i];
		keys->buckets[keys->n++] = keys->buckets[i];
	}
	return 0;
}

void pmr_pins_keys_free(struct pmr_pins_keys *keys)
{
	free(keys->list);
	free(keys->buckets);
}

/* A walk that was sent back to the first has met some twice. In order already. */
static void drop_twins(struct pmr_pins *pins)
{
	size_t i, n = 0;

	for (i = 0; i < pins->n; i++)
		if (!n || pmr_pins_compare(&pins->list[i], &pins->list[n - 1]))
			pins->list[n++] = pins->list[i];
	pins->n = n;
}

static int read_set(int pins_fd, __u32 set, struct pmr_pins *pins)
{
	struct pmr_pins_keys keys;
	size_t i;
	int err = pmr_pins_collect(pins_fd, set, false, &keys);

	if (!err && !(pins->list = malloc((keys.n + 1) * sizeof(*pins->list))))
		err = -ENOMEM;
	for (i = 0; !err && i < keys.n; i++)
		pins->list[pins->n++] = (struct pmr_pin){
			.source = keys.list[i].source,
			.length = keys.list[i].prefixlen - PMR_PIN_KEY_BITS,
			/* With or without a row that counts what is dropped. */
			.bucket = keys.buckets[i] < PMR_PIN_DROP ? keys.buckets[i] : PMR_PIN_DROP,
		};
	pmr_pins_keys_free(&keys);
	pmr_pins_sort(pins);
	drop_twins(pins);
	return err;
}

/* -EAGAIN: something was changed meanwhile. */
static int read_once(int set_fd, int pins_fd, struct pmr_pins *pins)
{
	__u32 zero = 0, set = 0, set_after;
	int err;

	*pins = (struct pmr_pins){0};
	err = bpf_map_lookup_elem(set_fd, &zero, &set);
	if (!err && set)
		err = read_set(pins_fd, set, pins);
	if (!err)
		err = bpf_map_lookup_elem(set_fd, &zero, &set_after);
	if (!err && (set_after != set || pins->n != (set & PMR_PINS_OF_SET)))
		err = -EAGAIN;
	if (!err)
		return 0;
	free(pins->list);
	*pins = (struct pmr_pins){0};
	return err;
}

int pmr_pins_read(int set_fd, int pins_fd, struct pmr_pins *pins, struct pmreuseport_error *error)
{
	int err, tries = 20;

	*pins = (struct pmr_pins){0};
	if (set_fd < 0 || pins_fd < 0)
		return 0;
	do
		err = read_once(set_fd, pins_fd, pins);
	while (err == -EAGAIN && --tries);
	return err ? pmr_pins_error(err, "read", error) : 0;
}

int pmr_pins_in(const struct pmr_cluster *cluster, struct pmr_pins *pins,
		struct pmreuseport_error *error)
{
	int set_fd, pins_fd, err;

	*pins = (struct pmr_pins){0};
	err = pmr_pins_open(cluster, &set_fd, &pins_fd, error);
	if (!err)
		err = pmr_pins_read(set_fd, pins_fd, pins, error);
	if (set_fd >= 0)
		close(set_fd);
	if (pins_fd >= 0)
		close(pins_fd);
	return err;
}

size_t pmr_pins_count(const struct pmr_cluster *cluster)
{
	return pmr_cluster_number(cluster, "pin_set") & PMR_PINS_OF_SET;
}
