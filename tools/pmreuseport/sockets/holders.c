/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sockets/holders.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/array.h"

static void add_process(struct holders *holders, pid_t pid)
{
	char path[32], link[64];
	struct holder *holder;
	struct dirent *entry;
	unsigned int inode;
	ssize_t n;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	dir = opendir(path);
	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		n = readlinkat(dirfd(dir), entry->d_name, link, sizeof(link) - 1);
		if (n < 0)
			continue;
		link[n] = '\0';
		if (sscanf(link, "socket:[%u]", &inode) != 1)
			continue;
		/* Out of memory: one socket less is known. */
		holder = array_add(&holders->list, &holders->n);
		if (holder)
			*holder = (struct holder){inode, pid};
	}
	closedir(dir);
}

static int compare(const void *left, const void *right)
{
	const struct holder *a = left, *b = right;

	if (a->inode != b->inode)
		return a->inode < b->inode ? -1 : 1;
	return a->pid < b->pid ? -1 : a->pid > b->pid;
}

static void read_all(struct holders *holders)
{
	struct dirent *entry;
	DIR *dir;

	if (holders->read)
		return;
	holders->read = true;
	dir = opendir("/proc");
	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9')
			add_process(holders, atoi(entry->d_name));
	if (dir)
		closedir(dir);
	if (holders->n)
		qsort(holders->list, holders->n, sizeof(*holders->list), compare);
}

static size_t find_first(struct holders *holders, uint32_t inode)
{
	size_t low = 0, high, middle;

	read_all(holders);
	for (high = holders->n; low < high;) {
		middle = low + (high - low) / 2;
		if (holders->list[middle].inode < inode)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct pmreuseport_process holders_first(struct holders *holders, uint32_t inode)
{
	const size_t i = find_first(holders, inode);
	struct pmreuseport_process process = {0};

	if (i < holders->n && holders->list[i].inode == inode) {
		process.pid = holders->list[i].pid;
		pmr_process_name(process.pid, process.comm, sizeof(process.comm));
	}
	return process;
}

pid_t holders_only(struct holders *holders, uint32_t inode, const char *comm)
{
	pid_t pid = 0, named = 0, before = 0;
	unsigned int n = 0, n_named = 0;
	char name[16];
	size_t i;

	for (i = find_first(holders, inode); i < holders->n && holders->list[i].inode == inode;
	     i++) {
		pid = holders->list[i].pid;
		/* It may have several descriptors of one socket. */
		if (pid == before)
			continue;
		before = pid;
		n++;
		name[0] = '\0';
		pmr_process_name(pid, name, sizeof(name));
		if (*comm && !strcmp(name, comm)) {
			named = pid;
			n_named++;
		}
	}
	if (n == 1)
		return pid;
	return n_named == 1 ? named : 0;
}

void holders_free(struct holders *holders)
{
	free(holders->list);
	*holders = (struct holders){0};
}
