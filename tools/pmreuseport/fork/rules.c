/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fork/rules.h"

#include <string.h>

#include "pmreuseport.h"

#define OTHER_PROGRAM                                                                           \
	"nfacctd refuses it together with the reuseport_* keys; remove it, or name the object " \
	"with reuseport_bpf_prog"

#define SPREAD_BY_KERNEL \
	"it is in no hash bucket, so the kernel spreads its traffic over the instances"

/*
 * Files that are written and sockets that cannot be shared, of pmacct 1.7.8 up to its
 * development branch in August 2026. Tables, topics and brokers are meant to be shared, and
 * files that are only read can be.
 */
const struct fork_rule fork_rules[] = {
	{"reuseport_hashbucket_count", .how = FORK_COUNT},
	{"reuseport_hashbucket_index", .how = FORK_INDEX},

	{"pidfile", .how = FORK_FILE},
	{"logfile", .how = FORK_FILE},
	{"core_proc_name", .how = FORK_NAME},
	{"nfacctd_proc_name", .how = FORK_NAME},
	{"pmacctd_proc_name", .how = FORK_NAME},
	{"sfacctd_proc_name", .how = FORK_NAME},
	{"uacctd_proc_name", .how = FORK_NAME},

	{"print_output_file", .how = FORK_FILE},
	{"print_latest_file", .how = FORK_FILE},
	{"print_output_lock_file", .how = FORK_FILE},
	{"avro_schema_file", .how = FORK_FILE},
	{"avro_schema_output_file", .how = FORK_FILE},
	{"nfacctd_templates_file", .how = FORK_FILE},
	{"sfacctd_counter_file", .how = FORK_FILE},

	{"bgp_blackhole_dump_file", .how = FORK_FILE},
	{"bgp_blackhole_dump_latest_file", .how = FORK_FILE},
	{"bgp_blackhole_msglog_file", .how = FORK_FILE},
	{"bgp_daemon_msglog_file", .how = FORK_FILE},
	{"bgp_daemon_msglog_avro_schema_file", .how = FORK_FILE},
	{"bgp_neighbors_file", .how = FORK_FILE},
	{"bgp_table_dump_file", .how = FORK_FILE},
	{"bgp_table_dump_latest_file", .how = FORK_FILE},
	{"bgp_table_dump_avro_schema_file", .how = FORK_FILE},
	{"bmp_daemon_msglog_file", .how = FORK_FILE},
	{"bmp_daemon_msglog_avro_schema_file", .how = FORK_FILE},
	{"bmp_dump_file", .how = FORK_FILE},
	{"bmp_dump_latest_file", .how = FORK_FILE},
	{"bmp_dump_avro_schema_file", .how = FORK_FILE},
	{"telemetry_daemon_msglog_file", .how = FORK_FILE},
	{"telemetry_dump_file", .how = FORK_FILE},
	{"telemetry_dump_latest_file", .how = FORK_FILE},
	{"igp_daemon_map_msglog", .how = FORK_FILE},

	/* The socket that pmacct(1) connects to. */
	{"imt_path", .how = FORK_SOCKET, .plugin_type = "memory", .absent = "/tmp/collect.pipe"},

	/* Instances share databases on a server; with SQLite, these are files. */
	{"sql_db", .how = FORK_FILE, .plugin_type = "sqlite3", .absent = "/tmp/pmacct.db"},
	{"sql_backup_host", .how = FORK_FILE, .plugin_type = "sqlite3"},
	{"sql_recovery_backup_host", .how = FORK_FILE, .plugin_type = "sqlite3"},

	/* The prefix of the keys that an instance writes. */
	{"cluster_id", .how = FORK_NUMBER, .absent = "0", .if_key = "redis_host"},

	/*
	 * Of daemons with the same number only one writes, as they have the same routers: an
	 * instance here, and the one with its index on another host.
	 */
	{"bgp_daemon_ha_cluster_id", .how = FORK_NUMBER, .absent = "0", .if_key = "bgp_daemon_ha",
	 .if_value = "true"},
	{"bmp_daemon_ha_cluster_id", .how = FORK_NUMBER, .absent = "0", .if_key = "bmp_daemon_ha",
	 .if_value = "true"},

	/* A port that is opened without SO_REUSEPORT: the second instance would not start. */
	{"bgp_daemon_lg_port", .how = FORK_PORT, .absent = "17900", .if_key = "bgp_daemon_lg",
	 .if_value = "true"},

	/* The kernel would spread what arrives there. */
	{"nfacctd_port", .how = FORK_PORT, .endpoint = PMREUSEPORT_FLOWS, .ip_key = "nfacctd_ip"},
	{"bmp_daemon_port", .how = FORK_PORT, .absent = "1790", .if_key = "bmp_daemon",
	 .if_value = "true", .endpoint = PMREUSEPORT_BMP, .ip_key = "bmp_daemon_ip"},
	{"bgp_daemon_port", .how = FORK_PORT, .absent = "179", .if_key = "bgp_daemon",
	 .if_value = "true", .endpoint = PMREUSEPORT_BGP, .ip_key = "bgp_daemon_ip"},

	{"nfacctd_rp_ebpf_prog", .note = OTHER_PROGRAM},
	{"bmp_daemon_rp_ebpf_prog", .note = OTHER_PROGRAM},
	{"bgp_daemon_rp_ebpf_prog", .note = OTHER_PROGRAM},
	{"telemetry_daemon_port_tcp", .note = SPREAD_BY_KERNEL},
	{"telemetry_daemon_port_udp", .note = SPREAD_BY_KERNEL},
	{"telemetry_daemon_udp_notif_port", .note = SPREAD_BY_KERNEL},
	{"telemetry_daemon_grpc_collector_conf",
	 .note = "check whether instances can share the ports in it"},
	{"isis_daemon_net",
	 .note = "two IS-IS speakers must not have one address; give each file its own"},
	{0},
};

/* Files that are only read, and keys that just look like files. */
static const char *const same[] = {
	"bgp_daemon_allow_file",
	"bgp_daemon_md5_file",
	"bmp_daemon_allow_file",
	"dtls_path",
	"geoip_ipv4_file",
	"geoip_ipv6_file",
	"geoipv2_file",
	"mongo_indexes_file",
	"networks_file",
	"nfacctd_allow_file",
	"pcap_savefile",
	"ports_file",
	"print_output_custom_cfg_file",
	"print_write_empty_file",
	"protos_file",
	"rpki_roas_file",
	"sfacctd_allow_file",
	"sql_conn_ca_file",
	"telemetry_daemon_allow_file",
	"tos_file",
	NULL,
};

const struct fork_rule *fork_rule_of(const char *key)
{
	const struct fork_rule *rule;

	for (rule = fork_rules; rule->key; rule++)
		if (!strcmp(rule->key, key))
			return rule;
	return NULL;
}

static bool ends_with(const char *text, const char *end)
{
	const size_t length = strlen(text), of_end = strlen(end);

	return length >= of_end && !strcmp(text + length - of_end, end);
}

bool fork_key_is_unknown(const char *key)
{
	const char *const *known;

	if (!ends_with(key, "_file") && !ends_with(key, "_path") && !ends_with(key, "_socket"))
		return false;
	if (fork_rule_of(key) || ends_with(key, "kafka_config_file"))
		return false;
	for (known = same; *known; known++)
		if (!strcmp(*known, key))
			return false;
	return true;
}
