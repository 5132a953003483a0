/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of "flows". */
#include "flows_command.h"

#include "common/refuse.h"
#include "flow_run.h"
#include "shared_options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int add_target(void *options, const char *text, struct pmreuseport_error *error)
{
	return targets_add(&((struct flow_options *)options)->to, text, error);
}

static int add_source(void *options, const char *text, struct pmreuseport_error *error)
{
	return sources_add(&((struct flow_options *)options)->from, "--source", text, error);
}

static int set_dst_net(void *options, const char *text, struct pmreuseport_error *error)
{
	return parse_net24(text, ((struct flow_options *)options)->dst_net, error);
}

static int add_version(struct flow_options *opt, const char *word, size_t length,
		       struct pmreuseport_error *error)
{
	static const uint16_t versions[] = {5, 9, 10};
	char name[8];
	size_t i;

	for (i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		snprintf(name, sizeof(name), "%u", versions[i]);
		if (strlen(name) != length || strncmp(name, word, length))
			continue;
		if (opt->version_count == FLOW_VERSIONS_MAX)
			return refuse(error, -E2BIG, "give fewer of them",
				      "--version '%s' exceeds the maximum of %d", name,
				      FLOW_VERSIONS_MAX);
		opt->versions[opt->version_count++] = versions[i];
		return 0;
	}
	return refuse(error, -EINVAL, "give 5, 9 or 10", "--version '%.*s' is unknown",
		      length < 100 ? (int)length : 100, word);
}

static int add_versions(void *options, const char *text, struct pmreuseport_error *error)
{
	size_t length;
	int err;

	for (;; text += length + 1) {
		length = strcspn(text, ",");
		err = add_version(options, text, length, error);
		if (err || !text[length])
			return err;
	}
}

static int check(void *options, struct pmreuseport_error *error)
{
	struct flow_options *opt = options;
	unsigned int i, limit;
	int err = check_traffic(&opt->to, &opt->from, error);

	if (!opt->version_count)
		opt->versions[opt->version_count++] = 9;
	for (i = 0; !err && i < opt->version_count; i++) {
		limit = flow_records_limit(opt->versions[i], opt->ipv6_flows);
		if (opt->records_per_packet > limit)
			err = refuse(error, -EINVAL, "give a smaller number",
				     "--records-per-packet %u exceeds the maximum of a version %u "
				     "packet, %u",
				     opt->records_per_packet, opt->versions[i], limit);
	}
	return err;
}

static const struct parameter options[] = {
	OPTION_TO(add_target),
	OPTION_SOURCE(add_source, "Exporter, or N exporters with consecutive addresses, which need "
				  "not be those of this host; may be repeated"),
	{.name = "version",
	 .value = "5|9|10",
	 .help = "NetFlow version, 10 is IPFIX; may be repeated, or a list with commas: exporter i "
		 "uses entry i modulo their number (default 9)",
	 .kind = VALUE_CALL,
	 .call = add_versions},
	{.name = "flows",
	 .value = "N",
	 .help = "Data records of each exporter (default 100)",
	 .kind = VALUE_NUMBER,
	 .min = 1,
	 .max = FLOW_NUMBER_MAX,
	 FIELD(struct flow_options, flows)},
	{.name = "records-per-packet",
	 .value = "K",
	 .help = "Data records of a datagram (default 8; at most 30 for v5)",
	 .kind = VALUE_NUMBER,
	 .min = 1,
	 .max = FLOW_RECORDS_MAX,
	 FIELD(struct flow_options, records_per_packet)},
	{.name = "ports",
	 .value = "P",
	 .help = "Source ports of each exporter (default 1); the datagrams of each domain use them "
		 "in turn",
	 .kind = VALUE_NUMBER,
	 .min = 1,
	 .max = 16384,
	 FIELD(struct flow_options, ports)},
	{.name = "domains",
	 .value = "D",
	 .help = "Observation domains (v9: source ids, v5: engine ids) of each exporter; its data "
		 "packets use them in turn (default 1)",
	 .kind = VALUE_NUMBER,
	 .min = 1,
	 .max = FLOW_DOMAINS_MAX,
	 FIELD(struct flow_options, domains)},
	{.name = "refresh",
	 .value = "N",
	 .help = "Send the templates of a domain again before each Nth of its data packets; 0: "
		 "only once (default 20)",
	 .kind = VALUE_NUMBER,
	 .max = UINT32_MAX,
	 FIELD(struct flow_options, refresh)},
	{.name = "templates-per-port",
	 .help = "Send templates from each port of an exporter; otherwise those of domain d are "
		 "sent only from its port d modulo P",
	 .kind = VALUE_NONE,
	 FIELD(struct flow_options, templates_per_port)},
	{.name = "ipv6-flows",
	 .help = "v9 and IPFIX: give every second record IPv6 addresses, with a separate template",
	 .kind = VALUE_NONE,
	 FIELD(struct flow_options, ipv6_flows)},
	OPTION_DST_NET(set_dst_net,
		       "Network of the destinations of the records (default 203.0.113.0)"),
	{.name = "seq-start",
	 .value = "N",
	 .help = "Sequence number of the first packet of each domain (default 0)",
	 .kind = VALUE_NUMBER,
	 .max = UINT32_MAX,
	 FIELD(struct flow_options, seq_start)},
	{.name = "rate",
	 .value = "N",
	 .help = "Datagrams per second of all exporters together; 0: no limit (default 0)",
	 .kind = VALUE_NUMBER,
	 .max = 10000000,
	 FIELD(struct flow_options, rate)},
	{.name = "records",
	 .value = "FILE",
	 .help = "Write each record that was sent as a line of JSON",
	 .kind = VALUE_TEXT,
	 FIELD(struct flow_options, records_path)},
	OPTION_QUIET(struct flow_options),
	{0},
};

static const struct command_line grammar = {
	.options = options,
	.usage = "--to=ADDR:PORT --source=ADDR[+N]",
	.summary = "Send NetFlow v5, v9 and IPFIX from many exporters in turn, templates first.",
	.details =
		"Each record identifies itself: exporter e (counted from 0), domain d and record r "
		"of an exporter have source host 10.(e>>8).(e&255).(d+1), source port r&65535, "
		"destination port 1024+(r>>16), destination host 1+e%254, 1+r%7 packets of 100 "
		"bytes each, plus e%50 bytes.\n\n"
		"SIGTERM and SIGINT stop the traffic early.\n\n"
		"The report is one line of JSON on standard output; \"templates\" is the number of "
		"datagrams with templates, which \"datagrams\" includes.",
	.example = "pmreuseport-gen flows --to 127.0.0.1:2055 --source 127.1.0.0+10",
	.check = check,
};

int command_flows(int argc, char **argv)
{
	struct flow_options opt = {
		.flows = 100,
		.records_per_packet = 8,
		.ports = 1,
		.domains = 1,
		.refresh = 20,
		.dst_net = {203, 0, 113},
	};
	int ret;

	command_line_parse(&grammar, argc, argv, &opt);
	ret = flow_run(&opt) ? 1 : 0;
	sources_free(&opt.from);
	return ret;
}
