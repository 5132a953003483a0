/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command "unpin": exporters that the hash sends to a bucket again. */
#include "commands.h"
#include "common/report.h"
#include "options.h"
#include "view/prefix.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct options {
	const char *cluster;
	bool json;
	bool all;
	struct pmr_pins pins;
};

static int add_prefix(void *options, const char *text, struct pmreuseport_error *error)
{
	struct options *opt = options;
	struct pmr_pin pin = {.bucket = 0};
	int err = prefix_parse(text, &pin, error);

	return err ? err : prefix_add(&opt->pins, &pin, error);
}

static int check(void *options, struct pmreuseport_error *error)
{
	const struct options *opt = options;

	if (!opt->pins.n && !opt->all)
		return pmr_error(error, -EINVAL, "PREFIX is missing",
				 "give the prefixes to unpin, or --all");
	if (opt->pins.n && opt->all)
		return pmr_error(error, -EINVAL, "PREFIX and --all exclude each other",
				 "give one of them");
	return 0;
}

static const struct parameter arguments[] = {
	{.name = "PREFIX", .kind = VALUE_CALL, .call = add_prefix, .many = true},
	{0},
};

static const struct parameter options[] = {
	{.name = "all", .help = "Remove all pins of the cluster", FIELD(struct options, all)},
	OPTION_CLUSTER(struct options),
	OPTION_JSON(struct options),
	{0},
};

static const struct command_line grammar = {
	.options = options,
	.arguments = arguments,
	.usage = "PREFIX...\n--all",
	.summary =
		"Remove pins. A wider pin, or else the hash, chooses the bucket of their exporters "
		"again.",
	.details = "Give a prefix as \"pins\" prints it. If one of them is not pinned, nothing is "
		   "changed.",
	.example = "pmreuseport unpin 198.51.100.0/24",
	.check = check,
	.advise = options_advise,
};

static int change(struct options *opt, size_t *n, struct pmreuseport_error *error)
{
	int err = opt->all ? pmr_pins_of(opt->cluster, &opt->pins, error) : 0;

	if (err)
		return err;
	*n = opt->pins.n;
	if (opt->all)
		opt->pins.n = 0;
	return pmr_pins_change(opt->cluster, opt->all ? PMR_PINS_REPLACE : PMR_PINS_REMOVE,
			       &opt->pins, error);
}

int command_unpin(int argc, char **argv)
{
	struct options opt = {.cluster = PMREUSEPORT_DEFAULT_CLUSTER};
	struct pmreuseport_error error = {0};
	size_t n;
	int ret;

	command_line_parse(&grammar, argc, argv, &opt);
	if (change(&opt, &n, &error)) {
		ret = report_failure(&error);
	} else if (opt.json) {
		ret = report_json(
			json_pack("{s:s, s:I}", "cluster", opt.cluster, "unpinned", (json_int_t)n));
	} else {
		printf("%zu pin%s removed from cluster \"%s\"\n", n, n == 1 ? "" : "s",
		       opt.cluster);
		ret = report_done();
	}
	free(opt.pins.list);
	return ret;
}
