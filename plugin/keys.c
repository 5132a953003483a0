// SPDX-License-Identifier: GPL-2.0-or-later
/* From the strings of a configuration file to numbers that can be trusted. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "keys.h"

#define KEY_COUNT "reuseport_hashbucket_count"
#define KEY_INDEX "reuseport_hashbucket_index"
#define KEY_PROG "reuseport_bpf_prog"
#define KEY_FALLBACK "reuseport_fallback"
#define KEY_CLUSTER "cluster_name"

#define DIGITS "0123456789"

/* Decimal digits only: no sign, space, hexadecimal, exponent, unit. */
static int parse_number(const char *key, const char *text, unsigned int *number,
			struct pmreuseport_error *error)
{
	unsigned long value;

	if (!*text || text[strspn(text, DIGITS)])
		return pmr_error(error, -EINVAL,
				 "%s is \"%.100s\", which is not a plain decimal number",
				 "write digits only", key, text);

	/* What strtoul() cannot hold, or an unsigned int, is too large in any case. */
	value = strtoul(text, NULL, 10);
	*number = value > UINT_MAX ? UINT_MAX : (unsigned int)value;
	return 0;
}

static int parse_fallback(const char *text, enum pmreuseport_fallback *fallback,
			  struct pmreuseport_error *error)
{
	if (!strcmp(text, "rehash"))
		*fallback = PMREUSEPORT_REHASH;
	else if (!strcmp(text, "drop"))
		*fallback = PMREUSEPORT_DROP;
	else
		return pmr_error(error, -EINVAL,
				 "%s is \"%.100s\", which is neither rehash nor drop", "choose one",
				 KEY_FALLBACK, text);
	return 0;
}

/* The name becomes the name of a directory of bpffs, which allows no dots. */
int pmr_config_check_cluster(const char *name, struct pmreuseport_error *error)
{
	static const char allowed[] = DIGITS "abcdefghijklmnopqrstuvwxyz"
					     "ABCDEFGHIJKLMNOPQRSTUVWXYZ_-";
	size_t len = name ? strlen(name) : 0;

	if (len && len <= PMREUSEPORT_CLUSTER_NAME_MAX && !name[strspn(name, allowed)])
		return 0;

	return pmr_error(error, -EINVAL, "%s is \"%.100s\", which cannot name a cluster",
			 "use 1 to %d letters, digits, '-' and '_'", KEY_CLUSTER, name ? name : "",
			 PMREUSEPORT_CLUSTER_NAME_MAX);
}

int pmr_config_check(const struct pmreuseport_config *config, struct pmreuseport_error *error)
{
	if (config->count < 1 || config->count > PMREUSEPORT_MAX_BUCKETS)
		return pmr_error(error, -EINVAL, "%s is %u, which is out of range",
				 "set it to the number of instances, 1 to %d", KEY_COUNT,
				 config->count, PMREUSEPORT_MAX_BUCKETS);

	if (config->index >= config->count)
		return pmr_error(error, -EINVAL, "%s is %u, but with %s %u it must be 0 to %u",
				 "correct one of them", KEY_INDEX, config->index, KEY_COUNT,
				 config->count, config->count - 1);

	if (config->fallback != PMREUSEPORT_REHASH && config->fallback != PMREUSEPORT_DROP)
		return pmr_error(error, -EINVAL, "%s is %d, which is out of range",
				 "set it to rehash or drop", KEY_FALLBACK, (int)config->fallback);

	if (config->bpf_prog && !*config->bpf_prog)
		return pmr_error(error, -EINVAL, "%s is empty",
				 "name an object file, or leave the key out to use the built-in "
				 "selector",
				 KEY_PROG);

	return pmr_config_check_cluster(config->cluster, error);
}

int pmreuseport_configure(const struct pmreuseport_keys *keys, struct pmreuseport_config *config,
			  struct pmreuseport_error *error)
{
	int err;

	if (!keys->count && !keys->index && !keys->bpf_prog && !keys->fallback)
		return 0;

	if (!keys->count || !keys->index)
		return pmr_error(error, -EINVAL, "%s is set but %s is not",
				 "set both, or none of the reuseport_* keys",
				 keys->count	  ? KEY_COUNT
				 : keys->index	  ? KEY_INDEX
				 : keys->bpf_prog ? KEY_PROG
						  : KEY_FALLBACK,
				 keys->count ? KEY_INDEX : KEY_COUNT);

	memset(config, 0, sizeof(*config));
	err = parse_number(KEY_COUNT, keys->count, &config->count, error);
	if (err)
		return err;
	err = parse_number(KEY_INDEX, keys->index, &config->index, error);
	if (err)
		return err;
	if (keys->fallback) {
		err = parse_fallback(keys->fallback, &config->fallback, error);
		if (err)
			return err;
	}

	config->bpf_prog = keys->bpf_prog;
	config->cluster = keys->cluster ? keys->cluster : PMREUSEPORT_DEFAULT_CLUSTER;
	err = pmr_config_check(config, error);
	return err ? err : 1;
}
