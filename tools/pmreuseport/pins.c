/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command "pins": the pins of a cluster. */
#include "commands.h"
#include "common/report.h"
#include "options.h"
#include "view/prefix.h"

#include <stdio.h>
#include <stdlib.h>

struct options {
	const char *cluster;
	bool json;
};

static const struct parameter options[] = {
	OPTION_CLUSTER_READ(struct options),
	OPTION_JSON(struct options),
	{0},
};

static const struct command_line grammar = {
	.options = options,
	.summary = "List the pins of a cluster: lines of a prefix and its hash bucket, as \"pin "
		   "--file\" reads them.",
	.example = "pmreuseport pins",
	.advise = options_advise,
};

int command_pins(int argc, char **argv)
{
	char only[PMREUSEPORT_CLUSTER_NAME_MAX + 1], text[PMR_PIN_TEXT];
	char bucket[PREFIX_BUCKET_TEXT];
	struct pmreuseport_error error = {0};
	struct options opt = {0};
	struct pmr_pins pins = {0};
	size_t i;
	int ret;

	command_line_parse(&grammar, argc, argv, &opt);
	opt.cluster = options_choose_cluster(opt.cluster, only);
	if (pmr_pins_of(opt.cluster, &pins, &error))
		return report_failure(&error);
	if (opt.json) {
		ret = report_json(json_pack("{s:s, s:o}", "cluster", opt.cluster, "pins",
					    prefixes_json(&pins)));
	} else {
		for (i = 0; i < pins.n; i++)
			printf("%s %s\n", pmr_pin_text(&pins.list[i], text),
			       prefix_bucket_text(&pins.list[i], bucket));
		ret = report_done();
	}
	free(pins.list);
	return ret;
}
