/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command "resize": another number of hash buckets under live instances. */
#include "commands.h"
#include "common/report.h"
#include "options.h"

#include <stdio.h>

struct options {
	const char *cluster;
	bool json;
	unsigned int count;
};

static const struct parameter arguments[] = {
	{.name = "COUNT",
	 .kind = VALUE_NUMBER,
	 .min = 1,
	 .max = PMR_MAX_BUCKETS,
	 .missing = "give a number from 1 to 128",
	 FIELD(struct options, count)},
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
	.usage = "COUNT",
	.summary = "Change the number of hash buckets of a cluster while its instances run.",
	.details =
		"A new bucket gets its exporters when its instance has joined: from n to n + 1 "
		"buckets, one exporter in n + 1 moves, always to the new bucket. The exporters of "
		"removed buckets go to the others at once; the instances of removed buckets read "
		"what is queued, and stop.\n\n"
		"The running instances need no restart, but each configuration file needs the new "
		"reuseport_hashbucket_count for its next start.",
	.example = "pmreuseport resize 5",
	.advise = options_advise,
};

/* "the instance of hash bucket 3", or "the instances of hash buckets 3 to 5" */
static void print_instances(unsigned int first, unsigned int last)
{
	if (first == last)
		printf("the instance of hash bucket %u", first);
	else
		printf("the instances of hash buckets %u to %u", first, last);
}

static void print_words(const struct options *opt, const struct pmr_resized *done)
{
	printf("cluster \"%s\" had %u hash bucket%s and has %u now; exporters are sent to %u of "
	       "them\n",
	       opt->cluster, done->before, done->before == 1 ? "" : "s", done->after, done->in_use);
	printf("set reuseport_hashbucket_count to %u in the configuration files of all instances\n",
	       done->after);
	if (done->in_use < done->after) {
		printf("start ");
		print_instances(done->in_use, done->after - 1);
		printf(" with that count; a bucket gets its exporters when its instance has "
		       "joined\n");
		printf("hash bucket %u is not live in %s yet\n", done->in_use, done->missing);
	}
	if (done->after < done->before) {
		printf("nothing new reaches ");
		print_instances(done->after, done->before - 1);
		printf("; they read what is queued, and stop\n");
	}
}

int command_resize(int argc, char **argv)
{
	struct options opt = {.cluster = PMREUSEPORT_DEFAULT_CLUSTER};
	struct pmreuseport_error error = {0};
	struct pmr_resized done;

	command_line_parse(&grammar, argc, argv, &opt);
	if (pmr_resize(opt.cluster, opt.count, &done, &error))
		return report_failure(&error);
	if (opt.json)
		return report_json(json_pack("{s:s, s:i, s:i, s:i, s:s?}", "cluster", opt.cluster,
					     "before", (int)done.before, "after", (int)done.after,
					     "in_use", (int)done.in_use, "missing",
					     *done.missing ? done.missing : NULL));
	print_words(&opt, &done);
	return report_done();
}
