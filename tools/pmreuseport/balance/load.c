/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "balance/load.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "view/placement.h"

/* More than any network has, so that sums do not overflow. */
#define MAX_RATE 1e13

/* Where exporters are. Too large for the stack. */
struct map {
	const struct endpoints *endpoints;
	const struct endpoint *first; /* for flows that the buckets share */
	struct pmr_view bare; /* of that one, without the pins of single exporters to buckets */
};

static bool is_tcp(const struct endpoint *endpoint)
{
	return endpoint->name[0] == 't';
}

static int memory_error(size_t n, struct pmreuseport_error *error)
{
	return pmr_error(error, -ENOMEM, "out of memory for %zu exporters",
			 "add memory, or raise the memory limit", n);
}

static int strip_pins(struct map *map, struct pmreuseport_error *error)
{
	const struct pmr_pins *pins = &map->first->view.pins;
	size_t i;

	map->bare = map->first->view;
	map->bare.pins = (struct pmr_pins){.list = malloc((pins->n + 1) * sizeof(*pins->list))};
	if (!map->bare.pins.list)
		return memory_error(pins->n, error);
	for (i = 0; i < pins->n; i++)
		if (!pmr_pin_is_single(&pins->list[i]) || pins->list[i].bucket == PMR_PIN_DROP)
			map->bare.pins.list[map->bare.pins.n++] = pins->list[i];
	return 0;
}

/*
 * Where the next packet goes. The endpoints differ while an instance has joined with some of
 * its ports only; then the endpoint counts that the exporter sends to. *fixed: that endpoint is
 * private, so no pin moves the exporter.
 */
static struct pmr_place place_of(const struct map *map, const struct rate *rate, bool *fixed)
{
	const int family = rate->source.ipv6 ? AF_INET6 : AF_INET;
	const struct endpoints *endpoints = map->endpoints;
	struct pmr_place found = pmr_view_place(&map->first->view, family, rate->source.addr);
	struct pmr_place place;
	size_t i;

	*fixed = false;
	for (i = 0; i < endpoints->n && !is_tcp(&endpoints->list[i]); i++) {
		place = pmr_view_place(&endpoints->list[i].view, family, rate->source.addr);
		if (!placement_is_bucket(&place) || place.bucket != rate->bucket)
			continue;
		found = place;
		*fixed = endpoints->list[i].view.private_to;
		if (!*fixed)
			break;
	}
	return found;
}

static void add(struct balance_load *load, const struct map *map, const struct rate *rate,
		bool by_bytes)
{
	const int family = rate->source.ipv6 ? AF_INET6 : AF_INET;
	const struct pmr_pins *pins = &map->first->view.pins;
	bool private;
	const struct pmr_place place = place_of(map, rate, &private);
	const struct pmr_pin *pin = pmr_pins_find(pins, &rate->source);
	const bool single = pin && pmr_pin_is_single(pin);
	const double heavy = by_bytes ? rate->bytes : rate->packets;

	/* Counters are of the past: an exporter that reaches no bucket now may have a rate. */
	if (!placement_is_bucket(&place) || !load->open[place.bucket]) {
		load->nowhere++;
		return;
	}
	load->rates[load->n] = *rate;
	load->exporters[load->n] = (struct balance_exporter){
		.load = (heavy < MAX_RATE ? heavy : MAX_RATE) * BALANCE_UNIT + 0.5,
		.bucket = place.bucket,
		/* A pin to a bucket that is gone does nothing. */
		.fixed = private || (pin && !single && pin->bucket < map->bare.buckets),
	};
	load->homes[load->n] = (struct balance_home){
		.pinned = single,
		.unpinned = pmr_view_place(&map->bare, family, rate->source.addr).home,
	};
	load->n++;
}

/* open: flows go there. takes: flows and sessions would go there. */
static void find_open(struct balance_load *load, const struct endpoints *endpoints)
{
	unsigned int b;
	size_t i;

	for (b = 0; b < PMR_MAX_BUCKETS; b++)
		load->takes[b] = b < endpoints->list[0].view.buckets;
	for (i = 0; i < endpoints->n; i++) {
		const struct endpoint *endpoint = &endpoints->list[i];

		if (endpoint->view.private_to)
			continue;
		load->tcp |= is_tcp(endpoint);
		for (b = 0; b < PMR_MAX_BUCKETS; b++) {
			const bool open = pmr_view_is_open(&endpoint->view, b);

			load->takes[b] &= open;
			load->open[b] |= open && !is_tcp(endpoint);
		}
	}
}

static int fill(struct balance_load *load, struct map *map, const struct rate *rates, size_t n,
		bool by_bytes, struct pmreuseport_error *error)
{
	size_t i;
	int err;

	load->rates = calloc(n + 1, sizeof(*load->rates));
	load->exporters = calloc(n + 1, sizeof(*load->exporters));
	load->homes = calloc(n + 1, sizeof(*load->homes));
	if (!load->rates || !load->exporters || !load->homes)
		return memory_error(n, error);
	err = strip_pins(map, error);
	if (err)
		return err;
	find_open(load, map->endpoints);
	for (i = 0; i < n; i++)
		if (rates[i].packets > 0)
			add(load, map, &rates[i], by_bytes);
	free(map->bare.pins.list);
	return 0;
}

/* NULL: no instance takes flows. */
static const struct endpoint *find_first(const struct endpoints *endpoints)
{
	size_t i;

	for (i = 0; i < endpoints->n && !is_tcp(&endpoints->list[i]); i++)
		if (!endpoints->list[i].view.private_to)
			return &endpoints->list[i];
	return NULL;
}

int balance_load_read(struct balance_load *load, const char *cluster, unsigned int seconds,
		      bool by_bytes, struct pmreuseport_error *error)
{
	struct map *map = calloc(1, sizeof(*map));
	struct endpoints endpoints = {0};
	struct rates rates = {0};
	int err;

	*load = (struct balance_load){0};
	if (!map)
		return memory_error(0, error);
	map->endpoints = &endpoints;
	err = rates_measure(cluster, seconds, &rates, error);
	/* Read the endpoints after the measurement, so that they are current. */
	if (!err)
		err = endpoints_read(&endpoints, cluster, error);
	if (!err)
		map->first = find_first(&endpoints);
	if (!err && !map->first)
		err = pmr_error(error, -ENOENT,
				"no instance of cluster \"%s\" takes flows, so there is nothing to "
				"balance",
				"see: pmreuseport status -c %s", cluster, cluster);
	if (!err)
		err = fill(load, map, rates.list, rates.n, by_bytes, error);
	if (!err && !load->n)
		err = pmr_error(error, -ENOENT,
				"no exporter of cluster \"%s\" has sent anything to a bucket "
				"within %u second%s",
				"measure while they send, or longer with --seconds", cluster,
				seconds, seconds == 1 ? "" : "s");
	load->full = rates.full;
	endpoints_free(&endpoints);
	free(rates.list);
	free(map);
	return err;
}

void balance_load_free(struct balance_load *load)
{
	free(load->rates);
	free(load->exporters);
	free(load->homes);
	*load = (struct balance_load){0};
}
