/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keys of a daemon's configuration file. */
#ifndef PMR_KEYS_H
#define PMR_KEYS_H

#define PMR_KEY_COUNT "reuseport_hashbucket_count"
#define PMR_KEY_INDEX "reuseport_hashbucket_index"
#define PMR_KEY_PROG "reuseport_bpf_prog"
#define PMR_KEY_FALLBACK "reuseport_fallback"
#define PMR_KEY_ENDPOINTS "reuseport_endpoints"
#define PMR_KEY_SEED "reuseport_seed"
#define PMR_KEY_CLUSTER "cluster_name"

/* Of pmacct's high availability: the same for a daemon and its peer at the other site. */
#define PMR_KEY_BGP_HA_CLUSTER "bgp_daemon_ha_cluster_name"
#define PMR_KEY_BMP_HA_CLUSTER "bmp_daemon_ha_cluster_name"

#endif /* PMR_KEYS_H */
