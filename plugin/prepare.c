// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * All that a join can do before other processes can see it: refuse, open what is pinned, and
 * load the program. The verifier takes most of the time of a join, so that runs without the
 * lock.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpffs.h"
#include "cluster.h"
#include "endpoint.h"
#include "entered.h"
#include "error.h"
#include "foreign.h"
#include "join_check.h"
#include "join_netns.h"
#include "object_load.h"
#include "object_pins.h"
#include "overlap.h"
#include "prepare.h"
#include "reuse_addr.h"
#include "seed.h"

static int out_of_memory(struct pmreuseport_error *error)
{
	return pmr_error(error, -ENOMEM, "out of memory for a member",
			 "add memory, or raise the memory limit");
}

void pmr_prepared_free(struct pmreuseport_member *member)
{
	if (!member->prepared)
		return;
	pmr_object_close(&member->prepared->object);
	free(member->prepared->bpf_prog);
	free(member->prepared);
	member->prepared = NULL;
}

/* What needs nothing but the socket and the configuration. */
static int make_member(int fd, const struct pmr_adoption *adoption,
		       const struct pmreuseport_config *config, struct pmreuseport_member **result,
		       struct pmreuseport_error *error)
{
	struct pmreuseport_member *member = calloc(1, sizeof(*member));
	struct pmr_prepared *prepared = calloc(1, sizeof(*prepared));
	int err;

	*result = member;
	if (!member || !prepared) {
		free(prepared);
		return out_of_memory(error);
	}
	member->prepared = prepared;
	prepared->fd = fd;
	prepared->object.prog_fd = -1;
	if (config->bpf_prog && !(prepared->bpf_prog = strdup(config->bpf_prog)))
		return out_of_memory(error);

	err = pmr_endpoint_inspect(fd, &prepared->endpoint, error);
	if (err)
		return err;
	snprintf(member->cluster, sizeof(member->cluster), "%s", config->cluster);
	snprintf(prepared->seed, sizeof(prepared->seed), "%s", pmr_seed_of(config));
	snprintf(member->path, sizeof(member->path), "%s/%s/%s", PMR_ROOT, member->cluster,
		 prepared->endpoint.name);
	member->tcp = prepared->endpoint.tcp;
	member->index = config->index;
	member->cookie = prepared->endpoint.cookie;
	if (adoption) {
		member->owner = adoption->owner;
		prepared->if_free = adoption->if_free;
		prepared->adopted = true;
	}
	prepared->config = *config;
	prepared->config.cluster = member->cluster;
	prepared->config.bpf_prog = prepared->bpf_prog;
	prepared->config.seed = prepared->seed;
	prepared->config.ha_cluster = NULL;
	/* After this no other user can open the port, so it is enough to look once. */
	err = pmr_reuse_addr_clear(fd, &prepared->endpoint, &member->had_reuse_addr, error);
	return err ? err : pmr_foreign_check(fd, &prepared->endpoint, error);
}

static int open_object(struct pmreuseport_member *member, struct pmreuseport_error *error)
{
	struct pmr_prepared *prepared = member->prepared;
	int err;

	pmr_object_close(&prepared->object);
	err = pmr_object_open(&prepared->object, prepared->bpf_prog, member->tcp, error);
	if (!err)
		err = pmr_join_check_fallback(&prepared->object, &prepared->config, error);
	return err;
}

int pmr_prepare_check(const struct pmreuseport_member *member, const struct pmr_cluster *cluster,
		      unsigned int *live, struct pmreuseport_error *error)
{
	const struct pmr_prepared *prepared = member->prepared;
	int err;

	err = pmr_join_check_elsewhere(cluster, prepared->endpoint.name, error);
	if (!err)
		err = pmr_join_check_netns(cluster, prepared->endpoint.name, error);
	if (!err)
		err = pmr_overlap_check(cluster, &prepared->endpoint, error);
	if (!err)
		err = pmr_bpffs_check_dir(cluster->path, error);
	if (!err && prepared->adopted)
		err = pmr_foreign_check_owner(prepared->fd, cluster, error);
	if (!err)
		err = pmr_entered_check(prepared->fd, &prepared->endpoint, member->path, error);
	if (!err)
		err = pmr_join_check_live(cluster, &prepared->object, &prepared->config, live,
					  error);
	return err;
}

