// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * At bind() the kernel asks each UDP socket of the port whether it may share the port:
 * SO_REUSEPORT on both, and one user. It does not ask where both have SO_REUSEADDR
 * (udp_lib_lport_inuse()). A socket of any user on a more exact address then gets the packets
 * that were ours. The option of our socket counts at the time of the other's bind(), so clearing
 * it late still closes the port.
 *
 * TCP keeps the option, which a restart needs while old connections are in TIME_WAIT: beside a
 * listening socket it lets no socket of another user pass (inet_bind_conflict()).
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "error.h"
#include "reuse_addr.h"

int pmr_reuse_addr_clear(int fd, const struct pmr_endpoint *endpoint, bool *had,
			 struct pmreuseport_error *error)
{
	int value = 0;

	*had = false;
	if (endpoint->tcp)
		return 0;
	if (getsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &value, &(socklen_t){sizeof(value)}) ||
	    (value && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){0}, sizeof(int))))
		return pmr_error(error, -errno, "cannot clear SO_REUSEADDR of socket %d (%s)",
				 "let the daemon bind without that option", fd, strerror(errno));
	*had = value;
	return 0;
}

void pmr_reuse_addr_restore(int fd, bool had)
{
	if (had)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
}
