/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb "account": whether the selector counts single exporters. */
#include "about.h"
#include "common/args_number.h"
#include "common/report.h"
#include "operator.h"
#include "verbs.h"

#include <stdio.h>
#include <string.h>

struct options {
	struct about about;
	const char *state; /* "on" or "off" */
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *opt = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &opt->about;
		return 0;
	case ARGP_KEY_ARG:
		if (state->arg_num)
			argp_failure(state, ARGS_EXIT_USAGE, 0, "'%s' is one argument too many",
				     arg);
		if (strcmp(arg, "on") && strcmp(arg, "off"))
			argp_failure(state, ARGS_EXIT_USAGE, 0, "'%s' is neither on nor off", arg);
		opt->state = arg;
		return 0;
	case ARGP_KEY_END:
		if (!opt->state)
			argp_failure(state, ARGS_EXIT_USAGE, 0, "say \"on\" or \"off\"");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.parser = parse,
	.children = about_only,
	.args_doc = "on|off",
	.doc = "Count single exporters, for top and balance, or do not."
	       "\vOn begins from zero, and off forgets what was counted. It is off by default, and "
	       "then costs the kernel a look at one number for each packet. Up to 65536 exporters "
	       "are counted.",
};

int verb_account(int argc, char **argv)
{
	struct options opt = {.about.cluster = PMREUSEPORT_DEFAULT_CLUSTER};
	struct pmreuseport_error error = {0};
	bool changed;

	if (argp_parse(&argp, argc, argv, 0, NULL, &opt))
		return ARGS_EXIT_USAGE;
	if (pmr_account_switch(opt.about.cluster, !strcmp(opt.state, "on"), &changed, &error))
		return report_failure(&error);
	if (opt.about.json)
		return report_json(json_pack("{s:s, s:b, s:b}", "cluster", opt.about.cluster,
					     "account", !strcmp(opt.state, "on"), "changed",
					     changed));
	printf("accounting of cluster \"%s\" %s %s\n", opt.about.cluster,
	       changed ? "is now" : "was already", opt.state);
	return report_done();
}
