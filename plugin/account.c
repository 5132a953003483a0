// SPDX-License-Identifier: GPL-2.0-or-later
/* Counters of each exporter. The selector keeps them while "account" says so. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "account.h"
#include "cluster.h"
#include "error.h"
#include "per_cpu.h"

struct maps {
	int account;
	int exporters;
	int budget;
};

static void close_maps(const struct maps *maps)
{
	if (maps->account >= 0)
		close(maps->account);
	if (maps->exporters >= 0)
		close(maps->exporters);
	if (maps->budget >= 0)
		close(maps->budget);
}

/* Call close_maps() after a failure too. */
static int open_maps(struct maps *maps, const struct pmr_cluster *cluster,
		     struct pmreuseport_error *error)
{
	int err;

	maps->exporters = maps->budget = -1;
	err = maps->account = pmr_cluster_map(cluster, "account", BPF_MAP_TYPE_ARRAY, sizeof(__u32),
					      sizeof(__u32), error);
	if (err >= 0)
		err = maps->exporters = pmr_cluster_map(cluster, "exporters", BPF_MAP_TYPE_LRU_HASH,
							sizeof(struct pmr_source),
							sizeof(struct pmr_account), error);
	if (err >= 0)
		err = maps->budget =
			pmr_cluster_map(cluster, "budget", BPF_MAP_TYPE_PERCPU_ARRAY, sizeof(__u32),
					sizeof(struct pmr_budget), error);
	if (err == -ENOENT)
		pmr_error(error, -ENOTSUP,
			  "the selector of cluster \"%s\" does not count single exporters",
			  "remove reuseport_bpf_prog to use the built-in one", cluster->name);
	if (err >= 0)
		return 0;
	return err == -ENOENT ? -ENOTSUP : err;
}

static int is_on(const struct maps *maps)
{
	__u32 zero = 0, on = 0;
	int err = bpf_map_lookup_elem(maps->account, &zero, &on);

	return err ? err : on != 0;
}

/* Room for all entries: a walk one by one starts again when its last entry was deleted. */
struct batch {
	struct pmr_source *keys;
	struct pmr_account *values;
	__u32 n;
};

static int batch_alloc(struct batch *batch)
{
	batch->n = PMR_MAX_EXPORTERS;
	batch->keys = malloc(batch->n * sizeof(*batch->keys));
	batch->values = malloc(batch->n * sizeof(*batch->values));
	return batch->keys && batch->values ? 0 : -ENOMEM;
}

static void batch_free(struct batch *batch)
{
	free(batch->keys);
	free(batch->values);
}

/*
 * In one call, because the lock is held: one by one, each of 65536 deletions would search
 * for the next entry from the beginning of the map. While it is switched off, no entries are added.
 */
static int forget_all(const struct maps *maps)
{
	struct batch batch;
	__u32 next;
	int err = batch_alloc(&batch);

	/* -ENOENT: the end of the map. 0: the buffer was too small for the whole map. */
	while (!err) {
		batch.n = PMR_MAX_EXPORTERS;
		err = bpf_map_lookup_and_delete_batch(maps->exporters, NULL, &next, batch.keys,
						      batch.values, &batch.n, NULL);
	}
	batch_free(&batch);
	return err == -ENOENT ? 0 : err;
}

/* Each CPU may again add as many exporters as fit. */
static int renew_budget(const struct maps *maps)
{
	const int cpus = libbpf_num_possible_cpus();
	struct pmr_budget *own = cpus < 0 ? NULL : calloc(cpus, sizeof(*own));
	int err = cpus < 0 ? cpus : -ENOMEM;
	__u32 zero = 0;

	if (own)
		err = bpf_map_update_elem(maps->budget, &zero, own, BPF_ANY);
	free(own);
	return err;
}

