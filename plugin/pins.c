// SPDX-License-Identifier: GPL-2.0-or-later
/* Pins: exporters whose bucket an operator has chosen. How they are kept: pins.h. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "pins.h"

struct pmr_source pmr_source_of(int family, const void *address)
{
	struct pmr_source source = {.ipv6 = family == AF_INET6};

	memcpy(source.addr, address, source.ipv6 ? 16 : 4);
	if (source.ipv6 && IN6_IS_ADDR_V4MAPPED((const struct in6_addr *)source.addr))
		source = (struct pmr_source){.addr = {source.addr[3]}};
	return source;
}

const char *pmr_pin_text(const struct pmr_pin *pin, char text[PMR_PIN_TEXT])
{
	char address[INET6_ADDRSTRLEN];

	inet_ntop(pin->source.ipv6 ? AF_INET6 : AF_INET, pin->source.addr, address,
		  sizeof(address));
	snprintf(text, PMR_PIN_TEXT, "%s/%u", address, pin->length);
	return text;
}

int pmr_pins_error(int err, const char *what, struct pmreuseport_error *error)
{
	return pmr_error(error, err, "cannot %s the pins of the cluster (%s)",
			 "see whether somebody else "
			 "changes %s",
			 what, strerror(-err), PMR_ROOT);
}

int pmr_pins_open(const struct pmr_cluster *cluster, int *pinned, int *overrides,
		  struct pmreuseport_error *error)
{
	*overrides = -ENOENT;
	*pinned = pmr_cluster_map(cluster, "pinned", BPF_MAP_TYPE_ARRAY, sizeof(__u32),
				  sizeof(__u32), error);
	if (*pinned < 0)
		return *pinned == -ENOENT ? 0 : *pinned;
	*overrides = pmr_cluster_map(cluster, "overrides", BPF_MAP_TYPE_LPM_TRIE,
				     sizeof(struct pmr_override), sizeof(__u32), error);
	return *overrides >= 0 || *overrides == -ENOENT ? 0 : *overrides;
}

int pmr_pins_check(const struct pmr_cluster *cluster, struct pmreuseport_error *error)
{
	if (pmr_cluster_has(cluster, "pinned") && pmr_cluster_has(cluster, "overrides"))
		return 0;
	return pmr_error(error, -ENOTSUP, "the selector of cluster \"%s\" has no pins",
			 "remove reuseport_bpf_prog to "
			 "use the built-in one",
			 cluster->name);
}

int pmr_pins_compare(const void *left, const void *right)
{
	const struct pmr_pin *a = left, *b = right;
	int order = (int)a->source.ipv6 - (int)b->source.ipv6;

	if (!order)
		order = memcmp(a->source.addr, b->source.addr, sizeof(a->source.addr));
	return order ? order : (int)a->length - (int)b->length;
}

void pmr_pins_sort(struct pmr_pins *pins)
{
	if (pins->n)
		qsort(pins->list, pins->n, sizeof(*pins->list), pmr_pins_compare);
}

int pmr_pins_collect(int overrides, __u32 set, bool others, struct pmr_pins_keys *keys)
{
	__u32 n = 2 * PMR_MAX_PINS, i;
	struct pmr_override next;
	int err;

	keys->n = 0;
	keys->list = malloc(n * sizeof(*keys->list));
	keys->buckets = malloc(n * sizeof(*keys->buckets));
	if (!keys->list || !keys->buckets)
		return -ENOMEM;
	/* In one call: rehome asks for each session, and a change has the lock. */
	err = bpf_map_lookup_batch(overrides, NULL, &next, keys->list, keys->buckets, &n, NULL);
	/* -ENOENT: that was the end of the map. */
	if (err && err != -ENOENT)
		return err == -EINTR ? -EAGAIN : err;
	for (i = 0; i < n; i++) {
		if (keys->list[i].prefixlen < PMR_OVERRIDE_BITS ||
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

static int read_set(int overrides, __u32 set, struct pmr_pins *pins)
{
	struct pmr_pins_keys keys;
	size_t i;
	int err = pmr_pins_collect(overrides, set, false, &keys);

	if (!err && !(pins->list = malloc((keys.n + 1) * sizeof(*pins->list))))
		err = -ENOMEM;
	for (i = 0; !err && i < keys.n; i++)
		pins->list[pins->n++] = (struct pmr_pin){
			.source = keys.list[i].source,
			.length = keys.list[i].prefixlen - PMR_OVERRIDE_BITS,
			.bucket = keys.buckets[i],
		};
	pmr_pins_keys_free(&keys);
	pmr_pins_sort(pins);
	drop_twins(pins);
	return err;
}

/* -EAGAIN: something was changed meanwhile. */
static int read_once(int pinned, int overrides, struct pmr_pins *pins)
{
	__u32 zero = 0, set = 0, set_after;
	int err;

	*pins = (struct pmr_pins){0};
	err = bpf_map_lookup_elem(pinned, &zero, &set);
	if (!err && set)
		err = read_set(overrides, set, pins);
	if (!err)
		err = bpf_map_lookup_elem(pinned, &zero, &set_after);
	if (!err && (set_after != set || pins->n != (set & PMR_PINS_OF_SET)))
		err = -EAGAIN;
	if (!err)
		return 0;
	free(pins->list);
	*pins = (struct pmr_pins){0};
	return err;
}

int pmr_pins_read(int pinned, int overrides, struct pmr_pins *pins, struct pmreuseport_error *error)
{
	int err, tries = 20;

	*pins = (struct pmr_pins){0};
	if (pinned < 0 || overrides < 0)
		return 0;
	do
		err = read_once(pinned, overrides, pins);
	while (err == -EAGAIN && --tries);
	return err ? pmr_pins_error(err, "read", error) : 0;
}

static bool holds(const struct pmr_pin *pin, const struct pmr_source *source)
{
	const unsigned char *a = (const void *)pin->source.addr, *b = (const void *)source->addr;
	const unsigned int bytes = pin->length / 8, bits = pin->length % 8;

	return pin->source.ipv6 == source->ipv6 && !memcmp(a, b, bytes) &&
	       (!bits || (a[bytes] ^ b[bytes]) >> (8 - bits) == 0);
}

const struct pmr_pin *pmr_pins_find(const struct pmr_pins *pins, const struct pmr_source *source)
{
	const struct pmr_pin *longest = NULL;
	size_t i;

	for (i = 0; i < pins->n; i++)
		if (holds(&pins->list[i], source) &&
		    (!longest || pins->list[i].length > longest->length))
			longest = &pins->list[i];
	return longest;
}

int pmr_pins_in(const struct pmr_cluster *cluster, struct pmr_pins *pins,
		struct pmreuseport_error *error)
{
	int pinned, overrides, err;

	*pins = (struct pmr_pins){0};
	err = pmr_pins_open(cluster, &pinned, &overrides, error);
	if (!err)
		err = pmr_pins_read(pinned, overrides, pins, error);
	if (pinned >= 0)
		close(pinned);
	if (overrides >= 0)
		close(overrides);
	return err;
}

size_t pmr_pins_count(const struct pmr_cluster *cluster)
{
	return pmr_cluster_number(cluster, "pinned") & PMR_PINS_OF_SET;
}

int pmr_pins_of(const char *name, struct pmr_pins *pins, struct pmreuseport_error *error)
{
	struct pmr_cluster cluster = {.lock = -1};
	int err;

	*pins = (struct pmr_pins){0};
	err = pmr_operate_open(&cluster, name, error);
	if (!err)
		err = pmr_pins_check(&cluster, error);
	if (!err)
		err = pmr_pins_in(&cluster, pins, error);
	pmr_cluster_unlock(&cluster);
	return err;
}
