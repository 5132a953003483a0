/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb "resize": another number of hash buckets under live instances. */
#include "common/args_number.h"
#include "common/report.h"
#include "operator.h"
#include "target.h"
#include "verbs.h"

#include <stdio.h>

static const struct argp argp = {
	.options = target_options,
	.parser = target_parse,
	.args_doc = "CLUSTER COUNT",
	.doc = "Change the number of hash buckets of a cluster while its instances run."
	       "\vA bucket that is new gets its exporters when its instance has joined: from n to "
	       "n + 1 buckets one exporter in n + 1 moves, and to the new bucket. The exporters of "
	       "buckets that are no more go to the others at once; their instances read what is "
	       "queued, and stop.\n\n"
	       "The running instances need no restart, but each configuration file needs the new "
	       "reuseport_hashbucket_count for its next start.",
};

/* "the instance of hash bucket 3", or "the instances of hash buckets 3 to 5" */
static void print_instances(unsigned int first, unsigned int last)
{
	if (first == last)
		printf("the instance of hash bucket %u", first);
	else
		printf("the instances of hash buckets %u to %u", first, last);
}

static void print_words(const struct target *opt, const struct pmr_resized *done)
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
	}
	if (done->after < done->before) {
		printf("nothing new reaches ");
		print_instances(done->after, done->before - 1);
		printf("; what is queued is read, and that is the end\n");
	}
}

int verb_resize(int argc, char **argv)
{
	struct pmreuseport_error error = {0};
	struct pmr_resized done;
	struct target opt = {.number_name = "COUNT", .min = 1, .max = PMR_MAX_BUCKETS};

	if (argp_parse(&argp, argc, argv, 0, NULL, &opt))
		return ARGS_EXIT_USAGE;
	if (pmr_resize(opt.cluster, opt.number, &done, &error))
		return report_failure(&error);
	if (opt.json)
		return report_json(json_pack("{s:s, s:i, s:i, s:i}", "cluster", opt.cluster,
					     "before", (int)done.before, "after", (int)done.after,
					     "in_use", (int)done.in_use));
	print_words(&opt, &done);
	return report_done();
}
