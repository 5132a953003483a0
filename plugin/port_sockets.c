// SPDX-License-Identifier: GPL-2.0-or-later
/* Which sockets the kernel has on a port (sock_diag), without a library that daemons would need. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "port_sockets.h"

/* The most that the kernel puts into one message of a list. */
#define DUMP_SIZE 32768

struct each {
	int (*fn)(const struct pmr_port_socket *sk, void *context);
	void *context;
};

/* NULL: the kernel has not sent it, or not as much of it. */
static const void *find_attr(const struct nlmsghdr *header, unsigned int type, size_t size)
{
	const struct inet_diag_msg *msg = NLMSG_DATA(header);
	const struct rtattr *attr = (const struct rtattr *)(msg + 1);
	int left = NLMSG_PAYLOAD(header, sizeof(*msg));

	for (; RTA_OK(attr, left); attr = RTA_NEXT(attr, left))
		if (attr->rta_type == type && RTA_PAYLOAD(attr) >= size)
			return RTA_DATA(attr);
	return NULL;
}

static int read_socket(const struct nlmsghdr *header, const struct each *each)
{
	const struct inet_diag_msg *msg = NLMSG_DATA(header);
	const uint8_t *v6only = find_attr(header, INET_DIAG_SKV6ONLY, sizeof(*v6only));
	const struct inet_diag_sockopt *options =
		find_attr(header, INET_DIAG_SOCKOPT, sizeof(*options));
	struct pmr_port_socket sk = {
		.entered = options && options->bind_address_no_port,
		.device = msg->id.idiag_if,
		.connected = msg->idiag_state == TCP_ESTABLISHED,
		.user = msg->idiag_uid,
		.inode = msg->idiag_inode,
		.cookie = msg->id.idiag_cookie[0] | (uint64_t)msg->id.idiag_cookie[1] << 32,
	};
	struct in6_addr addr6;

	memcpy(&addr6, msg->id.idiag_src, sizeof(addr6));
	if (msg->idiag_family == AF_INET)
		sk.local = pmr_local_of_v4((struct in_addr){msg->id.idiag_src[0]});
	else
		sk.local = pmr_local_of_v6(&addr6, v6only && *v6only);
	inet_ntop(msg->idiag_family, msg->id.idiag_src, sk.address, sizeof(sk.address));
	return each->fn(&sk, each->context);
}

/* *last: nothing follows these messages. */
static int read_messages(const char *buf, ssize_t n, const struct each *each, bool *last)
{
	const struct nlmsghdr *header = (const struct nlmsghdr *)buf;
	unsigned int left = n;
	int err;

	for (; NLMSG_OK(header, left); header = NLMSG_NEXT(header, left)) {
		*last = header->nlmsg_type == NLMSG_DONE;
		if (*last)
			return 0;
		if (header->nlmsg_type == NLMSG_ERROR)
			return ((const struct nlmsgerr *)NLMSG_DATA(header))->error;
		if (header->nlmsg_len < NLMSG_LENGTH(sizeof(struct inet_diag_msg)))
			return -EBADMSG;
		err = read_socket(header, each);
		if (err)
			return err;
	}
	return 0;
}

static int list(int fd, int family, bool tcp, unsigned int port, const struct each *each)
{
	const struct {
		struct nlmsghdr header;
		struct inet_diag_req_v2 req;
	} request = {
		.header = {.nlmsg_len = sizeof(request),
			   .nlmsg_type = SOCK_DIAG_BY_FAMILY,
			   .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
		.req = {.sdiag_family = family,
			.sdiag_protocol = tcp ? IPPROTO_TCP : IPPROTO_UDP,
			.idiag_states =
				tcp ? 1u << TCP_LISTEN : 1u << TCP_CLOSE | 1u << TCP_ESTABLISHED,
			.id.idiag_sport = htons(port)},
	};
	char buf[DUMP_SIZE] __attribute__((aligned(NLMSG_ALIGNTO)));
	bool last = false;
	ssize_t n;
	int err = 0;

	if (send(fd, &request, sizeof(request), 0) < 0)
		return -errno;
	while (!err && !last) {
		n = recv(fd, buf, sizeof(buf), 0);
		err = n < 0 ? -errno : read_messages(buf, n, each, &last);
	}
	return err;
}

int pmr_port_sockets_each(bool tcp, unsigned int port,
			  int (*fn)(const struct pmr_port_socket *sk, void *context), void *context)
{
	static const int families[] = {AF_INET, AF_INET6};
	const struct each each = {fn, context};
	size_t i;
	int fd, err = 0;

	for (i = 0; !err && i < sizeof(families) / sizeof(families[0]); i++) {
		/* A new one each time: an earlier list may not have been read to its end. */
		fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
		if (fd < 0)
			return -errno;
		err = list(fd, families[i], tcp, port, &each);
		close(fd);
		/* A kernel without IPv6 has no such sockets. */
		if (err == -ENOENT && families[i] == AF_INET6)
			err = 0;
	}
	return err;
}
