// SPDX-License-Identifier: GPL-2.0-or-later
/* From the strings of a configuration file to numbers that can be trusted. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "configuration.h"
#include "error.h"
#include "keys.h"
#include "pmreuseport.h"

/* Decimal digits only: no sign, space, hexadecimal, exponent, unit. */
static int parse_number(const char *key, const char *text, unsigned int *number,
			struct pmreuseport_error *error)
{
	unsigned long value;

	if (!*text || text[strspn(text, "0123456789")])
		return pmr_error(error, -EINVAL,
				 "%s is \"%.100s\", which is not a plain decimal number",
				 "write digits only", key, text);

	/* What strtoul() cannot hold, or an unsigned int, is too large in any case. */
	value = strtoul(text, NULL, 10);
	*number = value > UINT_MAX ? UINT_MAX : (unsigned int)value;
	return 0;
}

static int set_count(struct pmreuseport_config *config, const char *text,
		     struct pmreuseport_error *error)
{
	unsigned int count;
	int err = parse_number(PMR_KEY_COUNT, text, &count, error);

	if (!err)
		pmreuseport_config_set_count(config, count);
	return err;
}

static int set_index(struct pmreuseport_config *config, const char *text,
		     struct pmreuseport_error *error)
{
	unsigned int index;
	int err = parse_number(PMR_KEY_INDEX, text, &index, error);

	if (!err)
		pmreuseport_config_set_index(config, index);
	return err;
}

static int set_fallback(struct pmreuseport_config *config, const char *text,
			struct pmreuseport_error *error)
{
	if (!strcmp(text, "rehash"))
		pmreuseport_config_set_fallback(config, PMREUSEPORT_REHASH);
	else if (!strcmp(text, "drop"))
		pmreuseport_config_set_fallback(config, PMREUSEPORT_DROP);
	else
		return pmr_error(error, -EINVAL,
				 "%s is \"%.100s\", which is neither rehash nor drop", "choose one",
				 PMR_KEY_FALLBACK, text);
	return 0;
}

/* "flows, bmp": separated by commas, with blanks around them or not. */
static int set_endpoints(struct pmreuseport_config *config, const char *text,
			 struct pmreuseport_error *error)
{
	static const struct {
		const char *name;
		unsigned int bit;
	} known[] = {{"flows", PMREUSEPORT_FLOWS},
		     {"bmp", PMREUSEPORT_BMP},
		     {"bgp", PMREUSEPORT_BGP}};
	static const char blanks[] = " \t";
	unsigned int endpoints = 0, added;
	const char *at = text;
	size_t n, i;

	for (;; at += n + 1) {
		at += strspn(at, blanks);
		n = strcspn(at, ", \t");
		for (added = i = 0; i < sizeof(known) / sizeof(known[0]); i++)
			if (strlen(known[i].name) == n && !memcmp(at, known[i].name, n))
				added = known[i].bit;
		if (!added)
			return pmr_error(error, -EINVAL,
					 "%s is \"%.100s\", in which \"%.*s\" is not an endpoint",
					 "list what to balance, separated by commas: flows, bmp, "
					 "bgp",
					 PMR_KEY_ENDPOINTS, text, n > 100 ? 100 : (int)n, at);
		endpoints |= added;
		n += strspn(at + n, blanks);
		if (at[n] != ',')
			break;
	}
	if (at[n])
		return pmr_error(error, -EINVAL, "%s is \"%.100s\", which lacks a comma",
				 "list what to balance, separated by commas: flows, bmp, bgp",
				 PMR_KEY_ENDPOINTS, text);
	pmreuseport_config_set_endpoints(config, endpoints);
	return 0;
}

static int set_ha_cluster(struct pmreuseport_config *config, const char *text,
			  struct pmreuseport_error *error)
{
	return pmr_config_set_text(&config->ha_cluster, text, error);
}

int pmreuseport_config_set_key(struct pmreuseport_config *config, const char *key,
			       const char *value, struct pmreuseport_error *error)
{
	static const struct {
		const char *key;
		int (*set)(struct pmreuseport_config *config, const char *text,
			   struct pmreuseport_error *error);
	} keys[] = {
		{PMR_KEY_COUNT, set_count},
		{PMR_KEY_INDEX, set_index},
		{PMR_KEY_PROG, pmreuseport_config_set_bpf_prog},
		{PMR_KEY_FALLBACK, set_fallback},
		{PMR_KEY_ENDPOINTS, set_endpoints},
		{PMR_KEY_SEED, pmreuseport_config_set_seed},
		{PMR_KEY_CLUSTER, pmreuseport_config_set_cluster},
		{PMR_KEY_BGP_HA_CLUSTER, set_ha_cluster},
		{PMR_KEY_BMP_HA_CLUSTER, set_ha_cluster},
	};
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (!strcmp(key, keys[i].key))
			return value ? keys[i].set(config, value, error) : 0;
	return pmr_error(error, -EINVAL, "there is no key \"%.100s\"",
			 "pass %s, %s, %s, %s, %s, %s, %s, %s or %s", key, PMR_KEY_COUNT,
			 PMR_KEY_INDEX, PMR_KEY_PROG, PMR_KEY_FALLBACK, PMR_KEY_ENDPOINTS,
			 PMR_KEY_SEED, PMR_KEY_CLUSTER, PMR_KEY_BGP_HA_CLUSTER,
			 PMR_KEY_BMP_HA_CLUSTER);
}
