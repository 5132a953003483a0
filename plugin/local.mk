# SPDX-License-Identifier: GPL-2.0-or-later
# libpmreuseport. Daemons see pmreuseport_* only; the tools and the unit tests link
# the convenience library, which hides nothing.

noinst_LTLIBRARIES += plugin/libpmr.la
plugin_libpmr_la_SOURCES = \
	bpf/reuseport.h \
	plugin/account.c \
	plugin/account.h \
	plugin/adopt.c \
	plugin/adopt.h \
	plugin/awaited.c \
	plugin/beside.c \
	plugin/beside.h \
	plugin/bpffs.c \
	plugin/bpffs.h \
	plugin/bpffs_make.c \
	plugin/bpffs_make.h \
	plugin/bpffs_map.c \
	plugin/bpffs_map.h \
	plugin/bucket.c \
	plugin/bucket.h \
	plugin/bypass.c \
	plugin/bypass.h \
	plugin/cluster.c \
	plugin/cluster.h \
	plugin/clusters.c \
	plugin/clusters.h \
	plugin/configuration.c \
	plugin/configuration.h \
	plugin/counters.c \
	plugin/counters.h \
	plugin/drain.c \
	plugin/drain.h \
	plugin/drained.c \
	plugin/drained.h \
	plugin/dry_run.c \
	plugin/dry_run.h \
	plugin/endpoint.c \
	plugin/endpoint.h \
	plugin/endpoint_dir.c \
	plugin/endpoint_dir.h \
	plugin/enter.c \
	plugin/enter.h \
	plugin/entered.c \
	plugin/entered.h \
	plugin/error.c \
	plugin/error.h \
	plugin/foreign.c \
	plugin/foreign.h \
	plugin/join.c \
	plugin/join.h \
	plugin/join_check.c \
	plugin/join_check.h \
	plugin/join_netns.c \
	plugin/join_netns.h \
	plugin/keys.c \
	plugin/keys.h \
	plugin/libbpf_log.c \
	plugin/libbpf_log.h \
	plugin/live_sockets.c \
	plugin/live_sockets.h \
	plugin/lock.c \
	plugin/lock.h \
	plugin/member.c \
	plugin/member.h \
	plugin/members.c \
	plugin/members.h \
	plugin/object.c \
	plugin/object.h \
	plugin/object_file.c \
	plugin/object_file.h \
	plugin/object_load.c \
	plugin/object_load.h \
	plugin/object_maps.c \
	plugin/object_maps.h \
	plugin/object_pins.c \
	plugin/object_pins.h \
	plugin/operator.h \
	plugin/overlap.c \
	plugin/overlap.h \
	plugin/owner.c \
	plugin/owner.h \
	plugin/per_cpu.c \
	plugin/per_cpu.h \
	plugin/pin.c \
	plugin/pin.h \
	plugin/pin_maps.c \
	plugin/pin_maps.h \
	plugin/pins.c \
	plugin/pins.h \
	plugin/port_sockets.c \
	plugin/port_sockets.h \
	plugin/port_user.c \
	plugin/prepare.c \
	plugin/prepare.h \
	plugin/proc.c \
	plugin/proc.h \
	plugin/process_id.c \
	plugin/process_id.h \
	plugin/process_name.c \
	plugin/process_name.h \
	plugin/processes.c \
	plugin/processes.h \
	plugin/quarantine.c \
	plugin/quarantine.h \
	plugin/records.c \
	plugin/records.h \
	plugin/release.c \
	plugin/release.h \
	plugin/remove.c \
	plugin/remove.h \
	plugin/resize.c \
	plugin/resize.h \
	plugin/reuse_addr.c \
	plugin/reuse_addr.h \
	plugin/selector_compare.c \
	plugin/selector_compare.h \
	plugin/seed.c \
	plugin/seed.h \
	plugin/selector_attach.c \
	plugin/selector_attach.h \
	plugin/selector_pin.c \
	plugin/selector_pin.h \
	plugin/sharing.c \
	plugin/sharing.h \
	plugin/slots.c \
	plugin/slots.h \
	plugin/stale.c \
	plugin/stale.h \
	plugin/status.c \
	plugin/status.h \
	plugin/strikes.c \
	plugin/strikes.h \
	plugin/tables.c \
	plugin/tables.h \
	plugin/user_ns.c \
	plugin/user_ns.h \
	plugin/version.c \
	plugin/view.c \
	plugin/view.h \
	plugin/where.c \
	plugin/where.h
nodist_plugin_libpmr_la_SOURCES = bpf/reuseport.skel.h bpf/selector_id.h
plugin_libpmr_la_LIBADD = $(LIBBPF_LIBS) $(LIBELF_LIBS) -lpthread

lib_LTLIBRARIES = plugin/libpmreuseport.la
plugin_libpmreuseport_la_SOURCES =
plugin_libpmreuseport_la_LIBADD = plugin/libpmr.la
plugin_libpmreuseport_la_LDFLAGS = $(AM_LDFLAGS) -version-info 1:0:0 \
	-Wl,--version-script=$(srcdir)/plugin/libpmreuseport.map
plugin_libpmreuseport_la_DEPENDENCIES = plugin/libpmr.la plugin/libpmreuseport.map
EXTRA_DIST += plugin/libpmreuseport.map
include_HEADERS = plugin/pmreuseport.h
pkgconfigdir = $(libdir)/pkgconfig
pkgconfig_DATA = plugin/libpmreuseport.pc
