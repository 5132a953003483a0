/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pmreuseport-listen: sockets in a hash bucket that report the exporters they receive. */
#include "common/command_line.h"
#include "common/decimal.h"
#include "common/refuse.h"
#include "common/version.h"
#include "datagrams.h"
#include "loop.h"
#include "sessions.h"

#include <errno.h>

#define NO_INDEX UINT32_MAX

static int add_port(struct listen *listen, bool tcp, const char *text,
		    struct pmreuseport_error *error)
{
	const char *option = tcp ? "--tcp" : "--udp";
	struct port *port = &listen->ports[listen->n_ports];
	uint64_t number;
	unsigned int i;

	if (!decimal(text, 65535, &number) || !number)
		return refuse(error, -EINVAL, "give a number from 1 to 65535",
			      "%s '%.100s' is out of bounds", option, text);
	for (i = 0; i < listen->n_ports; i++)
		if (listen->ports[i].tcp == tcp && listen->ports[i].number == number)
			return refuse(error, -EEXIST, "give each port once", "%s %s is given twice",
				      option, text);
	if (listen->n_ports == PORTS_MAX)
		return refuse(error, -E2BIG, "give fewer ports",
			      "%s %s exceeds the maximum of %d ports", option, text, PORTS_MAX);
	port->tcp = tcp;
	port->number = number;
	port->watched.fd = -1;
	port->watched.ready = tcp ? sessions_accept : datagrams_ready;
	listen->n_ports++;
	return 0;
}

static int add_udp(void *options, const char *text, struct pmreuseport_error *error)
{
	return add_port(options, false, text, error);
}

static int add_tcp(void *options, const char *text, struct pmreuseport_error *error)
{
	return add_port(options, true, text, error);
}

static int check(void *options, struct pmreuseport_error *error)
{
	const struct listen *listen = options;
	const struct options *opt = &listen->opt;

	if (!listen->n_ports)
		return refuse(error, -EINVAL, "give some with --udp PORT and --tcp PORT",
			      "port missing");
	if (!opt->count || opt->index == NO_INDEX)
		return refuse(error, -EINVAL, "give it with --count N and --index I",
			      "hash bucket missing");
	if (opt->index >= opt->count)
		return refuse(error, -EINVAL, "give another --index, or a larger --count",
			      "there is no hash bucket %u among %u, counted from 0", opt->index,
			      opt->count);
	return 0;
}

static const char *const fallbacks[] = {
	[PMREUSEPORT_REHASH] = "rehash",
	[PMREUSEPORT_DROP] = "drop",
	NULL,
};

static const struct parameter options[] = {
	{.name = "udp",
	 .letter = 'u',
	 .value = "PORT",
	 .help = "Open a UDP port; may be repeated",
	 .kind = VALUE_CALL,
	 .call = add_udp},
	{.name = "tcp",
	 .letter = 't',
	 .value = "PORT",
	 .help = "Open a TCP port; may be repeated",
	 .kind = VALUE_CALL,
	 .call = add_tcp},
	{.name = "address",
	 .letter = 'a',
	 .value = "ADDR",
	 .help = "Local address of all ports (default: any, IPv4 and IPv6)",
	 .kind = VALUE_TEXT,
	 FIELD(struct listen, opt.address)},
	{.name = "count",
	 .letter = 'n',
	 .value = "N",
	 .help = "Hash buckets of the cluster, 1 to 128",
	 .kind = VALUE_NUMBER,
	 .min = 1,
	 .max = PMREUSEPORT_MAX_BUCKETS,
	 FIELD(struct listen, opt.count)},
	{.name = "index",
	 .letter = 'x',
	 .value = "I",
	 .help = "The bucket to join, 0 to N - 1",
	 .kind = VALUE_NUMBER,
	 .max = PMREUSEPORT_MAX_BUCKETS - 1,
	 FIELD(struct listen, opt.index)},
	{.name = "cluster",
	 .letter = 'c',
	 .value = "NAME",
	 .help = "The name of the cluster (default: \"default\")",
	 .kind = VALUE_TEXT,
	 FIELD(struct listen, opt.cluster)},
	{.name = "object",
	 .value = "FILE",
	 .help = "ELF object with another selector",
	 .kind = VALUE_TEXT,
	 FIELD(struct listen, opt.object)},
	{.name = "fallback",
	 .value = "rehash|drop",
	 .help = "What happens to the exporters of a dead bucket (default: rehash)",
	 .kind = VALUE_WORD,
	 .words = fallbacks,
	 FIELD(struct listen, opt.fallback)},
	{.name = "seed",
	 .value = "NAME",
	 .help = "The seed of the mapping, as reuseport_seed (default: the name of the cluster)",
	 .kind = VALUE_TEXT,
	 FIELD(struct listen, opt.seed)},
	{.name = "for",
	 .value = "SECONDS",
	 .help = "Leave the bucket and end after SECONDS",
	 .kind = VALUE_NUMBER,
	 .min = 1,
	 .max = UINT32_MAX,
	 FIELD(struct listen, opt.seconds)},
	{.name = "remember",
	 .value = "N",
	 .help = "Tell at most N exporters apart (default 65536)",
	 .kind = VALUE_NUMBER,
	 .min = 1,
	 .max = 10000000,
	 FIELD(struct listen, opt.remember)},
	{.name = "sessions",
	 .value = "N",
	 .help = "Keep at most N connections open; a new one closes the oldest (default 1024)",
	 .kind = VALUE_NUMBER,
	 .min = 1,
	 .max = SESSIONS_MAX,
	 FIELD(struct listen, opt.sessions)},
	{.name = "json",
	 .help = "Print JSON, one object on each line",
	 .kind = VALUE_NONE,
	 FIELD(struct listen, opt.json)},
	OPTION_VERSION,
	{0},
};

static const struct command_line grammar = {
	.options = options,
	.usage = "--count=N --index=I {--udp=PORT|--tcp=PORT}...",
	.summary = "Open UDP and TCP ports as one hash bucket of a cluster, and print which "
		   "exporters they receive. Each datagram and each connection is answered with a "
		   "line that names the bucket and the process; see pmreuseport-connect.",
	.details = "SIGTERM, SIGINT and the end of --for make the program leave the bucket, read "
		   "queued traffic for two seconds, print totals, and end. It also ends if all "
		   "ports have lost the bucket: to another process, or because an operator has "
		   "released or removed it.",
	.example = "pmreuseport-listen --udp 2055 --tcp 1790 --count 2 --index 0",
	.check = check,
};

int main(int argc, char **argv)
{
	static struct listen listen = {
		.opt =
			{
				.index = NO_INDEX,
				.cluster = PMREUSEPORT_DEFAULT_CLUSTER,
				.remember = EXPORTERS_DEFAULT,
				.sessions = SESSIONS_DEFAULT,
			},
	};

	command_line_parse(&grammar, argc, argv, &listen);
	return listen_run(&listen);
}
