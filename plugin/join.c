// SPDX-License-Identifier: GPL-2.0-or-later
/* Joining: pmr_join_as() shows each step of a socket into its bucket. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpffs.h"
#include "bpffs_make.h"
#include "bucket.h"
#include "endpoint.h"
#include "error.h"
#include "join.h"
#include "join_check.h"
#include "keys.h"
#include "live_sockets.h"
#include "member.h"
#include "object_load.h"
#include "stale.h"
#include "tables.h"

/* The pinned program is the one that the live members of the endpoint use. */
static int pin_selector(const struct pmr_object *object, const struct pmreuseport_member *member,
			bool live, struct pmr_undo *undo, struct pmreuseport_error *error)
{
	char path[PMR_PATH_MAX + 16];

	snprintf(path, sizeof(path), "%s/%s", member->path, PMR_SELECTOR);
	if (live && pmr_bpffs_exists(path))
		return 0;
	unlink(path);
	return pmr_bpffs_pin(object->prog_fd, path, undo, error);
}

static int attach(int fd, int prog_fd, struct pmreuseport_error *error)
{
	int err;

	if (!setsockopt(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_EBPF, &prog_fd, sizeof(prog_fd)))
		return 0;
	err = -errno;
	if (err == -EINVAL)
		return pmr_error(error, err, "socket %d is in no reuseport group",
				 "set SO_REUSEPORT before bind(), and do not connect() it", fd);
	return pmr_error(error, err, "cannot attach the selector to socket %d (%s)",
			 "run as root or with CAP_BPF", fd, strerror(-err));
}

/* The number of buckets that were live before this join. */
struct live {
	unsigned int in_cluster;
	unsigned int in_endpoint;
};

/* Pins, tables and program must be there before the first packet. */
static int prepare(int fd, struct pmr_object *object, const struct pmr_cluster *cluster,
		   const struct pmr_endpoint *endpoint, const struct pmreuseport_config *config,
		   struct pmreuseport_member *member, struct live *live, struct pmr_undo *undo,
		   struct pmreuseport_error *error)
{
	unsigned int size;
	bool made;
	int err;

	err = pmr_join_check_elsewhere(cluster, endpoint->name, error);
	if (!err)
		err = pmr_join_check_live(cluster, object, config, &live->in_cluster, error);
	if (!err)
		err = pmr_bpffs_mkdir(member->path, &made, error);
	if (err)
		return err;
	if (made)
		pmr_undo_add(undo, member->path);

	err = pmr_object_load(object, cluster, member->path, undo, error);
	if (!err)
		err = pmr_live_count(bpf_map__fd(object->targets), &live->in_endpoint, error);
	if (!err)
		err = pmr_bucket_check(fd, object, member, error);
	if (!err && live->in_cluster)
		err = pmr_join_check_selector(cluster, object, error);
	if (!err)
		err = pin_selector(object, member, live->in_endpoint, undo, error);
	if (err || live->in_cluster)
		return err;
	size = pmr_cluster_number(cluster, "size");
	member->previous_count = size == config->count ? 0 : size;
	return pmr_tables_write(object, cluster, config, error);
}

static int check_free(const struct pmr_adoption *adoption, const struct pmreuseport_member *member,
		      struct pmreuseport_error *error)
{
	if (!adoption || !adoption->if_free || !member->took_over)
		return 0;
	return pmr_refuse(error, PMREUSEPORT_BUCKET_TAKEN, -EEXIST,
			  "hash bucket %u of %.200s is held by another process, %d (%.15s)",
			  "stop that process, or join another bucket", member->index, member->path,
			  (int)member->previous.pid, member->previous.comm);
}

/*
 * Where members are live, the program comes first, so that no other program
 * sends a packet to the new socket. Where none is, the program comes last: no packet is selected
 * without it. The kernel may refuse the socket because it is in an array of another cluster, and
 * then the program of that cluster must stay attached.
 */
