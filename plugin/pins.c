// SPDX-License-Identifier: GPL-2.0-or-later
/* The pins of a cluster: reading them, and changing them all in one step. See pin_maps.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/membarrier.h>

#include <bpf/bpf.h>

#include "cluster.h"
#include "error.h"
#include "pin_maps.h"
#include "pins.h"
#include "strikes.h"

int pmr_pins_of(const char *name, struct pmr_pins *pins, struct pmreuseport_error *error)
{
	struct pmr_cluster cluster = {.lock = -1};
	int err;

	*pins = (struct pmr_pins){0};
	err = pmr_cluster_open(&cluster, name, PMR_LOCK_SHARED, error);
	if (!err)
		err = pmr_pins_check(&cluster, error);
	if (!err)
		err = pmr_pins_in(&cluster, pins, error);
	pmr_cluster_unlock(&cluster);
	return err;
}

static struct pmr_pin_key key_of(const struct pmr_pin *pin, __u32 set)
{
	return (struct pmr_pin_key){
		.prefixlen = PMR_PIN_KEY_BITS + pin->length,
		.set = set,
		.source = pin->source,
	};
}

struct maps {
	int set; /* "pin_set" */
	int pins;
	int filter;
};

/* Deletes all sets but one. */
static int forget_others(int pins_fd, __u32 set)
{
	struct pmr_pins_keys keys;
	int err = pmr_pins_collect(pins_fd, set, true, &keys);
	__u32 n = keys.n;

	if (!err && n)
		err = bpf_map_delete_batch(pins_fd, keys.list, &n, NULL);
	pmr_pins_keys_free(&keys);
	return err;
}

/*
 * Until no program runs any more that may have read the old number: the kernel does that by
 * waiting until each CPU has been through RCU.
 */
static int wait_for_selectors(void)
{
	return syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) ? -errno : 0;
}

/* What map "pins" has for a pin. strikes: NULL if the cluster has no such table. */
static __u32 value_of(const struct pmr_pin *pin, struct pmr_strikes *strikes)
{
	if (pin->bucket != PMR_PIN_DROP || !pmr_pin_is_single(pin) || !strikes)
		return pin->bucket;
	return PMR_PIN_DROP + 1 + pmr_strikes_row(strikes, &pin->source);
}

static int add_set(int pins_fd, __u32 set, const struct pmr_pins *pins, struct pmr_strikes *strikes)
{
	struct pmr_pin_key *keys = malloc((pins->n + 1) * sizeof(*keys));
	__u32 *buckets = malloc((pins->n + 1) * sizeof(*buckets)), n = pins->n;
	int err = keys && buckets ? 0 : -ENOMEM;
	size_t i;

	for (i = 0; !err && i < pins->n; i++) {
		keys[i] = key_of(&pins->list[i], set);
		buckets[i] = value_of(&pins->list[i], strikes);
	}
	if (!err && n)
		err = bpf_map_update_batch(pins_fd, keys, buckets, &n, NULL);
	free(keys);
	free(buckets);
	return err;
}

/* The number of the set that follows another. 0: it has no pins. */
static __u32 number_of(const struct pmr_pins *pins, __u32 old)
{
	__u32 set = (old & -PMR_PINS_NEXT_SET) + PMR_PINS_NEXT_SET + pins->n;
	size_t i;

	for (i = 0; i < pins->n; i++)
		if (!pmr_pin_is_single(&pins->list[i]))
			set |= PMR_PINS_NETWORKS;
	return pins->n ? set : 0;
}

/* Makes the filter cover the addresses of these pins, and with "more" also what it covers now. */
static int write_filter(int fd, const struct pmr_pins *pins, bool more)
{
	struct pmr_pin_filter filter = {0};
	__u32 zero = 0, bit;
	size_t i;
	int err = more ? bpf_map_lookup_elem(fd, &zero, &filter) : 0;

	for (i = 0; i < pins->n; i++) {
		if (!pmr_pin_is_single(&pins->list[i]))
			continue;
		bit = pmr_pin_filter_bit(&pins->list[i].source);
		filter.bits[bit / 8] |= 1 << bit % 8;
	}
	return err ? err : bpf_map_update_elem(fd, &zero, &filter, BPF_ANY);
}

/* Makes *pins the set that counts. */
static int write_set(const struct maps *maps, const struct pmr_pins *pins,
		     struct pmr_strikes *strikes)
{
	__u32 zero = 0, old, set = 0;
	int err;

	err = bpf_map_lookup_elem(maps->set, &zero, &old);
	if (err)
		return err;
	/* A process that was killed may have left pins under the next number. */
	err = forget_others(maps->pins, old);
	if (!err) {
		set = number_of(pins, old);
		err = add_set(maps->pins, set, pins, strikes);
	}
	if (!err)
		err = write_filter(maps->filter, pins, true);
	if (!err)
		err = bpf_map_update_elem(maps->set, &zero, &set, BPF_ANY);
	/* What is left by a failure here does no harm: the next change tries again. */
	if (err) {
		forget_others(maps->pins, old);
	} else if (!wait_for_selectors()) {
		forget_others(maps->pins, set);
		write_filter(maps->filter, pins, false);
	}
	return err;
}

static int open_maps(const struct pmr_cluster *cluster, struct maps *maps,
		     struct pmreuseport_error *error)
{
	int err = pmr_pins_open(cluster, &maps->set, &maps->pins, error);

