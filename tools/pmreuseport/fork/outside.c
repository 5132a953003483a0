/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fork/outside.h"

#include <stdlib.h>
#include <string.h>

#include "fork/plugins.h"
#include "operator.h"

static bool is_true(const struct fork_template *template, const char *key)
{
	return fork_line_is_true(fork_line_of(template, key, NULL));
}

bool fork_is_outside(const struct fork_template *template, unsigned int endpoint)
{
	const struct fork_line *line = fork_line_of(template, "reuseport_endpoints", NULL);
	struct pmreuseport_config *config;
	bool outside = false;
	char *value;

	if (!line)
		return false;
	value = strndup(line->text + line->conf.value_at, line->conf.value_length);
	config = pmreuseport_config_new(NULL);
	if (value && config &&
	    !pmreuseport_config_set_key(config, "reuseport_endpoints", value, NULL))
		outside = !(pmreuseport_config_endpoints(config) & endpoint);
	pmreuseport_config_free(config);
	free(value);
	return outside;
}

bool fork_needs_port(const struct fork_template *template, const struct fork_rule *rule)
{
	const struct fork_line *ip = fork_line_of(template, rule->ip_key, NULL);

	return fork_is_outside(template, rule->endpoint) &&
	       !(ip && memmem(ip->text + ip->conf.value_at, ip->conf.value_length, FORK_PLACEHOLDER,
			      strlen(FORK_PLACEHOLDER)));
}

int fork_note_reflector(struct fork_template *template, struct pmreuseport_error *error)
{
	static const char *const keys[] = {"bgp_agent_map", "bmp_agent_map"};
	const bool bgp = is_true(template, "bgp_daemon"), bmp = is_true(template, "bmp_daemon");
	const struct fork_line *line = NULL;
	struct pmreuseport_error note;
	size_t i;

	for (i = 0; !line && i < sizeof(keys) / sizeof(keys[0]); i++)
		line = fork_line_of(template, keys[i], NULL);
	if (!line || (!bgp && !bmp) ||
	    fork_is_outside(template, bgp ? PMREUSEPORT_BGP : PMREUSEPORT_BMP))
		return 0;
	pmr_error(
		&note, 0,
		"line %zu: %s finds routes in sessions from other addresses than the flows, such "
		"as that of a route reflector, which reaches one instance only: the flows in other "
		"instances have no routes",
		"give each instance a session to a port of its own, and keep that port out of the "
		"cluster with reuseport_endpoints, as nfacctd-reflector.conf does",
		fork_line_number(template, line), line->conf.key);
	return fork_template_note_of_one(template, &note, error);
}