static int enter(int fd, const struct pmr_object *object, const struct pmreuseport_member *member,
		 bool endpoint_live, bool *attached, struct pmreuseport_error *error)
{
	int err = 0;

	if (endpoint_live)
		err = attach(fd, object->prog_fd, error);
	if (!err)
		err = pmr_bucket_enter(fd, object, member, error);
	if (err || endpoint_live)
		return err;
	err = attach(fd, object->prog_fd, error);
	if (err)
		pmr_bucket_undo(object, member);
	*attached = !err;
	return err;
}

int pmr_join_as(int fd, const struct pmr_adoption *adoption,
		const struct pmreuseport_config *config, struct pmreuseport_member **result,
		struct pmreuseport_error *error)
{
	struct pmr_cluster cluster = {.lock = -1};
	struct pmreuseport_member *member = NULL;
	struct pmr_endpoint endpoint;
	struct pmr_object object = {0};
	struct pmr_undo *undo = NULL;
	struct live live = {0};
	unsigned int in_use;
	bool attached = false;
	int err;

	*result = NULL;

	/* Refusals that touch nothing come first. */
	err = pmr_config_check(config, error);
	if (!err)
		err = pmr_endpoint_inspect(fd, &endpoint, error);
	if (!err)
		err = pmr_bpffs_check(error);
	if (!err)
		err = pmr_object_open(&object, config->bpf_prog, endpoint.tcp, error);
	if (!err)
		err = pmr_join_check_fallback(&object, config, error);
	if (err)
		goto out;
	member = calloc(1, sizeof(*member));
	undo = calloc(1, sizeof(*undo));
	if (!member || !undo) {
		err = pmr_error(error, -ENOMEM, "out of memory for a member",
				"add memory, or raise the memory limit");
		goto out;
	}

	err = pmr_cluster_create(&cluster, config->cluster, undo, error);
	if (err)
		goto out;
	snprintf(member->path, sizeof(member->path), "%s/%s", cluster.path, endpoint.name);
	snprintf(member->cluster, sizeof(member->cluster), "%s", cluster.name);
	member->tcp = endpoint.tcp;
	member->index = config->index;
	member->cookie = endpoint.cookie;
	if (adoption)
		member->owner = adoption->owner;
	err = prepare(fd, &object, &cluster, &endpoint, config, member, &live, undo, error);
	if (err)
		goto out;

	member->was_there = pmr_bucket_has(&object, member);
	pmr_bucket_note_previous(&object, member);
	err = check_free(adoption, member, error);
	/* From here on exporters can reach the socket. */
	if (!err)
		err = enter(fd, &object, member, live.in_endpoint, &attached, error);
	if (err)
		goto out;

	/* A bucket that was added by a resize gets its exporters now. */
	if (object.slots)
		err = pmr_tables_grow(&cluster, &in_use, error);
	/* A taken-over bucket has its exporters, and the takeover cannot be undone. */
	if (err && (member->was_there || member->took_over))
		err = 0;
	if (err) {
		pmr_bucket_undo(&object, member);
		goto out;
	}
	/* Tables of earlier instances would mislead the operator and the instances that join after
	 * this one. */
	if (!live.in_cluster)
		pmr_object_drop_stale(&object, &cluster, NULL);
	if (!live.in_endpoint)
		pmr_object_drop_stale(&object, &cluster, member->path);
	pmr_stale_remove(&cluster, endpoint.name);

out:
	if (err) {
		/* A group with members keeps a program that selects as before. */
		if (attached)
			setsockopt(fd, SOL_SOCKET, SO_DETACH_REUSEPORT_BPF, &(int){0}, sizeof(int));
		if (undo)
			pmr_undo_all(undo);
		free(member);
	} else {
		*result = member;
	}
	pmr_cluster_unlock(&cluster);
	pmr_object_close(&object);
	free(undo);
	return err;
}

int pmreuseport_join(int fd, const struct pmreuseport_config *config,
		     struct pmreuseport_member **member, struct pmreuseport_error *error)
{
	return pmr_join_as(fd, NULL, config, member, error);
}
