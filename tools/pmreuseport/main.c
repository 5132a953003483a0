/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "common/verb.h"
#include "verbs.h"

static const struct verb list[] = {
	{"status", "show who is in the hash buckets, and what they get", verb_status},
	{"where", "say which hash bucket exporters have, or would have", verb_where},
	{"top", "show the heaviest exporters", verb_top},
	{"account", "count single exporters, for top and balance, or do not", verb_account},
	{"pin", "send exporters to a hash bucket of your choice", verb_pin},
	{"unpin", "leave pinned exporters to the hash again", verb_unpin},
	{"pins", "show which exporters are pinned", verb_pins},
	{"balance", "pin heavy exporters so that no hash bucket has too much", verb_balance},
	{"metrics", "print what status shows for Prometheus, or serve it", verb_metrics},
	{"resize", "change the number of hash buckets", verb_resize},
	{"rehome", "close BMP and BGP sessions that are in the wrong instance", verb_rehome},
	{"drain", "let nothing new reach a hash bucket, and keep its process", verb_drain},
	{"undrain", "give a drained hash bucket its exporters back", verb_undrain},
	{"leave", "take the sockets of one hash bucket out of it", verb_leave},
	{"adopt", "put the sockets of a daemon without these keys into a hash bucket", verb_adopt},
	{"remove", "forget a cluster whose instances are all stopped", verb_remove},
	{"fork", "write the configurations of N instances, made of one", verb_fork},
	{"doctor", "say what is missing or wrong before an instance starts", verb_doctor},
	{0},
};

static const struct verbs verbs = {
	.program = "pmreuseport",
	.verbs = list,
	.does = "Look at a cluster of nfacctd instances that share their ports, and change it "
		"while they run.",
	.note = "CLUSTER is what cluster_name says, by default \"default\".",
};

int main(int argc, char **argv)
{
	return verb_main(&verbs, argc, argv);
}
