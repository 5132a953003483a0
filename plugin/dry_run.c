// SPDX-License-Identifier: GPL-2.0-or-later
/* What a join would need, tried out. Nothing is pinned, and no socket is touched. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpffs.h"
#include "cluster.h"
#include "configuration.h"
#include "dry_run.h"
#include "endpoint.h"
#include "join_check.h"
#include "join_netns.h"
#include "object_load.h"

/* The caller can wait, but wants to know of a lock that is never released. */
#define LOCK_TIMEOUT_MS 2000

static int close_if(int fd)
{
	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

/* "return SK_PASS": whatever is refused, it is not the program. */
static int try_program(enum bpf_attach_type type)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = type);
	const struct bpf_insn program[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = SK_PASS},
		{.code = BPF_JMP | BPF_EXIT},
	};

	return close_if(bpf_prog_load(BPF_PROG_TYPE_SK_REUSEPORT, "pmr_try", "GPL", program,
				      sizeof(program) / sizeof(program[0]), &opts));
}

int pmr_try_feature(enum pmr_feature feature)
{
	char here[PMR_ENDPOINT_END_SIZE];

	switch (feature) {
	case PMR_FEATURE_PROGRAM:
		return try_program(BPF_SK_REUSEPORT_SELECT);
	case PMR_FEATURE_MIGRATION:
		return try_program(BPF_SK_REUSEPORT_SELECT_OR_MIGRATE);
	case PMR_FEATURE_SOCKARRAY:
		return close_if(bpf_map_create(BPF_MAP_TYPE_REUSEPORT_SOCKARRAY, "pmr_try",
					       sizeof(__u32), sizeof(__u64), 1, NULL));
	case PMR_FEATURE_NETNS_COOKIE:
		return pmr_endpoint_here(here, NULL);
	default:
		return -EINVAL;
	}
}

static bool migrates(const struct pmr_object *object)
{
	const struct bpf_program *selector =
		bpf_object__find_program_by_name(object->bpf, PMR_SELECTOR);

	return bpf_program__expected_attach_type(selector) == BPF_SK_REUSEPORT_SELECT_OR_MIGRATE;
}

/* The part that needs the lock. */
static int check_cluster(const struct pmreuseport_config *config, const struct pmr_object *object,
			 struct pmr_dry_run_result *result, struct pmreuseport_error *error)
{
	struct pmr_cluster cluster = {.lock = -1};
	char here[PMR_ENDPOINT_END_SIZE];
	/* PMR_FEATURE_NETNS_COOKIE says why it is not known. */
	const bool known = !pmr_endpoint_here(here, NULL);
	bool there;
	int err;

	err = pmr_cluster_lock(&cluster, config->cluster, PMR_LOCK_SHARED, LOCK_TIMEOUT_MS, error);
	if (err)
		return err == -ENOENT ? 0 : err;
	err = pmr_bpffs_check_dir(cluster.path, error);
	there = !err;
	if (err == -ENOENT)
		err = 0;
	if (there) {
		result->count = pmr_cluster_number(&cluster, "size");
		if (known)
			err = pmr_join_check_netns(&cluster, here, error);
	}
	if (there && !err)
		err = pmr_join_check_live(&cluster, object, config, &result->live, error);
	if (!err && result->live)
		err = pmr_join_check_selector(&cluster, object, error);
	pmr_cluster_unlock(&cluster);
	return err;
}

int pmr_dry_run(const struct pmreuseport_config *config, bool tcp,
		struct pmr_dry_run_result *result, struct pmreuseport_error *error)
{
	struct pmr_object object = {0};
	int err;

	memset(result, 0, sizeof(*result));
	err = pmr_object_open(&object, config ? config->bpf_prog : NULL, tcp, error);
	if (!err)
		result->migrates = migrates(&object);
	if (!err && config)
		err = pmr_join_check_fallback(&object, config, error);
	if (!err)
		err = pmr_object_load(&object, error);
	if (!err && config)
		err = check_cluster(config, &object, result, error);
	pmr_object_close(&object);
	return err;
}
