/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verb.h"
#include "verbs.h"

static const struct verb list[] = {
	{"resize", verb_resize},
	{"rehome", verb_rehome},
	{"leave", verb_leave},
	{0},
};

static const struct verbs verbs = {
	.program = "pmreuseport",
	.list = "resize, rehome or leave",
	.verbs = list,
	.args_doc = "VERB CLUSTER [ARGUMENT...] [OPTION...]",
	.doc = "Change a cluster of nfacctd instances that share their ports, while they run."
	       "\v"
	       "  resize  change the number of hash buckets\n"
	       "  rehome  close BMP and BGP sessions that are in the wrong instance\n"
	       "  leave   take the sockets of one hash bucket out of it\n\n"
	       "Each verb has its own --help. CLUSTER is what cluster_name says, by default "
	       "\"default\". Exit status: 0, 1 for a failure, 2 for wrong usage.",
};

int main(int argc, char **argv)
{
	return verb_main(&verbs, argc, argv);
}
