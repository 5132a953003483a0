/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verb.h"
#include "verbs.h"

static const struct verb list[] = {
	{"flows", verb_flows},
	{"bmp", verb_bmp},
	{"replay", verb_replay},
	{0},
};

static const struct verbs verbs = {
	.program = "pmreuseport-gen",
	.list = "flows, bmp or replay",
	.verbs = list,
	.args_doc = "flows|bmp|replay [OPTION...]",
	.doc = "Play flow exporters and routers: traffic for tests, demos and benchmarks of "
	       "flow collectors.\v"
	       "  flows   NetFlow v5, v9 and IPFIX from many source addresses\n"
	       "  bmp     BMP sessions of many routers\n"
	       "  replay  the UDP payloads of a capture file\n\n"
	       "Each verb has its own --help, and ends with a one-line JSON report of "
	       "what was sent. Exit status: 0, 1 for a failure, 2 for wrong usage.",
};

int main(int argc, char **argv)
{
	return verb_main(&verbs, argc, argv);
}
