/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The BMP messages of one router, made piece by piece: those of thousands of
 * routers with large tables would not fit into memory.
 */
#ifndef GEN_BMP_STREAM_H
#define GEN_BMP_STREAM_H

#include "bmp_msg.h"

#include <stdbool.h>

/* 203.0.113.0/24 or --dst-net, 512 /24 of 198.18.0.0/15, the /30 of 100.64.0.0/10. */
#define BMP_ROUTES_MAX (1u + 512 + (1u << 20))
#define BMP_PEERS_MAX 254u

struct bmp_table {
	uint32_t peers;
	uint32_t routes; /* of each peer */
	bool stats;
	uint8_t dst_net[3];
};

enum bmp_stage {
	BMP_STAGE_INITIATION,
	BMP_STAGE_PEER_UP,
	BMP_STAGE_ROUTES,
	BMP_STAGE_END_OF_RIB,
	BMP_STAGE_STATS,
	BMP_STAGE_DONE,
};

struct bmp_stream {
	const struct bmp_table *table;
	uint32_t router;
	struct ip_addr addr;
	uint32_t up_since;
	enum bmp_stage stage;
	uint32_t peer;
	uint32_t route;
};

void bmp_stream_init(struct bmp_stream *s, const struct bmp_table *table, uint32_t router,
		     const struct ip_addr *addr, uint32_t now);
void bmp_stream_rewind(struct bmp_stream *s);

/*
 * Appends the next messages that fit, and counts them by type. 0, also at the end;
 * -EMSGSIZE: an empty buffer is too small for a message.
 */
int bmp_stream_fill(struct bmp_stream *s, struct wbuf *b, uint64_t counts[BMP_TYPE_COUNT]);

/* Prefix 'n' of router 'router'. */
void bmp_route_make(struct bmp_route *route, const struct bmp_table *table, uint32_t router,
		    uint32_t n);

#endif
