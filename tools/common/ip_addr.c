/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IP addresses as numbers: parse, print, compare, mask and count upwards. */
#include "ip_addr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

int ip_parse(const char *text, struct ip_addr *ip)
{
	memset(ip, 0, sizeof(*ip));
	ip->family = strchr(text, ':') ? AF_INET6 : AF_INET;
	return inet_pton(ip->family, text, ip->b) == 1 ? 0 : -EINVAL;
}

const char *ip_format(const struct ip_addr *ip, char out[INET6_ADDRSTRLEN])
{
	if (!inet_ntop(ip->family, ip->b, out, INET6_ADDRSTRLEN))
		strcpy(out, "?");
	return out;
}

/* -ERANGE if the sum runs past the last address of the family. */
int ip_add(const struct ip_addr *base, uint32_t n, struct ip_addr *out)
{
	uint64_t carry = n;
	size_t i = ip_len(base);

	*out = *base;
	while (i--) {
		carry += out->b[i];
		out->b[i] = (uint8_t)carry;
		carry >>= 8;
	}
	return carry ? -ERANGE : 0;
}

bool ip_mask(uint8_t b[16], unsigned int length)
{
	bool changed = false;
	uint8_t after;
	unsigned int i;

	for (i = length / 8; i < 16; i++) {
		after = i == length / 8 ? 0xff >> length % 8 : 0xff;
		changed |= b[i] & after;
		b[i] &= ~after;
	}
	return changed;
}

int ip_cmp(const struct ip_addr *a, const struct ip_addr *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	return memcmp(a->b, b->b, sizeof(a->b));
}

socklen_t ip_sockaddr(const struct ip_addr *ip, uint16_t port, struct sockaddr_storage *ss)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)ss;
	struct sockaddr_in *in4 = (struct sockaddr_in *)ss;

	memset(ss, 0, sizeof(*ss));
	ss->ss_family = (sa_family_t)ip->family;
	if (ip->family == AF_INET6) {
		memcpy(&in6->sin6_addr, ip->b, 16);
		in6->sin6_port = htons(port);
		return sizeof(*in6);
	}
	memcpy(&in4->sin_addr, ip->b, 4);
	in4->sin_port = htons(port);
	return sizeof(*in4);
}

void ip_from_sockaddr(const struct sockaddr_storage *ss, struct ip_addr *ip, uint16_t *port)
{
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)ss;
	const struct sockaddr_in *in4 = (const struct sockaddr_in *)ss;

	memset(ip, 0, sizeof(*ip));
	ip->family = AF_INET;
	if (ss->ss_family == AF_INET) {
		memcpy(ip->b, &in4->sin_addr, 4);
		*port = ntohs(in4->sin_port);
		return;
	}
	*port = ntohs(in6->sin6_port);
	if (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr)) {
		memcpy(ip->b, &in6->sin6_addr.s6_addr[12], 4);
		return;
	}
	ip->family = AF_INET6;
	memcpy(ip->b, &in6->sin6_addr, 16);
}
