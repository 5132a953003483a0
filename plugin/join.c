// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Joining and leaving. Read pmreuseport_join() from top to bottom: it is the way
 * of a socket into its bucket.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "internal.h"

/* No descriptors: a member costs its process nothing and can be forgotten. */
struct pmreuseport_member {
	char cluster[PMREUSEPORT_CLUSTER_NAME_MAX + 1];
	char path[PMR_PATH_MAX]; /* of the endpoint */
	bool tcp;
	__u32 index;
	__u64 cookie;
	bool took_over;
	struct pmreuseport_holder previous;
};

/*
 * While an instance lives, its count stands. With none left the new count is
 * taken: nobody's exporters can be reshuffled.
 */
static int check_live(const struct pmr_cluster *cluster, const struct pmr_object *object,
		      const struct pmreuseport_config *config, unsigned int *live,
		      struct pmreuseport_error *error)
{
	unsigned int size;
	int err;

	err = pmr_cluster_live(cluster, live, error);
	if (err || !*live)
		return err;

	size = pmr_cluster_size(cluster);
	if (size != config->count)
		return pmr_error(error, -EEXIST,
				 "reuseport_hashbucket_count is %u, but live instances of cluster "
				 "\"%s\" use %u; set it to %u, or stop them all first",
				 config->count, cluster->name, size, size);

	if (pmr_cluster_has(cluster, "slots") != !!object->slots)
		return pmr_error(error, -EEXIST,
				 "object %s maps exporters to buckets %s a slot table, unlike the "
				 "live instances of cluster \"%s\"; give all of them the same "
				 "reuseport_bpf_prog",
				 object->name, object->slots ? "with" : "without", cluster->name);
	return 0;
}

static int attach(int fd, int prog_fd, struct pmreuseport_error *error)
{
	int err;

	if (!setsockopt(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_EBPF, &prog_fd, sizeof(prog_fd)))
		return 0;
	err = -errno;
	if (err == -EINVAL)
		return pmr_error(error, err,
				 "socket %d is in no reuseport group; set SO_REUSEPORT before "
				 "bind()",
				 fd);
	return pmr_error(error, err, "cannot attach the selector to socket %d (%s)", fd,
			 strerror(-err));
}

/* Who is in the bucket that we are about to take? */
static void note_previous(const struct pmr_object *object, struct pmreuseport_member *member)
{
	struct pmr_member record;
	__u64 cookie;

	if (bpf_map_lookup_elem(bpf_map__fd(object->targets), &member->index, &cookie) ||
	    cookie == member->cookie)
		return;

	member->took_over = true;
	if (object->members &&
	    !bpf_map_lookup_elem(bpf_map__fd(object->members), &member->index, &record) &&
	    record.cookie == cookie) {
		member->previous.pid = record.pid;
		snprintf(member->previous.comm, sizeof(member->previous.comm), "%.*s",
			 (int)sizeof(record.comm), record.comm);
	}
}

static int enter_bucket(int fd, const struct pmr_object *object,
			const struct pmreuseport_member *member, struct pmreuseport_error *error)
{
	__u64 value = fd, cookie = 0;
	int targets = bpf_map__fd(object->targets);
	int err = bpf_map_update_elem(targets, &member->index, &value, BPF_ANY);

	/* A socket stands in one entry only. An inherited one may be in ours. */
	if (err == -EBUSY && !bpf_map_lookup_elem(targets, &member->index, &cookie) &&
	    cookie == member->cookie)
		err = 0;
	if (err == -EBUSY)
		return pmr_error(error, err,
				 "socket %d is in another bucket or cluster already; leave that "
				 "one first",
				 fd);
	if (err)
		return pmr_error(error, err, "cannot put socket %d into bucket %u (%s)", fd,
				 member->index, strerror(-err));
	return 0;
}

static int record_member(const struct pmr_object *object, const struct pmreuseport_member *member,
			 struct pmreuseport_error *error)
{
	struct pmr_member record = {.cookie = member->cookie, .pid = getpid()};
	struct timespec now;
	int err;

	if (!object->members)
		return 0;
	clock_gettime(CLOCK_REALTIME, &now);
	record.joined_ns = (__u64)now.tv_sec * 1000000000 + now.tv_nsec;
	prctl(PR_GET_NAME, record.comm);
	err = bpf_map_update_elem(bpf_map__fd(object->members), &member->index, &record, BPF_ANY);
	if (err)
		return pmr_error(error, err, "cannot record the member of bucket %u (%s)",
				 member->index, strerror(-err));
	return 0;
}

