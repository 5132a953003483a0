/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verbs "pin", "unpin" and "pins": exporters whose bucket is chosen by hand. */
#include "about.h"
#include "common/args_number.h"
#include "common/decimal.h"
#include "common/report.h"
#include "target.h"
#include "verbs.h"
#include "view/list_file.h"
#include "view/prefix.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	OPT_FILE = 'f',
	OPT_ALL = OPT_OF_VERB,
	OPT_REPLACE,
};

struct options {
	struct about about;
	const char *file;
	const char *prefix; /* of pin, until its bucket follows */
	struct pmr_pins pins;
	bool all;
};

static void add_or_fail(struct options *opt, const struct pmr_pin *pin, struct argp_state *state)
{
	struct pmreuseport_error error;

	if (prefix_add(&opt->pins, pin, &error))
		argp_failure(state, 1, 0, "%s; %s", error.what, error.advice);
}

static void parse_or_fail(const char *text, struct pmr_pin *pin, struct argp_state *state)
{
	struct pmreuseport_error error;

	if (prefix_parse(text, pin, &error))
		argp_failure(state, ARGS_EXIT_USAGE, 0, "%s; %s", error.what, error.advice);
}

static error_t parse_pin(int key, char *arg, struct argp_state *state)
{
	struct options *opt = state->input;
	struct pmr_pin pin;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &opt->about;
		return 0;
	case OPT_FILE:
		opt->file = arg;
		return 0;
	case OPT_REPLACE:
		opt->all = true;
		return 0;
	case ARGP_KEY_ARG:
		if (state->arg_num == 0) {
			opt->prefix = arg;
			return 0;
		}
		if (state->arg_num > 1)
			argp_failure(state, ARGS_EXIT_USAGE, 0, "'%s' is one argument too many",
				     arg);
		parse_or_fail(opt->prefix, &pin, state);
		pin.bucket = args_number(state, "BUCKET", arg, 0, PMR_MAX_BUCKETS - 1);
		add_or_fail(opt, &pin, state);
		return 0;
	case ARGP_KEY_END:
		if (opt->prefix && !opt->pins.n)
			argp_failure(state, ARGS_EXIT_USAGE, 0,
				     "BUCKET is missing; say to which hash bucket");
		if (!opt->prefix == !opt->file)
			argp_failure(state, ARGS_EXIT_USAGE, 0,
				     "give a prefix and its hash bucket, or a file of them with "
				     "--file");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option pin_options[] = {
	{"file", OPT_FILE, "FILE", 0,
	 "Read lines of a prefix and its hash bucket from a file (-: standard input)", 1},
	{"replace", OPT_REPLACE, NULL, 0, "Forget all other pins of the cluster", 2},
	{0},
};

static const struct argp pin_argp = {
	.options = pin_options,
	.parser = parse_pin,
	.children = about_only,
	.args_doc = "ADDRESS[/LENGTH] BUCKET\n--file FILE",
	.doc = "Send exporters to a hash bucket of your choice. The longest prefix wins."
	       "\vWhatever is given is done in one step, or not at all. While the hash bucket has "
	       "no socket, its pinned exporters are where they would be without the pin (or "
	       "dropped, with reuseport_fallback: drop). Sessions that are open stay where they "
	       "are until they are closed: see rehome. Pins last until the machine restarts; what "
	       "\"pins\" prints can be given to --file then, once an instance is there.",
};

static error_t parse_unpin(int key, char *arg, struct argp_state *state)
{
	struct options *opt = state->input;
	struct pmr_pin pin = {.bucket = 0};

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &opt->about;
		return 0;
	case OPT_ALL:
		opt->all = true;
		return 0;
	case ARGP_KEY_ARG:
		parse_or_fail(arg, &pin, state);
		add_or_fail(opt, &pin, state);
		return 0;
	case ARGP_KEY_END:
		if (!opt->pins.n == !opt->all)
			argp_failure(state, ARGS_EXIT_USAGE, 0,
				     "give the prefixes that are to be unpinned, or --all");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_option unpin_options[] = {
	{"all", OPT_ALL, NULL, 0, "Forget all pins of the cluster", 1},
	{0},
};

static const struct argp unpin_argp = {
	.options = unpin_options,
	.parser = parse_unpin,
	.children = about_only,
	.args_doc = "ADDRESS[/LENGTH]...\n--all",
	.doc = "Leave pinned exporters to the hash again."
	       "\vA prefix is named as \"pins\" shows it. If one of them is not pinned, none is "
	       "changed.",
};

static const struct argp pins_argp = {
	.children = about_only,
	.args_doc = "[CLUSTER]",
	.doc = "Show the pins of a cluster (default \"default\"): prefixes and hash buckets, a "
	       "line each, as \"pin\" takes them from a file.",
};

static int add_line(char *line, void *context, struct pmreuseport_error *error)
{
	char *rest, *prefix = strtok_r(line, " \t", &rest), *bucket = strtok_r(NULL, " \t", &rest);
	struct pmr_pin pin;
	uint64_t n;
	int err;

	err = prefix_parse(prefix, &pin, error);
	if (err)
		return err;
	if (!bucket || strtok_r(NULL, " \t", &rest))
		return pmr_error(error, -EINVAL, "after %.60s there must be its hash bucket alone",
				 "write PREFIX BUCKET", prefix);
	if (!decimal(bucket, PMR_MAX_BUCKETS - 1, &n))
		return pmr_error(error, -EINVAL, "'%.60s' is no hash bucket",
				 "give a number from 0 to %d", bucket, PMR_MAX_BUCKETS - 1);
	pin.bucket = n;
	return prefix_add(context, &pin, error);
}

static json_t *list_json(const struct pmr_pins *pins)
{
	json_t *list = json_array();
	int bad = 0;
	size_t i;

	for (i = 0; i < pins->n; i++)
		bad |= json_array_append_new(list, prefix_json(&pins->list[i]));
	if (!bad)
		return list;
	json_decref(list);
	return NULL;
}

int verb_pin(int argc, char **argv)
{
	struct options opt = {.about.cluster = PMREUSEPORT_DEFAULT_CLUSTER};
	struct pmreuseport_error error = {0};
	int ret = 0;

	if (argp_parse(&pin_argp, argc, argv, 0, NULL, &opt))
		return ARGS_EXIT_USAGE;
	if (opt.file)
		ret = list_file_each(opt.file, add_line, &opt.pins, &error);
	/* Whoever was to write them may have failed. */
	if (!ret && !opt.pins.n)
		ret = pmr_error(&error, -EINVAL, "there is no pin in %.200s",
				"forget all with: pmreuseport unpin "
				"--all",
				opt.file);
	if (!ret)
		ret = pmr_pins_change(opt.about.cluster, opt.all ? PMR_PINS_REPLACE : PMR_PINS_ADD,
				      &opt.pins, &error);
	if (ret) {
		ret = report_failure(&error);
	} else if (opt.about.json) {
		ret = report_json(json_pack("{s:s, s:b, s:o}", "cluster", opt.about.cluster,
					    "replaced", opt.all, "pinned", list_json(&opt.pins)));
	} else {
		printf("%zu pin%s set in cluster \"%s\"; open sessions move with: pmreuseport "
		       "rehome %s\n",
		       opt.pins.n, opt.pins.n == 1 ? "" : "s", opt.about.cluster,
		       opt.about.cluster);
		ret = report_done();
	}
	free(opt.pins.list);
	return ret;
}

int verb_unpin(int argc, char **argv)
{
	struct options opt = {.about.cluster = PMREUSEPORT_DEFAULT_CLUSTER};
	struct pmreuseport_error error = {0};
	size_t n;
	int ret;

	if (argp_parse(&unpin_argp, argc, argv, 0, NULL, &opt))
		return ARGS_EXIT_USAGE;
	ret = opt.all ? pmr_pins_of(opt.about.cluster, &opt.pins, &error) : 0;
	n = opt.pins.n;
	if (!ret && opt.all)
		opt.pins.n = 0;
	if (!ret)
		ret = pmr_pins_change(opt.about.cluster,
				      opt.all ? PMR_PINS_REPLACE : PMR_PINS_REMOVE, &opt.pins,
				      &error);
	if (ret) {
		ret = report_failure(&error);
	} else if (opt.about.json) {
		ret = report_json(
			json_pack("{s:s, s:i}", "cluster", opt.about.cluster, "unpinned", (int)n));
	} else {
		printf("%zu pin%s removed from cluster \"%s\"\n", n, n == 1 ? "" : "s",
		       opt.about.cluster);
		ret = report_done();
	}
	free(opt.pins.list);
	return ret;
}

int verb_pins(int argc, char **argv)
{
	struct options opt = {.about.cluster = PMREUSEPORT_DEFAULT_CLUSTER};
	struct pmreuseport_error error = {0};
	char text[PMR_PIN_TEXT];
	size_t i;
	int ret;

	if (argp_parse(&pins_argp, argc, argv, 0, NULL, &opt.about))
		return ARGS_EXIT_USAGE;
	if (pmr_pins_of(opt.about.cluster, &opt.pins, &error))
		return report_failure(&error);
	if (opt.about.json) {
		ret = report_json(json_pack("{s:s, s:o}", "cluster", opt.about.cluster, "pins",
					    list_json(&opt.pins)));
	} else {
		for (i = 0; i < opt.pins.n; i++)
			printf("%s %u\n", pmr_pin_text(&opt.pins.list[i], text),
			       opt.pins.list[i].bucket);
		ret = report_done();
	}
	free(opt.pins.list);
	return ret;
}
