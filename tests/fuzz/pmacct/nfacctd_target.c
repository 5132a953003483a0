// SPDX-License-Identifier: GPL-2.0-or-later
/* Has to come before the other headers of pmacct. */
#include "pmacct.h"

#include "nfacctd.h"

#include "exporters.h"
#include "nfacctd_target.h"
#include "table.h"

static const char primitives[] = "name=custom_uint field_type=47 len=4 semantics=u_int\n"
				 "name=custom_hex field_type=91 len=2 semantics=hex\n"
				 "name=custom_ip field_type=8 len=4 semantics=ip\n"
				 "name=custom_mac field_type=56 len=6 semantics=mac\n"
				 "name=custom_str field_type=82 len=20 semantics=str\n"
				 "name=custom_vlen field_type=94 len=vlen semantics=str\n"
				 "name=custom_raw field_type=637:91 len=8 semantics=raw\n"
				 "name=custom_raw_vlen field_type=9:12235 len=vlen semantics=raw\n"
				 "name=custom_ptr packet_ptr=packet:0 len=8 semantics=raw\n";

static const char config_format[] =
	"daemonize: false\n"
	"nfacctd_port: 2100\n"
	"nfacctd_recv_batch: 1\n"
	"nfacctd_time_new: false\n"
	"nfacctd_account_options: true\n"
	"nfacctd_renormalize: true\n"
	"nfacctd_templates_max: 6\n"
	"nfacctd_templates_max_per_exporter: 4\n"
	"sampling_map: %s\n"
	"pre_tag_map: %s\n"
	"aggregate_primitives: %s\n"
	"plugins: print[all], print[nat]\n"
	"aggregate[all]: cos, etype, src_mac, dst_mac, vlan, out_vlan, src_host, dst_host,"
	" src_mask, dst_mask, src_net, dst_net, proto, tos, src_port, dst_port, tcpflags, src_as,"
	" dst_as, peer_src_ip, peer_dst_ip, mpls_label_bottom, mpls_label_top, mpls_label_stack,"
	" mpls_vpn_rd, mpls_pw_id, class, flows, in_iface, out_iface, sampling_rate,"
	" sampling_direction, tag, tag2, label, export_proto_seqno, export_proto_version,"
	" export_proto_sysid, custom_uint, custom_hex, custom_ip, custom_mac, custom_str,"
	" custom_vlen, custom_raw, custom_raw_vlen, custom_ptr\n"
	"aggregate_filter[nat]: greater 1\n"
	"aggregate[nat]: fw_event, nat_event, post_nat_src_host, post_nat_dst_host,"
	" post_nat_src_port, post_nat_dst_port, vxlan, fwd_status, timestamp_start,"
	" timestamp_end, timestamp_arrival, timestamp_export\n";

void nfacctd_start(void)
{
	exporters_start("nfacctd", config_format, primitives);
}

/* Of nfv9_template.c: see the file "globals". */
extern TAILQ_HEAD(exporters, template_exporter) tpl_exporters_turn;
extern cdada_map_t *tpl_exporters;
extern u_int32_t tpl_num;

static void forget_exporters_of_templates(void)
{
	struct template_exporter *exporter;

	while ((exporter = TAILQ_FIRST(&tpl_exporters_turn))) {
		TAILQ_REMOVE(&tpl_exporters_turn, exporter, turn);
		free(exporter);
	}
	if (tpl_exporters)
		cdada_map_destroy(tpl_exporters);
	tpl_exporters = NULL;
	tpl_num = 0;
}

void nfacctd_forget(void)
{
	struct template_cache_entry *entry, *next;
	size_t i = 0;

	while ((i = table_find(tpl_cache.c, TEMPLATE_CACHE_ENTRIES, i)) < TEMPLATE_CACHE_ENTRIES) {
		for (entry = tpl_cache.c[i]; entry; entry = next) {
			next = entry->next;
			free(entry);
		}
		tpl_cache.c[i] = NULL;
	}
	forget_exporters_of_templates();
	exporters_forget();
}
