// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * No call tells which program a reuseport group has, nor whether a socket is in an array. So if
 * the pins are removed while instances are live, or an instance sees another bpffs, their cluster
 * looks like one that never was. The first join would attach a selector of its own to the group,
 * with an array of one socket, and that instance would get the packets of all.
 *
 * A socket that enters gets IP_BIND_ADDRESS_NO_PORT as a mark. On a socket that is bound this
 * option means nothing, any process can read it (sock_diag, INET_DIAG_SOCKOPT, since Linux 5.10),
 * and it goes with the socket. Adopted sockets have none: their process stays when they leave the
 * bucket, and nothing would remove the mark.
 */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "endpoint_dir.h"
#include "entered.h"
#include "error.h"
#include "overlap.h"
#include "port_sockets.h"

#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif

void pmr_entered_mark(int fd, bool entered)
{
	const int value = entered;

	setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &value, sizeof(value));
}

struct check {
	struct pmr_endpoint_parts parts;
	const struct pmr_endpoint *endpoint;
	uint32_t user;
	struct pmr_port_socket found;
};

static int find(const struct pmr_port_socket *sk, void *context)
{
	struct check *check = context;

	if (!sk->entered || sk->cookie == check->endpoint->cookie || sk->user != check->user ||
	    sk->device != check->parts.device || !pmr_local_same(&sk->local, &check->parts.local))
		return 0;
	check->found = *sk;
	return 1;
}

int pmr_entered_check(int fd, const struct pmr_endpoint *endpoint, const char *endpoint_path,
		      struct pmreuseport_error *error)
{
	struct check check = {.endpoint = endpoint};
	struct stat st;
	int array, err;
	bool here;

	array = pmr_endpoint_open_array(endpoint_path, endpoint->tcp ? "tcp" : "udp", error);
	if (array >= 0)
		close(array);
	if (array != -ENOENT)
		return array < 0 ? array : 0;
	err = pmr_endpoint_is_here(endpoint->name, &here, error);
	if (err || !here || !pmr_endpoint_parse(endpoint->name, &check.parts))
		return err;
	if (fstat(fd, &st))
		return pmr_error(error, -errno, "cannot tell the user of socket %d (%s)",
				 "check the limits of this process", fd, strerror(errno));
	check.user = st.st_uid;
	if (pmr_port_sockets_each(endpoint->tcp, check.parts.port, find, &check) != 1)
		return 0;
	return pmr_refuse(error, PMREUSEPORT_PINS_LOST, -EEXIST,
			  "instances on %s, %s port %u, are live, but their pins are not in %.200s",
			  "use the bpffs that they use; if the pins were removed, stop all "
			  "instances "
			  "first (ss -lnp%c sport = :%u)",
			  check.found.address, endpoint->tcp ? "TCP" : "UDP", check.parts.port,
			  endpoint_path, endpoint->tcp ? 't' : 'u', check.parts.port);
}
