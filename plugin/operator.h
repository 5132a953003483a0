/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the tools ask of the library and daemons do not: to see a cluster, to change it and
 * to steer its exporters. The rest of the library's headers are not for the tools; none of
 * these is installed.
 */
#ifndef PMR_OPERATOR_H
#define PMR_OPERATOR_H

#include "account.h"
#include "adopt.h"
#include "bpffs.h"
#include "clusters.h"
#include "configuration.h"
#include "drain.h"
#include "dry_run.h"
#include "endpoint.h"
#include "error.h"
#include "foreign.h"
#include "members.h"
#include "overlap.h"
#include "owner.h"
#include "pin.h"
#include "pins.h"
#include "port_sockets.h"
#include "process_name.h"
#include "processes.h"
#include "quarantine.h"
#include "release.h"
#include "remove.h"
#include "resize.h"
#include "seed.h"
#include "selector_compare.h"
#include "slots.h"
#include "status.h"
#include "user_ns.h"
#include "view.h"
#include "where.h"

#endif /* PMR_OPERATOR_H */
