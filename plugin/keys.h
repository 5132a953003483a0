/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keys of a configuration, checked. */
#ifndef PMR_KEYS_H
#define PMR_KEYS_H

#include "pmreuseport.h"

/* Checks numbers and names, from whatever source. */
int pmr_config_check(const struct pmreuseport_config *config, struct pmreuseport_error *error);

/* Checks the name of a cluster. */
int pmr_config_check_cluster(const char *name, struct pmreuseport_error *error);

#endif /* PMR_KEYS_H */
