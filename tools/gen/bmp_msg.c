/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bmp_msg.h"

#include <errno.h>

#define BGP_OPEN 1
#define BGP_UPDATE 2
#define BGP_PORT 179
#define AS_TRANS 23456

/* Information TLVs: RFC 7854, 4.4 and 4.5 */
#define TLV_SYS_DESCR 1
#define TLV_SYS_NAME 2
#define TLV_REASON 1

/* Gauge of routes in the Adj-RIB-In: RFC 7854, 4.8 */
#define STAT_ADJ_RIB_IN 7

static size_t begin_message(struct wbuf *b, enum bmp_type type)
{
	size_t start = b->len;

	wbuf_u8(b, 3);
	wbuf_u32(b, 0); /* length: end_message() */
	wbuf_u8(b, (uint8_t)type);
	return start;
}

static int end_message(struct wbuf *b, size_t start)
{
	if (b->overflow) {
		b->len = start;
		b->overflow = false;
		return -EMSGSIZE;
	}
	wbuf_patch(b, start + 1, b->len - start, 4);
	return 0;
}

static void ipv4_in_16(struct wbuf *b, const uint8_t addr[4])
{
	wbuf_fill(b, 0, 12);
	wbuf_bytes(b, addr, 4);
}

/* RFC 7854, 4.2 */
static void per_peer_header(struct wbuf *b, const struct bmp_peer *peer)
{
	wbuf_u8(b, 0);	/* global instance peer */
	wbuf_u8(b, 0);	/* IPv4, before policy, AS paths of 4 bytes */
	wbuf_u64(b, 0); /* no distinguisher */
	ipv4_in_16(b, peer->addr);
	wbuf_u32(b, peer->as);
	wbuf_bytes(b, peer->addr, 4); /* BGP id */
	wbuf_u32(b, peer->up_since);
	wbuf_u32(b, 0); /* microseconds */
}

/* RFC 4271, 4.1 */
static size_t begin_bgp(struct wbuf *b, uint8_t type)
{
	size_t start = b->len;

	wbuf_fill(b, 0xff, 16);
	wbuf_u16(b, 0); /* length: end_bgp() */
	wbuf_u8(b, type);
	return start;
}

static void end_bgp(struct wbuf *b, size_t start)
{
	wbuf_patch(b, start + 16, b->len - start, 2);
}

/* RFC 4271, 4.2 with the capabilities (RFC 5492) that the routes rely on. */
static void bgp_open(struct wbuf *b, uint32_t as, const uint8_t id[4])
{
	size_t start = begin_bgp(b, BGP_OPEN);

	wbuf_u8(b, 4);
	wbuf_u16(b, as > UINT16_MAX ? AS_TRANS : (uint16_t)as);
	wbuf_u16(b, 180); /* hold time */
	wbuf_bytes(b, id, 4);
	wbuf_u8(b, 14); /* parameters */
	wbuf_u8(b, 2);	/* capabilities */
	wbuf_u8(b, 12);
	wbuf_u8(b, 1); /* multiprotocol, RFC 4760: IPv4 unicast */
	wbuf_u8(b, 4);
	wbuf_u16(b, 1);
	wbuf_u8(b, 0);
	wbuf_u8(b, 1);
	wbuf_u8(b, 65); /* 4-octet AS numbers, RFC 6793 */
	wbuf_u8(b, 4);
	wbuf_u32(b, as);
	end_bgp(b, start);
}

static void tlv(struct wbuf *b, uint16_t type, const char *text)
{
	size_t len = strlen(text);

	wbuf_u16(b, type);
	wbuf_u16(b, (uint16_t)len);
	wbuf_bytes(b, text, len);
}

int bmp_initiation(struct wbuf *b, const char *sys_name, const char *sys_descr)
{
	size_t start;

	if (strlen(sys_name) > UINT16_MAX || strlen(sys_descr) > UINT16_MAX)
		return -EINVAL;
	start = begin_message(b, BMP_INITIATION);
	tlv(b, TLV_SYS_DESCR, sys_descr);
	tlv(b, TLV_SYS_NAME, sys_name);
	return end_message(b, start);
}

int bmp_termination(struct wbuf *b, uint16_t reason)
{
	size_t start = begin_message(b, BMP_TERMINATION);

	wbuf_u16(b, TLV_REASON);
	wbuf_u16(b, 2);
	wbuf_u16(b, reason);
	return end_message(b, start);
}

/* RFC 7854, 4.10 */
int bmp_peer_up(struct wbuf *b, const struct bmp_peer *peer)
{
	size_t start = begin_message(b, BMP_PEER_UP);

	per_peer_header(b, peer);
	ipv4_in_16(b, peer->local_addr);
	wbuf_u16(b, BGP_PORT);
	wbuf_u16(b, 40000); /* the peer connected to us, from any port */
	bgp_open(b, peer->local_as, peer->local_addr);
	bgp_open(b, peer->as, peer->addr);
	return end_message(b, start);
}

/* RFC 4271, 4.3 and 5.1 */
static void path_attributes(struct wbuf *b, const struct bmp_route *route)
{
	size_t len_at = b->len, from;

	wbuf_u16(b, 0);
	from = b->len;
	wbuf_u8(b, 0x40); /* well-known, transitive */
	wbuf_u8(b, 1);	  /* ORIGIN */
	wbuf_u8(b, 1);
	wbuf_u8(b, 0); /* IGP */
	wbuf_u8(b, 0x40);
	wbuf_u8(b, 2); /* AS_PATH */
	wbuf_u8(b, 10);
	wbuf_u8(b, 2); /* AS_SEQUENCE */
	wbuf_u8(b, 2);
	wbuf_u32(b, route->as_path[0]);
	wbuf_u32(b, route->as_path[1]);
	wbuf_u8(b, 0x40);
	wbuf_u8(b, 3); /* NEXT_HOP */
	wbuf_u8(b, 4);
	wbuf_bytes(b, route->next_hop, 4);
	wbuf_patch(b, len_at, b->len - from, 2);
}

int bmp_route_monitoring(struct wbuf *b, const struct bmp_peer *peer, const struct bmp_route *route)
{
	size_t start, update;

	if (route->prefix_len > 32)
		return -EINVAL;
	start = begin_message(b, BMP_ROUTE_MONITORING);
	per_peer_header(b, peer);
	update = begin_bgp(b, BGP_UPDATE);
	wbuf_u16(b, 0); /* nothing withdrawn */
	path_attributes(b, route);
	wbuf_u8(b, route->prefix_len);
	wbuf_bytes(b, route->prefix, (route->prefix_len + 7u) / 8);
	end_bgp(b, update);
	return end_message(b, start);
}

/* An UPDATE without content: RFC 4724, 2. */
int bmp_end_of_rib(struct wbuf *b, const struct bmp_peer *peer)
{
	size_t start = begin_message(b, BMP_ROUTE_MONITORING), update;

	per_peer_header(b, peer);
	update = begin_bgp(b, BGP_UPDATE);
	wbuf_u16(b, 0);
	wbuf_u16(b, 0);
	end_bgp(b, update);
	return end_message(b, start);
}

int bmp_stats_report(struct wbuf *b, const struct bmp_peer *peer, uint64_t routes)
{
	size_t start = begin_message(b, BMP_STATS_REPORT);

	per_peer_header(b, peer);
	wbuf_u32(b, 1);
	wbuf_u16(b, STAT_ADJ_RIB_IN);
	wbuf_u16(b, 8);
	wbuf_u64(b, routes);
	return end_message(b, start);
}
