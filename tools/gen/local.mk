# SPDX-License-Identifier: GPL-2.0-or-later
# pmreuseport-gen, the traffic generator. All but main() is a library, for the unit tests.

bin_PROGRAMS += pmreuseport-gen
pmreuseport_gen_SOURCES = tools/gen/main.c
pmreuseport_gen_LDADD = tools/gen/libgen.la tools/common/libcommon.la $(JANSSON_LIBS) $(LIBPCAP_LIBS)

noinst_LTLIBRARIES += tools/gen/libgen.la
tools_gen_libgen_la_SOURCES = \
	tools/gen/bmp_command.c \
	tools/gen/bmp_command.h \
	tools/gen/bmp_msg.c \
	tools/gen/bmp_msg.h \
	tools/gen/bmp_run.c \
	tools/gen/bmp_run.h \
	tools/gen/bmp_session.c \
	tools/gen/bmp_session.h \
	tools/gen/bmp_stream.c \
	tools/gen/bmp_stream.h \
	tools/gen/exporter.c \
	tools/gen/exporter.h \
	tools/gen/flow_record.c \
	tools/gen/flow_record.h \
	tools/gen/flow_run.c \
	tools/gen/flow_run.h \
	tools/gen/flow_table.c \
	tools/gen/flow_table.h \
	tools/gen/flows_command.c \
	tools/gen/flows_command.h \
	tools/gen/netflow5.c \
	tools/gen/netflow5.h \
	tools/gen/replay_command.c \
	tools/gen/replay_command.h \
	tools/gen/replay_run.c \
	tools/gen/replay_run.h \
	tools/gen/report.c \
	tools/gen/report.h \
	tools/gen/shared_options.c \
	tools/gen/shared_options.h \
	tools/gen/targets.c \
	tools/gen/targets.h \
	tools/gen/template_flow.c \
	tools/gen/template_flow.h \
	tools/gen/udp_payload.c \
	tools/gen/udp_payload.h \
	tools/gen/udp_socket.c \
	tools/gen/udp_socket.h \
	tools/gen/write_buffer.h
