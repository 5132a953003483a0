/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of "flows". */
#include "flows_command.h"

#include "flow_run.h"
#include "shared_options.h"

#include <stdlib.h>
#include <string.h>

enum {
	OPT_SOURCE = OPT_OF_COMMAND,
	OPT_VERSION,
	OPT_FLOWS,
	OPT_RECORDS_PER_PACKET,
	OPT_PORTS,
	OPT_DOMAINS,
	OPT_REFRESH,
	OPT_RATE,
	OPT_TEMPLATES_PER_PORT,
	OPT_IPV6_FLOWS,
	OPT_RECORDS,
	OPT_DST_NET,
	OPT_SEQ_START,
};

static const struct argp_option options[] = {
	ARGS_OPTION_TO,
	{"source", OPT_SOURCE, "ADDR[+N]", 0,
	 "Exporter, or N exporters with consecutive addresses; repeatable. They need not be "
	 "addresses of this machine",
	 1},
	{"version", OPT_VERSION, "5|9|10", 0,
	 "NetFlow version, 10 is IPFIX; repeatable, or a list with commas: exporter i uses entry "
	 "i modulo their number (default 9)",
	 2},
	{"flows", OPT_FLOWS, "N", 0, "Data records that each exporter sends (default 100)", 2},
	{"records-per-packet", OPT_RECORDS_PER_PACKET, "K", 0,
	 "Data records in a datagram (default 8; at most 30 for v5)", 2},
	{"ports", OPT_PORTS, "P", 0,
	 "Source ports of each exporter (default 1); the datagrams of each domain go around them",
	 2},
	{"domains", OPT_DOMAINS, "D", 0,
	 "Observation domains (v9: source ids, v5: engine ids) of each exporter, which its data "
	 "packets take in turn (default 1)",
	 2},
	{"refresh", OPT_REFRESH, "N", 0,
	 "Send a domain's templates again before every Nth of its data packets, 0: only once "
	 "(default 20)",
	 2},
	{"templates-per-port", OPT_TEMPLATES_PER_PORT, NULL, 0,
	 "Send templates from every port of an exporter; otherwise those of domain d leave from "
	 "its port d modulo P alone",
	 2},
	{"ipv6-flows", OPT_IPV6_FLOWS, NULL, 0,
	 "v9 and IPFIX: every second record has IPv6 addresses and a template of its own", 2},
	{"dst-net", OPT_DST_NET, "A.B.C.0", 0,
	 "Network of the records' destinations (default 203.0.113.0)", 2},
	{"seq-start", OPT_SEQ_START, "N", 0,
	 "Sequence number of the first packet of each domain (default 0)", 2},
	{"rate", OPT_RATE, "N", 0,
	 "Datagrams per second of all exporters together, 0: as fast as possible (default 0)", 3},
	{"records", OPT_RECORDS, "FILE", 0, "Write each record that was sent as a JSON line", 4},
	ARGS_OPTION_QUIET,
	{0},
};

static void add_versions(struct argp_state *state, struct flow_options *opt, char *list)
{
	char *word, *save = NULL;

	for (word = strtok_r(list, ",", &save); word; word = strtok_r(NULL, ",", &save)) {
		if (strcmp(word, "5") && strcmp(word, "9") && strcmp(word, "10"))
			argp_failure(state, GEN_EXIT_USAGE, 0,
				     "--version '%s' is not known; use 5, 9 or 10", word);
		if (opt->version_count == FLOW_VERSIONS_MAX)
			argp_failure(state, GEN_EXIT_USAGE, 0,
				     "--version '%s' is one too many; give at most %d", word,
				     FLOW_VERSIONS_MAX);
		opt->versions[opt->version_count++] = (uint16_t)atoi(word);
	}
}

static void check(struct argp_state *state, struct flow_options *opt)
{
	unsigned int i, limit;

	args_endpoints(state, &opt->to, &opt->from);
	if (!opt->version_count)
		opt->versions[opt->version_count++] = 9;
	for (i = 0; i < opt->version_count; i++) {
		limit = flow_records_limit(opt->versions[i], opt->ipv6_flows);
		if (opt->records_per_packet > limit)
			argp_failure(state, GEN_EXIT_USAGE, 0,
				     "--records-per-packet '%u' does not fit a version %u packet; "
				     "give at most %u",
				     opt->records_per_packet, opt->versions[i], limit);
	}
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct flow_options *opt = state->input;

	switch (key) {
	case OPT_TO:
		args_target(state, &opt->to, arg);
		break;
	case OPT_SOURCE:
		args_source(state, &opt->from, arg);
		break;
	case OPT_VERSION:
		add_versions(state, opt, arg);
		break;
	case OPT_FLOWS:
		opt->flows = args_number(state, "--flows", arg, 1, FLOW_NUMBER_MAX);
		break;
	case OPT_RECORDS_PER_PACKET:
		opt->records_per_packet =
			args_number(state, "--records-per-packet", arg, 1, FLOW_RECORDS_MAX);
		break;
	case OPT_PORTS:
		opt->ports = args_number(state, "--ports", arg, 1, 16384);
		break;
	case OPT_DOMAINS:
		opt->domains = args_number(state, "--domains", arg, 1, FLOW_DOMAINS_MAX);
		break;
	case OPT_REFRESH:
		opt->refresh = args_number(state, "--refresh", arg, 0, UINT32_MAX);
		break;
	case OPT_RATE:
		opt->rate = args_number(state, "--rate", arg, 0, 10000000);
		break;
	case OPT_TEMPLATES_PER_PORT:
		opt->templates_per_port = true;
		break;
	case OPT_IPV6_FLOWS:
		opt->ipv6_flows = true;
		break;
	case OPT_RECORDS:
		opt->records_path = arg;
		break;
	case OPT_DST_NET:
		args_net24(state, "--dst-net", arg, opt->dst_net);
		break;
	case OPT_SEQ_START:
		opt->seq_start = args_number(state, "--seq-start", arg, 0, UINT32_MAX);
		break;
	case OPT_QUIET:
		opt->quiet = true;
		break;
	case ARGP_KEY_ARG:
		argp_failure(state, GEN_EXIT_USAGE, 0,
			     "'%s' is not expected here; flows takes options only", arg);
		break;
	case ARGP_KEY_END:
		check(state, opt);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.doc = "Send NetFlow v5, v9 and IPFIX from many exporters, round-robin, templates first."
	       "\vEvery record names itself: exporter e (counted from 0), domain d and record r "
	       "of an exporter give source host 10.(e>>8).(e&255).(d+1), source port r&65535, "
	       "destination port 1024+(r>>16), destination host 1+e%254, 1+r%7 packets of 100 "
	       "bytes each, plus e%50 bytes.\n\n"
	       "SIGTERM and SIGINT end the sending early.\n\n"
	       "The report goes to standard output as one line of JSON; \"templates\" are the "
	       "datagrams that carry templates, and \"datagrams\" contains them.",
};

int verb_flows(int argc, char **argv)
{
	struct flow_options opt = {
		.flows = 100,
		.records_per_packet = 8,
		.ports = 1,
		.domains = 1,
		.refresh = 20,
		.dst_net = {203, 0, 113},
	};
	int ret = GEN_EXIT_USAGE;

	if (!argp_parse(&argp, argc, argv, 0, NULL, &opt))
		ret = flow_run(&opt) ? 1 : 0;
	sources_free(&opt.from);
	return ret;
}
