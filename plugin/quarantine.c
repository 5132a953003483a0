// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Quarantine of exporters that make instances die.
 *
 * The instance that dies adds the strike, and with the second one the exporter is in quarantine
 * (see strikes.h): all instances see that at once, before the kernel closes the socket and the
 * exporter reaches another of them. The pin that makes the selector drop comes later, because it
 * takes the lock and system calls: from the next instance that joins, or from one that looks.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cluster.h"
#include "error.h"
#include "member.h"
#include "pin_maps.h"
#include "pins.h"
#include "quarantine.h"
#include "strikes.h"

/* For a daemon that has flows to read. */
#define LOCK_TIMEOUT_MS 1000

struct pmreuseport_quarantine {
	char cluster[PMREUSEPORT_CLUSTER_NAME_MAX + 1];
	struct pmr_strikes *strikes;
};

_Static_assert(sizeof(((struct pmreuseport_strike *)0)->source) == PMR_SOURCE_TEXT,
	       "an address fits");

int pmreuseport_quarantine_open(const struct pmreuseport_member *member,
				struct pmreuseport_quarantine **quarantine,
				struct pmreuseport_error *error)
{
	struct pmreuseport_quarantine *q = calloc(1, sizeof(*q));
	struct pmr_cluster cluster = {.lock = -1};
	int err;

	*quarantine = NULL;
	if (!q)
		return pmr_error(error, -ENOMEM, "out of memory for the quarantine",
				 "add memory, or raise the memory limit");
	pmr_cluster_name(&cluster, member->cluster);
	memcpy(q->cluster, member->cluster, sizeof(q->cluster));
	err = pmr_strikes_map(&cluster, &q->strikes, error);
	if (q->strikes)
		*quarantine = q;
	else
		free(q);
	return err;
}

void pmreuseport_quarantine_close(struct pmreuseport_quarantine *quarantine)
{
	if (!quarantine)
		return;
	pmr_strikes_unmap(quarantine->strikes);
	free(quarantine);
}

bool pmreuseport_quarantined(struct pmreuseport_quarantine *quarantine,
			     const struct sockaddr *source)
{
	struct pmr_source key;

	return quarantine && pmr_strikes_any(quarantine->strikes) &&
	       pmr_strikes_source(source, &key) && pmr_strikes_drop(quarantine->strikes, &key);
}

void pmreuseport_died(struct pmreuseport_quarantine *quarantine, const struct sockaddr *source,
		      int signal)
{
	struct pmr_source key;

	if (quarantine && pmr_strikes_source(source, &key))
		pmr_strikes_add(quarantine->strikes, &key, signal);
}

static struct pmr_pin pin_of(const struct pmr_source *source)
{
	return (struct pmr_pin){
		.source = *source,
		.length = source->ipv6 ? 128 : 32,
		.bucket = PMR_PIN_DROP,
	};
}

static void tell(const struct pmr_struck *struck, struct pmreuseport_strike *strike)
{
	*strike = (struct pmreuseport_strike){0};
	pmr_source_text(&struck->source, strike->source);
	strike->strikes = struck->strikes;
	strike->signal = struck->signal;
	strike->result = struck->since_ns ? PMREUSEPORT_QUARANTINED
			 : struck->full	  ? PMREUSEPORT_FULL
					  : PMREUSEPORT_STRUCK;
}

/* With the lock held, because another process may have been quicker. */
static int next(struct pmreuseport_quarantine *quarantine, const struct pmr_cluster *cluster,
		struct pmreuseport_strike *strike, struct pmreuseport_error *error)
{
	struct pmr_struck struck;
	struct pmr_pin pin;
	int err = 0;

	if (!pmr_strikes_news(quarantine->strikes, &struck))
		return 0;
	if (struck.since_ns && !struck.pinned) {
		pin = pin_of(&struck.source);
		err = pmr_pins_change_in(cluster, PMR_PINS_ADD, &(struct pmr_pins){&pin, 1}, error);
	}
	if (err)
		return err;
	pmr_strikes_told(quarantine->strikes, &struck, struck.since_ns);
	tell(&struck, strike);
	return 1;
}

