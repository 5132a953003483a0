/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "commands.h"
#include "common/command.h"

static const struct command list[] = {
	{"status", "show the hash buckets, their processes and their traffic", command_status},
	{"where", "show which hash bucket exporters have, or would have", command_where},
	{"top", "show the heaviest exporters", command_top},
	{"account", "switch the counting of single exporters on or off", command_account},
	{"pin", "send exporters to a hash bucket of your choice", command_pin},
	{"unpin", "remove pins", command_unpin},
	{"pins", "list the pins", command_pins},
	{"quarantine", "list exporters that make instances die, or set one free",
	 command_quarantine},
	{"balance", "pin heavy exporters so that no hash bucket has too much", command_balance},
	{"metrics", "print the numbers of status for Prometheus, or serve them", command_metrics},
	{"resize", "change the number of hash buckets", command_resize},
	{"rehome", "close BMP and BGP sessions that are in the wrong instance", command_rehome},
	{"drain", "keep new traffic away from a hash bucket", command_drain},
	{"undrain", "send traffic to a drained hash bucket again", command_undrain},
	{"leave", "release the sockets of a hash bucket", command_leave},
	{"adopt", "put the sockets of an unmodified daemon into a hash bucket", command_adopt},
	{"forget", "remove an endpoint that no instance has open any more", command_forget},
	{"remove", "remove a cluster whose instances have all stopped", command_remove},
	{"fork", "write the configurations of N instances, made from one", command_fork},
	{"doctor", "check this host and configuration files before a start", command_doctor},
	{0},
};

static const struct program program = {
	.name = "pmreuseport",
	.commands = list,
	.summary = "Show, change and check clusters of nfacctd instances that share their ports.",
	.note = "Without -c NAME, a command that changes a cluster changes \"default\"; remove "
		"requires -c.",
	.example = "pmreuseport status",
};

int main(int argc, char **argv)
{
	return program_main(&program, argc, argv);
}
