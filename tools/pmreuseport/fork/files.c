/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fork/files.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "fork/template.h"
#include "operator.h"

static int open_dir(struct fork_files *files, struct pmreuseport_error *error)
{
	files->made_dir = !mkdir(files->dir, 0755);
	if (!files->made_dir && errno != EEXIST)
		return pmr_error(error, -errno, "cannot create %.300s (%s)",
				 "use another directory with --dir", files->dir, strerror(errno));
	files->fd = open(files->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (files->fd < 0)
		return pmr_error(error, -errno, "cannot open %.300s (%s)",
				 "use another directory with --dir", files->dir, strerror(errno));
	return 0;
}

/* An early check, before anything is written; renaming checks again. */
static int check_target(const struct fork_files *files, const struct fork_file *file, bool force,
			struct pmreuseport_error *error)
{
	struct stat st;

	if (fstatat(files->fd, file->name, &st, AT_SYMLINK_NOFOLLOW))
		return 0;
	if (!S_ISREG(st.st_mode) && !S_ISLNK(st.st_mode))
		return pmr_error(error, -EEXIST, "%.300s exists and is not a file",
				 "use another directory, or another name with --name", file->path);
	if (force)
		return 0;
	return pmr_error(error, -EEXIST, "%.300s already exists",
			 "use another directory, or replace existing files with --force",
			 file->path);
}

/* If the group cannot be kept, the new group gets no more access than others. */
static int set_access(struct fork_files *files, int fd, const struct stat *like)
{
	const mode_t wanted = like->st_mode & 0777;
	mode_t mode = wanted;

	if (fchown(fd, like->st_uid, like->st_gid) && fchown(fd, -1, like->st_gid))
		mode = (mode & 0707) | (mode & (mode << 3) & 0070);
	files->narrowed |= mode != wanted;
	return fchmod(fd, mode);
}

static int write_all(int fd, const char *text, size_t length)
{
	ssize_t done;

	while (length) {
		done = write(fd, text, length);
		if (done < 0)
			return -1;
		text += done;
		length -= done;
	}
	return fsync(fd);
}

static int write_one(struct fork_files *files, struct fork_file *file,
		     const struct fork_rendered *rendered, const struct stat *like,
		     struct pmreuseport_error *error)
{
	int fd, err = 0;

	fd = openat(files->fd, file->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return pmr_error(error, -errno, "cannot write to %.300s (%s)",
				 "use another directory with --dir", files->dir, strerror(errno));
	file->written = true;
	if (set_access(files, fd, like) || write_all(fd, rendered->text, rendered->length))
		err = -errno;
	if (close(fd) && !err)
		err = -errno;
	if (!err)
		return 0;
	return pmr_error(error, err, "cannot write %.300s (%s)", "use another directory with --dir",
			 file->path, strerror(-err));
}

static void block_signals(struct fork_files *files)
{
	sigset_t ends;

	sigemptyset(&ends);
	sigaddset(&ends, SIGHUP);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGPIPE);
	sigaddset(&ends, SIGTERM);
	sigprocmask(SIG_BLOCK, &ends, &files->signals);
}

int fork_files_write(struct fork_files *files, const char *dir, const char *name,
		     const struct fork_rendered *rendered, unsigned int count,
		     const struct stat *like, bool force, struct pmreuseport_error *error)
{
	const size_t length = strlen(dir);
	const char *slash = length && dir[length - 1] == '/' ? "" : "/";
	unsigned int i;
	uint64_t random;
	int err;

	*files = (struct fork_files){.dir = dir, .fd = -1};
	block_signals(files);
	files->list = calloc(count, sizeof(*files->list));
	if (!files->list)
		return fork_no_memory(error);
	/* Not the pid: in a container, it may be that of an earlier run that was killed. */
	if (getrandom(&random, sizeof(random), 0) != sizeof(random))
		return pmr_error(error, -errno, "cannot get random numbers (%s)",
				 "check the getrandom() system call", strerror(errno));
	err = open_dir(files, error);
	for (i = 0; !err && i < count; i++) {
		struct fork_file *file = &files->list[files->n];

		if (asprintf(&file->path, "%s%s%s-%u.conf", dir, slash, name, i) < 0) {
			file->path = NULL;
			return fork_no_memory(error);
		}
		files->n++;
		file->name = file->path + length + strlen(slash);
		snprintf(file->temporary, sizeof(file->temporary), ".pmreuseport-%016" PRIx64 "-%u",
			 random, i);
		err = check_target(files, file, force, error);
	}
	for (i = 0; !err && i < count; i++)
		err = write_one(files, &files->list[i], &rendered[i], like, error);
	return err;
}

unsigned int fork_files_left(const struct fork_files *files, const char *name, unsigned int count)
{
	char file[256];
	struct stat st;

	for (; count < PMREUSEPORT_MAX_BUCKETS; count++) {
		snprintf(file, sizeof(file), "%s-%u.conf", name, count);
		if (!fstatat(files->fd, file, &st, AT_SYMLINK_NOFOLLOW))
			return count;
	}
	return 0;
}

static int name_one(struct fork_files *files, struct fork_file *file, bool force,
		    struct pmreuseport_error *error)
{
	const int fd = files->fd;

	/* Either way there is always a file, and the old one can be restored. */
	if (!renameat2(fd, file->temporary, fd, file->name, RENAME_NOREPLACE)) {
		file->written = false;
		file->in_place = true;
		return 0;
	}
	if (errno == EEXIST && force &&
	    !renameat2(fd, file->temporary, fd, file->name, RENAME_EXCHANGE)) {
		file->replaced = true;
		return 0;
	}
	if (errno == EEXIST)
		return pmr_error(error, -EEXIST, "%.300s was created meanwhile", "run this again",
				 file->path);
	return pmr_error(error, -errno, "cannot create %.300s (%s)",
			 "use another directory with --dir", file->path, strerror(errno));
}

int fork_files_name(struct fork_files *files, bool force, struct pmreuseport_error *error)
{
	int err = 0;
	size_t i;

	for (i = 0; !err && i < files->n; i++)
		err = name_one(files, &files->list[i], force, error);
	if (!err)
		fsync(files->fd);
	return err;
}

static void put_back(const struct fork_files *files, const struct fork_file *file)
{
	const int fd = files->fd;

	if (file->replaced)
		renameat2(fd, file->temporary, fd, file->name, RENAME_EXCHANGE);
	if (file->in_place)
		unlinkat(fd, file->name, 0);
}

void fork_files_end(struct fork_files *files, bool keep)
{
	size_t i;

	for (i = 0; i < files->n; i++) {
		struct fork_file *file = &files->list[i];

		if (!keep)
			put_back(files, file);
		if (file->written)
			unlinkat(files->fd, file->temporary, 0);
		free(file->path);
	}
	free(files->list);
	if (files->fd >= 0)
		close(files->fd);
	if (files->made_dir && !keep)
		rmdir(files->dir);
	sigprocmask(SIG_SETMASK, &files->signals, NULL);
	*files = (struct fork_files){.fd = -1};
}
