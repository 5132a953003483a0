/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command "leave": release the sockets of a bucket that outlive their process. */
#include "commands.h"
#include "common/report.h"
#include "options.h"

#include <errno.h>
#include <stdio.h>

struct options {
	const char *cluster;
	bool json;
	bool dead;
	bool force;
	unsigned int bucket;
};

static const struct parameter arguments[] = {
	ARGUMENT_BUCKET(struct options),
	{0},
};

static const struct parameter options[] = {
	{.name = "dead",
	 .help = "Release only the sockets of a process that has ended",
	 FIELD(struct options, dead)},
	{.name = "force",
	 .help = "With --dead: also release the sockets of a process that may have ended",
	 FIELD(struct options, force)},
	OPTION_CLUSTER(struct options),
	OPTION_JSON(struct options),
	{0},
};

static int check(void *given, struct pmreuseport_error *error)
{
	const struct options *opt = given;

	if (!opt->force || opt->dead)
		return 0;
	return pmr_error(error, -EINVAL, "--force needs --dead",
			 "leave --force out to release the sockets of any process");
}

static const struct command_line grammar = {
	.options = options,
	.arguments = arguments,
	.usage = "BUCKET",
	.summary = "Release the sockets of a hash bucket, so that its exporters go to the live "
		   "buckets.",
	.details = "The sockets of a process that ends leave their bucket by themselves. This "
		   "command is for sockets that another process keeps open: those that systemd "
		   "passes to an instance, after that instance has failed for good. It succeeds "
		   "and does nothing if the bucket has no sockets, or the cluster does not exist. "
		   "A live instance notices the release, reads what is queued, and stops.\n\n"
		   "--dead refuses if it cannot tell whether a process has ended: if that process "
		   "is in a pid namespace that cannot be seen from here, such as another "
		   "container, or if the cluster has no record of it, because its selector is not "
		   "ours.",
	.example = "pmreuseport leave --dead 2",
	.check = check,
	.advise = options_advise,
};

static enum pmr_release_whose whose(const struct options *opt)
{
	if (!opt->dead)
		return PMR_RELEASE_ALL;
	return opt->force ? PMR_RELEASE_NOT_LIVING : PMR_RELEASE_DEAD;
}

int command_leave(int argc, char **argv)
{
	struct options opt = {.cluster = PMREUSEPORT_DEFAULT_CLUSTER};
	struct pmreuseport_error error = {0};
	unsigned int released;
	int err;

	command_line_parse(&grammar, argc, argv, &opt);
	err = pmr_bucket_release(opt.cluster, opt.bucket, whose(&opt), &released, &error);
	/* A unit runs this after a daemon has stopped, also after one that never joined. */
	if (err && err != -ENOENT)
		return report_failure(&error);
	if (opt.json)
		return report_json(json_pack("{s:s, s:i, s:i}", "cluster", opt.cluster, "bucket",
					     (int)opt.bucket, "released", (int)released));
	if (err)
		printf("no socket was in hash bucket %u: %s; %s\n", opt.bucket, error.what,
		       error.advice);
	else
		printf("%u socket%s of hash bucket %u of cluster \"%s\" released\n", released,
		       released == 1 ? "" : "s", opt.bucket, opt.cluster);
	return report_done();
}
