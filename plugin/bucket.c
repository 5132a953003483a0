// SPDX-License-Identifier: GPL-2.0-or-later
/* One bucket of one endpoint: which process holds it, entering it, leaving it. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpffs_map.h"
#include "bucket.h"
#include "cluster.h"
#include "endpoint_dir.h"
#include "error.h"
#include "process_name.h"
#include "processes.h"
#include "records.h"

int pmr_bucket_check(int fd, const struct pmr_object *object,
		     const struct pmreuseport_member *member, struct pmreuseport_error *error)
{
	__u64 cookie;
	__u32 key;

	for (key = 0; key < PMR_MAX_BUCKETS; key++)
		if (key != member->index &&
		    !bpf_map_lookup_elem(bpf_map__fd(object->targets), &key, &cookie) &&
		    cookie == member->cookie)
			return pmr_refuse(error, PMREUSEPORT_OTHER_BUCKET, -EBUSY,
					  "socket %d is in bucket %u already",
					  "leave that one before joining bucket %u", fd, key,
					  member->index);
	return 0;
}

bool pmr_bucket_other(int targets, int members, const struct pmreuseport_member *member,
		      struct pmreuseport_process *other)
{
	struct pmr_processes processes = {0};
	struct pmr_member_record record;
	__u64 cookie;

	memset(other, 0, sizeof(*other));
	if (bpf_map_lookup_elem(targets, &member->index, &cookie) || cookie == member->cookie)
		return false;
	if (pmr_record_read(members, member->index, cookie, &record)) {
		other->elsewhere = !pmr_processes_locate(&processes, &record);
		pmr_processes_free(&processes);
		other->pid = record.pid;
		memcpy(other->comm, record.comm, sizeof(other->comm));
		pmr_clean_name(other->comm, sizeof(other->comm));
	}
	return true;
}

void pmr_bucket_note_previous(const struct pmr_object *object, struct pmreuseport_member *member)
{
	member->took_over = pmr_bucket_other(bpf_map__fd(object->targets),
					     object->members ? bpf_map__fd(object->members) : -1,
					     member, &member->previous);
}

bool pmr_bucket_has(const struct pmr_object *object, const struct pmreuseport_member *member)
{
	__u64 cookie;

	return !bpf_map_lookup_elem(bpf_map__fd(object->targets), &member->index, &cookie) &&
	       cookie == member->cookie;
}

/* A released process would go back if it found the record of another one. */
static void restore_record(const struct pmr_object *object, const struct pmreuseport_member *member,
			   const struct pmr_member_record *before)
{
	if (object->members)
		bpf_map_update_elem(bpf_map__fd(object->members), &member->index, before, BPF_ANY);
}

void pmr_bucket_undo(const struct pmr_object *object, const struct pmreuseport_member *member,
		     const struct pmr_member_record *before)
{
	if (!member->was_there && pmr_bucket_has(object, member))
		bpf_map_delete_elem(bpf_map__fd(object->targets), &member->index);
	restore_record(object, member, before);
}

int pmr_bucket_enter(int fd, const struct pmr_object *object,
		     const struct pmreuseport_member *member, struct pmr_member_record *before,
		     struct pmreuseport_error *error)
{
	const int members = object->members ? bpf_map__fd(object->members) : -1;
	__u64 value = fd;
	int err = 0;

	/* The record first: a record without a socket does no harm. */
	memset(before, 0, sizeof(*before));
	if (members >= 0) {
		bpf_map_lookup_elem(members, &member->index, before);
		err = pmr_record_write(members, member);
	}
	if (err)
		return pmr_error(error, err, "cannot record the member of bucket %u (%s)",
				 "remove the pins of the cluster if they are not ours",
				 member->index, strerror(-err));

	err = bpf_map_update_elem(bpf_map__fd(object->targets), &member->index, &value, BPF_ANY);
	/* An inherited socket may already be in this entry. */
	if (!err || (err == -EBUSY && pmr_bucket_has(object, member)))
		return 0;
	restore_record(object, member, before);
	if (err == -EBUSY)
		return pmr_refuse(error, PMREUSEPORT_OTHER_ARRAY, err,
				  "socket %d is in an array of another program already",
				  "take it out of that array, or open another socket", fd);
	return pmr_error(error, err, "cannot put socket %d into bucket %u (%s)",
			 "check that it is bound and that SO_REUSEPORT was set before bind()", fd,
			 member->index, strerror(-err));
}

int pmr_bucket_open_array(const struct pmreuseport_member *member, struct pmreuseport_error *error)
{
	return pmr_endpoint_open_array(member->path, member->tcp ? "tcp" : "udp", error);
}

enum pmreuseport_state pmr_bucket_state(const struct pmreuseport_member *member)
{
	enum pmreuseport_state state = PMREUSEPORT_RELEASED;
	struct pmr_cluster cluster = {.lock = -1};
	struct pmr_member_record record;
	int array, members, err;
	__u64 cookie;
	__u32 size;

	array = pmr_bucket_open_array(member, NULL);
	if (array < 0)
		return PMREUSEPORT_UNKNOWN;
	err = pmr_map_id(array) == member->targets_id
		      ? bpf_map_lookup_elem(array, &member->index, &cookie)
		      : -ESTALE;
	close(array);
	if (err && err != -ENOENT)
		return PMREUSEPORT_UNKNOWN;

	pmr_cluster_name(&cluster, member->cluster);
	size = pmr_cluster_number(&cluster, "size");
	if (size && member->index >= size)
		return PMREUSEPORT_RESIZED;
	if (!err)
		return cookie == member->cookie ? PMREUSEPORT_HELD : PMREUSEPORT_TAKEN;

	/* Objects without records cannot tell a dead process from a released socket. */
	members = pmr_records_open(member->path);
	if (members < 0)
		return PMREUSEPORT_RELEASED;
	if (!bpf_map_lookup_elem(members, &member->index, &record) && !record.released)
		state = PMREUSEPORT_EMPTY;
	close(members);
	return state;
}

int pmr_bucket_return(int fd, const struct pmreuseport_member *member,
		      struct pmreuseport_error *error)
{
	__u64 value = fd;
	int array, members, err;

	if (pmr_bucket_state(member) != PMREUSEPORT_EMPTY)
		return 0;
	array = pmr_bucket_open_array(member, error);
	if (array < 0)
		return array == -ENOENT ? 0 : array;
	members = pmr_records_open(member->path);
	if (members >= 0) {
		pmr_record_write(members, member);
		close(members);
	}
	err = bpf_map_update_elem(array, &member->index, &value, BPF_NOEXIST);
	close(array);
	if (err)
		return pmr_error(error, err,
				 "cannot put socket %d back into bucket %u of %.200s (%s)",
				 "restart this daemon", fd, member->index, member->path,
				 strerror(-err));
	return 1;
}

int pmr_bucket_leave(const struct pmreuseport_member *member, struct pmreuseport_error *error)
{
	__u64 cookie;
	int fd, err = 0;

	fd = pmr_bucket_open_array(member, error);
	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;

	if (!bpf_map_lookup_elem(fd, &member->index, &cookie) && cookie == member->cookie)
		err = bpf_map_delete_elem(fd, &member->index);
	close(fd);
	if (err)
		return pmr_error(error, err,
				 "cannot take the socket out of bucket %u of %.200s (%s)",
				 "close it instead", member->index, member->path, strerror(-err));
	return 0;
}
