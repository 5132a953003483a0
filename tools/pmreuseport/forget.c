/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command "forget": remove an endpoint that no instance has open any more. */
#include "commands.h"
#include "common/report.h"
#include "options.h"

#include <stdio.h>

struct options {
	const char *cluster;
	bool json;
	const char *endpoint;
};

static int parse_endpoint(void *options, const char *text, struct pmreuseport_error *error)
{
	struct options *opt = options;

	opt->endpoint = text;
	return pmr_endpoint_check_name(text, error);
}

static const struct parameter arguments[] = {
	{.name = "ENDPOINT",
	 .kind = VALUE_CALL,
	 .call = parse_endpoint,
	 .missing = "give an endpoint as status prints it"},
	{0},
};

static const struct parameter options[] = {
	OPTION_CLUSTER(struct options),
	OPTION_JSON(struct options),
	{0},
};

static const struct command_line grammar = {
	.options = options,
	.arguments = arguments,
	.usage = "ENDPOINT",
	.summary = "Remove an endpoint that no instance has open any more: its pinned maps, and so "
		   "its part of status, metrics and alerts.",
	.details =
		"ENDPOINT is as status prints it. An endpoint with sockets in its buckets is not "
		"removed. The counters of the endpoint are lost. If an instance opens the port "
		"again, the endpoint is back.",
	.example = "pmreuseport forget udp-2055-any6-net1",
	.advise = options_advise,
};

int command_forget(int argc, char **argv)
{
	struct options opt = {.cluster = PMREUSEPORT_DEFAULT_CLUSTER};
	struct pmreuseport_error error = {0};

	command_line_parse(&grammar, argc, argv, &opt);
	if (pmr_remove_endpoint(opt.cluster, opt.endpoint, &error))
		return report_failure(&error);
	if (opt.json)
		return report_json(json_pack("{s:s, s:s, s:b}", "cluster", opt.cluster, "endpoint",
					     opt.endpoint, "removed", 1));
	printf("endpoint %s of cluster \"%s\" is removed\n", opt.endpoint, opt.cluster);
	return report_done();
}
