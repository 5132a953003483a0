/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The verb "doctor": what is missing, or wrong, before anything is started. */
#include "doctor/doctor.h"

#include "common/args_number.h"
#include "target.h"
#include "verbs.h"

#include <stdlib.h>
#include <string.h>

enum { OPT_FILE = 'f', OPT_INDEX = 'x', OPT_DAEMON = OPT_OF_VERB };

struct options {
	struct instances instances;
	const char *index;
	const char *daemon;
	bool json;
};

static const struct argp_option options[] = {
	{"file", OPT_FILE, "CONFIG", 0,
	 "Check this configuration file, too; more than one: and that they go together", 1},
	{"index", OPT_INDEX, "INDEX", 0, "Its hash bucket, as nfacctd is told with -x", 1},
	{"daemon", OPT_DAEMON, "PROGRAM", 0,
	 "The nfacctd, or pmbmpd, that the files are for (default: nfacctd in PATH)", 1},
	{"json", OPT_JSON, NULL, 0, "Answer in JSON", 10},
	{0},
};

static void add_file(struct argp_state *state, struct instances *instances, const char *file)
{
	struct instance *grown =
		realloc(instances->list, (instances->n + 1) * sizeof(*instances->list));

	if (!grown)
		argp_failure(state, 1, 0, "no memory for a list of files; free some");
	instances->list = grown;
	instances->list[instances->n++] = (struct instance){.file = file};
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *opt = state->input;

	switch (key) {
	case OPT_FILE:
		add_file(state, &opt->instances, arg);
		return 0;
	case OPT_INDEX:
		opt->index = arg;
		return 0;
	case OPT_DAEMON:
		opt->daemon = arg;
		return 0;
	case OPT_JSON:
		opt->json = true;
		return 0;
	case ARGP_KEY_ARG:
		argp_failure(state, ARGS_EXIT_USAGE, 0,
			     "'%s' is one argument too many; name a configuration file with -f",
			     arg);
		return 0;
	case ARGP_KEY_END:
		if (opt->index && opt->instances.n != 1)
			argp_failure(state, ARGS_EXIT_USAGE, 0,
				     "--index is for one configuration file; give one with -f");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp argp = {
	.options = options,
	.parser = parse,
	.doc = "Look whether this host, this user, the daemon and a configuration file are fit for "
	       "an instance, and say what to do if not."
	       "\vNothing is changed, nothing is left behind, and no instance is disturbed. Run it "
	       "as the user of the instances, in the network namespace and the directory in which "
	       "they start. The exit status is 1 if something has failed; warnings do not count.",
};

static bool is_pmbmpd(const char *daemon)
{
	const char *slash = daemon ? strrchr(daemon, '/') : NULL;

	return daemon && !strcmp(slash ? slash + 1 : daemon, "pmbmpd");
}

static void check_all(struct checks *checks, struct options *opt)
{
	struct instances *instances = &opt->instances;
	size_t i;

	check_kernel(checks);
	check_host(checks);
	for (i = 0; i < instances->n; i++) {
		instances->list[i].index = opt->index;
		instances->list[i].pmbmpd = is_pmbmpd(opt->daemon);
		check_conf(checks, &instances->list[i]);
		check_join(checks, &instances->list[i]);
		check_ports(checks, &instances->list[i]);
	}
	check_instances(checks, instances);
	check_sysctls(checks, instances);
	check_daemon(checks, opt->daemon, instances);
}

int verb_doctor(int argc, char **argv)
{
	struct checks checks = {0};
	struct options opt = {0};
	size_t i;
	int ret;

	if (argp_parse(&argp, argc, argv, 0, NULL, &opt))
		return ARGS_EXIT_USAGE;
	check_all(&checks, &opt);
	ret = opt.json ? checks_print_json(&checks) : checks_print(&checks);
	checks_free(&checks);
	for (i = 0; i < opt.instances.n; i++)
		conf_free(&opt.instances.list[i].conf);
	free(opt.instances.list);
	return ret;
}
