/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb "leave": empty a bucket whose sockets outlive their process. */
#include "args_number.h"
#include "internal.h"
#include "report.h"
#include "target.h"
#include "verbs.h"

#include <errno.h>
#include <stdio.h>

static const struct argp argp = {
	.options = target_options,
	.parser = target_parse,
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
	struct target opt = {.number_name = "INDEX", .min = 0, .max = PMR_MAX_BUCKETS - 1};
	unsigned int released;
	int err;

	if (argp_parse(&argp, argc, argv, 0, NULL, &opt))
		return ARGS_EXIT_USAGE;
	err = pmr_bucket_release(opt.cluster, opt.number, &released, &error);
	/* Whoever calls this when a daemon has stopped must not fail because it never joined. */
	if (err && err != -ENOENT)
		return report_failure(&error);
	if (opt.json)
		return report_json(json_pack("{s:s, s:i, s:i}", "cluster", opt.cluster, "bucket",
					     (int)opt.number, "released", (int)released));
	if (err)
		printf("no socket was in hash bucket %u: %s\n", opt.number, error.text);
	else
		printf("%u socket%s taken out of hash bucket %u of cluster \"%s\"\n", released,
		       released == 1 ? "" : "s", opt.number, opt.cluster);
	return report_done();
}
