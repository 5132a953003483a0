// SPDX-License-Identifier: GPL-2.0-or-later
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "pmreuseport.h"

const char *pmreuseport_version(void)
{
	return PACKAGE_VERSION;
}
