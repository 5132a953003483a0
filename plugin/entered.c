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
#include <sys/socket.h>
#include <unistd.h>

#include "beside.h"
#include "endpoint_dir.h"
#include "entered.h"
#include "error.h"

void pmr_entered_mark(int fd, bool entered)
{
	const int value = entered;

	setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &value, sizeof(value));
}

static bool is_of_the_group(const struct pmr_beside *own, const struct pmr_port_socket *sk)
{
	return sk->entered && pmr_beside_in_group(own, sk);
}

int pmr_entered_check(int fd, const struct pmr_endpoint *endpoint, const char *endpoint_path,
		      struct pmreuseport_error *error)
{
	struct pmr_beside own = {.match = is_of_the_group};
	int array, ret;

	array = pmr_endpoint_open_array(endpoint_path, endpoint->name, error);
	if (array >= 0)
		close(array);
	if (array != -ENOENT)
		return array < 0 ? array : 0;
	ret = pmr_beside_find(fd, endpoint, &own, error);
	if (ret <= 0)
		return ret;
	return pmr_refuse(error, PMREUSEPORT_PINS_LOST, -EEXIST,
			  "instances on %s, %s port %u, are live, but their pins are not in %.200s",
			  "use the bpffs that they use; if the pins were removed, first stop all "
			  "instances (ss -lnp%c sport = :%u)",
			  own.found.address, endpoint->tcp ? "TCP" : "UDP", own.parts.port,
			  endpoint_path, endpoint->tcp ? 't' : 'u', own.parts.port);
}
