/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sockets/owners.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/array.h"

static int add(struct owners *owners, uint32_t inode, size_t endpoint, int bucket)
{
	struct owned *owned = array_add(&owners->list, &owners->n);

	if (!owned)
		return -ENOMEM;
	*owned = (struct owned){inode, endpoint, bucket};
	return 0;
}

/* The process is there, but this user may not read it. */
static bool is_hidden(void)
{
	return errno == EACCES || errno == EPERM;
}

int owners_add(struct owners *owners, pid_t pid, uint32_t listener, size_t endpoint, int bucket,
	       unsigned int *open_files)
{
	const size_t before = owners->n;
	char path[32], link[64];
	bool verified = false;
	struct dirent *entry;
	unsigned int inode;
	int err = 0;
	ssize_t n;
	DIR *dir;

	*open_files = 0;
	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	dir = opendir(path);
	if (!dir)
		return is_hidden() ? -errno : 0;
	while (!err && (entry = readdir(dir))) {
		n = readlinkat(dirfd(dir), entry->d_name, link, sizeof(link) - 1);
		if (n < 0) {
			if (is_hidden())
				err = -errno;
			continue;
		}
		++*open_files;
		link[n] = '\0';
		if (sscanf(link, "socket:[%u]", &inode) != 1)
			continue;
		verified |= inode == listener;
		err = add(owners, inode, endpoint, bucket);
	}
	closedir(dir);
	if (!verified) {
		owners->n = before;
		*open_files = 0;
	}
	return err;
}

static int compare(const void *left, const void *right)
{
	const struct owned *a = left, *b = right;

	if (a->inode != b->inode)
		return a->inode < b->inode ? -1 : 1;
	if (a->endpoint != b->endpoint)
		return a->endpoint < b->endpoint ? -1 : 1;
	return 0;
}

void owners_sort(struct owners *owners)
{
	if (owners->n)
		qsort(owners->list, owners->n, sizeof(*owners->list), compare);
}

int owners_find(const struct owners *owners, uint32_t inode, size_t endpoint)
{
	const struct owned key = {.inode = inode, .endpoint = endpoint}, *found = NULL;

	if (inode && owners->n)
		found = bsearch(&key, owners->list, owners->n, sizeof(key), compare);
	return found ? found->bucket : OWNER_NONE;
}

void owners_free(struct owners *owners)
{
	free(owners->list);
	*owners = (struct owners){0};
}
