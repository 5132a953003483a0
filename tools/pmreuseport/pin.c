/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command "pin": exporters whose bucket is chosen by hand. */
#include "commands.h"
#include "common/report.h"
#include "options.h"
#include "view/list_file.h"
#include "view/prefix.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NO_BUCKET UINT_MAX

struct options {
	const char *cluster;
	bool json;
	bool replace;
	const char *file;
	bool has_prefix;
	struct pmr_pin pin; /* from the command line */
	struct pmr_pins pins;
};

static int parse_prefix(void *options, const char *text, struct pmreuseport_error *error)
{
	struct options *opt = options;

	opt->has_prefix = true;
	return prefix_parse(text, &opt->pin, error);
}

static int parse_bucket(void *options, const char *text, struct pmreuseport_error *error)
{
	struct options *opt = options;

	return prefix_parse_bucket(text, &opt->pin, error);
}

static int check(void *options, struct pmreuseport_error *error)
{
	const struct options *opt = options;

	if (opt->has_prefix && opt->pin.bucket == NO_BUCKET)
		return pmr_error(error, -EINVAL, "BUCKET is missing",
				 "give the hash bucket to pin the prefix to");
	if (!opt->has_prefix && !opt->file)
		return pmr_error(error, -EINVAL, "PREFIX is missing",
				 "give a prefix and its hash bucket, or a file of them with "
				 "--file");
	if (opt->has_prefix && opt->file)
		return pmr_error(error, -EINVAL, "PREFIX and --file exclude each other",
				 "give one of them");
	return 0;
}

static const struct parameter arguments[] = {
	{.name = "PREFIX", .kind = VALUE_CALL, .call = parse_prefix},
	{.name = "BUCKET", .kind = VALUE_CALL, .call = parse_bucket},
	{0},
};

static const struct parameter options[] = {
	{.name = "file",
	 .letter = 'f',
	 .value = "FILE",
	 .help = "Read lines of a prefix and its hash bucket from FILE (-: standard input)",
	 .kind = VALUE_TEXT,
	 FIELD(struct options, file)},
	{.name = "replace",
	 .help = "Remove all other pins of the cluster",
	 FIELD(struct options, replace)},
	OPTION_CLUSTER(struct options),
	OPTION_JSON(struct options),
	{0},
};

static const struct command_line grammar = {
	.options = options,
	.arguments = arguments,
	.usage = "PREFIX BUCKET|drop\n--file=FILE",
	.summary = "Send exporters to a hash bucket of your choice, or drop their packets. PREFIX "
		   "is an address, or a network as ADDRESS/LENGTH; the longest one wins.",
	.details =
		"All pins are set in one step, or none. While the hash bucket has no socket or is "
		"drained, its pinned exporters go where they would go without the pin. With "
		"reuseport_fallback: drop, packets for a bucket without a socket are dropped. "
		"Open sessions stay where they are: see rehome. Pins last until the host "
		"restarts. To restore them after an instance has started, read the output of "
		"\"pins\" with --file. --replace also removes pins that say drop, and so ends "
		"the quarantine of their exporters.",
	.example = "pmreuseport pin 198.51.100.0/24 2",
	.check = check,
	.advise = options_advise,
};

static int add_line(char *line, void *context, struct pmreuseport_error *error)
{
	char *rest, *prefix = strtok_r(line, " \t", &rest), *bucket = strtok_r(NULL, " \t", &rest);
	struct pmr_pin pin;
	int err;

	err = prefix_parse(prefix, &pin, error);
	if (err)
		return err;
	if (!bucket || strtok_r(NULL, " \t", &rest))
		return pmr_error(error, -EINVAL, "after %.60s there must be its hash bucket alone",
				 "write PREFIX BUCKET", prefix);
	err = prefix_parse_bucket(bucket, &pin, error);
	return err ? err : prefix_add(context, &pin, error);
}

static int change(struct options *opt, struct pmreuseport_error *error)
{
	int err = opt->file ? list_file_each(opt->file, add_line, &opt->pins, error)
			    : prefix_add(&opt->pins, &opt->pin, error);

	/* The program that was to write the file may have failed. */
	if (!err && !opt->pins.n)
		err = pmr_error(error, -EINVAL, "there is no pin in %.200s",
				"remove all with: pmreuseport unpin --all -c %s", opt->file,
				opt->cluster);
	return err ? err
		   : pmr_pins_change(opt->cluster, opt->replace ? PMR_PINS_REPLACE : PMR_PINS_ADD,
				     &opt->pins, error);
}

int command_pin(int argc, char **argv)
{
	struct options opt = {.cluster = PMREUSEPORT_DEFAULT_CLUSTER, .pin.bucket = NO_BUCKET};
	struct pmreuseport_error error = {0};
	int ret;

	command_line_parse(&grammar, argc, argv, &opt);
	if (change(&opt, &error)) {
		ret = report_failure(&error);
	} else if (opt.json) {
		ret = report_json(json_pack("{s:s, s:b, s:o}", "cluster", opt.cluster, "replaced",
					    opt.replace, "pins", prefixes_json(&opt.pins)));
	} else {
		printf("%zu pin%s set in cluster \"%s\"; move open sessions with: pmreuseport "
		       "rehome -c %s\n",
		       opt.pins.n, opt.pins.n == 1 ? "" : "s", opt.cluster, opt.cluster);
		ret = report_done();
	}
	free(opt.pins.list);
	return ret;
}
