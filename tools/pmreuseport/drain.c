/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verbs "drain" and "undrain": a bucket whose process is to get nothing new. */
#include "common/args_number.h"
#include "common/report.h"
#include "operator.h"
#include "target.h"
#include "verbs.h"

#include <stdio.h>

static const struct argp drain_argp = {
	.options = target_options,
	.parser = target_parse,
	.args_doc = "CLUSTER INDEX",
	.doc = "Let nothing new reach a hash bucket, and keep its process."
	       "\vIts exporters go to the other live ones, whatever reuseport_fallback says, until "
	       "\"undrain\", or until all instances of the cluster have stopped. Sessions that are "
	       "open stay: close them with rehome. The last bucket that takes exporters cannot be "
	       "drained.",
};

static const struct argp undrain_argp = {
	.options = target_options,
	.parser = target_parse,
	.args_doc = "CLUSTER INDEX",
	.doc = "Give a drained hash bucket its exporters back.",
};

static int run(int argc, char **argv, const struct argp *argp, bool drain)
{
	struct target opt = {.number_name = "INDEX", .min = 0, .max = PMR_MAX_BUCKETS - 1};
	struct pmreuseport_error error = {0};
	bool changed;

	if (argp_parse(argp, argc, argv, 0, NULL, &opt))
		return ARGS_EXIT_USAGE;
	if (pmr_drain(opt.cluster, opt.number, drain, &changed, &error))
		return report_failure(&error);
	if (opt.json)
		return report_json(json_pack("{s:s, s:i, s:b, s:b}", "cluster", opt.cluster,
					     "bucket", (int)opt.number, "drained", drain, "changed",
					     changed));
	printf("hash bucket %u of cluster \"%s\" %s %sdrained\n", opt.number, opt.cluster,
	       changed ? "is now" : "was already", drain ? "" : "not ");
	return report_done();
}

int verb_drain(int argc, char **argv)
{
	return run(argc, argv, &drain_argp, true);
}

int verb_undrain(int argc, char **argv)
{
	return run(argc, argv, &undrain_argp, false);
}
