// SPDX-License-Identifier: GPL-2.0-or-later
/* Entering: pmr_enter() shows each step of prepared sockets into their bucket. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "beside.h"
#include "bpffs_make.h"
#include "bpffs_map.h"
#include "bucket.h"
#include "enter.h"
#include "entered.h"
#include "error.h"
#include "join_check.h"
#include "live_sockets.h"
#include "object_pins.h"
#include "prepare.h"
#include "reuse_addr.h"
#include "selector_attach.h"
#include "selector_pin.h"
#include "sharing.h"
#include "stale.h"
#include "tables.h"

/* How often others may change what is pinned between two looks of this process. */
#define TRIES 100

/* A member on its way in. */
struct entry {
	struct pmreuseport_member *member;
	struct pmr_object *object;
	unsigned int live; /* sockets in its endpoint before it */
	bool entered;
	struct pmr_member_record before; /* the record of its bucket, before it entered */
	bool attached;			 /* the first program of its endpoint */
	bool replaced;			 /* the pinned program, which was attached */
};

static int check_free(const struct pmreuseport_member *member, struct pmreuseport_error *error)
{
	if (!member->prepared->if_free || !member->took_over)
		return 0;
	return pmr_refuse(error, PMREUSEPORT_BUCKET_TAKEN, -EEXIST,
			  "hash bucket %u of %.200s is held by another process, %d (%.15s)",
			  "stop that process, or join another bucket", member->index, member->path,
			  (int)member->previous.pid, member->previous.comm);
}

/* What others decide, which may have changed since the member was prepared. */
static int check(const struct entry *entry, const struct pmr_cluster *cluster,
		 unsigned int *live_in_cluster, struct pmreuseport_error *error)
{
	int err = pmr_prepare_check(entry->member, cluster, live_in_cluster, error);

	if (!err && *live_in_cluster)
		err = pmr_join_check_selector(cluster, entry->object, error);
	return err;
}

/* Pins must be there before the first packet. */
static int make_pins(struct entry *entry, const struct pmr_cluster *cluster, struct pmr_undo *undo,
		     struct pmreuseport_error *error)
{
	struct pmreuseport_member *member = entry->member;
	const struct pmr_prepared *prepared = member->prepared;
	struct pmr_object *object = entry->object;
	bool made;
	int err;

	err = pmr_bpffs_mkdir(member->path, &made, error);
	if (made)
		pmr_undo_add(undo, member->path);
	if (!err)
		err = pmr_object_pin(object, cluster, member->path, undo, error);
	if (!err)
		err = pmr_live_count(bpf_map__fd(object->targets), &entry->live, error);
	if (!err)
		err = pmr_bucket_check(prepared->fd, object, member, error);
	if (!err)
		err = pmr_selector_pin(object, member->path, undo, error);
	return err;
}

/* So must the tables, which the first entry writes for all. */
static int write_tables(const struct entry *entry, const struct pmr_cluster *cluster,
			struct pmr_tables_before **before, struct pmreuseport_error *error)
{
	const struct pmreuseport_config *config = &entry->member->prepared->config;
	const unsigned int size = pmr_cluster_number(cluster, "size");

	entry->member->previous_count = size == config->count ? 0 : size;
	return pmr_tables_write(entry->object, cluster, config, before, error);
}

/*
 * Where members are live, the program comes first, so that no other program sends a packet to
 * the new socket. Where none is, the program comes last: no packet is selected without it. The
 * kernel may refuse the socket because it is in an array of another cluster, and then the
 * program of that cluster must stay attached.
 */
static int enter(struct entry *entry, struct pmreuseport_error *error)
{
	struct pmreuseport_member *member = entry->member;
	const int fd = member->prepared->fd;
	int err;

	member->targets_id = pmr_map_id(bpf_map__fd(entry->object->targets));
	member->was_there = pmr_bucket_has(entry->object, member);
	pmr_bucket_note_previous(entry->object, member);
	err = check_free(member, error);
	if (!err && entry->live) {
		err = pmr_selector_attach(fd, entry->object->prog_fd, error);
		entry->replaced = !err && !entry->object->shares_selector;
	}
	if (!err)
		err = pmr_bucket_enter(fd, entry->object, member, &entry->before, error);
	entry->entered = !err;
	if (!err && !member->prepared->adopted)
		pmr_entered_mark(fd, true);
	if (err || entry->live)
		return err;
	err = pmr_selector_attach(fd, entry->object->prog_fd, error);
	entry->attached = !err;
	return err;
}

/* A group with live members keeps a program that selects as before. */
static void undo_entry(const struct entry *entry)
{
	if (entry->entered)
		pmr_bucket_undo(entry->object, entry->member, &entry->before);
	if (entry->entered && !entry->member->was_there)
		pmr_entered_mark(entry->member->prepared->fd, false);
	if (entry->replaced)
		pmr_selector_attach_pinned(entry->member->prepared->fd, entry->member->path, NULL);
	if (entry->attached)
		setsockopt(entry->member->prepared->fd, SOL_SOCKET, SO_DETACH_REUSEPORT_BPF,
			   &(int){0}, sizeof(int));
}

/*
 * Which endpoints are shared has changed, perhaps. Buckets that were added by a resize get their
 * exporters now.
 */
