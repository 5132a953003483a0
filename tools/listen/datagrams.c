/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UDP: datagrams are counted, reported and answered. */
#include "datagrams.h"

#include "report.h"

#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

/* Datagrams to read at a time, before it is the turn of other ports. */
#define BATCH 64

#define ANSWER_BEGINS "bucket "

/* The incoming interface matters only for a link-local address. */
static void any_interface(struct msghdr *msg)
{
	struct cmsghdr *c;

	for (c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			struct in_pktinfo *info = (void *)CMSG_DATA(c);

			info->ipi_ifindex = 0;
		} else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
			struct in6_pktinfo *info = (void *)CMSG_DATA(c);

			if (!IN6_IS_ADDR_LINKLOCAL(&info->ipi6_addr))
				info->ipi6_ifindex = 0;
		}
	}
}

/* msg as it was received: its control data has the address to answer from. */
static void answer(struct listen *listen, int fd, struct msghdr *msg, size_t len)
{
	const char *text = msg->msg_iov->iov_base;

	/* Two listeners must not answer each other forever. */
	if (len > strlen(ANSWER_BEGINS) && !memcmp(text, ANSWER_BEGINS, strlen(ANSWER_BEGINS))) {
		listen->answers++;
		return;
	}
	any_interface(msg);
	msg->msg_iov->iov_base = listen->answer;
	msg->msg_iov->iov_len = listen->answer_len;
	if (sendmsg(fd, msg, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		listen->udp.unanswered++;
}

static void count(struct listen *listen, const struct port *port,
		  const struct sockaddr_storage *from, size_t len)
{
	struct ip_addr address;
	uint16_t source_port;

	listen->udp.items++;
	listen->udp.bytes += len;
	ip_from_sockaddr(from, &address, &source_port);
	switch (exporters_note(&listen->exporters, &address, false)) {
	case SEEN_BEFORE:
		break;
	case SEEN_NEW:
		listen->udp.exporters++;
		report_datagram(listen, &address, source_port, port, len);
		break;
	case SEEN_TOO_MANY:
		listen->not_remembered++;
		break;
	}
}

int datagrams_ready(struct listen *listen, struct watched *watched)
{
	const struct port *port = (const struct port *)watched;
	char payload[65536], control[CMSG_SPACE(sizeof(struct in6_pktinfo)) + 64];
	struct sockaddr_storage from;
	unsigned int i;
	ssize_t len;

	for (i = 0; i < BATCH; i++) {
		struct iovec iov = {.iov_base = payload, .iov_len = sizeof(payload)};
		struct msghdr msg = {
			.msg_name = &from,
			.msg_namelen = sizeof(from),
			.msg_iov = &iov,
			.msg_iovlen = 1,
			.msg_control = control,
			.msg_controllen = sizeof(control),
		};

		len = recvmsg(watched->fd, &msg, MSG_DONTWAIT);
		if (len < 0 && (errno == EAGAIN || errno == EINTR))
			return 0;
		if (len < 0) {
			/* The result of an earlier answer: an error of the other end. */
			if (errno == ECONNREFUSED || errno == EHOSTUNREACH || errno == ENETUNREACH)
				continue;
			warn("cannot read from UDP port %u", port->number);
			return -errno;
		}
		count(listen, port, &from, (size_t)len);
		answer(listen, watched->fd, &msg, (size_t)len);
	}
	return 0;
}
