/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb "balance": pin the few exporters that make some buckets too full. */
#include "about.h"
#include "balance/report.h"
#include "common/args_number.h"
#include "common/report.h"
#include "measure.h"
#include "target.h"
#include "verbs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	OPT_TARGET = 't',
	OPT_MAX_PINS = OPT_OF_VERB,
	OPT_DRY_RUN,
};

struct options {
	struct about about;
	struct measure measure;
	double target;
	size_t max_pins;
	bool dry_run;
};

static const struct argp_option options[] = {
	{"target", OPT_TARGET, "X", 0,
	 "Let no bucket have more than X times the mean (default 1.2)", 2},
	{"max-pins", OPT_MAX_PINS, "N", 0, "Move at most N exporters (default 64)", 2},
	{"dry-run", OPT_DRY_RUN, NULL, 0, "Only say which exporters would be moved", 3},
	{0},
};

static double parse_target(const struct argp_state *state, const char *text)
{
	const double target = strtod(text, NULL);

	/* strtod() would take signs, exponents, hexadecimal and infinity. */
	if (!*text || text[strspn(text, "0123456789.")] ||
	    strchr(text, '.') != strrchr(text, '.') || target < 1 || target > PMR_MAX_BUCKETS)
		argp_failure(state, ARGS_EXIT_USAGE, 0,
			     "--target '%s' is out of bounds; give a number from 1 to %d, such as "
			     "1.2",
			     text, PMR_MAX_BUCKETS);
	return target;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *opt = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &opt->about;
		state->child_inputs[1] = &opt->measure;
		return 0;
	case OPT_TARGET:
		opt->target = parse_target(state, arg);
		return 0;
	case OPT_MAX_PINS:
		opt->max_pins = args_number(state, "--max-pins", arg, 1, PMR_MAX_PINS);
		return 0;
	case OPT_DRY_RUN:
		opt->dry_run = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = {{&about_argp, 0, NULL, 0},
					     {&measure_argp, 0, NULL, 0},
					     {0}};

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.children = children,
	.args_doc = "[CLUSTER]",
	.doc = "Pin a few heavy exporters of a cluster (default \"default\") to other hash "
	       "buckets, "
	       "so that no bucket gets much more than the mean."
	       "\vThe exporters are measured, for ten seconds by default, so counting has to be "
	       "on: pmreuseport account on. As "
	       "few as possible are moved. Those that have a pin of their own may get another, or "
	       "lose it; those in a network that is pinned are left alone.",
};

static int plan(struct balance_report *shown, size_t max_pins, struct pmreuseport_error *error)
{
	struct balance_problem problem = {
		.exporters = shown->load.exporters,
		.n = shown->load.n,
		.target = shown->target,
		.max_moves = max_pins,
	};

	memcpy(problem.open, shown->load.open, sizeof(problem.open));
	memcpy(problem.takes, shown->load.takes, sizeof(problem.takes));
	if (balance_plan(&problem, &shown->plan))
		return pmr_error(error, -ENOMEM, "out of memory; cannot plan with %zu exporters",
				 "free some memory, or raise the limit", problem.n);
	return 0;
}

/* All pins in one step: none of them, or all. */
static int apply(const struct balance_report *shown, struct pmreuseport_error *error)
{
	struct pmr_pins pins = {0};
	size_t i;
	int err;

	if (!shown->plan.n)
		return 0;
	pins.list = calloc(shown->plan.n, sizeof(*pins.list));
	if (!pins.list)
		return pmr_error(error, -ENOMEM, "out of memory for %zu pins",
				 "free some memory, or raise the limit", shown->plan.n);
	for (i = 0; i < shown->plan.n; i++) {
		const struct balance_move *move = &shown->plan.moves[i];
		const struct pmr_source *source = &shown->load.rates[move->exporter].source;

		pins.list[pins.n++] = (struct pmr_pin){
			.source = *source,
			.length = source->ipv6 ? 128 : 32,
			.bucket = balance_is_unpinned(shown, move) ? PMR_UNPINNED : move->to,
		};
	}
	err = pmr_pins_change(shown->cluster, PMR_PINS_ADD, &pins, error);
	free(pins.list);
	return err;
}

static int answer(const struct balance_report *shown, bool json)
{
	struct pmreuseport_error sentence;
	int ret;

	if (json) {
		ret = report_json(balance_json(shown));
	} else {
		balance_print(shown);
		ret = report_done();
	}
	if (ret || shown->dry_run || shown->plan.reached)
		return ret;
	balance_shortfall(shown, &sentence);
	return report_failure(&sentence);
}

int verb_balance(int argc, char **argv)
{
	struct options opt = {.about.cluster = PMREUSEPORT_DEFAULT_CLUSTER,
			      .measure.seconds = 10,
			      .target = 1.2,
			      .max_pins = 64};
	struct pmreuseport_error error = {0};
	struct balance_report shown = {0};
	int ret;

	if (argp_parse(&argp, argc, argv, 0, NULL, &opt))
		return ARGS_EXIT_USAGE;
	shown.cluster = opt.about.cluster;
	shown.seconds = opt.measure.seconds;
	shown.by_bytes = opt.measure.by_bytes;
	shown.dry_run = opt.dry_run;
	shown.target = opt.target;
	ret = balance_load_read(&shown.load, opt.about.cluster, opt.measure.seconds,
				opt.measure.by_bytes, &error);
	if (!ret)
		ret = plan(&shown, opt.max_pins, &error);
	if (!ret && !opt.dry_run)
		ret = apply(&shown, &error);
	ret = ret ? report_failure(&error) : answer(&shown, opt.about.json);
	free(shown.plan.moves);
	balance_load_free(&shown.load);
	return ret;
}