static int grow(const struct entry entries[], size_t n, const struct pmr_cluster *cluster,
		struct pmreuseport_error *error)
{
	struct pmr_growth growth;
	bool kept = false;
	size_t i;
	int err;

	if (!entries[0].object->slots)
		return 0;
	err = pmr_sharing_write(cluster, error);
	if (!err)
		err = pmr_tables_grow(cluster, &growth, error);
	for (i = 0; i < n; i++)
		kept |= entries[i].member->was_there || entries[i].member->took_over;
	/* A taken-over bucket has its exporters, and the takeover cannot be undone. */
	return kept ? 0 : err;
}

/* Maps of earlier instances would mislead the operator and the instances that join later. */
static void drop_stale(const struct entry *entry, const struct pmr_cluster *cluster,
		       unsigned int live_in_cluster)
{
	if (!live_in_cluster)
		pmr_object_drop_stale(entry->object, cluster, NULL);
	if (!entry->live)
		pmr_object_drop_stale(entry->object, cluster, entry->member->path);
	pmr_stale_remove(cluster, entry->member->prepared->endpoint.name);
}

/* Of a program without balancing, or of instances that have not joined yet. */
static void note_outside(const struct entry *entry)
{
	const struct pmr_prepared *prepared = entry->member->prepared;

	if (!entry->live)
		entry->member->outside = pmr_beside_count(prepared->fd, &prepared->endpoint);
}

static int of(const struct entry *entry, int err, struct pmreuseport_error *error)
{
	return pmr_error_of(entry->member->prepared->fd, err, error);
}

/* With the lock held. */
static int enter_all(struct entry entries[], size_t n, const struct pmr_cluster *cluster,
		     struct pmr_undo *undo, struct pmreuseport_error *error)
{
	struct pmr_tables_before *before = NULL;
	unsigned int live_in_cluster = 0;
	size_t i;
	int err = 0;

	for (i = 0; !err && i < n; i++)
		err = of(&entries[i], check(&entries[i], cluster, &live_in_cluster, error), error);
	for (i = 0; !err && i < n; i++)
		err = of(&entries[i], make_pins(&entries[i], cluster, undo, error), error);
	if (!err && !live_in_cluster)
		err = write_tables(&entries[0], cluster, &before, error);
	/* From here on exporters can reach the sockets. */
	for (i = 0; !err && i < n; i++)
		err = of(&entries[i], enter(&entries[i], error), error);
	if (!err)
		err = grow(entries, n, cluster, error);
	for (i = 0; !err && i < n; i++)
		err = of(&entries[i],
			 pmr_selector_name(entries[i].object, entries[i].member->path, undo, error),
			 error);
	for (i = 0; err && i < n; i++)
		undo_entry(&entries[i]);
	if (err) {
		pmr_tables_restore(entries[0].object, before);
		pmr_sharing_write(cluster, NULL);
	}
	for (i = 0; !err && i < n; i++) {
		drop_stale(&entries[i], cluster, live_in_cluster);
		note_outside(&entries[i]);
	}
	pmr_tables_forget(before);
	return err;
}

static int all_fit(const struct entry entries[], size_t n, const struct pmr_cluster *cluster,
		   struct pmreuseport_error *error)
{
	int fit = 1;
	size_t i;

	for (i = 0; fit > 0 && i < n; i++)
		fit = pmr_object_fits(entries[i].object, cluster, entries[i].member->path, error);
	return fit;
}

/* One try. 1: done. 0: what is pinned has changed since the members were prepared. */
static int try_enter(struct entry entries[], size_t n, struct pmreuseport_error *error)
{
	struct pmr_cluster cluster = {.lock = -1};
	struct pmr_undo *undo = calloc(1, sizeof(*undo));
	int err, fit = 0;

	if (!undo)
		return pmr_error(error, -ENOMEM, "out of memory for a join",
				 "add memory, or raise the memory limit");
	err = pmr_cluster_create(&cluster, entries[0].member->cluster,
				 entries[0].member->prepared->config.lock_timeout_ms, undo, error);
	if (!err)
		fit = all_fit(entries, n, &cluster, error);
	if (fit > 0)
		err = enter_all(entries, n, &cluster, undo, error);
	else if (!err)
		err = fit;
	if (err || !fit)
		pmr_undo_all(undo);
	pmr_cluster_unlock(&cluster);
	free(undo);
	return err ? err : fit;
}

int pmr_enter(struct pmreuseport_member *const members[], size_t n, struct pmreuseport_error *error)
{
	struct entry entries[PMREUSEPORT_MAX_SOCKETS] = {0};
	unsigned int tries = TRIES;
	int ret;
	size_t i;

	for (i = 0; i < n; i++)
		entries[i] = (struct entry){
			.member = members[i],
			.object = &members[i]->prepared->object,
		};
	while (!(ret = try_enter(entries, n, error))) {
		ret = --tries ? pmr_prepare_again(members, n, error)
			      : pmr_error(error, -EAGAIN,
					  "the pins of cluster \"%s\" change all the time",
					  "check which processes join and remove it",
					  members[0]->cluster);
		if (ret)
			break;
	}
	for (i = 0; i < n; i++) {
		if (ret > 0)
			pmr_prepared_free(members[i]);
		else
			pmr_reuse_addr_restore(members[i]->prepared->fd,
					       members[i]->had_reuse_addr);
	}
	return ret > 0 ? 0 : ret;
}
