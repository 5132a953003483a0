/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds the UDP payload in a captured frame. No library and no state, for the fuzzer. */
#ifndef GEN_UDP_PAYLOAD_H
#define GEN_UDP_PAYLOAD_H

#include "common/ip_addr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct udp_view {
	struct ip_addr src;
	struct ip_addr dst;
	uint16_t src_port;
	uint16_t dst_port;
	const uint8_t *payload; /* within the frame */
	size_t len;
};

enum udp_verdict {
	UDP_OK,
	UDP_NOT_UDP,
	UDP_FRAGMENT,
	UDP_TRUNCATED,	 /* the capture has only a part of it */
	UDP_MALFORMED,	 /* its length fields contradict each other */
	UDP_UNSUPPORTED, /* link type */
	UDP_VERDICT_COUNT,
};

/* 'dlt' is a DLT_ value of libpcap. Never reads outside the frame; *out is set for UDP_OK only. */
int udp_payload(const uint8_t *frame, size_t caplen, int dlt, struct udp_view *out);

bool udp_payload_knows(int dlt);

#endif
