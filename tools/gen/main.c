/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/verb.h"
#include "verbs.h"

static const struct verb list[] = {
	{"flows", "NetFlow v5, v9 and IPFIX from many source addresses", verb_flows},
	{"bmp", "BMP sessions of many routers", verb_bmp},
	{"replay", "the UDP payloads of a capture file", verb_replay},
	{0},
};

static const struct verbs verbs = {
	.program = "pmreuseport-gen",
	.verbs = list,
	.does = "Play flow exporters and routers: traffic for tests, demos and benchmarks of "
		"flow collectors.",
	.note = "Each ends with a one-line JSON report of what was sent.",
};

int main(int argc, char **argv)
{
	return verb_main(&verbs, argc, argv);
}