	if (!err)
		err = maps->filter =
			pmr_cluster_map(cluster, "pin_filter", BPF_MAP_TYPE_ARRAY, sizeof(__u32),
					sizeof(struct pmr_pin_filter), error);
	return err < 0 ? err : 0;
}

static void close_maps(const struct maps *maps)
{
	const int fds[] = {maps->set, maps->pins, maps->filter};
	size_t i;

	for (i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

static bool is_pinned(const struct pmr_pin *pin, enum pmr_pins_change how)
{
	return how != PMR_PINS_REMOVE && !(how == PMR_PINS_ADD && pin->bucket == PMR_UNPINNED);
}

static int check(const struct pmr_pins *pins, enum pmr_pins_change how, unsigned int buckets,
		 struct pmreuseport_error *error)
{
	char text[PMR_PIN_TEXT];
	size_t i;

	for (i = 0; i < pins->n; i++) {
		const struct pmr_pin *pin = &pins->list[i];

		if (is_pinned(pin, how) && pin->bucket >= buckets && pin->bucket != PMR_PIN_DROP)
			return pmr_error(error, -EINVAL, "there is no hash bucket %u to pin %s to",
					 "name one of its %u buckets, counted from 0", pin->bucket,
					 pmr_pin_text(pin, text), buckets);
		if (i && !pmr_pins_compare(pin, pin - 1))
			return pmr_error(error, -EINVAL, "%s is given twice", "give it once",
					 pmr_pin_text(pin, text));
	}
	return 0;
}

/* Both in order, and without duplicates. Free result->list. */
static int merge(const struct pmr_pins *old, enum pmr_pins_change how, const struct pmr_pins *with,
		 struct pmr_pins *result, const char *cluster, struct pmreuseport_error *error)
{
	char text[PMR_PIN_TEXT];
	size_t o = 0, w = 0;
	int order;

	result->n = 0;
	result->list = malloc((old->n + with->n + 1) * sizeof(*result->list));
	if (!result->list)
		return pmr_error(error, -ENOMEM, "out of memory for %zu pins",
				 "add memory, or raise the memory limit", old->n + with->n);
	while (o < old->n || w < with->n) {
		order = o == old->n    ? 1
			: w == with->n ? -1
				       : pmr_pins_compare(&old->list[o], &with->list[w]);
		if (how == PMR_PINS_REMOVE && order > 0)
			return pmr_error(error, -ENOENT, "%s is not pinned",
					 "list the pins with: pmreuseport pins -c %s",
					 pmr_pin_text(&with->list[w], text), cluster);
		if (order < 0)
			result->list[result->n++] = old->list[o];
		else if (is_pinned(&with->list[w], how))
			result->list[result->n++] = with->list[w];
		o += order <= 0;
		w += order >= 0;
	}
	if (result->n > PMR_MAX_PINS)
		return pmr_error(error, -EINVAL, "%zu pins are too many",
				 "pin networks instead of addresses; at most %d pins fit",
				 result->n, PMR_MAX_PINS);
	return 0;
}

/* An exporter whose packets the selector does not drop any more is not in quarantine any more. */
static void free_others(struct pmr_strikes *strikes, const struct pmr_pins *pins)
{
	struct pmr_struck rows[PMR_MAX_STRUCK];
	const unsigned int n = strikes ? pmr_strikes_copy(strikes, rows) : 0;
	const struct pmr_pin *pin;
	unsigned int i;

	for (i = 0; i < n; i++) {
		pin = pmr_pins_find(pins, &rows[i].source);
		if (rows[i].pinned && !(pin && pin->bucket == PMR_PIN_DROP))
			pmr_strikes_forget(strikes, &rows[i].source);
	}
}

int pmr_pins_change_in(const struct pmr_cluster *cluster, enum pmr_pins_change how,
		       struct pmr_pins *with, struct pmreuseport_error *error)
{
	struct pmr_pins old = {0}, result = {0};
	struct pmr_strikes *strikes = NULL;
	struct maps maps = {-1, -1, -1};
	int err;

	pmr_pins_sort(with);
	err = pmr_pins_check(cluster, error);
	if (!err)
		err = pmr_strikes_map(cluster, &strikes, error);
	if (!err)
		err = open_maps(cluster, &maps, error);
	if (!err && how != PMR_PINS_REPLACE)
		err = pmr_pins_read(maps.set, maps.pins, &old, error);
	if (!err)
		err = check(with, how, pmr_cluster_number(cluster, "size"), error);
	if (!err)
		err = merge(&old, how, with, &result, cluster->name, error);
	if (!err) {
		err = write_set(&maps, &result, strikes);
		if (err)
			pmr_pins_error(err, "write", error);
		else
			free_others(strikes, &result);
	}
	pmr_strikes_unmap(strikes);
	close_maps(&maps);
	free(old.list);
	free(result.list);
	return err;
}

int pmr_pins_change(const char *name, enum pmr_pins_change how, struct pmr_pins *pins,
		    struct pmreuseport_error *error)
{
	struct pmr_cluster cluster = {.lock = -1};
	int err;

	err = pmr_cluster_open(&cluster, name, PMR_LOCK_EXCLUSIVE, error);
	if (!err)
		err = pmr_pins_change_in(&cluster, how, pins, error);
	pmr_cluster_unlock(&cluster);
	return err;
}
