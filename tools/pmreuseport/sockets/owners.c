/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sockets/owners.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "common/array.h"
#include "common/process_files.h"

struct adding {
	struct owners *owners;
	struct owned owned;
	uint32_t listener;
	bool verified;
	unsigned int open_files;
};

static int add_file(uint32_t inode, void *context)
{
	struct adding *adding = context;
	struct owned *owned;

	adding->open_files++;
	if (!inode)
		return 0;
	adding->verified |= inode == adding->listener;
	owned = array_add(&adding->owners->list, &adding->owners->n);
	if (!owned)
		return -ENOMEM;
	*owned = adding->owned;
	owned->inode = inode;
	return 0;
}

int owners_add(struct owners *owners, pid_t pid, uint32_t listener, size_t endpoint, int bucket,
	       unsigned int *open_files)
{
	struct adding adding = {.owners = owners,
				.owned = {.endpoint = endpoint, .bucket = bucket},
				.listener = listener};
	const size_t before = owners->n;
	int err = process_files_each(pid, add_file, &adding);

	if (!adding.verified)
		owners->n = before;
	*open_files = adding.verified ? adding.open_files : 0;
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
