/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bmp_stream.h"

#include <errno.h>
#include <stdio.h>

/* For documentation (RFC 5398) and for private use (RFC 6996). */
#define PEER_AS 64500
#define LOCAL_AS 64499
#define ORIGIN_AS_BASE 64600

void bmp_stream_init(struct bmp_stream *s, const struct bmp_table *table, uint32_t router,
		     const struct ip_addr *addr, uint32_t now)
{
	memset(s, 0, sizeof(*s));
	s->table = table;
	s->router = router;
	s->addr = *addr;
	s->up_since = now;
}

void bmp_stream_rewind(struct bmp_stream *s)
{
	s->stage = BMP_STAGE_INITIATION;
	s->peer = 0;
	s->route = 0;
}

void bmp_route_make(struct bmp_route *route, const struct bmp_table *table, uint32_t router,
		    uint32_t n)
{
	uint32_t net;

	memset(route, 0, sizeof(*route));
	route->prefix_len = 24;
	if (!n) {
		memcpy(route->prefix, table->dst_net, 3);
	} else if (n <= 512) {
		route->prefix[0] = 198;
		route->prefix[1] = (uint8_t)(18 + ((n - 1) >> 8));
		route->prefix[2] = (uint8_t)(n - 1);
	} else {
		net = (100u << 24 | 64u << 16) + ((n - 513) << 2);
		route->prefix[0] = (uint8_t)(net >> 24);
		route->prefix[1] = (uint8_t)(net >> 16);
		route->prefix[2] = (uint8_t)(net >> 8);
		route->prefix[3] = (uint8_t)net;
		route->prefix_len = 30;
	}
	memcpy(route->next_hop, (const uint8_t[]){192, 0, 2, 1}, 4);
	route->as_path[0] = PEER_AS;
	/* The origin tells from which router a collector learned the route. */
	route->as_path[1] = ORIGIN_AS_BASE + router % 1000;
}

static void make_peer(const struct bmp_stream *s, struct bmp_peer *peer)
{
	memset(peer, 0, sizeof(*peer));
	memcpy(peer->addr, (const uint8_t[]){192, 0, 2, (uint8_t)(1 + s->peer)}, 4);
	memcpy(peer->local_addr, (const uint8_t[]){192, 0, 2, 255}, 4);
	peer->as = PEER_AS;
	peer->local_as = LOCAL_AS;
	peer->up_since = s->up_since;
}

static int initiation(const struct bmp_stream *s, struct wbuf *b)
{
	char addr[INET6_ADDRSTRLEN], name[INET6_ADDRSTRLEN + 8];

	snprintf(name, sizeof(name), "router-%s", ip_format(&s->addr, addr));
	return bmp_initiation(b, name, "pmreuseport-gen");
}

/* The message of the current stage; its type goes to *type. */
static int encode(const struct bmp_stream *s, struct wbuf *b, enum bmp_type *type)
{
	struct bmp_route route;
	struct bmp_peer peer;

	make_peer(s, &peer);
	switch (s->stage) {
	case BMP_STAGE_INITIATION:
		*type = BMP_INITIATION;
		return initiation(s, b);
	case BMP_STAGE_PEER_UP:
		*type = BMP_PEER_UP;
		return bmp_peer_up(b, &peer);
	case BMP_STAGE_ROUTES:
		*type = BMP_ROUTE_MONITORING;
		bmp_route_make(&route, s->table, s->router, s->route);
		return bmp_route_monitoring(b, &peer, &route);
	case BMP_STAGE_END_OF_RIB:
		*type = BMP_ROUTE_MONITORING;
		return bmp_end_of_rib(b, &peer);
	case BMP_STAGE_STATS:
		*type = BMP_STATS_REPORT;
		return bmp_stats_report(b, &peer, s->table->routes);
	default:
		return -EINVAL;
	}
}

static void next_peer(struct bmp_stream *s)
{
	s->route = 0;
	s->peer++;
	s->stage = s->peer < s->table->peers ? BMP_STAGE_PEER_UP : BMP_STAGE_DONE;
}

static void advance(struct bmp_stream *s)
{
	switch (s->stage) {
	case BMP_STAGE_INITIATION:
		s->stage = s->table->peers ? BMP_STAGE_PEER_UP : BMP_STAGE_DONE;
		break;
	case BMP_STAGE_PEER_UP:
		s->stage = s->table->routes ? BMP_STAGE_ROUTES : BMP_STAGE_END_OF_RIB;
		break;
	case BMP_STAGE_ROUTES:
		if (++s->route == s->table->routes)
			s->stage = BMP_STAGE_END_OF_RIB;
		break;
	case BMP_STAGE_END_OF_RIB:
		if (s->table->stats)
			s->stage = BMP_STAGE_STATS;
		else
			next_peer(s);
		break;
	case BMP_STAGE_STATS:
		next_peer(s);
		break;
	case BMP_STAGE_DONE:
		break;
	}
}

int bmp_stream_fill(struct bmp_stream *s, struct wbuf *b, uint64_t counts[BMP_TYPE_COUNT])
{
	enum bmp_type type;
	int ret;

	while (s->stage != BMP_STAGE_DONE) {
		ret = encode(s, b, &type);
		if (ret == -EMSGSIZE && b->len)
			return 0;
		if (ret)
			return ret;
		counts[type]++;
		advance(s);
	}
	return 0;
}
