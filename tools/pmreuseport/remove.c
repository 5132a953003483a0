/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb "remove": forget a cluster. */
#include "common/args_number.h"
#include "common/report.h"
#include "operator.h"
#include "target.h"
#include "verbs.h"

#include <stdio.h>

static const struct argp argp = {
	.options = target_options,
	.parser = target_parse,
	.args_doc = "CLUSTER",
	.doc = "Forget a cluster whose instances are all stopped: remove its pinned maps."
	       "\vThere is no need to do so before another start: the same exporters go to the "
	       "same buckets then, with or without. What is lost is what was counted, and pins of "
	       "exporters. A new version asks for it if it cannot use the maps of an old one.",
};

int verb_remove(int argc, char **argv)
{
	struct pmreuseport_error error = {0};
	struct target opt = {0};

	if (argp_parse(&argp, argc, argv, 0, NULL, &opt))
		return ARGS_EXIT_USAGE;
	if (pmr_remove(opt.cluster, &error))
		return report_failure(&error);
	if (opt.json)
		return report_json(json_pack("{s:s, s:b}", "cluster", opt.cluster, "removed", 1));
	printf("cluster \"%s\" is forgotten\n", opt.cluster);
	return report_done();
}
