/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of "replay". */
#include "replay_command.h"

#include "replay_run.h"
#include "shared_options.h"

enum {
	OPT_SOURCE = OPT_OF_COMMAND,
	OPT_SOURCE_BASE,
	OPT_RATE,
	OPT_PCAP_TIMING,
};

static const struct argp_option options[] = {
	ARGS_OPTION_TO,
	{"source", OPT_SOURCE, "ADDR", 0,
	 "Send all from this address (default: from the address in the capture)", 2},
	{"source-base", OPT_SOURCE_BASE, "ADDR", 0,
	 "Send each source of the capture from an address of its own: this one, the next...", 2},
	{"rate", OPT_RATE, "N", 0, "Datagrams per second, 0: as fast as possible (default 0)", 3},
	{"pcap-timing", OPT_PCAP_TIMING, NULL, 0, "Send at the pace of the capture", 3},
	ARGS_OPTION_QUIET,
	{0},
};

static void parse_source(struct argp_state *state, const char *option, const char *arg,
			 struct ip_addr *ip)
{
	if (ip_parse(arg, ip))
		argp_failure(state, GEN_EXIT_USAGE, 0, "%s '%s' is no address; write ADDR", option,
			     arg);
}

static void check(struct argp_state *state, const struct replay_options *opt)
{
	if (!opt->path)
		argp_failure(state, GEN_EXIT_USAGE, 0,
			     "there is no capture; name a file, as in 'replay FILE.pcap'");
	args_has_target(state, &opt->to);
	if (opt->source.family && opt->source_base.family)
		argp_failure(state, GEN_EXIT_USAGE, 0,
			     "--source and --source-base exclude each other; give one of them");
	if (opt->rate && opt->pcap_timing)
		argp_failure(state, GEN_EXIT_USAGE, 0,
			     "--rate and --pcap-timing exclude each other; give one of them");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct replay_options *opt = state->input;

	switch (key) {
	case OPT_TO:
		args_target(state, &opt->to, arg);
		break;
	case OPT_SOURCE:
		parse_source(state, "--source", arg, &opt->source);
		break;
	case OPT_SOURCE_BASE:
		parse_source(state, "--source-base", arg, &opt->source_base);
		break;
	case OPT_RATE:
		opt->rate = args_number(state, "--rate", arg, 0, 10000000);
		break;
	case OPT_PCAP_TIMING:
		opt->pcap_timing = true;
		break;
	case OPT_QUIET:
		opt->quiet = true;
		break;
	case ARGP_KEY_ARG:
		if (opt->path)
			argp_failure(state, GEN_EXIT_USAGE, 0,
				     "'%s' is a second capture; replay one at a time", arg);
		opt->path = arg;
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
	.args_doc = "FILE.pcap",
	.doc = "Send the UDP payloads of a capture, from one socket for each source address and "
	       "port in it."
	       "\vLocal ports are chosen by the kernel; the report, one line of JSON on standard "
	       "output, has both. Frames that are fragments, incomplete or no UDP are skipped and "
	       "counted.",
};

int verb_replay(int argc, char **argv)
{
	struct replay_options opt = {0};

	if (argp_parse(&argp, argc, argv, 0, NULL, &opt))
		return GEN_EXIT_USAGE;
	return replay_run(&opt) ? 1 : 0;
}
