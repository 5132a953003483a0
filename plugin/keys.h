/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keys of a daemon's configuration file. */
#ifndef PMR_KEYS_H
#define PMR_KEYS_H

#define PMR_KEY_COUNT "reuseport_hashbucket_count"
#define PMR_KEY_INDEX "reuseport_hashbucket_index"
#define PMR_KEY_PROG "reuseport_bpf_prog"
#define PMR_KEY_FALLBACK "reuseport_fallback"
#define PMR_KEY_ENDPOINTS "reuseport_endpoints"
#define PMR_KEY_CLUSTER "cluster_name"

#endif /* PMR_KEYS_H */
