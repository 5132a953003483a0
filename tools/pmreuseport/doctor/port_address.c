/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "doctor/port_address.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <strings.h>

static const struct {
	const char *ip; /* not set: all addresses */
	const char *interface;
	const char *ipv6_only;
} keys[PORTS] = {
	[PORT_FLOWS] = {"nfacctd_ip", "nfacctd_interface", "nfacctd_ipv6_only"},
	[PORT_BMP] = {"bmp_daemon_ip", "bmp_daemon_interface", "bmp_daemon_ipv6_only"},
	[PORT_BGP] = {"bgp_daemon_ip", "bgp_daemon_interface", "bgp_daemon_ipv6_only"},
};

bool port_address_read(const struct conf *conf, enum doctor_port port, struct port_address *address)
{
	const char *ip = conf_get(conf, keys[port].ip);
	const char *interface = conf_get(conf, keys[port].interface);
	const char *ipv6_only = conf_get(conf, keys[port].ipv6_only);
	struct in6_addr addr6;
	struct in_addr addr4;

	address->device = interface ? if_nametoindex(interface) : 0;
	if (interface && !address->device)
		return false;
	if (ip && inet_pton(AF_INET, ip, &addr4) == 1) {
		address->local = pmr_local_of_v4(addr4);
		return true;
	}
	if (inet_pton(AF_INET6, ip ? ip : "::", &addr6) != 1)
		return false;
	address->local = pmr_local_of_v6(&addr6, ipv6_only && !strcasecmp(ipv6_only, "true"));
	return true;
}
