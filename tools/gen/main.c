/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bmp_command.h"
#include "common/command.h"
#include "flows_command.h"
#include "replay_command.h"

static const struct command list[] = {
	{"flows", "NetFlow v5, v9 and IPFIX from many source addresses", command_flows},
	{"bmp", "BMP sessions of many routers", command_bmp},
	{"replay", "the UDP payloads of a capture file", command_replay},
	{0},
};

static const struct program program = {
	.name = "pmreuseport-gen",
	.commands = list,
	.summary = "Play flow exporters and routers: traffic for tests, demos and benchmarks of "
		   "flow collectors.",
	.note = "Each command ends with a one-line JSON report of what was sent.",
	.example = "pmreuseport-gen flows --to 127.0.0.1:2055 --source 127.1.0.0+10",
};

int main(int argc, char **argv)
{
	return program_main(&program, argc, argv);
}
