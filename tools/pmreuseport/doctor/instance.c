/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "doctor/instance.h"

const struct instance *instances_balanced(const struct instances *instances)
{
	size_t i;

	for (i = 0; i < instances->n; i++)
		if (instances->list[i].balanced)
			return &instances->list[i];
	return NULL;
}

bool instance_keeps_out(const struct instance *instance, enum doctor_port port)
{
	static const unsigned int endpoints[PORTS] = {
		[PORT_FLOWS] = PMREUSEPORT_FLOWS,
		[PORT_BMP] = PMREUSEPORT_BMP,
		[PORT_BGP] = PMREUSEPORT_BGP,
	};

	return !(pmreuseport_config_endpoints(instance->config) & endpoints[port]);
}
