/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sockets/holders.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "common/array.h"
#include "common/process_files.h"

struct adding {
	struct holders *holders;
	pid_t pid;
};

static int add_socket(uint32_t inode, void *context)
{
	const struct adding *adding = context;
	struct holder *holder;

	if (!inode)
		return 0;
	/* Out of memory: one socket less is known. */
	holder = array_add(&adding->holders->list, &adding->holders->n);
	if (holder)
		*holder = (struct holder){inode, adding->pid};
	return 0;
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
	struct adding adding = {.holders = holders};
	struct dirent *entry;
	DIR *dir;

	if (holders->read)
		return;
	holders->read = true;
	dir = opendir("/proc");
	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] < '1' || entry->d_name[0] > '9')
			continue;
		adding.pid = atoi(entry->d_name);
		process_files_each(adding.pid, add_socket, &adding);
	}
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
