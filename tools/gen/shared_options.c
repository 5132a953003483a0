/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "shared_options.h"

#include <string.h>

void args_target(const struct argp_state *state, struct targets *to, const char *text)
{
	char why[256];

	if (targets_add(to, text, why, sizeof(why)))
		argp_failure(state, GEN_EXIT_USAGE, 0, "--to %s", why);
}

void args_source(const struct argp_state *state, struct sources *from, const char *text)
{
	char why[256];

	if (sources_add(from, text, why, sizeof(why)))
		argp_failure(state, GEN_EXIT_USAGE, 0, "--source %s", why);
}

void args_net24(const struct argp_state *state, const char *option, const char *text,
		uint8_t net[3])
{
	struct ip_addr ip;

	if (ip_parse(text, &ip) || ip.family != AF_INET || ip.b[3])
		argp_failure(state, GEN_EXIT_USAGE, 0, "%s '%s' is not a /24 network; give A.B.C.0",
			     option, text);
	memcpy(net, ip.b, 3);
}

void args_has_target(const struct argp_state *state, const struct targets *to)
{
	if (!to->v4.len && !to->v6.len)
		argp_failure(state, GEN_EXIT_USAGE, 0,
			     "target missing; name the collector with --to ADDR:PORT");
}

void args_endpoints(const struct argp_state *state, const struct targets *to,
		    const struct sources *from)
{
	const char *missing;

	args_has_target(state, to);
	if (!from->count)
		argp_failure(state, GEN_EXIT_USAGE, 0,
			     "source missing; name the exporters with --source ADDR[+N]");
	missing = targets_missing(to, from);
	if (missing)
		argp_failure(state, GEN_EXIT_USAGE, 0, "%s", missing);
}
