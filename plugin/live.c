// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Who is alive? The kernel takes a socket out of its array when it is closed, so an
 * entry that is there is a live member, and nothing else has to be kept or trusted.
 * All of this is called with the lock held.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "internal.h"

/* Of a directory of bpffs, whose names have at most 255 bytes. */
#define DIR_PATH_MAX (PMR_PATH_MAX + NAME_MAX + 2)
/* Of a pin in it. */
#define PIN_PATH_MAX (DIR_PATH_MAX + 32)

static const char *array_of(const char *endpoint_name)
{
	return endpoint_name[0] == 't' ? "tcp_balancing_targets" : "udp_balancing_targets";
}

int pmr_live_count(int targets_fd, unsigned int end, unsigned int *live,
		   struct pmreuseport_error *error)
{
	__u64 cookie;
	__u32 key;
	int err;

	*live = 0;
	for (key = 0; key < end; key++) {
		err = bpf_map_lookup_elem(targets_fd, &key, &cookie);
		if (!err)
			++*live;
		else if (err != -ENOENT)
			return pmr_error(error, err, "cannot tell whether bucket %u is live (%s)",
					 "remove the "
					 "pins of the cluster if they are not ours",
					 key, strerror(-err));
	}
	return 0;
}

int pmr_live_open_array(const char *endpoint_path, const char *endpoint_name,
			struct pmreuseport_error *error)
{
	char path[PIN_PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", endpoint_path, array_of(endpoint_name));
	return pmr_bpffs_open(path, BPF_MAP_TYPE_REUSEPORT_SOCKARRAY, sizeof(__u64), error);
}

/* The same by path; an array that is not there has no live sockets. */
static int count_pinned(const char *endpoint_path, const char *endpoint_name, unsigned int end,
			unsigned int *live, struct pmreuseport_error *error)
{
	int fd, err;

	*live = 0;
	fd = pmr_live_open_array(endpoint_path, endpoint_name, error);
	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	err = pmr_live_count(fd, end, live, error);
	close(fd);
	return err;
}

int pmr_live_each_endpoint(const struct pmr_cluster *cluster,
			   int (*fn)(const char *path, const char *name, void *context,
				     struct pmreuseport_error *error),
			   void *context, struct pmreuseport_error *error)
{
	char path[DIR_PATH_MAX];
	struct dirent *entry;
	int err = 0;
	DIR *dir;

	dir = opendir(cluster->path);
	if (!dir)
		return pmr_error(error, -errno, "cannot read %s (%s)", "%s", cluster->path,
				 strerror(errno),
				 pmr_advice(-errno, "run as its owner or as root"));
	while (!err && (entry = readdir(dir))) {
		if (!pmr_endpoint_is_name(entry->d_name))
			continue;
		snprintf(path, sizeof(path), "%s/%s", cluster->path, entry->d_name);
		err = fn(path, entry->d_name, context, error);
	}
	closedir(dir);
	return err;
}

static int add_live(const char *path, const char *name, void *context,
		    struct pmreuseport_error *error)
{
	unsigned int *sum = context, live;
	int err = count_pinned(path, name, PMR_MAX_BUCKETS, &live, error);

	*sum += live;
	return err;
}

int pmr_live_in_cluster(const struct pmr_cluster *cluster, unsigned int *live,
			struct pmreuseport_error *error)
{
	*live = 0;
	return pmr_live_each_endpoint(cluster, add_live, live, error);
}

struct beyond {
	unsigned int end;
	const struct pmr_drained *drained;
	bool only;
};

static int check_beyond(const char *path, const char *name, void *context,
			struct pmreuseport_error *error)
{
	struct beyond *beyond = context;
	bool found = false;
	unsigned int live;
	__u64 cookie;
	__u32 index;
	int fd, err;

	fd = pmr_live_open_array(path, name, error);
	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	err = pmr_live_count(fd, PMR_MAX_BUCKETS, &live, error);
	for (index = 0; !err && !found && index < beyond->end; index++)
		found = !pmr_is_drained(beyond->drained, index) &&
			!bpf_map_lookup_elem(fd, &index, &cookie);
	if (live && !found)
		beyond->only = true;
	close(fd);
	return err;
}

int pmr_live_only_beyond(const struct pmr_cluster *cluster, unsigned int end,
			 const struct pmr_drained *drained, bool *only,
			 struct pmreuseport_error *error)
{
	struct beyond beyond = {.end = end, .drained = drained};
	int err = pmr_live_each_endpoint(cluster, check_beyond, &beyond, error);

	*only = beyond.only;
	return err;
}

struct one_bucket {
	__u32 index;
	bool everywhere;
};

static int check_everywhere(const char *path, const char *name, void *context,
			    struct pmreuseport_error *error)
{
	struct one_bucket *bucket = context;
	unsigned int live;
	__u64 cookie;
	int fd, err;

	fd = pmr_live_open_array(path, name, error);
	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	err = pmr_live_count(fd, PMR_MAX_BUCKETS, &live, error);
	if (!err && live && bpf_map_lookup_elem(fd, &bucket->index, &cookie))
		bucket->everywhere = false;
	close(fd);
	return err;
}

int pmr_live_everywhere(const struct pmr_cluster *cluster, unsigned int index, bool *everywhere,
			struct pmreuseport_error *error)
{
	struct one_bucket bucket = {.index = index, .everywhere = true};
	int err = pmr_live_each_endpoint(cluster, check_everywhere, &bucket, error);

