/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command "balance": pin the few exporters that make some buckets too full. */
#include "balance/report.h"
#include "commands.h"
#include "common/report.h"
#include "options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct options {
	const char *cluster;
	bool json;
	bool by_bytes; /* not by packets */
	bool dry_run;
	unsigned int seconds;
	double target;
	size_t max_pins;
};

static int parse_target(void *options, const char *text, struct pmreuseport_error *error)
{
	const double target = strtod(text, NULL);
	struct options *opt = options;

	opt->target = target;
	/* strtod() also accepts signs, exponents, hexadecimal and infinity. */
	if (!*text || text[strspn(text, "0123456789.")] ||
	    strchr(text, '.') != strrchr(text, '.') || target < 1 || target > PMR_MAX_BUCKETS)
		return pmr_error(error, -EINVAL, "--target '%s' is out of bounds",
				 "give a number from 1 to %d, such as 1.2", text, PMR_MAX_BUCKETS);
	return 0;
}

static const struct parameter options[] = {
	{.name = "target",
	 .letter = 't',
	 .value = "X",
	 .help = "Give no bucket more than X times the mean (default: 1.2)",
	 .kind = VALUE_CALL,
	 .call = parse_target},
	{.name = "max-pins",
	 .value = "N",
	 .help = "Move at most N exporters (default: 64)",
	 .kind = VALUE_NUMBER,
	 .min = 1,
	 .max = PMR_MAX_PINS,
	 FIELD(struct options, max_pins)},
	OPTION_SECONDS(struct options, "10"),
	OPTION_BY(struct options),
	OPTION_DRY_RUN(struct options, "Only print which exporters would be moved"),
	OPTION_CLUSTER(struct options),
	OPTION_JSON(struct options),
	{0},
};

static const struct command_line grammar = {
	.options = options,
	.summary =
		"Pin a few heavy exporters of a cluster to other hash buckets, so that no bucket "
		"gets much more than the mean.",
	.details = "Counting must be on: pmreuseport account on. As few exporters as possible are "
		   "moved. An exporter with a pin for its single address may get another pin, or "
		   "lose it; exporters in a wider pinned prefix are not moved. The exit status is "
		   "1 if the target is not reached, but 0 with --dry-run.",
	.example = "pmreuseport balance --dry-run",
	.advise = options_advise,
};

static int plan(struct balance_report *report, size_t max_pins, struct pmreuseport_error *error)
{
	struct balance_problem problem = {
		.exporters = report->load.exporters,
		.n = report->load.n,
		.target = report->target,
		.max_moves = max_pins,
	};

	memcpy(problem.open, report->load.open, sizeof(problem.open));
	memcpy(problem.takes, report->load.takes, sizeof(problem.takes));
	if (balance_plan(&problem, &report->plan))
		return pmr_error(error, -ENOMEM, "out of memory; cannot plan with %zu exporters",
				 "add memory, or raise the memory limit", problem.n);
	return 0;
}

/* Sets all pins in one step, or none. */
static int apply(const struct balance_report *report, struct pmreuseport_error *error)
{
	struct pmr_pins pins = {0};
	size_t i;
	int err;

	if (!report->plan.n)
		return 0;
	pins.list = calloc(report->plan.n, sizeof(*pins.list));
	if (!pins.list)
		return pmr_error(error, -ENOMEM, "out of memory for %zu pins",
				 "add memory, or raise the memory limit", report->plan.n);
	for (i = 0; i < report->plan.n; i++) {
		const struct balance_move *move = &report->plan.moves[i];
		const struct pmr_source *source = &report->load.rates[move->exporter].source;

		pins.list[pins.n++] = (struct pmr_pin){
			.source = *source,
			.length = source->ipv6 ? 128 : 32,
			.bucket = balance_is_unpinned(report, move) ? PMR_UNPINNED : move->to,
		};
	}
	err = pmr_pins_change(report->cluster, PMR_PINS_ADD, &pins, error);
	free(pins.list);
	return err;
}

static int answer(const struct balance_report *report, bool json)
{
	struct pmreuseport_error error;
	int ret;

	if (json) {
		ret = report_json(balance_json(report));
	} else {
		balance_print(report);
		ret = report_done();
	}
	if (ret || report->dry_run || report->plan.reached)
		return ret;
	balance_shortfall(report, &error);
	return report_failure(&error);
}

int command_balance(int argc, char **argv)
{
	struct options opt = {.cluster = PMREUSEPORT_DEFAULT_CLUSTER,
			      .seconds = 10,
			      .target = 1.2,
			      .max_pins = 64};
	struct pmreuseport_error error = {0};
	struct balance_report report = {0};
	int ret;

	command_line_parse(&grammar, argc, argv, &opt);
	report.cluster = opt.cluster;
	report.seconds = opt.seconds;
	report.by_bytes = opt.by_bytes;
	report.dry_run = opt.dry_run;
	report.target = opt.target;
	ret = balance_load_read(&report.load, opt.cluster, opt.seconds, opt.by_bytes, &error);
	if (!ret)
		ret = plan(&report, opt.max_pins, &error);
	if (!ret && !opt.dry_run)
		ret = apply(&report, &error);
	ret = ret ? report_failure(&error) : answer(&report, opt.json);
	free(report.plan.moves);
	balance_load_free(&report.load);
	return ret;
}
