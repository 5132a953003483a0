// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "configuration.h"
#include "error.h"
#include "keys.h"
#include "seed.h"

static int out_of_memory(struct pmreuseport_error *error)
{
	return pmr_error(error, -ENOMEM, "out of memory for the configuration",
			 "add memory, or raise the memory limit");
}

struct pmreuseport_config *pmreuseport_config_new(struct pmreuseport_error *error)
{
	struct pmreuseport_config *config = malloc(sizeof(*config));

	if (!config) {
		out_of_memory(error);
		return NULL;
	}
	*config = (struct pmreuseport_config)PMR_CONFIG_DEFAULTS;
	config->count_missing = true;
	config->index_missing = true;
	config->cluster = NULL;
	if (pmreuseport_config_set_cluster(config, NULL, error)) {
		free(config);
		return NULL;
	}
	return config;
}

void pmreuseport_config_free(struct pmreuseport_config *config)
{
	if (!config)
		return;
	free((char *)config->bpf_prog);
	free((char *)config->cluster);
	free((char *)config->seed);
	free((char *)config->ha_cluster);
	free(config);
}

void pmreuseport_config_set_count(struct pmreuseport_config *config, unsigned int count)
{
	config->count = count;
	config->count_missing = false;
}

void pmreuseport_config_set_index(struct pmreuseport_config *config, unsigned int index)
{
	config->index = index;
	config->index_missing = false;
}

void pmreuseport_config_set_fallback(struct pmreuseport_config *config,
				     enum pmreuseport_fallback fallback)
{
	config->fallback = fallback;
	config->fallback_set = true;
}

void pmreuseport_config_set_endpoints(struct pmreuseport_config *config, unsigned int endpoints)
{
	config->endpoints = endpoints;
	config->endpoints_set = true;
}

void pmreuseport_config_set_lock_timeout(struct pmreuseport_config *config,
					 unsigned int milliseconds)
{
	config->lock_timeout_ms = milliseconds;
}

int pmr_config_set_text(const char **field, const char *text, struct pmreuseport_error *error)
{
	char *copy = text ? strdup(text) : NULL;

	if (text && !copy)
		return out_of_memory(error);
	free((char *)*field);
	*field = copy;
	return 0;
}

int pmreuseport_config_set_bpf_prog(struct pmreuseport_config *config, const char *path,
				    struct pmreuseport_error *error)
{
	return pmr_config_set_text(&config->bpf_prog, path, error);
}

int pmreuseport_config_set_cluster(struct pmreuseport_config *config, const char *name,
				   struct pmreuseport_error *error)
{
	return pmr_config_set_text(&config->cluster, name ? name : PMREUSEPORT_DEFAULT_CLUSTER,
				   error);
}

int pmreuseport_config_set_seed(struct pmreuseport_config *config, const char *name,
				struct pmreuseport_error *error)
{
	return pmr_config_set_text(&config->seed, name, error);
}

/* The name becomes the name of a directory of bpffs, which allows no dots. */
int pmr_config_check_cluster(const char *name, struct pmreuseport_error *error)
{
	static const char allowed[] = "0123456789abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ_-";
	size_t len = name ? strlen(name) : 0;

	if (len && len <= PMREUSEPORT_CLUSTER_NAME_MAX && !name[strspn(name, allowed)])
		return 0;

	return pmr_error(error, -EINVAL, "%s is \"%.100s\", which cannot name a cluster",
			 "use 1 to %d letters, digits, '-' and '_'", PMR_KEY_CLUSTER,
			 name ? name : "", PMREUSEPORT_CLUSTER_NAME_MAX);
}

static int check_missing(const struct pmreuseport_config *config, struct pmreuseport_error *error)
{
	if (!config->count_missing && !config->index_missing)
		return 0;
	return pmr_error(error, -EINVAL, "%s is set but %s is not",
			 "set both, or none of the reuseport_* keys",
			 !config->count_missing	  ? PMR_KEY_COUNT
			 : !config->index_missing ? PMR_KEY_INDEX
			 : config->bpf_prog	  ? PMR_KEY_PROG
			 : config->seed		  ? PMR_KEY_SEED
			 : config->fallback_set	  ? PMR_KEY_FALLBACK
						  : PMR_KEY_ENDPOINTS,
			 config->count_missing ? PMR_KEY_COUNT : PMR_KEY_INDEX);
}

static int check_values(const struct pmreuseport_config *config, struct pmreuseport_error *error)
{
	int err;

	if (config->count < 1 || config->count > PMREUSEPORT_MAX_BUCKETS)
		return pmr_error(error, -EINVAL, "%s is %u, which is out of range",
				 "set it to the number of instances, 1 to %d", PMR_KEY_COUNT,
				 config->count, PMREUSEPORT_MAX_BUCKETS);

	if (config->index >= config->count)
		return pmr_error(error, -EINVAL, "%s is %u, but with %s %u it must be 0 to %u",
				 "correct one of them", PMR_KEY_INDEX, config->index, PMR_KEY_COUNT,
				 config->count, config->count - 1);

	if (config->fallback != PMREUSEPORT_REHASH && config->fallback != PMREUSEPORT_DROP)
		return pmr_error(error, -EINVAL, "%s is %d, which is out of range",
				 "set it to rehash or drop", PMR_KEY_FALLBACK,
				 (int)config->fallback);

	if (!config->endpoints || config->endpoints & ~PMREUSEPORT_ALL_ENDPOINTS)
		return pmr_error(error, -EINVAL, "%s is %#x, which is out of range",
				 "list what to balance: flows, bmp, bgp", PMR_KEY_ENDPOINTS,
				 config->endpoints);

	if (config->bpf_prog && !*config->bpf_prog)
		return pmr_error(error, -EINVAL, "%s is empty",
				 "name an object file, or leave the key out to use the built-in "
				 "selector",
				 PMR_KEY_PROG);

	err = pmr_config_check_cluster(config->cluster, error);
	return err ? err : pmr_seed_check(config, error);
}

int pmreuseport_config_check(const struct pmreuseport_config *config,
			     struct pmreuseport_error *error)
{
	int err;

	if (config->count_missing && config->index_missing && !config->bpf_prog && !config->seed &&
	    !config->fallback_set && !config->endpoints_set)
		return 0;
	err = check_missing(config, error);
	if (!err)
		err = check_values(config, error);
	return err ? err : 1;
}

int pmr_config_check(const struct pmreuseport_config *config, struct pmreuseport_error *error)
{
	int ret = pmreuseport_config_check(config, error);

	if (!ret)
		return pmr_error(error, -EINVAL, "the number of hash buckets is not set",
				 "set %s and %s", PMR_KEY_COUNT, PMR_KEY_INDEX);
	return ret < 0 ? ret : 0;
}

unsigned int pmreuseport_config_count(const struct pmreuseport_config *config)
{
	return config->count;
}

unsigned int pmreuseport_config_index(const struct pmreuseport_config *config)
{
	return config->index;
}

unsigned int pmreuseport_config_endpoints(const struct pmreuseport_config *config)
{
	return config->endpoints;
}

const char *pmreuseport_config_cluster(const struct pmreuseport_config *config)
{
	return config->cluster;
}
