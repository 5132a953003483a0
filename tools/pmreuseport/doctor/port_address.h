/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The address that a daemon binds a port to, by its configuration. */
#ifndef PMREUSEPORT_DOCTOR_PORT_ADDRESS_H
#define PMREUSEPORT_DOCTOR_PORT_ADDRESS_H

#include "doctor/instance.h"
#include "operator.h"

struct port_address {
	struct pmr_local local;
	unsigned int device; /* index; 0: none */
};

/* False: the configuration has something else in place of an address or an interface. */
bool port_address_read(const struct conf *conf, enum doctor_port port,
		       struct port_address *address);

#endif
