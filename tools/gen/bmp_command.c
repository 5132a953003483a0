/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of "bmp". */
#include "bmp_command.h"

#include "bmp_run.h"
#include "shared_options.h"

#include <string.h>

enum {
	OPT_SOURCE = OPT_OF_COMMAND,
	OPT_PEERS,
	OPT_ROUTES,
	OPT_DST_NET,
	OPT_STATS,
	OPT_HOLD,
	OPT_RECONNECT,
	OPT_TIMEOUT,
};

static const struct argp_option options[] = {
	ARGS_OPTION_TO,
	{"source", OPT_SOURCE, "ADDR[+N]", 0,
	 "Router, or N routers with consecutive addresses; repeatable", 1},
	{"peers", OPT_PEERS, "K", 0, "BGP peers of each router (default 1)", 2},
	{"routes", OPT_ROUTES, "R", 0, "Prefixes of each peer (default 10)", 2},
	{"dst-net", OPT_DST_NET, "A.B.C.0", 0,
	 "The first prefix, a /24 (default 203.0.113.0, where flows have their destinations)", 2},
	{"stats", OPT_STATS, NULL, 0, "Send a statistics report for each peer, too", 2},
	{"hold", OPT_HOLD, "SECONDS|forever", 0,
	 "Keep the sessions open after sending; 'forever' (or 'until-signal') until SIGTERM or "
	 "SIGINT, which ends a timed hold, too (default 0)",
	 3},
	{"reconnect", OPT_RECONNECT, NULL, 0,
	 "Connect again and send all again when the collector closes a session during the hold", 3},
	{"timeout", OPT_TIMEOUT, "SECONDS", 0,
	 "How long to try to connect, again if the connection is refused or reset, and how long "
	 "the collector may take no data (default 5)",
	 3},
	ARGS_OPTION_QUIET,
	{0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct bmp_options *opt = state->input;

	switch (key) {
	case OPT_TO:
		args_target(state, &opt->to, arg);
		break;
	case OPT_SOURCE:
		args_source(state, &opt->from, arg);
		break;
	case OPT_PEERS:
		opt->table.peers = args_number(state, "--peers", arg, 0, BMP_PEERS_MAX);
		break;
	case OPT_ROUTES:
		opt->table.routes = args_number(state, "--routes", arg, 0, BMP_ROUTES_MAX);
		break;
	case OPT_DST_NET:
		args_net24(state, "--dst-net", arg, opt->table.dst_net);
		break;
	case OPT_STATS:
		opt->table.stats = true;
		break;
	case OPT_HOLD:
		if (!strcmp(arg, "forever") || !strcmp(arg, "until-signal"))
			opt->hold_s = BMP_HOLD_FOREVER;
		else
			opt->hold_s = args_number(state, "--hold", arg, 0, 1000000000);
		break;
	case OPT_RECONNECT:
		opt->reconnect = true;
		break;
	case OPT_TIMEOUT:
		opt->timeout_s = args_number(state, "--timeout", arg, 1, 86400);
		break;
	case OPT_QUIET:
		opt->quiet = true;
		break;
	case ARGP_KEY_ARG:
		argp_failure(state, GEN_EXIT_USAGE, 0,
			     "'%s' is not expected here; bmp takes options only", arg);
		break;
	case ARGP_KEY_END:
		args_endpoints(state, &opt->to, &opt->from);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.doc = "Open the BMP sessions (RFC 7854) of many routers at once: Initiation, then for "
	       "each peer Peer Up, one Route Monitoring message per prefix and End-of-RIB; at the "
	       "end "
	       "Termination."
	       "\vRouter e (counted from 0) announces 203.0.113.0/24, then 198.18.0.0/24 and on, "
	       "with AS path 64500 64600+e%1000, next hop 192.0.2.1, from peers 192.0.2.1 and "
	       "on.\n\n"
	       "The report goes to standard output as one line of JSON: before a hold, so that a "
	       "script can go on when it has read it; without a hold, after the sessions are "
	       "closed.",
};

int verb_bmp(int argc, char **argv)
{
	struct bmp_options opt = {
		.table = {.peers = 1, .routes = 10, .dst_net = {203, 0, 113}},
		.timeout_s = 5,
	};
	int ret = GEN_EXIT_USAGE;

	if (!argp_parse(&argp, argc, argv, 0, NULL, &opt))
		ret = bmp_run(&opt) ? 1 : 0;
	sources_free(&opt.from);
	return ret;
}
