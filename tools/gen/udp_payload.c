/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "udp_payload.h"

#include <pcap/dlt.h>
#include <string.h>

/* LINKTYPE_RAW as files have it; libpcap maps it to its own DLT_RAW on most systems. */
#define LINKTYPE_RAW 101

#define ETHERTYPE_IPV4 0x0800
#define ETHERTYPE_IPV6 0x86dd

#define UDP_HEADER_LEN 8

/* IPv6 extension headers: RFC 8200, 4. */
#define EXT_HOP_BY_HOP 0
#define EXT_ROUTING 43
#define EXT_FRAGMENT 44
#define EXT_DST_OPTIONS 60

struct span {
	const uint8_t *p;
	size_t len;
};

/* The next 'n' bytes, or NULL if there are fewer. */
static const uint8_t *take(struct span *s, size_t n)
{
	const uint8_t *at = s->p;

	if (n > s->len)
		return NULL;
	s->p += n;
	s->len -= n;
	return at;
}

static uint16_t be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static bool is_vlan(uint16_t type)
{
	return type == 0x8100 || type == 0x88a8 || type == 0x9100;
}

static int parse_udp(struct span s, struct udp_view *view)
{
	const uint8_t *udp = take(&s, UDP_HEADER_LEN);
	size_t len;

	/* 's' ends where the IP packet does: the packet is too short, not the capture. */
	if (!udp)
		return UDP_MALFORMED;
	len = be16(udp + 4);
	if (len < UDP_HEADER_LEN || len - UDP_HEADER_LEN > s.len)
		return UDP_MALFORMED;
	view->src_port = be16(udp);
	view->dst_port = be16(udp + 2);
	view->payload = s.p;
	view->len = len - UDP_HEADER_LEN;
	return UDP_OK;
}

/* RFC 791, 3.1 */
static int parse_ipv4(struct span s, struct udp_view *view)
{
	const uint8_t *ip = take(&s, 20);
	size_t header, total;

	if (!ip)
		return UDP_TRUNCATED;
	header = (ip[0] & 15u) * 4;
	total = be16(ip + 2);
	if (ip[0] >> 4 != 4 || header < 20 || total < header)
		return UDP_MALFORMED;
	if (ip[9] != IPPROTO_UDP)
		return UDP_NOT_UDP;
	/* The offset or "more fragments" */
	if (be16(ip + 6) & 0x3fff)
		return UDP_FRAGMENT;
	if (!take(&s, header - 20) || s.len < total - header)
		return UDP_TRUNCATED;
	s.len = total - header; /* without the link's padding */
	view->src.family = AF_INET;
	view->dst.family = AF_INET;
	memcpy(view->src.b, ip + 12, 4);
	memcpy(view->dst.b, ip + 16, 4);
	return parse_udp(s, view);
}

/* Skips the extension headers; *next becomes the protocol after them. */
static int skip_extensions(struct span *s, uint8_t *next)
{
	const uint8_t *ext;

	while (*next == EXT_HOP_BY_HOP || *next == EXT_ROUTING || *next == EXT_DST_OPTIONS ||
	       *next == EXT_FRAGMENT) {
		ext = take(s, 8);
		if (!ext)
			return UDP_MALFORMED;
		if (*next == EXT_FRAGMENT) {
			/* Offset 0 and no more: an atomic fragment (RFC 6946) is whole. */
			if (be16(ext + 2) & 0xfff9)
				return UDP_FRAGMENT;
		} else if (!take(s, ext[1] * 8u)) {
			return UDP_MALFORMED;
		}
		*next = ext[0];
	}
	return UDP_OK;
}

/* RFC 8200, 3 */
static int parse_ipv6(struct span s, struct udp_view *view)
{
	const uint8_t *ip = take(&s, 40);
	uint8_t next;
	int ret;

	if (!ip)
		return UDP_TRUNCATED;
	if (ip[0] >> 4 != 6)
		return UDP_MALFORMED;
	if (s.len < be16(ip + 4))
		return UDP_TRUNCATED;
	s.len = be16(ip + 4);
	next = ip[6];
	ret = skip_extensions(&s, &next);
	if (ret)
		return ret;
	if (next != IPPROTO_UDP)
		return UDP_NOT_UDP;
	view->src.family = AF_INET6;
	view->dst.family = AF_INET6;
	memcpy(view->src.b, ip + 8, 16);
	memcpy(view->dst.b, ip + 24, 16);
	return parse_udp(s, view);
}

static int parse_ethertype(struct span s, uint16_t type, struct udp_view *view)
{
	const uint8_t *tag;

	while (is_vlan(type)) {
		tag = take(&s, 4);
		if (!tag)
			return UDP_TRUNCATED;
		type = be16(tag + 2);
	}
	if (type == ETHERTYPE_IPV4)
		return parse_ipv4(s, view);
	if (type == ETHERTYPE_IPV6)
		return parse_ipv6(s, view);
	return UDP_NOT_UDP;
}

static int parse_raw(struct span s, struct udp_view *view)
{
	if (!s.len)
		return UDP_TRUNCATED;
	if (s.p[0] >> 4 == 6)
		return parse_ipv6(s, view);
	return parse_ipv4(s, view);
}

/* A link header of 'len' bytes that has its EtherType at 'type_at'. */
static int parse_link(struct span s, size_t len, size_t type_at, struct udp_view *view)
{
	const uint8_t *link = take(&s, len);

	return link ? parse_ethertype(s, be16(link + type_at), view) : UDP_TRUNCATED;
}

static int parse_frame(struct span s, int dlt, struct udp_view *view)
{
	switch (dlt) {
	case DLT_EN10MB:
		return parse_link(s, 14, 12, view);
	case DLT_LINUX_SLL:
		return parse_link(s, 16, 14, view);
	case DLT_LINUX_SLL2:
		return parse_link(s, 20, 0, view);
	case DLT_RAW:
	case LINKTYPE_RAW:
		return parse_raw(s, view);
	case DLT_IPV4:
		return parse_ipv4(s, view);
	case DLT_IPV6:
		return parse_ipv6(s, view);
	default:
		return UDP_UNSUPPORTED;
	}
}

bool udp_payload_knows(int dlt)
{
	struct udp_view view;

	return udp_payload((const uint8_t *)"", 0, dlt, &view) != UDP_UNSUPPORTED;
}

int udp_payload(const uint8_t *frame, size_t caplen, int dlt, struct udp_view *out)
{
	struct span s = {.p = frame, .len = caplen};
	struct udp_view view = {0};
	int ret = parse_frame(s, dlt, &view);

	if (ret == UDP_OK)
		*out = view;
	return ret;
}
