/* SPDX-License-Identifier: GPL-2.0-or-later */
/* BMP messages (RFC 7854) and the BGP messages (RFC 4271) inside them. */
#ifndef GEN_BMP_MSG_H
#define GEN_BMP_MSG_H

#include "common/ip_addr.h"
#include "write_buffer.h"

#define BMP_COMMON_LEN 6
#define BMP_PEER_LEN 42

/* RFC 7854, 4.1 */
enum bmp_type {
	BMP_ROUTE_MONITORING = 0,
	BMP_STATS_REPORT = 1,
	BMP_PEER_DOWN = 2,
	BMP_PEER_UP = 3,
	BMP_INITIATION = 4,
	BMP_TERMINATION = 5,
	BMP_TYPE_COUNT,
};

/* A BGP session of the router, over IPv4. Addresses are in network order. */
struct bmp_peer {
	uint8_t addr[4];
	uint8_t local_addr[4];
	uint32_t as;
	uint32_t local_as;
	uint32_t up_since; /* seconds since the epoch */
};

struct bmp_route {
	uint8_t prefix[4];
	uint8_t prefix_len;
	uint8_t next_hop[4];
	uint32_t as_path[2];
};

/*
 * Each appends one message and returns 0, or appends nothing and returns
 * -EMSGSIZE if it does not fit (-EINVAL for a value that has no encoding), so
 * that the caller can send what it has and call again.
 */
int bmp_initiation(struct wbuf *b, const char *sys_name, const char *sys_descr);
int bmp_termination(struct wbuf *b, uint16_t reason);
int bmp_peer_up(struct wbuf *b, const struct bmp_peer *peer);
int bmp_route_monitoring(struct wbuf *b, const struct bmp_peer *peer,
			 const struct bmp_route *route);
int bmp_end_of_rib(struct wbuf *b, const struct bmp_peer *peer);
int bmp_stats_report(struct wbuf *b, const struct bmp_peer *peer, uint64_t routes);

#endif