/* With the lock held. */
static int share_pins(struct pmreuseport_member *member, const struct pmr_cluster *cluster,
		      struct pmreuseport_error *error)
{
	unsigned int live;
	int err = pmr_prepare_check(member, cluster, &live, error);

	if (!err) {
		err = pmr_bpffs_check_dir(member->path, error);
		if (err == -ENOENT)
			err = 0;
	}
	if (!err)
		err = pmr_object_share(&member->prepared->object, cluster, member->path, error);
	/* The first instance of the cluster: nothing to agree with. */
	return err == -ENOENT ? 0 : err;
}

int pmr_prepare_again(struct pmreuseport_member *const members[], size_t n,
		      struct pmreuseport_error *error)
{
	struct pmr_cluster cluster = {.lock = -1};
	size_t i;
	int err = 0;

	for (i = 0; !err && i < n; i++)
		err = open_object(members[i], error);
	if (err)
		return err;

	err = pmr_cluster_lock(&cluster, members[0]->cluster, PMR_LOCK_SHARED,
			       members[0]->prepared->config.lock_timeout_ms, error);
	for (i = 0; !err && i < n; i++)
		err = pmr_error_of(members[i]->prepared->fd,
				   share_pins(members[i], &cluster, error), error);
	pmr_cluster_unlock(&cluster);
	if (err && err != -ENOENT)
		return err;

	for (i = 0, err = 0; !err && i < n; i++) {
		if (i)
			err = pmr_object_share_with(&members[i]->prepared->object,
						    &members[0]->prepared->object, error);
		if (!err)
			err = pmr_object_load(&members[i]->prepared->object, error);
	}
	return err;
}

/* Those of this call are not in a bucket yet, where pmr_overlap_check() would find them. */
static int check_pairs(struct pmreuseport_member *const members[], size_t n,
		       struct pmreuseport_error *error)
{
	const char *a, *b;
	size_t i, j;
	int err = 0;

	for (i = 0; i < n; i++) {
		for (j = 0; !err && j < i; j++) {
			a = members[j]->prepared->endpoint.name;
			b = members[i]->prepared->endpoint.name;
			err = pmr_join_check_netns_pair(a, b, error);
			if (!err)
				err = pmr_overlap_check_pair(a, b, error);
		}
	}
	return err;
}

int pmr_prepare(const int fds[], size_t n, const struct pmr_adoption *adoption,
		const struct pmreuseport_config *config, struct pmreuseport_member *members[],
		struct pmreuseport_error *error)
{
	size_t i;
	int err;

	memset(members, 0, n * sizeof(members[0]));
	if (!n || n > PMREUSEPORT_MAX_SOCKETS)
		return pmr_error(error, -EINVAL, "an instance cannot join with %zu sockets",
				 "pass 1 to %d sockets", n, PMREUSEPORT_MAX_SOCKETS);
	err = pmr_config_check(config, error);
	for (i = 0; !err && i < n; i++)
		err = pmr_error_of(fds[i],
				   make_member(fds[i], adoption, config, &members[i], error),
				   error);
	if (!err)
		err = check_pairs(members, n, error);
	if (!err)
		err = pmr_bpffs_check(error);
	if (!err)
		err = pmr_prepare_again(members, n, error);
	for (i = 0; err && i < n; i++) {
		if (members[i])
			pmr_reuse_addr_restore(fds[i], members[i]->had_reuse_addr);
		pmreuseport_free(members[i]);
		members[i] = NULL;
	}
	return err;
}
