/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command "remove": remove a cluster. */
#include "commands.h"
#include "common/report.h"
#include "options.h"

#include <stdio.h>

struct options {
	const char *cluster;
	bool json;
};

static const struct parameter options[] = {
	OPTION_CLUSTER_REQUIRED(struct options),
	OPTION_JSON(struct options),
	{0},
};

static const struct command_line grammar = {
	.options = options,
	.usage = "-c NAME",
	.summary = "Remove a cluster whose instances have all stopped: its pinned maps.",
	.details =
		"The command is not needed before the instances start again: exporters go to "
		"the same buckets either way. Counters and the pins of exporters are lost. It is "
		"needed when a new version refuses the maps of an old one.",
	.example = "pmreuseport remove -c default",
	.advise = options_advise,
};

int command_remove(int argc, char **argv)
{
	struct pmreuseport_error error = {0};
	struct options opt = {0};

	command_line_parse(&grammar, argc, argv, &opt);
	if (pmr_remove(opt.cluster, &error))
		return report_failure(&error);
	if (opt.json)
		return report_json(json_pack("{s:s, s:b}", "cluster", opt.cluster, "removed", 1));
	printf("cluster \"%s\" is removed\n", opt.cluster);
	return report_done();
}
