/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb "leave": empty a bucket whose sockets outlive their process. */
#include "common/args_number.h"
#include "common/report.h"
#include "operator.h"
#include "target.h"
#include "verbs.h"

#include <errno.h>
#include <stdio.h>

enum { OPT_DEAD = OPT_OF_VERB };

struct options {
	struct target target;
	bool dead;
};

static const struct argp_option options[] = {
	{"dead", OPT_DEAD, NULL, 0, "Take out only the sockets of a process that has ended", 1},
	{0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *opt = state->input;

	(void)arg;
	switch (key) {
	case ARGP_KEY_INIT:
		state->child_inputs[0] = &opt->target;
		return 0;
	case OPT_DEAD:
		opt->dead = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp common = {.options = target_options, .parser = target_parse};
static const struct argp_child children[] = {{&common, 0, NULL, 0}, {0}};

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.children = children,
	.args_doc = "CLUSTER INDEX",
	.doc = "Take the sockets in a hash bucket out of it, so that its exporters go to the live "
	       "ones."
	       "\vA process that ends takes its sockets with it, so this is for sockets that "
	       "somebody else keeps open: those that systemd passes to an instance, when that has "
	       "failed for good. A bucket without sockets is no error. An instance that is alive "
	       "notices, reads what is queued, and stops.",
};

int verb_leave(int argc, char **argv)
{
	struct pmreuseport_error error = {0};
	struct options opt = {
		.target = {.number_name = "INDEX", .min = 0, .max = PMR_MAX_BUCKETS - 1}};
	const struct target *target = &opt.target;
	unsigned int released;
	int err;

	if (argp_parse(&argp, argc, argv, 0, NULL, &opt))
		return ARGS_EXIT_USAGE;
	err = pmr_bucket_release(target->cluster, target->number, opt.dead, &released, &error);
	/* Whoever calls this when a daemon has stopped must not fail because it never joined. */
	if (err && err != -ENOENT)
		return report_failure(&error);
	if (target->json)
		return report_json(json_pack("{s:s, s:i, s:i}", "cluster", target->cluster,
					     "bucket", (int)target->number, "released",
					     (int)released));
	if (err)
		printf("no socket was in hash bucket %u: %s; %s\n", target->number, error.what,
		       error.advice);
	else
		printf("%u socket%s taken out of hash bucket %u of cluster \"%s\"\n", released,
		       released == 1 ? "" : "s", target->number, target->cluster);
	return report_done();
}
