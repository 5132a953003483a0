# SPDX-License-Identifier: GPL-2.0-or-later
# libpmreuseport. Daemons see pmreuseport_* only; the tools and the unit tests link
# the convenience library, which hides nothing.

noinst_LTLIBRARIES += plugin/libpmr.la
plugin_libpmr_la_SOURCES = \
	bpf/reuseport.h \
	plugin/account.c \
	plugin/bpffs.c \
	plugin/bucket.c \
	plugin/cluster.c \
	plugin/config.c \
	plugin/drain.c \
	plugin/elf.c \
	plugin/endpoint.c \
	plugin/error.c \
	plugin/internal.h \
	plugin/join.c \
	plugin/libbpf_log.c \
	plugin/live.c \
	plugin/members.c \
	plugin/membership.c \
	plugin/object.c \
	plugin/operate.c \
	plugin/operator.h \
	plugin/pins.c \
	plugin/pins.h \
	plugin/pins_change.c \
	plugin/rehearse.c \
	plugin/selector_in.c \
	plugin/slots.c \
	plugin/status.c \
	plugin/tables.c \
	plugin/where.c
nodist_plugin_libpmr_la_SOURCES = bpf/reuseport.skel.h
plugin_libpmr_la_LIBADD = $(LIBBPF_LIBS) -lpthread

lib_LTLIBRARIES = plugin/libpmreuseport.la
plugin_libpmreuseport_la_SOURCES =
plugin_libpmreuseport_la_LIBADD = plugin/libpmr.la
plugin_libpmreuseport_la_LDFLAGS = $(AM_LDFLAGS) -version-info 1:0:0 \
	-export-symbols-regex '^pmreuseport_'
include_HEADERS = plugin/pmreuseport.h
pkgconfigdir = $(libdir)/pkgconfig
pkgconfig_DATA = plugin/libpmreuseport.pc
