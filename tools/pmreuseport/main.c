/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "verb.h"
#include "verbs.h"

/* clang-format off: a line each */
static const struct verb list[] = {
	{"status", verb_status},
	{"where", verb_where},
	{"resize", verb_resize},
	{"rehome", verb_rehome},
	{"leave", verb_leave},
	{"remove", verb_remove},
	{0},
};
/* clang-format on */

static const struct verbs verbs = {
	.program = "pmreuseport",
	.list = "status, where, resize, rehome, leave or remove",
	.verbs = list,
	.args_doc = "VERB [ARGUMENT...] [OPTION...]",
	.doc = "Look at a cluster of nfacctd instances that share their ports, and change it while "
	       "they run."
	       "\v"
	       "  status  show who is in the hash buckets, and what they get\n"
	       "  where   say which hash bucket exporters have, or would have\n"
	       "  resize  change the number of hash buckets\n"
	       "  rehome  close BMP and BGP sessions that are in the wrong instance\n"
	       "  leave   take the sockets of one hash bucket out of it\n"
	       "  remove  forget a cluster whose instances are all stopped\n\n"
	       "Each verb has its own --help. CLUSTER is what cluster_name says, by default "
	       "\"default\". Exit status: 0, 1 for a failure, 2 for wrong usage.",
};

int main(int argc, char **argv)
{
	return verb_main(&verbs, argc, argv);
}
