/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sockets/diag.h"

#include "doctor/capabilities.h"
#include "operator.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <string.h>

/* The most that the kernel puts into one message of a list. */
#define DUMP_SIZE 32768

struct each {
	int (*fn)(const struct diag_socket *sk, void *context);
	void *context;
};

int diag_open(struct diag *diag, struct pmreuseport_error *error)
{
	int err;

	diag->seq = 0;
	diag->netlink = mnl_socket_open2(NETLINK_SOCK_DIAG, SOCK_CLOEXEC);
	if (diag->netlink && !mnl_socket_bind(diag->netlink, 0, MNL_SOCKET_AUTOPID))
		return 0;
	err = -errno;
	diag_close(diag);
	return pmr_error(error, err, "cannot ask the kernel for its sockets (%s)",
			 "it needs CONFIG_INET_DIAG", strerror(-err));
}

void diag_close(struct diag *diag)
{
	if (diag->netlink)
		mnl_socket_close(diag->netlink);
	diag->netlink = NULL;
}

/* Sends one request and reads the whole answer. */
static int talk(struct diag *diag, int type, int flags, const struct inet_diag_req_v2 *req,
		mnl_cb_t fn, void *context)
{
	char buf[DUMP_SIZE] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct nlmsghdr *header = mnl_nlmsg_put_header(buf);
	ssize_t n;
	int ret;

	header->nlmsg_type = type;
	header->nlmsg_flags = NLM_F_REQUEST | flags;
	header->nlmsg_seq = ++diag->seq;
	memcpy(mnl_nlmsg_put_extra_header(header, sizeof(*req)), req, sizeof(*req));
	if (mnl_socket_sendto(diag->netlink, header, header->nlmsg_len) < 0)
		return -errno;
	do {
		n = mnl_socket_recvfrom(diag->netlink, buf, sizeof(buf));
		if (n < 0)
			return -errno;
		ret = mnl_cb_run(buf, n, diag->seq, mnl_socket_get_portid(diag->netlink), fn,
				 context);
	} while (ret > MNL_CB_STOP);
	return ret < 0 ? -errno : 0;
}

static int read_attribute(const struct nlattr *attr, void *context)
{
	struct diag_socket *sk = context;

	const uint32_t *numbers = mnl_attr_get_payload(attr);

	if (mnl_attr_get_type(attr) == INET_DIAG_SKV6ONLY && !mnl_attr_validate(attr, MNL_TYPE_U8))
		sk->v6only = mnl_attr_get_u8(attr);
	if (mnl_attr_get_type(attr) == INET_DIAG_SKMEMINFO &&
	    mnl_attr_get_payload_len(attr) > SK_MEMINFO_DROPS * sizeof(*numbers))
		sk->drops = numbers[SK_MEMINFO_DROPS];
	return MNL_CB_OK;
}

static int read_socket(const struct nlmsghdr *header, void *context)
{
	const struct inet_diag_msg *msg = mnl_nlmsg_get_payload(header);
	const struct each *each = context;
	struct diag_socket sk = {0};
	int err;

	if (mnl_nlmsg_get_payload_len(header) < sizeof(*msg))
		return MNL_CB_OK;
	sk.family = msg->idiag_family;
	sk.id = msg->id;
	sk.cookie = sk.id.idiag_cookie[0] | (uint64_t)sk.id.idiag_cookie[1] << 32;
	sk.inode = msg->idiag_inode;
	sk.user = msg->idiag_uid;
	sk.queue = msg->idiag_rqueue;
	mnl_attr_parse(header, sizeof(*msg), read_attribute, &sk);
	err = each->fn(&sk, each->context);
	if (!err)
		return MNL_CB_OK;
	errno = -err;
	return MNL_CB_ERROR;
}

int diag_each(struct diag *diag, int protocol, int state, uint16_t port,
	      int (*fn)(const struct diag_socket *sk, void *context), void *context,
	      struct pmreuseport_error *error)
{
	static const int families[] = {AF_INET, AF_INET6};
	struct inet_diag_req_v2 req = {.sdiag_protocol = protocol,
				       .idiag_ext = 1u << (INET_DIAG_SKMEMINFO - 1),
				       .idiag_states = 1u << state};
	const char *name = protocol == IPPROTO_UDP ? "UDP" : "TCP";
	struct each each = {fn, context};
	size_t i;
	int err;

	req.id.idiag_sport = port;
	for (i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		req.sdiag_family = families[i];
		err = talk(diag, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, &req, read_socket, &each);
		/* A kernel without IPv6 has no such sockets. */
		if (err == -ENOENT && families[i] == AF_INET6)
			continue;
		if (err)
			return pmr_error(error, err, "cannot list the %s sockets (%s)",
					 "the kernel needs CONFIG_INET_%s_DIAG", name,
					 strerror(-err), name);
	}
	return 0;
}

int diag_destroy(struct diag *diag, const struct diag_socket *sk, struct pmreuseport_error *error)
{
	const struct inet_diag_req_v2 req = {
		.sdiag_family = sk->family,
		.sdiag_protocol = IPPROTO_TCP,
		.id = sk->id,
	};
	int err = talk(diag, SOCK_DESTROY, NLM_F_ACK, &req, NULL, NULL);

	switch (err) {
	case 0:
	case -ENOENT:
		return err;
	case -ESTALE: /* the same addresses and ports, but another connection */
		return -ENOENT;
	case -EPERM:
		return pmr_error(error, err,
				 "the kernel does not let this process close connections of others "
				 "(%s)",
				 "%s", strerror(-err), net_admin_advice());
	case -EOPNOTSUPP:
		return pmr_error(error, err,
				 "this kernel cannot close connections of others (%s), it needs "
				 "CONFIG_INET_DIAG_DESTROY",
				 "reset the sessions on the routers", strerror(-err));
	default:
		return pmr_error(error, err, "the kernel did not close a connection (%s)",
				 "try again", strerror(-err));
	}
}
