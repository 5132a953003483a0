// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A cluster is a directory under PMR_ROOT. Everything that changes its state
 * happens under an flock() on that directory, which the kernel releases when the
 * holder dies. There is no daemon and no other lock.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "internal.h"

/* A join holds the lock for milliseconds; 128 at once still fit in easily. */
#define LOCK_TIMEOUT_MS 30000
#define LOCK_POLL_MS 5

static long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* flock() cannot time out, and a stopped holder must not hang us forever. */
static int lock_until(int fd, long deadline, const char *path, struct pmreuseport_error *error)
{
	const struct timespec pause = {.tv_nsec = LOCK_POLL_MS * 1000000};

	while (flock(fd, LOCK_EX | LOCK_NB)) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return pmr_error(error, -errno, "cannot lock %s (%s)", path,
					 strerror(errno));
		if (now_ms() > deadline)
			return pmr_error(error, -ETIMEDOUT,
					 "another process has held the lock on %s for %d s; find "
					 "it in /proc/locks and end it",
					 path, LOCK_TIMEOUT_MS / 1000);
		nanosleep(&pause, NULL);
	}
	return 0;
}

/* The directory may have been removed, and made anew, while we waited. */
static bool still_there(int fd, const char *path)
{
	struct stat held, named;

	return !fstat(fd, &held) && !lstat(path, &named) && held.st_ino == named.st_ino;
}

int pmr_cluster_lock(struct pmr_cluster *cluster, const char *name, struct pmr_undo *undo,
		     struct pmreuseport_error *error)
{
	long deadline = now_ms() + LOCK_TIMEOUT_MS;
	int err;

	cluster->lock = -1;
	snprintf(cluster->name, sizeof(cluster->name), "%s", name);
	snprintf(cluster->path, sizeof(cluster->path), "%s/%s", PMR_ROOT, name);

	do {
		pmr_cluster_unlock(cluster);
		if (now_ms() > deadline)
			return pmr_error(error, -ETIMEDOUT,
					 "%s keeps vanishing; find who removes it", cluster->path);

		err = pmr_bpffs_mkdir(PMR_ROOT, undo, error);
		if (!err)
			err = pmr_bpffs_mkdir(cluster->path, undo, error);
		if (err == -ENOENT)
			continue;
		if (err)
			return err;

		cluster->lock =
			open(cluster->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (cluster->lock < 0 && errno == ENOENT)
			continue;
		if (cluster->lock < 0)
			return pmr_error(error, -errno, "cannot open %s (%s)", cluster->path,
					 strerror(errno));
		err = lock_until(cluster->lock, deadline, cluster->path, error);
		if (err) {
			pmr_cluster_unlock(cluster);
			return err;
		}
	} while (cluster->lock < 0 || !still_there(cluster->lock, cluster->path));

	return 0;
}

void pmr_cluster_unlock(struct pmr_cluster *cluster)
{
	if (cluster->lock < 0)
		return;
	/* Explicitly: a child forked meanwhile would hold the lock otherwise. */
	flock(cluster->lock, LOCK_UN);
	close(cluster->lock);
	cluster->lock = -1;
}

/* Adds the sockets of one array, if it is there. */
static int count_sockets(const char *path, unsigned int *live, struct pmreuseport_error *error)
{
	int fd = bpf_obj_get(path);
	__u32 key;
	__u64 cookie;

	if (fd == -ENOENT)
		return 0;
	if (fd < 0)
		return pmr_error(error, fd, "cannot open %s (%s); run as its owner or as root",
				 path, strerror(-fd));

	for (key = 0; key < PMR_MAX_BUCKETS; key++)
		if (!bpf_map_lookup_elem(fd, &key, &cookie))
			++*live;
	close(fd);
	return 0;
}

int pmr_cluster_live(const struct pmr_cluster *cluster, unsigned int *live,
		     struct pmreuseport_error *error)
{
	char path[PMR_PATH_MAX + NAME_MAX + 32];
	struct dirent *entry;
	int err = 0;
	DIR *dir;

	*live = 0;
	dir = opendir(cluster->path);
	if (!dir)
		return pmr_error(error, -errno, "cannot read %s (%s)", cluster->path,
				 strerror(errno));

	while (!err && (entry = readdir(dir))) {
		if (!pmr_endpoint_is_name(entry->d_name))
			continue;
		snprintf(path, sizeof(path), "%s/%s/%.3s_balancing_targets", cluster->path,
			 entry->d_name, entry->d_name);
		err = count_sockets(path, live, error);
	}
	closedir(dir);
	return err;
}

unsigned int pmr_cluster_size(const struct pmr_cluster *cluster)
{
	char path[PMR_PATH_MAX + 8];
	__u32 key = 0, size = 0;
	int fd;

	snprintf(path, sizeof(path), "%s/size", cluster->path);
	fd = bpf_obj_get(path);
	if (fd < 0)
		return 0;
	if (bpf_map_lookup_elem(fd, &key, &size))
		size = 0;
	close(fd);
	return size;
}

bool pmr_cluster_has(const struct pmr_cluster *cluster, const char *map)
{
	char path[PMR_PATH_MAX + 32];

	snprintf(path, sizeof(path), "%s/%s", cluster->path, map);
	return !access(path, F_OK);
}
