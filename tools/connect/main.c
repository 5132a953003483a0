/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pmreuseport-connect: exporters that ask which process they reach. */
#include "common/command_line.h"
#include "common/refuse.h"
#include "common/version.h"
#include "loop.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

static int add_from(void *options, const char *text, struct pmreuseport_error *error)
{
	return ranges_add(&((struct options *)options)->from, text, error);
}

static int set_family(void *options, const char *text, struct pmreuseport_error *error)
{
	struct options *opt = options;

	opt->family = strcmp(text, "6") ? AF_INET : AF_INET6;
	if (!strcmp(text, "4") || !strcmp(text, "6"))
		return 0;
	return refuse(error, -EINVAL, "give 4 or 6", "--family '%.100s' is unknown", text);
}

/* The numbers that were not given. */
static int fill_in(struct options *opt, struct pmreuseport_error *error)
{
	const uint32_t available = ranges_count(&opt->from);

	if (!opt->from.n) {
		if (opt->sources)
			return refuse(error, -EINVAL, "give some with --from",
				      "--sources %u needs addresses", opt->sources);
		opt->sources = 1;
	} else if (opt->sources > available) {
		return refuse(error, -EINVAL, "give more of them",
			      "--sources %u is more than the %u addresses of --from", opt->sources,
			      available);
	}
	if (!opt->sources && opt->connections)
		opt->sources = available < opt->connections ? available : opt->connections;
	if (!opt->sources)
		opt->sources = available < SOURCES_DEFAULT ? available : SOURCES_DEFAULT;
	if (!opt->connections)
		opt->connections = opt->sources;
	if (opt->connections < opt->sources)
		return refuse(error, -EINVAL, "use one for each source at least",
			      "--connections %u is less than --sources %u", opt->connections,
			      opt->sources);
	return 0;
}

static int check(void *options, struct pmreuseport_error *error)
{
	struct options *opt = options;

	if (opt->datagrams && !opt->udp)
		return refuse(error, -EINVAL, "add --udp", "--datagrams %u is for UDP",
			      opt->datagrams);
	if (opt->from.n && opt->family && opt->from.range[0].first.family != opt->family)
		return refuse(error, -EINVAL, "remove one of them",
			      "--family %d contradicts the addresses of --from",
			      opt->family == AF_INET ? 4 : 6);
	if (!opt->datagrams)
		opt->datagrams = 1;
	return fill_in(opt, error);
}

static const struct parameter options[] = {
	{.name = "udp",
	 .letter = 'u',
	 .help = "Send datagrams instead of opening TCP connections",
	 .kind = VALUE_NONE,
	 FIELD(struct options, udp)},
	{.name = "connections",
	 .letter = 'n',
	 .value = "N",
	 .help = "Number of TCP connections or UDP sockets (default: one for each source)",
	 .kind = VALUE_NUMBER,
	 .min = 1,
	 .max = LINKS_MAX,
	 FIELD(struct options, connections)},
	{.name = "family",
	 .value = "4|6",
	 .help = "If ADDRESS is a name: use its IPv4 or its IPv6 address",
	 .kind = VALUE_CALL,
	 .call = set_family},
	{.name = "from",
	 .value = "ADDR|PREFIX",
	 .help = "Source: an address, ADDR+N for N addresses, or a prefix; may be repeated",
	 .kind = VALUE_CALL,
	 .call = add_from},
	{.name = "sources",
	 .value = "N",
	 .help = "Number of sources to use (default: the number of --connections if given, "
		 "otherwise 100; or all if there are fewer)",
	 .kind = VALUE_NUMBER,
	 .min = 1,
	 .max = SOURCES_MAX,
	 FIELD(struct options, sources)},
	{.name = "datagrams",
	 .value = "K",
	 .help = "Datagrams of each UDP socket, with --udp (default 1)",
	 .kind = VALUE_NUMBER,
	 .min = 1,
	 .max = 1000000,
	 FIELD(struct options, datagrams)},
	{.name = "rate",
	 .value = "R",
	 .help = "Connections or datagrams to start per second (default 1000; 0: no limit)",
	 .kind = VALUE_NUMBER,
	 .max = 10000000,
	 FIELD(struct options, rate)},
	{.name = "timeout",
	 .value = "S",
	 .help = "Seconds to wait for answers after the last start (default 5)",
	 .kind = VALUE_NUMBER,
	 .min = 1,
	 .max = 86400,
	 FIELD(struct options, timeout)},
	{.name = "hold",
	 .value = "S",
	 .help = "After the wait for answers, keep the connections open for S seconds (default 0)",
	 .kind = VALUE_NUMBER,
	 .min = 1,
	 .max = UINT32_MAX,
	 FIELD(struct options, hold)},
	{.name = "no-answer",
	 .help = "Do not wait for answers",
	 .kind = VALUE_NONE,
	 FIELD(struct options, no_answer)},
	{.name = "verbose",
	 .letter = 'v',
	 .help = "Show the answers that each source got",
	 .kind = VALUE_NONE,
	 FIELD(struct options, verbose)},
	{.name = "json",
	 .help = "Print the result in JSON, on one line",
	 .kind = VALUE_NONE,
	 FIELD(struct options, json)},
	OPTION_VERSION,
	{0},
};

static const struct parameter arguments[] = {
	{.name = "ADDRESS",
	 .kind = VALUE_TEXT,
	 .missing = "give the address and the port of the target",
	 FIELD(struct options, address)},
	{.name = "PORT",
	 .kind = VALUE_NUMBER,
	 .min = 1,
	 .max = 65535,
	 .missing = "give the port of the target after its address",
	 FIELD(struct options, port)},
	{0},
};

static const struct command_line grammar = {
	.options = options,
	.arguments = arguments,
	.usage = "ADDRESS PORT",
	.summary = "Open TCP connections, or send datagrams, from many source addresses, and print "
		   "which processes answered; see pmreuseport-listen.",
	.details = "The sources need not be addresses of this host, but answers must find their "
		   "way back: all of 127.0.0.0/8 is local, and \"ip -6 route add local "
		   "fd00:1::/64 dev lo\" makes a prefix local.",
	.example = "pmreuseport-connect --udp --from 127.1.0.0/24 127.0.0.1 2055",
	.check = check,
};

int main(int argc, char **argv)
{
	static struct run run = {.opt = {.timeout = 5, .rate = 1000}};

	command_line_parse(&grammar, argc, argv, &run.opt);
	return connect_run(&run);
}
