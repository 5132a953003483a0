/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of "bmp". */
#include "bmp_command.h"

#include "bmp_run.h"
#include "common/decimal.h"
#include "common/refuse.h"
#include "shared_options.h"

#include <errno.h>
#include <string.h>

static int add_target(void *options, const char *text, struct pmreuseport_error *error)
{
	return targets_add(&((struct bmp_options *)options)->to, text, error);
}

static int add_source(void *options, const char *text, struct pmreuseport_error *error)
{
	return sources_add(&((struct bmp_options *)options)->from, "--source", text, error);
}

static int set_dst_net(void *options, const char *text, struct pmreuseport_error *error)
{
	return parse_net24(text, ((struct bmp_options *)options)->table.dst_net, error);
}

static int set_hold(void *options, const char *text, struct pmreuseport_error *error)
{
	struct bmp_options *opt = options;

	if (!strcmp(text, "forever"))
		opt->hold_s = BMP_HOLD_FOREVER;
	else if (!decimal(text, 1000000000, &opt->hold_s))
		return refuse(error, -EINVAL, "give a number from 0 to 1000000000, or forever",
			      "--hold '%.100s' is out of bounds", text);
	return 0;
}

static int check(void *options, struct pmreuseport_error *error)
{
	const struct bmp_options *opt = options;

	return check_traffic(&opt->to, &opt->from, error);
}

static const struct parameter options[] = {
	OPTION_TO(add_target),
	OPTION_SOURCE(add_source,
		      "Router, or N routers with consecutive addresses; may be repeated"),
	{.name = "peers",
	 .value = "K",
	 .help = "BGP peers of each router (default 1)",
	 .kind = VALUE_NUMBER,
	 .max = BMP_PEERS_MAX,
	 FIELD(struct bmp_options, table.peers)},
	{.name = "routes",
	 .value = "R",
	 .help = "Prefixes of each peer (default 10)",
	 .kind = VALUE_NUMBER,
	 .max = BMP_ROUTES_MAX,
	 FIELD(struct bmp_options, table.routes)},
	OPTION_DST_NET(set_dst_net,
		       "The first prefix, a /24 (default 203.0.113.0, the destinations of flows)"),
	{.name = "stats",
	 .help = "Also send a statistics report for each peer",
	 .kind = VALUE_NONE,
	 FIELD(struct bmp_options, table.stats)},
	{.name = "hold",
	 .value = "SECONDS|forever",
	 .help = "Keep the sessions open after sending, until SIGTERM or SIGINT at the latest "
		 "(default 0)",
	 .kind = VALUE_CALL,
	 .call = set_hold},
	{.name = "reconnect",
	 .help = "Connect and send again if the collector closes a session during the hold",
	 .kind = VALUE_NONE,
	 FIELD(struct bmp_options, reconnect)},
	{.name = "timeout",
	 .value = "SECONDS",
	 .help = "How long to try to connect, also if the connection is refused or reset, and how "
		 "long the collector may accept no data (default 5)",
	 .kind = VALUE_NUMBER,
	 .min = 1,
	 .max = 86400,
	 FIELD(struct bmp_options, timeout_s)},
	OPTION_QUIET(struct bmp_options),
	{0},
};

static const struct command_line grammar = {
	.options = options,
	.usage = "--to=ADDR:PORT --source=ADDR[+N]",
	.summary = "Open the BMP sessions (RFC 7854) of many routers at once: Initiation, then for "
		   "each peer Peer Up, one Route Monitoring message per prefix, and End-of-RIB; at "
		   "the end Termination.",
	.details =
		"Router e (counted from 0) announces the prefix of --dst-net, then 198.18.0.0/24 "
		"and the networks after it, with AS path 64500 64600+e%1000 and next hop "
		"192.0.2.1. The first peer is 192.0.2.1, the second 192.0.2.2, and so on.\n\n"
		"The report is one line of JSON on standard output. With --hold it is printed "
		"before the hold, so that a script can wait for it; otherwise after the sessions "
		"are closed.",
	.example = "pmreuseport-gen bmp --to 127.0.0.1:1790 --source 127.1.0.0+10 --hold 60",
	.check = check,
};

int command_bmp(int argc, char **argv)
{
	struct bmp_options opt = {
		.table = {.peers = 1, .routes = 10, .dst_net = {203, 0, 113}},
		.timeout_s = 5,
	};
	int ret;

	command_line_parse(&grammar, argc, argv, &opt);
	ret = bmp_run(&opt) ? 1 : 0;
	sources_free(&opt.from);
	return ret;
}