int pmreuseport_strike(struct pmreuseport_quarantine *quarantine, struct pmreuseport_strike *strike,
		       struct pmreuseport_error *error)
{
	struct pmr_cluster cluster = {.lock = -1};
	struct pmr_struck struck;
	int ret;

	if (!quarantine || !pmr_strikes_news(quarantine->strikes, &struck))
		return 0;
	ret = pmr_cluster_lock(&cluster, quarantine->cluster, PMR_LOCK_EXCLUSIVE, LOCK_TIMEOUT_MS,
			       error);
	if (!ret)
		ret = next(quarantine, &cluster, strike, error);
	pmr_cluster_unlock(&cluster);
	return ret;
}

static int by_address(const void *left, const void *right)
{
	const struct pmr_pin a = pin_of(&((const struct pmr_struck *)left)->source);
	const struct pmr_pin b = pin_of(&((const struct pmr_struck *)right)->source);

	return pmr_pins_compare(&a, &b);
}

/* With the lock held. */
static int open_table(const struct pmr_cluster *cluster, struct pmr_strikes **table,
		      struct pmreuseport_error *error)
{
	int err = pmr_strikes_map(cluster, table, error);

	if (err || *table)
		return err;
	return pmr_error(error, -ENOTSUP, "the selector of cluster \"%s\" has no quarantine",
			 "remove reuseport_bpf_prog to use the built-in one", cluster->name);
}

int pmr_quarantine_read(const char *name, struct pmr_struck rows[PMR_MAX_STRUCK], unsigned int *n,
			struct pmreuseport_error *error)
{
	struct pmr_cluster cluster = {.lock = -1};
	struct pmr_strikes *table = NULL;
	int err;

	*n = 0;
	err = pmr_cluster_open(&cluster, name, PMR_LOCK_SHARED, error);
	if (!err)
		err = open_table(&cluster, &table, error);
	if (!err)
		*n = pmr_strikes_copy(table, rows);
	pmr_strikes_unmap(table);
	pmr_cluster_unlock(&cluster);
	qsort(rows, *n, sizeof(*rows), by_address);
	return err;
}

/* With the lock held. */
static int clear(const struct pmr_cluster *cluster, struct pmr_strikes *table,
		 const struct pmr_source *source, struct pmreuseport_error *error)
{
	struct pmr_pin pin = pin_of(source);
	struct pmr_pins pins = {0};
	const struct pmr_pin *found;
	char text[PMR_PIN_TEXT];
	bool drops;
	int err;

	err = pmr_pins_in(cluster, &pins, error);
	if (err)
		return err;
	found = pmr_pins_find(&pins, source);
	drops = found && pmr_pin_is_single(found) && found->bucket == PMR_PIN_DROP;
	free(pins.list);
	if (!drops && pmr_strikes_row(table, source) < 0)
		return pmr_error(error, -ENOENT, "%s has no strikes and is not in quarantine",
				 "list who is with: pmreuseport quarantine -c %s",
				 pmr_pin_text(&pin, text), cluster->name);
	if (drops)
		err = pmr_pins_change_in(cluster, PMR_PINS_REMOVE, &(struct pmr_pins){&pin, 1},
					 error);
	if (!err)
		pmr_strikes_forget(table, source);
	return err;
}

int pmr_quarantine_clear(const char *name, const struct pmr_source *source,
			 struct pmreuseport_error *error)
{
	struct pmr_cluster cluster = {.lock = -1};
	struct pmr_strikes *table = NULL;
	int err;

	err = pmr_cluster_open(&cluster, name, PMR_LOCK_EXCLUSIVE, error);
	if (!err)
		err = open_table(&cluster, &table, error);
	if (!err)
		err = clear(&cluster, table, source, error);
	pmr_strikes_unmap(table);
	pmr_cluster_unlock(&cluster);
	return err;
}
