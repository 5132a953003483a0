// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * All that needs a bucket to be live "in all endpoints" means the shared ones. An instance may
 * have ports that no other has, such as one for its session with a route reflector.
 *
 * An endpoint is private if only one bucket has ever held it, while that bucket has held another
 * endpoint together with others. The records of members tell, which outlive the sockets; so a
 * restart changes nothing. The second condition is for a cluster whose first instance has just
 * joined: until another one has, all of its endpoints count as shared.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "bpffs_map.h"
#include "endpoint_dir.h"
#include "error.h"
#include "records.h"
#include "sharing.h"

/* The records of an endpoint. */
struct held {
	__u32 keys[PMR_MAX_BUCKETS];
	struct pmr_member_record records[PMR_MAX_BUCKETS];
};

static int out_of_memory(struct pmreuseport_error *error)
{
	return pmr_error(error, -ENOMEM, "out of memory for a list of endpoints",
			 "add memory, or raise the memory limit");
}

/* In one call, because each instance may have an endpoint of its own. */
static int read_records(const char *path, struct held *held, struct pmreuseport_error *error)
{
	__u32 n = PMR_MAX_BUCKETS, next;
	int fd, err;

	memset(held, 0, sizeof(*held));
	err = fd = pmr_records_open(path);
	if (fd == -ENOENT)
		return 0;
	if (fd >= 0) {
		err = bpf_map_lookup_batch(fd, NULL, &next, held->keys, held->records, &n, NULL);
		close(fd);
	}
	/* -ENOENT: that was the end of the map. */
	if (!err || err == -ENOENT)
		return 0;
	return pmr_error(error, err, "cannot read the records of %.200s (%s)", "%s", path,
			 strerror(-err),
			 pmr_advice(err, "run as the owner of its pins or as root"));
}

static int add_holders(const char *path, const char *name, void *context,
		       struct pmreuseport_error *error)
{
	struct pmr_sharing *sharing = context;
	struct held *held = malloc(sizeof(*held));
	struct pmr_holders *holders;
	unsigned int i;
	int err;

	holders = realloc(sharing->list, (sharing->n + 1) * sizeof(*holders));
	if (holders)
		sharing->list = holders;
	err = held && holders ? read_records(path, held, error) : out_of_memory(error);
	if (err)
		goto out;
	holders = &sharing->list[sharing->n++];
	memset(holders, 0, sizeof(*holders));
	snprintf(holders->endpoint, sizeof(holders->endpoint), "%s", name);
	for (i = 0; i < PMR_MAX_BUCKETS; i++) {
		if (!held->records[i].cookie)
			continue;
		holders->n++;
		holders->bucket = i;
	}
	for (i = 0; i < PMR_MAX_BUCKETS; i++)
		sharing->shares[i] |= holders->n > 1 && held->records[i].cookie;
out:
	free(held);
	return err;
}

int pmr_sharing_read(const struct pmr_cluster *cluster, struct pmr_sharing *sharing,
		     struct pmreuseport_error *error)
{
	memset(sharing, 0, sizeof(*sharing));
	return pmr_endpoint_each(cluster, add_holders, sharing, error);
}

void pmr_sharing_free(struct pmr_sharing *sharing)
{
	free(sharing->list);
	memset(sharing, 0, sizeof(*sharing));
}

unsigned int pmr_private_to(const struct pmr_sharing *sharing, const char *endpoint)
{
	const struct pmr_holders *holders;

	for (holders = sharing->list; holders < sharing->list + sharing->n; holders++)
		if (!strcmp(holders->endpoint, endpoint))
			return holders->n == 1 && sharing->shares[holders->bucket]
				       ? holders->bucket + 1
				       : 0;
	return 0;
}

/* A selector of others has no such map. */
static int write_one(const char *path, const char *name, void *context,
		     struct pmreuseport_error *error)
{
	char pin[PMR_PIN_PATH_MAX];
	__u32 key = 0, now, private_to = pmr_private_to(context, name);
	int fd, err;

	snprintf(pin, sizeof(pin), "%s/private_to", path);
	fd = pmr_bpffs_open(pin, BPF_MAP_TYPE_ARRAY, sizeof(private_to), error);
	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	err = bpf_map_lookup_elem(fd, &key, &now);
	if (!err && now != private_to)
		err = bpf_map_update_elem(fd, &key, &private_to, BPF_ANY);
	close(fd);
	return err ? pmr_error(error, err, "cannot write %.200s (%s)",
			       "run as the owner of its pins or as root", pin, strerror(-err))
		   : 0;
}

int pmr_sharing_write(const struct pmr_cluster *cluster, struct pmreuseport_error *error)
{
	struct pmr_sharing sharing;
	int err = pmr_sharing_read(cluster, &sharing, error);

	if (!err)
		err = pmr_endpoint_each(cluster, write_one, &sharing, error);
	pmr_sharing_free(&sharing);
	return err;
}
