/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef GEN_REPLAY_RUN_H
#define GEN_REPLAY_RUN_H

#include "flow_table.h"
#include "udp_payload.h"

struct replay_options {
	const char *path;
	struct targets to;
	struct ip_addr source; /* family 0: not given */
	struct ip_addr source_base;
	uint32_t rate;
	bool pcap_timing;
	bool quiet;
};

struct replay {
	const struct replay_options *opt;
	struct flow_table table;
	uint64_t frames;
	uint64_t verdicts[UDP_VERDICT_COUNT];
};

/* Runs the command; 0, or a negative errno after a message. */
int replay_run(const struct replay_options *opt);

#endif