static int read_budget(const struct maps *maps, struct pmr_accounts *accounts)
{
	const int cpus = libbpf_num_possible_cpus();
	struct pmr_budget sum = {0};
	int err;

	err = cpus < 0 ? cpus
		       : pmr_per_cpu_add(maps->budget, cpus, 0, sizeof(sum) / sizeof(__u64),
					 (__u64 *)&sum);
	accounts->added = sum.added;
	accounts->uncounted = sum.uncounted;
	return err;
}

static int account_error(const struct pmr_cluster *cluster, int err, const char *what,
			 struct pmreuseport_error *error)
{
	return pmr_error(error, err, "cannot %s the counters of cluster \"%s\" (%s)",
			 "run as the owner of its pins or as root", what, cluster->name,
			 strerror(-err));
}

int pmr_account_switch(const char *name, bool on, bool *changed, struct pmreuseport_error *error)
{
	struct pmr_cluster cluster = {.lock = -1};
	struct maps maps = {-1, -1, -1};
	__u32 zero = 0, value = on;
	int err, was;

	*changed = false;
	err = pmr_cluster_open(&cluster, name, PMR_LOCK_EXCLUSIVE, error);
	if (!err)
		err = open_maps(&maps, &cluster, error);
	if (err)
		goto out;
	was = err = is_on(&maps);
	/* Off always deletes: an earlier "off" may have been interrupted. */
	if (err >= 0 && (!was || !on)) {
		err = on ? forget_all(&maps) : 0;
		if (!err && on)
			err = renew_budget(&maps);
		if (!err)
			err = bpf_map_update_elem(maps.account, &zero, &value, BPF_ANY);
		if (!err && !on)
			err = forget_all(&maps);
	}
	if (err < 0)
		account_error(&cluster, err, "switch", error);
	else
		*changed = was != on;
out:
	close_maps(&maps);
	pmr_cluster_unlock(&cluster);
	return err < 0 ? err : 0;
}

static int read_all(const struct maps *maps, struct pmr_accounts *accounts)
{
	struct batch batch;
	__u32 next, i;
	int err = batch_alloc(&batch);

	/* First, so that one that is added now does not look like one that was deleted. */
	if (!err)
		err = read_budget(maps, accounts);
	if (!err)
		err = bpf_map_lookup_batch(maps->exporters, NULL, &next, batch.keys, batch.values,
					   &batch.n, NULL);
	/* -ENOENT: the end of the map. */
	if (err == -ENOENT)
		err = 0;
	if (!err && !(accounts->list = malloc((batch.n + 1) * sizeof(*accounts->list))))
		err = -ENOMEM;
	for (i = 0; !err && i < batch.n; i++)
		accounts->list[i] = (struct pmr_exporter){batch.keys[i], batch.values[i]};
	accounts->n = err ? 0 : batch.n;
	batch_free(&batch);
	return err;
}

int pmr_account_read(const char *name, struct pmr_accounts *accounts,
		     struct pmreuseport_error *error)
{
	struct pmr_cluster cluster = {.lock = -1};
	struct maps maps = {-1, -1, -1};
	int err;

	*accounts = (struct pmr_accounts){0};
	err = pmr_cluster_open(&cluster, name, PMR_LOCK_SHARED, error);
	if (!err)
		err = open_maps(&maps, &cluster, error);
	if (err)
		goto out;
	/* A reading takes a while, and the kernel adds to the map meanwhile in any case. */
	pmr_cluster_unlock(&cluster);
	err = is_on(&maps);
	if (err > 0)
		err = read_all(&maps, accounts);
	/* Switched off meanwhile, so that some were deleted. */
	if (!err)
		err = is_on(&maps);
	if (!err)
		err = pmr_error(error, -EAGAIN, "the exporters of cluster \"%s\" are not counted",
				"switch that on with: pmreuseport account on -c %s", name, name);
	else if (err < 0)
		account_error(&cluster, err, "read", error);
out:
	close_maps(&maps);
	pmr_cluster_unlock(&cluster);
	return err < 0 ? err : 0;
}