	*everywhere = bucket.everywhere;
	return err;
}

static int release(const char *path, const char *name, void *context,
		   struct pmreuseport_error *error)
{
	struct pmr_release *what = context;
	int fd, err = 0;
	__u64 cookie;
	__u32 index;

	fd = pmr_live_open_array(path, name, error);
	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	for (index = what->first; !err && index < what->end; index++) {
		if (bpf_map_lookup_elem(fd, &index, &cookie) ||
		    (what->dead_only && pmr_member_is_there(path, index, cookie)))
			continue;
		err = bpf_map_delete_elem(fd, &index);
		if (!err)
			what->released++;
		else if (err == -ENOENT)
			err = 0;
		else
			pmr_error(error, err, "cannot empty bucket %u of %.200s (%s)",
				  "run as its owner or as "
				  "root",
				  index, path, strerror(-err));
	}
	close(fd);
	return err;
}

int pmr_live_release(const struct pmr_cluster *cluster, struct pmr_release *what,
		     struct pmreuseport_error *error)
{
	what->released = 0;
	return pmr_live_each_endpoint(cluster, release, what, error);
}

int pmr_live_elsewhere(const struct pmr_cluster *cluster, const char *endpoint_name,
		       struct pmreuseport_error *error)
{
	char path[DIR_PATH_MAX];
	unsigned int live = 0;
	struct dirent *entry;
	struct stat st;
	int err = 0;
	DIR *dir;

	dir = opendir(PMR_ROOT);
	if (!dir)
		return pmr_error(error, -errno, "cannot read %s (%s)", "%s", PMR_ROOT,
				 strerror(errno),
				 pmr_advice(-errno, "run as its owner or as root"));
	while (!err && !live && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' || !strcmp(entry->d_name, cluster->name))
			continue;
		/* Another user's: sockets of one group belong to one user. */
		if (fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) ||
		    !S_ISDIR(st.st_mode) || !pmr_only_ours(&st))
			continue;
		snprintf(path, sizeof(path), "%s/%.*s/%s", PMR_ROOT, PMREUSEPORT_CLUSTER_NAME_MAX,
			 entry->d_name, endpoint_name);
		err = count_pinned(path, endpoint_name, PMR_MAX_BUCKETS, &live, error);
		if (err == -EACCES)
			err = 0;
		if (live)
			err = pmr_error(error, -EEXIST,
					"the port of endpoint %s is balanced by cluster \"%s\" "
					"already",
					"set cluster_name to that, or use another port",
					endpoint_name, entry->d_name);
	}
	closedir(dir);
	return err;
}

struct tag_check {
	const struct pmr_object *object;
	uint64_t tag;
};

static int same_tag(const char *path, const char *name, void *context,
		    struct pmreuseport_error *error)
{
	const struct tag_check *check = context;
	char pin[PIN_PATH_MAX];
	unsigned int live;
	uint64_t tag;
	int fd, err;

	err = count_pinned(path, name, PMR_MAX_BUCKETS, &live, error);
	if (err || !live)
		return err;
	snprintf(pin, sizeof(pin), "%s/%s", path, PMR_SELECTOR);
	fd = bpf_obj_get(pin);
	if (fd < 0)
		return pmr_error(error, fd, "cannot open %.200s (%s)",
				 "stop all instances, then: rm -r "
				 "%.100s",
				 pin, strerror(-fd), path);
	tag = pmr_program_tag(fd);
	close(fd);
	if (tag == check->tag)
		return 0;
	return pmr_error(error, -EEXIST,
			 "object %.200s has another selector than the live instances",
			 "give all of "
			 "them the same reuseport_bpf_prog, or stop them all first",
			 check->object->name);
}

int pmr_live_same_selector(const struct pmr_cluster *cluster, const struct pmr_object *object,
			   struct pmreuseport_error *error)
{
	struct tag_check check = {object, pmr_program_tag(object->prog_fd)};

	/* Ours say by the name of that map that they agree; see reuseport.h. */
	return object->slots ? 0 : pmr_live_each_endpoint(cluster, same_tag, &check, error);
}

static int remove_stale(const char *path, const char *name, void *context,
			struct pmreuseport_error *error)
{
	char pin[PIN_PATH_MAX];
	struct dirent *entry;
	unsigned int live;
	DIR *dir;

	(void)error;
	if (pmr_endpoint_same_netns(name, context) ||
	    count_pinned(path, name, PMR_MAX_BUCKETS, &live, NULL) || live)
		return 0;
	dir = opendir(path);
	if (!dir)
		return 0;
	while ((entry = readdir(dir))) {
		snprintf(pin, sizeof(pin), "%s/%.31s", path, entry->d_name);
		unlink(pin);
	}
	closedir(dir);
	rmdir(path);
	return 0;
}

void pmr_live_remove_stale(const struct pmr_cluster *cluster, const char *endpoint_name)
{
	pmr_live_each_endpoint(cluster, remove_stale, (void *)endpoint_name, NULL);
}
