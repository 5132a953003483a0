/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "holders.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int add(struct holders *holders, uint32_t inode, size_t endpoint, int bucket)
{
	struct held *grown;

	/* A power of two: full. */
	if (!(holders->n & (holders->n - 1))) {
		grown = realloc(holders->held, (holders->n ? 2 * holders->n : 1) * sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		holders->held = grown;
	}
	holders->held[holders->n++] = (struct held){inode, endpoint, bucket};
	return 0;
}

/* As opposed to: it is gone by now. */
static bool is_hidden(void)
{
	return errno == EACCES || errno == EPERM;
}

int holders_add(struct holders *holders, pid_t pid, uint32_t listener, size_t endpoint, int bucket)
{
	const size_t before = holders->n;
	char path[32], link[64];
	bool verified = false;
	struct dirent *entry;
	unsigned int inode;
	int err = 0;
	ssize_t n;
	DIR *dir;

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
		link[n] = '\0';
		if (sscanf(link, "socket:[%u]", &inode) != 1)
			continue;
		verified |= inode == listener;
		err = add(holders, inode, endpoint, bucket);
	}
	closedir(dir);
	if (!verified)
		holders->n = before;
	return err;
}

static int compare(const void *left, const void *right)
{
	const struct held *a = left, *b = right;

	if (a->inode != b->inode)
		return a->inode < b->inode ? -1 : 1;
	if (a->endpoint != b->endpoint)
		return a->endpoint < b->endpoint ? -1 : 1;
	return 0;
}

void holders_sort(struct holders *holders)
{
	if (holders->n)
		qsort(holders->held, holders->n, sizeof(*holders->held), compare);
}

int holders_find(const struct holders *holders, uint32_t inode, size_t endpoint)
{
	const struct held key = {.inode = inode, .endpoint = endpoint}, *found = NULL;

	if (inode && holders->n)
		found = bsearch(&key, holders->held, holders->n, sizeof(key), compare);
	return found ? found->bucket : HOLDER_UNKNOWN;
}

void holders_free(struct holders *holders)
{
	free(holders->held);
	*holders = (struct holders){0};
}
