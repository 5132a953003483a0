/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pmreuseport-connect: exporters that ask who they have reached. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "common/args_number.h"
#include "loop.h"

#include <arpa/inet.h>
#include <string.h>

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "development version"
#endif

const char *argp_program_version = "pmreuseport-connect " PACKAGE_VERSION;

enum {
	OPT_UDP = 'u',
	OPT_CONNECTIONS = 'n',
	OPT_VERBOSE = 'v',
	OPT_SOURCES = 256,
	OPT_FROM,
	OPT_FAMILY,
	OPT_DATAGRAMS,
	OPT_TIMEOUT,
	OPT_HOLD,
	OPT_RATE,
	OPT_NO_ANSWER,
	OPT_JSON,
};

static const struct argp_option options[] = {
	{"udp", OPT_UDP, NULL, 0, "Send datagrams instead of opening TCP connections", 1},
	{"connections", OPT_CONNECTIONS, "N", 0,
	 "So many TCP connections or UDP sockets at once (default: one per source)", 1},
	{"family", OPT_FAMILY, "4|6", 0, "If ADDRESS is a name: IPv4 or IPv6", 1},
	{"from", OPT_FROM, "ADDR|PREFIX", 0,
	 "Source: an address, ADDR+N for N addresses, or a prefix; may be repeated", 2},
	{"sources", OPT_SOURCES, "N", 0,
	 "Use so many of the sources (default: all, but at most 100)", 2},
	{"datagrams", OPT_DATAGRAMS, "K", 0, "Datagrams per UDP socket (default 1)", 3},
	{"rate", OPT_RATE, "R", 0,
	 "Connections or datagrams to start per second (default 1000; 0: no limit)", 3},
	{"timeout", OPT_TIMEOUT, "S", 0,
	 "Wait for so many seconds after the last one was started (default 5)", 3},
	{"hold", OPT_HOLD, "S", 0, "Keep the connections open for so many seconds", 3},
	{"no-answer", OPT_NO_ANSWER, NULL, 0, "Do not wait for answers", 3},
	{"verbose", OPT_VERBOSE, NULL, 0, "Show what each source was answered", 4},
	{"json", OPT_JSON, NULL, 0, "Answer in JSON", 10},
	{0},
};

static void add_from(struct argp_state *state, struct source_ranges *from, const char *text)
{
	char why[256];

	if (ranges_add(from, text, why, sizeof(why)))
		argp_failure(state, ARGS_EXIT_USAGE, 0, "--from %s", why);
}

static int family(struct argp_state *state, const char *arg)
{
	if (!strcmp(arg, "4"))
		return AF_INET;
	if (!strcmp(arg, "6"))
		return AF_INET6;
	argp_failure(state, ARGS_EXIT_USAGE, 0, "--family '%s' is neither; say 4 or 6", arg);
	return AF_UNSPEC;
}

/* The numbers that were not given. */
static void fill_in(struct argp_state *state, struct options *opt)
{
	const uint32_t there = ranges_count(&opt->from);

	if (!opt->from.n) {
		if (opt->sources)
			argp_failure(state, ARGS_EXIT_USAGE, 0,
				     "--sources %u needs addresses; give some with --from",
				     opt->sources);
		opt->sources = 1;
	} else if (opt->sources > there) {
		argp_failure(state, ARGS_EXIT_USAGE, 0,
			     "--sources %u is more than the %u addresses of --from; give more",
			     opt->sources, there);
	}
	if (!opt->sources && opt->connections)
		opt->sources = there < opt->connections ? there : opt->connections;
	if (!opt->sources)
		opt->sources = there < SOURCES_DEFAULT ? there : SOURCES_DEFAULT;
	if (!opt->connections)
		opt->connections = opt->sources;
	if (opt->connections < opt->sources)
		argp_failure(state, ARGS_EXIT_USAGE, 0,
			     "--connections %u is less than --sources %u; each source needs one",
			     opt->connections, opt->sources);
}

static void check(struct argp_state *state, struct options *opt)
{
	if (!opt->port)
		argp_failure(state, ARGS_EXIT_USAGE, 0,
			     "there is no target; name an address and a port");
	if (opt->datagrams && !opt->udp)
		argp_failure(state, ARGS_EXIT_USAGE, 0, "--datagrams %u is for UDP; say --udp, too",
			     opt->datagrams);
	if (opt->from.n && opt->family && opt->from.range[0].first.family != opt->family)
		argp_failure(state, ARGS_EXIT_USAGE, 0,
			     "--family %d does not go with the addresses of --from; leave it out",
			     opt->family == AF_INET ? 4 : 6);
	if (!opt->datagrams)
		opt->datagrams = 1;
	fill_in(state, opt);
}

static void add_word(struct argp_state *state, struct options *opt, const char *arg)
{
	if (!opt->address)
		opt->address = arg;
	else if (!opt->port)
		opt->port = (uint16_t)args_number(state, "PORT", arg, 1, 65535);
	else
		argp_failure(state, ARGS_EXIT_USAGE, 0,
			     "'%s' is not expected here; give one address and one port", arg);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *opt = state->input;

	switch (key) {
	case OPT_UDP:
		opt->udp = true;
		return 0;
	case OPT_CONNECTIONS:
		opt->connections = args_number(state, "--connections", arg, 1, LINKS_MAX);
		return 0;
	case OPT_FAMILY:
		opt->family = family(state, arg);
		return 0;
	case OPT_FROM:
		add_from(state, &opt->from, arg);
		return 0;
	case OPT_SOURCES:
		opt->sources = args_number(state, "--sources", arg, 1, SOURCES_MAX);
		return 0;
	case OPT_DATAGRAMS:
		opt->datagrams = args_number(state, "--datagrams", arg, 1, 1000000);
		return 0;
	case OPT_RATE:
		opt->rate = args_number(state, "--rate", arg, 0, 10000000);
		return 0;
	case OPT_TIMEOUT:
		opt->timeout = args_number(state, "--timeout", arg, 1, 86400);
		return 0;
	case OPT_HOLD:
		opt->hold = args_number(state, "--hold", arg, 1, UINT32_MAX);
		return 0;
	case OPT_NO_ANSWER:
		opt->no_answer = true;
		return 0;
	case OPT_VERBOSE:
		opt->verbose = true;
		return 0;
	case OPT_JSON:
		opt->json = true;
		return 0;
	case ARGP_KEY_ARG:
		add_word(state, opt, arg);
		return 0;
	case ARGP_KEY_END:
		check(state, opt);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.args_doc = "ADDRESS PORT",
	.doc = "Open many TCP connections, or send datagrams, from many source addresses, and "
	       "print "
	       "who answered how many of them; see pmreuseport-listen."
	       "\vThe sources need not be addresses of this host, but answers must find the way "
	       "back: "
	       "all of 127.0.0.0/8 is local, and \"ip -6 route add local fd00:1::/64 dev lo\" "
	       "makes a prefix so.",
};

int main(int argc, char **argv)
{
	static struct run run = {.opt = {.timeout = 5, .rate = 1000}};

	argp_err_exit_status = ARGS_EXIT_USAGE;
	if (argp_parse(&argp, argc, argv, 0, NULL, &run.opt))
		return ARGS_EXIT_USAGE;
	return connect_run(&run);
}
