/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command "quarantine": exporters that make instances die. */
#include "commands.h"
#include "common/report.h"
#include "common/timestamp.h"
#include "options.h"
#include "view/prefix.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define NS_PER_SECOND 1000000000

struct options {
	const char *cluster;
	bool json;
	bool clear;
	struct pmr_pin exporter;
};

static int parse_clear(void *options, const char *text, struct pmreuseport_error *error)
{
	struct options *opt = options;
	int err = prefix_parse(text, &opt->exporter, error);

	opt->clear = true;
	if (!err && !pmr_pin_is_single(&opt->exporter))
		err = pmr_error(error, -EINVAL, "'%.60s' is a network",
				"give --clear the address of one exporter", text);
	return err;
}

static const struct parameter options[] = {
	{.name = "clear",
	 .value = "ADDRESS",
	 .help = "Forget the strikes of an exporter, and let its packets through again",
	 .kind = VALUE_CALL,
	 .call = parse_clear},
	OPTION_CLUSTER_READ(struct options),
	OPTION_JSON(struct options),
	{0},
};

static const struct command_line grammar = {
	.options = options,
	.summary = "List exporters whose packets made instances die, and those in quarantine, or "
		   "set one of them free.",
	.details =
		"An instance that dies of SIGSEGV, SIGBUS, SIGFPE, SIGILL or SIGABRT while it "
		"decodes what an exporter has sent gives the exporter a strike. The second strike "
		"within ten minutes puts the exporter into quarantine: no instance decodes its "
		"packets, and a pin that says drop makes the kernel drop them. Quarantine lasts "
		"until --clear, or until the host restarts. At most 16 exporters are in quarantine "
		"at a time. With --clear, the default cluster is \"default\".",
	.example = "pmreuseport quarantine",
	.advise = options_advise,
};

static const char *signal_text(__u32 signal, char text[16])
{
	const char *name = sigabbrev_np(signal);

	if (name)
		snprintf(text, 16, "SIG%s", name);
	else
		snprintf(text, 16, "%u", signal);
	return text;
}

/* NULL: never. */
static const char *time_text(__u64 ns, bool for_json, char text[TIMESTAMP_SIZE])
{
	return ns ? timestamp(ns / NS_PER_SECOND, for_json, text) : NULL;
}

static void print_row(const struct pmr_struck *row)
{
	char address[PMR_SOURCE_TEXT], signal[16], last[TIMESTAMP_SIZE], since[TIMESTAMP_SIZE];

	printf("%-39s %7u %-8s %-19s %-19s %12llu\n", pmr_source_text(&row->source, address),
	       row->strikes, signal_text(row->signal, signal), time_text(row->last_ns, false, last),
	       row->since_ns ? time_text(row->since_ns, false, since) : "-", row->dropped);
}

static json_t *row_json(const struct pmr_struck *row)
{
	char address[PMR_SOURCE_TEXT], signal[16], last[TIMESTAMP_SIZE], since[TIMESTAMP_SIZE];

	return json_pack("{s:s, s:I, s:s, s:s, s:s?, s:I}", "address",
			 pmr_source_text(&row->source, address), "strikes",
			 (json_int_t)row->strikes, "signal", signal_text(row->signal, signal),
			 "last", time_text(row->last_ns, true, last), "since",
			 time_text(row->since_ns, true, since), "dropped",
			 (json_int_t)row->dropped);
}

static int list(const struct options *opt)
{
	struct pmr_struck rows[PMR_MAX_STRUCK];
	struct pmreuseport_error error = {0};
	json_t *exporters;
	unsigned int n, i;
	int bad = 0;

	if (pmr_quarantine_read(opt->cluster, rows, &n, &error))
		return report_failure(&error);
	if (!opt->json) {
		printf("%-39s %7s %-8s %-19s %-19s %12s\n", "EXPORTER", "STRIKES", "SIGNAL", "LAST",
		       "SINCE", "DROPPED");
		for (i = 0; i < n; i++)
			print_row(&rows[i]);
		return report_done();
	}
	exporters = json_array();
	for (i = 0; i < n; i++)
		bad |= json_array_append_new(exporters, row_json(&rows[i]));
	if (!bad)
		return report_json(
			json_pack("{s:s, s:o}", "cluster", opt->cluster, "exporters", exporters));
	json_decref(exporters);
	return report_json(NULL);
}

static int clear(const struct options *opt)
{
	struct pmreuseport_error error = {0};
	char address[PMR_SOURCE_TEXT];

	pmr_source_text(&opt->exporter.source, address);
	if (pmr_quarantine_clear(opt->cluster, &opt->exporter.source, &error))
		return report_failure(&error);
	if (opt->json)
		return report_json(json_pack("{s:s, s:s, s:b}", "cluster", opt->cluster, "address",
					     address, "cleared", 1));
	printf("%s has no strikes any more: its packets reach the instances of cluster \"%s\"\n",
	       address, opt->cluster);
	return report_done();
}

int command_quarantine(int argc, char **argv)
{
	char only[PMREUSEPORT_CLUSTER_NAME_MAX + 1];
	struct options opt = {0};

	command_line_parse(&grammar, argc, argv, &opt);
	if (!opt.clear)
		opt.cluster = options_choose_cluster(opt.cluster, only);
	else if (!opt.cluster)
		opt.cluster = PMREUSEPORT_DEFAULT_CLUSTER;
	return opt.clear ? clear(&opt) : list(&opt);
}
