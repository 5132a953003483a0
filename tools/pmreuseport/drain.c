/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The commands "drain" and "undrain": a bucket that gets nothing new, and its process. */
#include "commands.h"
#include "common/report.h"
#include "options.h"

#include <stdio.h>

struct options {
	const char *cluster;
	bool json;
	unsigned int bucket;
};

static const struct parameter arguments[] = {
	ARGUMENT_BUCKET(struct options),
	{0},
};

static const struct parameter options[] = {
	OPTION_CLUSTER(struct options),
	OPTION_JSON(struct options),
	{0},
};

static const struct command_line drain_grammar = {
	.options = options,
	.arguments = arguments,
	.usage = "BUCKET",
	.summary = "Keep new traffic away from a hash bucket, without stopping its process.",
	.details = "Its exporters go to the other live buckets, whatever reuseport_fallback says, "
		   "until \"undrain\", or until all instances of the cluster have stopped. Open "
		   "sessions stay: close them with rehome. The last bucket that takes exporters "
		   "cannot be drained.",
	.example = "pmreuseport drain 2",
	.advise = options_advise,
};

static const struct command_line undrain_grammar = {
	.options = options,
	.arguments = arguments,
	.usage = "BUCKET",
	.summary = "Send the exporters of a drained hash bucket to it again.",
	.example = "pmreuseport undrain 2",
	.advise = options_advise,
};

static int run(int argc, char **argv, const struct command_line *grammar, bool drain)
{
	struct options opt = {.cluster = PMREUSEPORT_DEFAULT_CLUSTER};
	struct pmreuseport_error error = {0};
	bool changed;

	command_line_parse(grammar, argc, argv, &opt);
	if (pmr_drain(opt.cluster, opt.bucket, drain, &changed, &error))
		return report_failure(&error);
	if (opt.json)
		return report_json(json_pack("{s:s, s:i, s:b, s:b}", "cluster", opt.cluster,
					     "bucket", (int)opt.bucket, "drained", drain, "changed",
					     changed));
	printf("hash bucket %u of cluster \"%s\" %s %sdrained\n", opt.bucket, opt.cluster,
	       changed ? "is now" : "was already", drain ? "" : "not ");
	return report_done();
}

int command_drain(int argc, char **argv)
{
	return run(argc, argv, &drain_grammar, true);
}

int command_undrain(int argc, char **argv)
{
	return run(argc, argv, &undrain_grammar, false);
}
