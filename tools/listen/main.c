/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pmreuseport-listen: sockets in a hash bucket, and who they get. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "common/args_number.h"
#include "datagrams.h"
#include "loop.h"
#include "sessions.h"

#include <arpa/inet.h>
#include <string.h>

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "development version"
#endif

const char *argp_program_version = "pmreuseport-listen " PACKAGE_VERSION;

enum {
	OPT_UDP = 'u',
	OPT_TCP = 't',
	OPT_ADDRESS = 'a',
	OPT_COUNT = 'n',
	OPT_INDEX = 'x',
	OPT_CLUSTER = 'c',
	OPT_JSON = 256,
	OPT_OBJECT,
	OPT_FALLBACK,
	OPT_FOR,
	OPT_REMEMBER,
	OPT_SESSIONS,
};

static const struct argp_option options[] = {
	{"udp", OPT_UDP, "PORT", 0, "Open a UDP port; may be repeated", 1},
	{"tcp", OPT_TCP, "PORT", 0, "Open a TCP port; may be repeated", 1},
	{"address", OPT_ADDRESS, "ADDR", 0,
	 "Local address of all ports (default: any, IPv4 and IPv6)", 1},
	{"count", OPT_COUNT, "N", 0, "Hash buckets of the cluster, 1 to 128", 2},
	{"index", OPT_INDEX, "I", 0, "The bucket to be, 0 to N - 1", 2},
	{"cluster", OPT_CLUSTER, "NAME", 0, "The cluster (default \"default\")", 2},
	{"object", OPT_OBJECT, "FILE", 0, "ELF object with another selector", 2},
	{"fallback", OPT_FALLBACK, "rehash|drop", 0,
	 "What becomes of the exporters of a dead bucket (default rehash)", 2},
	{"for", OPT_FOR, "SECONDS", 0, "End by itself after this time", 3},
	{"remember", OPT_REMEMBER, "N", 0, "Tell at most so many exporters apart (default 65536)",
	 3},
	{"sessions", OPT_SESSIONS, "N", 0,
	 "Keep at most so many connections open, then close the oldest (default 1024)", 3},
	{"json", OPT_JSON, NULL, 0, "Print a JSON object per line", 10},
	{0},
};

static void add_port(struct argp_state *state, struct listen *listen, bool tcp, const char *arg)
{
	const char *option = tcp ? "--tcp" : "--udp";
	const uint16_t number = (uint16_t)args_number(state, option, arg, 1, 65535);
	struct port *port = &listen->ports[listen->n_ports];
	unsigned int i;

	for (i = 0; i < listen->n_ports; i++)
		if (listen->ports[i].tcp == tcp && listen->ports[i].number == number)
			argp_failure(state, ARGS_EXIT_USAGE, 0,
				     "%s %u is there twice; name each port once", option, number);
	if (listen->n_ports == PORTS_MAX)
		argp_failure(state, ARGS_EXIT_USAGE, 0,
			     "%s %u is one port too many; name at most %d", option, number,
			     PORTS_MAX);
	port->tcp = tcp;
	port->number = number;
	port->watched.fd = -1;
	port->watched.ready = tcp ? sessions_accept : datagrams_ready;
	listen->n_ports++;
}

static enum pmreuseport_fallback fallback(struct argp_state *state, const char *arg)
{
	if (!strcmp(arg, "drop"))
		return PMREUSEPORT_DROP;
	if (strcmp(arg, "rehash"))
		argp_failure(state, ARGS_EXIT_USAGE, 0,
			     "--fallback '%s' is neither; say rehash or drop", arg);
	return PMREUSEPORT_REHASH;
}

static void check(struct argp_state *state, const struct listen *listen, const char *index)
{
	const struct pmreuseport_config *config = &listen->opt.config;

	if (!listen->n_ports)
		argp_failure(state, ARGS_EXIT_USAGE, 0,
			     "there is no port; name some with --udp PORT and --tcp PORT");
	if (!config->count || !index)
		argp_failure(state, ARGS_EXIT_USAGE, 0,
			     "there is no hash bucket; say which with --count N and --index I");
	if (config->index >= config->count)
		argp_failure(state, ARGS_EXIT_USAGE, 0,
			     "there is no hash bucket %u among %u, counted from 0; give another "
			     "one to --index",
			     config->index, config->count);
}

struct input {
	struct listen listen;
	const char *index;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct input *input = state->input;
	struct options *opt = &input->listen.opt;

	switch (key) {
	case OPT_UDP:
	case OPT_TCP:
		add_port(state, &input->listen, key == OPT_TCP, arg);
		return 0;
	case OPT_ADDRESS:
		opt->address = arg;
		return 0;
	case OPT_COUNT:
		opt->config.count = args_number(state, "--count", arg, 1, PMREUSEPORT_MAX_BUCKETS);
		return 0;
	case OPT_INDEX:
		opt->config.index =
			args_number(state, "--index", arg, 0, PMREUSEPORT_MAX_BUCKETS - 1);
		input->index = arg;
		return 0;
	case OPT_CLUSTER:
		opt->config.cluster = arg;
		return 0;
	case OPT_OBJECT:
		opt->config.bpf_prog = arg;
		return 0;
	case OPT_FALLBACK:
		opt->config.fallback = fallback(state, arg);
		return 0;
	case OPT_FOR:
		opt->seconds = args_number(state, "--for", arg, 1, UINT32_MAX);
		return 0;
	case OPT_REMEMBER:
		opt->remember = args_number(state, "--remember", arg, 1, 10000000);
		return 0;
	case OPT_SESSIONS:
		opt->sessions = args_number(state, "--sessions", arg, 1, SESSIONS_MAX);
		return 0;
	case OPT_JSON:
		opt->json = true;
		return 0;
	case ARGP_KEY_ARG:
		argp_failure(state, ARGS_EXIT_USAGE, 0,
			     "'%s' is not expected here; there are options only", arg);
		return 0;
	case ARGP_KEY_END:
		check(state, &input->listen, input->index);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.doc = "Open UDP and TCP ports as one hash bucket of a cluster, and print which exporters "
	       "they get. Each datagram and each connection is answered with a line that says who "
	       "this is; see pmreuseport-connect."
	       "\vSIGTERM and SIGINT make it leave the bucket, read for two seconds what is "
	       "queued, and end with totals. So does somebody who takes the bucket over.",
};

int main(int argc, char **argv)
{
	static struct input input = {
		.listen.opt =
			{
				.config = {.cluster = PMREUSEPORT_DEFAULT_CLUSTER},
				.remember = EXPORTERS_DEFAULT,
				.sessions = SESSIONS_DEFAULT,
			},
	};

	argp_err_exit_status = ARGS_EXIT_USAGE;
	if (argp_parse(&argp, argc, argv, 0, NULL, &input))
		return ARGS_EXIT_USAGE;
	return listen_run(&input.listen);
}
