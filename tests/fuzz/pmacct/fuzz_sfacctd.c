// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sfacctd on sFlow datagrams of several exporters. Each record is written to the ring of a
 * plugin that wants all primitives that there are.
 */

/* Has to come before the other headers of pmacct. */
#include "pmacct.h"

#include "exporters.h"
#include "frames.h"
#include "input.h"

static const char primitives[] = "name=custom_ptr packet_ptr=packet:0 len=8 semantics=raw\n"
				 "name=custom_mac packet_ptr=packet:0+6 len=6 semantics=mac\n"
				 "name=custom_l3 packet_ptr=l3:0x800+9 len=1 semantics=u_int\n"
				 "name=custom_l4 packet_ptr=l4:17+4 len=2 semantics=hex\n"
				 "name=custom_payload packet_ptr=payload:0 len=16 semantics=str\n";

static const char config_format[] =
	"daemonize: false\n"
	"sfacctd_port: 6343\n"
	"sfacctd_recv_batch: 1\n"
	"sfacctd_renormalize: true\n"
	"sfacctd_counter_file: /dev/null\n"
	"sampling_map: %s\n"
	"pre_tag_map: %s\n"
	"aggregate_primitives: %s\n"
	"plugins: print[all], print[tunnel]\n"
	"aggregate[all]: cos, etype, src_mac, dst_mac, vlan, out_vlan, src_host, dst_host,"
	" src_mask, dst_mask, src_net, dst_net, proto, tos, src_port, dst_port, tcpflags, src_as,"
	" dst_as, peer_src_ip, peer_dst_ip, mpls_label_bottom, mpls_label_top, mpls_label_stack,"
	" mpls_vpn_rd, mpls_pw_id, flows, in_iface, out_iface, sampling_rate,"
	" sampling_direction, tag, tag2, label, export_proto_seqno, export_proto_version,"
	" export_proto_sysid, custom_ptr, custom_mac, custom_l3, custom_l4,"
	" custom_payload\n"
	"aggregate_filter[tunnel]: greater 1\n"
	"aggregate[tunnel]: vxlan, tunnel_src_mac, tunnel_dst_mac, tunnel_src_host,"
	" tunnel_dst_host, tunnel_proto, tunnel_tos, tunnel_src_port, tunnel_dst_port,"
	" tunnel_tcpflags, timestamp_arrival\n";

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	exporters_start("sfacctd", config_format, primitives);
	return 0;
}

void target_input(const uint8_t *data, size_t size)
{
	frames_feed(data, size);
	exporters_forget();
}
