/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command "doctor": checks what an instance needs, before one is started. */
#include "commands.h"
#include "common/array.h"
#include "doctor/check_conf.h"
#include "doctor/check_daemon.h"
#include "doctor/check_files.h"
#include "doctor/check_host.h"
#include "doctor/check_instances.h"
#include "doctor/check_join.h"
#include "doctor/check_kernel.h"
#include "doctor/check_ports.h"
#include "doctor/check_selector.h"
#include "doctor/check_sites.h"
#include "doctor/check_sources.h"
#include "doctor/check_sysctls.h"
#include "options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct options {
	struct instances instances;
	const char *index;
	const char *daemon;
	bool json;
};

static int add_file(void *options, const char *text, struct pmreuseport_error *error)
{
	struct instances *instances = &((struct options *)options)->instances;
	struct instance *instance = array_add(&instances->list, &instances->n);

	if (!instance)
		return pmr_error(error, -ENOMEM, "out of memory for a list of files",
				 "name fewer files");
	instance->file = text;
	return 0;
}

static int check(void *options, struct pmreuseport_error *error)
{
	const struct options *opt = options;

	if (opt->index && opt->instances.n != 1)
		return pmr_error(error, -EINVAL, "--index is for one configuration file",
				 "name one with -f");
	return 0;
}

static bool advise(const struct command_line *line, const char *text, bool expected, char *advice,
		   size_t size)
{
	(void)line;
	(void)expected;
	snprintf(advice, size, "name a configuration file with -f %.200s", text);
	return true;
}

static const struct parameter options[] = {
	{.name = "file",
	 .letter = 'f',
	 .value = "CONFIG",
	 .help = "Check this configuration file; can be given several times, to check also that "
		 "the files fit together",
	 .kind = VALUE_CALL,
	 .call = add_file},
	{.name = "index",
	 .letter = 'x',
	 .value = "INDEX",
	 .help = "The hash bucket of the instance, if the daemon gets it with -x; requires exactly "
		 "one --file",
	 .kind = VALUE_TEXT,
	 FIELD(struct options, index)},
	{.name = "daemon",
	 .value = "PROGRAM",
	 .help = "The nfacctd or pmbmpd that the files are for (default: nfacctd in PATH)",
	 .kind = VALUE_TEXT,
	 FIELD(struct options, daemon)},
	OPTION_JSON(struct options),
	{0},
};

static const struct command_line grammar = {
	.options = options,
	.summary =
		"Check whether this host, this user, the daemon and configuration files are ready "
		"for an instance, and print what to do if not.",
	.details =
		"The command changes nothing, leaves nothing behind, and disturbs no instance. Run "
		"it as the user of the instances, in their network namespace and in the directory "
		"where they start. The exit status is 1 if a check has failed; warnings do not "
		"count.",
	.example = "pmreuseport doctor -f /etc/pmacct/nfacctd-0.conf",
	.check = check,
	.advise = advise,
};

static bool is_pmbmpd(const char *daemon)
{
	const char *slash = daemon ? strrchr(daemon, '/') : NULL;

	return daemon && !strcmp(slash ? slash + 1 : daemon, "pmbmpd");
}

static void check_all(struct findings *findings, struct options *opt)
{
	struct instances *instances = &opt->instances;
	size_t i;

	check_kernel(findings);
	check_host(findings);
	for (i = 0; i < instances->n; i++) {
		instances->list[i].index = opt->index;
		instances->list[i].pmbmpd = is_pmbmpd(opt->daemon);
		check_conf(findings, &instances->list[i]);
		check_join(findings, &instances->list[i]);
		check_ports(findings, &instances->list[i]);
		check_files(findings, &instances->list[i]);
	}
	if (check_selector(findings, instances))
		check_sources(findings);
	check_instances(findings, instances);
	check_sites(findings, instances);
	check_sysctls(findings, instances);
	check_daemon(findings, opt->daemon, instances);
}

int command_doctor(int argc, char **argv)
{
	struct findings findings = {0};
	struct options opt = {0};
	size_t i;
	int ret;

	command_line_parse(&grammar, argc, argv, &opt);
	check_all(&findings, &opt);
	ret = opt.json ? findings_print_json(&findings) : findings_print(&findings);
	findings_free(&findings);
	for (i = 0; i < opt.instances.n; i++) {
		conf_free(&opt.instances.list[i].conf);
		pmreuseport_config_free(opt.instances.list[i].config);
	}
	free(opt.instances.list);
	return ret;
}
