/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command "account": whether the selector counts single exporters. */
#include "commands.h"
#include "common/report.h"
#include "options.h"

#include <stdio.h>

struct options {
	const char *cluster;
	bool json;
	bool on;
};

static const char *const states[] = {"off", "on", NULL};

static const struct parameter arguments[] = {
	{.name = "STATE",
	 .kind = VALUE_WORD,
	 .words = states,
	 .missing = "give on or off",
	 FIELD(struct options, on)},
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
	.usage = "on|off",
	.summary = "Switch the counting of single exporters on or off. top and balance need it.",
	.details = "\"on\" starts at zero; \"off\", the default, deletes the counters. Up to 65536 "
		   "exporters are counted; if more send, those that were silent for long are left "
		   "out. Even while counting is off, it costs the kernel one map "
		   "lookup for each packet.",
	.example = "pmreuseport account on",
	.advise = options_advise,
};

int command_account(int argc, char **argv)
{
	struct options opt = {.cluster = PMREUSEPORT_DEFAULT_CLUSTER};
	struct pmreuseport_error error = {0};
	bool changed;

	command_line_parse(&grammar, argc, argv, &opt);
	if (pmr_account_switch(opt.cluster, opt.on, &changed, &error))
		return report_failure(&error);
	if (opt.json)
		return report_json(json_pack("{s:s, s:b, s:b}", "cluster", opt.cluster, "account",
					     opt.on, "changed", changed));
	printf("accounting of cluster \"%s\" %s %s\n", opt.cluster,
	       changed ? "is now" : "was already", states[opt.on]);
	return report_done();
}