/* A slot table of earlier instances would mislead whoever joins after us. */
static void drop_stale_slots(const struct pmr_cluster *cluster, const struct pmr_object *object)
{
	char path[PMR_PATH_MAX + 8];

	snprintf(path, sizeof(path), "%s/slots", cluster->path);
	if (!object->slots)
		unlink(path);
}

int pmreuseport_join(int fd, const struct pmreuseport_config *config,
		     struct pmreuseport_member **result, struct pmreuseport_error *error)
{
	struct pmr_cluster cluster = {.lock = -1};
	struct pmreuseport_member *member = NULL;
	struct pmr_endpoint endpoint;
	struct pmr_object object = {0};
	struct pmr_undo *undo = NULL;
	bool attached = false;
	unsigned int live = 0;
	int err;

	*result = NULL;

	/* What can be refused without touching anything. */
	err = pmr_endpoint_inspect(fd, &endpoint, error);
	if (err)
		goto out;
	err = pmr_bpffs_check(error);
	if (err)
		goto out;
	err = pmr_object_open(&object, config->bpf_prog, endpoint.tcp, error);
	if (err)
		goto out;
	member = calloc(1, sizeof(*member));
	undo = calloc(1, sizeof(*undo));
	if (!member || !undo) {
		err = pmr_error(error, -ENOMEM, "no memory for a member");
		goto out;
	}

	/* Pins and tables of the cluster. */
	err = pmr_cluster_lock(&cluster, config->cluster, undo, error);
	if (err)
		goto out;
	snprintf(member->path, sizeof(member->path), "%s/%s", cluster.path, endpoint.name);
	snprintf(member->cluster, sizeof(member->cluster), "%s", cluster.name);
	member->tcp = endpoint.tcp;
	member->index = config->index;
	member->cookie = endpoint.cookie;

	err = check_live(&cluster, &object, config, &live, error);
	if (!err)
		err = pmr_bpffs_mkdir(member->path, undo, error);
	if (!err)
		err = pmr_object_load(&object, &cluster, member->path, undo, error);
	if (!err && !live)
		err = pmr_tables_write(&object, &cluster, config->count, error);
	if (err)
		goto out;

	/* From here on exporters can come our way. */
	err = attach(fd, object.prog_fd, error);
	if (err)
		goto out;
	attached = true;
	note_previous(&object, member);
	err = enter_bucket(fd, &object, member, error);
	if (err)
		goto out;
	err = record_member(&object, member, error);
	if (err)
		bpf_map_delete_elem(bpf_map__fd(object.targets), &member->index);
	else
		drop_stale_slots(&cluster, &object);

out:
	if (err) {
		if (attached && !live)
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

bool pmreuseport_previous(const struct pmreuseport_member *member,
			  struct pmreuseport_holder *holder)
{
	if (member->took_over)
		*holder = member->previous;
	return member->took_over;
}

const char *pmreuseport_path(const struct pmreuseport_member *member)
{
	return member->path;
}

/* Deletes the entry if it is still ours. Called with the cluster locked. */
static int leave_bucket(const struct pmreuseport_member *member, struct pmreuseport_error *error)
{
	char path[PMR_PATH_MAX + 32];
	__u64 cookie;
	int fd, err = 0;

	snprintf(path, sizeof(path), "%s/%s_balancing_targets", member->path,
		 member->tcp ? "tcp" : "udp");
	fd = bpf_obj_get(path);
	if (fd == -ENOENT)
		return 0;
	if (fd < 0)
		return pmr_error(error, fd, "cannot open %s (%s); run as its owner or as root",
				 path, strerror(-fd));

	if (!bpf_map_lookup_elem(fd, &member->index, &cookie) && cookie == member->cookie)
		err = bpf_map_delete_elem(fd, &member->index);
	close(fd);
	if (err)
		return pmr_error(error, err, "cannot take the socket out of bucket %u of %s (%s)",
				 member->index, path, strerror(-err));
	return 0;
}

int pmreuseport_leave(struct pmreuseport_member *member, struct pmreuseport_error *error)
{
	struct pmr_cluster cluster;
	struct pmr_undo undo = {0};
	int err;

	if (!member)
		return 0;

	err = pmr_cluster_lock(&cluster, member->cluster, &undo, error);
	if (!err)
		err = leave_bucket(member, error);
	pmr_undo_all(&undo); /* whatever the lock had to make, if the pins were gone */
	pmr_cluster_unlock(&cluster);
	free(member);
	return err;
}

void pmreuseport_free(struct pmreuseport_member *member)
{
	free(member);
}
