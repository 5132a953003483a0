/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of "replay". */
#include "replay_command.h"

#include "common/refuse.h"
#include "replay_run.h"
#include "shared_options.h"

#include <errno.h>

static int add_target(void *options, const char *text, struct pmreuseport_error *error)
{
	return targets_add(&((struct replay_options *)options)->to, text, error);
}

static int set_source(void *options, const char *text, struct pmreuseport_error *error)
{
	if (!ip_parse(text, &((struct replay_options *)options)->source))
		return 0;
	return refuse(error, -EINVAL, "give ADDR", "--source '%.100s' is not an address", text);
}

static int set_source_base(void *options, const char *text, struct pmreuseport_error *error)
{
	if (!ip_parse(text, &((struct replay_options *)options)->source_base))
		return 0;
	return refuse(error, -EINVAL, "give ADDR", "--source-base '%.100s' is not an address",
		      text);
}

static int check(void *options, struct pmreuseport_error *error)
{
	const struct replay_options *opt = options;

	if (opt->source.family && opt->source_base.family)
		return refuse(error, -EINVAL, "give one of them",
			      "--source and --source-base exclude each other");
	if (opt->rate && opt->pcap_timing)
		return refuse(error, -EINVAL, "give one of them",
			      "--rate and --pcap-timing exclude each other");
	return check_target(&opt->to, error);
}

static const struct parameter options[] = {
	OPTION_TO(add_target),
	{.name = "source",
	 .value = "ADDR",
	 .help = "Send all from this address (default: the addresses in the capture)",
	 .kind = VALUE_CALL,
	 .call = set_source},
	{.name = "source-base",
	 .value = "ADDR",
	 .help = "Send the first source of the capture from ADDR, the second from the next "
		 "address, and so on",
	 .kind = VALUE_CALL,
	 .call = set_source_base},
	{.name = "rate",
	 .value = "N",
	 .help = "Datagrams per second; 0: no limit (default 0)",
	 .kind = VALUE_NUMBER,
	 .max = 10000000,
	 FIELD(struct replay_options, rate)},
	{.name = "pcap-timing",
	 .help = "Send at the pace of the capture, instead of --rate",
	 .kind = VALUE_NONE,
	 FIELD(struct replay_options, pcap_timing)},
	OPTION_QUIET(struct replay_options),
	{0},
};

static const struct parameter arguments[] = {
	{.name = "FILE",
	 .kind = VALUE_TEXT,
	 .missing = "name a capture file",
	 FIELD(struct replay_options, path)},
	{0},
};

static const struct command_line grammar = {
	.options = options,
	.arguments = arguments,
	.usage = "--to=ADDR:PORT FILE",
	.summary = "Send the UDP payloads of a capture file, from one socket for each source "
		   "address and port in it.",
	.details = "The kernel chooses the local ports. The report, one line of JSON on standard "
		   "output, has the original and the new ports. Frames that are fragments, "
		   "incomplete or not UDP are skipped and counted.",
	.example = "pmreuseport-gen replay --to 127.0.0.1:2055 flows.pcap",
	.check = check,
};

int command_replay(int argc, char **argv)
{
	struct replay_options opt = {0};

	command_line_parse(&grammar, argc, argv, &opt);
	return replay_run(&opt) ? 1 : 0;
}
