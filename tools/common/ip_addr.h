/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_IP_ADDR_H
#define TOOLS_IP_ADDR_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/* An IPv4 address fills the first 4 bytes, the others are zero. */
struct ip_addr {
	int family;
	uint8_t b[16];
};

int ip_parse(const char *text, struct ip_addr *ip);
const char *ip_format(const struct ip_addr *ip, char out[INET6_ADDRSTRLEN]);
int ip_add(const struct ip_addr *base, uint32_t n, struct ip_addr *out);

/*
 * Clears the bits after a prefix of an address; an IPv4 address is the first 4 bytes, the
 * others are zero. True if one of them was set.
 */
bool ip_mask(uint8_t b[16], unsigned int length);

int ip_cmp(const struct ip_addr *a, const struct ip_addr *b);

/* An IPv4-mapped IPv6 address becomes the IPv4 address. */
void ip_from_sockaddr(const struct sockaddr_storage *ss, struct ip_addr *ip, uint16_t *port);

socklen_t ip_sockaddr(const struct ip_addr *ip, uint16_t port, struct sockaddr_storage *ss);

static inline size_t ip_len(const struct ip_addr *ip)
{
	return ip->family == AF_INET6 ? 16 : 4;
}

#endif
