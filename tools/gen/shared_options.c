/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "shared_options.h"

#include "common/refuse.h"

#include <errno.h>
#include <string.h>

int parse_net24(const char *text, uint8_t net[3], struct pmreuseport_error *error)
{
	struct ip_addr ip;

	if (ip_parse(text, &ip) || ip.family != AF_INET || ip.b[3])
		return refuse(error, -EINVAL, "give A.B.C.0",
			      "--dst-net '%.100s' is not a /24 network", text);
	memcpy(net, ip.b, 3);
	return 0;
}

int check_target(const struct targets *to, struct pmreuseport_error *error)
{
	if (to->v4.len || to->v6.len)
		return 0;
	return refuse(error, -EINVAL, "name the collector with --to ADDR:PORT", "target missing");
}

int check_traffic(const struct targets *to, const struct sources *from,
		  struct pmreuseport_error *error)
{
	int err = check_target(to, error);

	if (err)
		return err;
	if (!from->count)
		return refuse(error, -EINVAL, "give some with --source ADDR[+N]", "source missing");
	return targets_check(to, from, error);
}
