# SPDX-License-Identifier: GPL-2.0-or-later
# pmreuseport-listen, which uses only the public library.

bin_PROGRAMS += pmreuseport-listen
pmreuseport_listen_SOURCES = \
	tools/listen/datagrams.c \
	tools/listen/datagrams.h \
	tools/listen/exporters.c \
	tools/listen/exporters.h \
	tools/listen/listen.h \
	tools/listen/loop.c \
	tools/listen/loop.h \
	tools/listen/main.c \
	tools/listen/membership.c \
	tools/listen/membership.h \
	tools/listen/ports.c \
	tools/listen/ports.h \
	tools/listen/report.c \
	tools/listen/report.h \
	tools/listen/sessions.c \
	tools/listen/sessions.h
pmreuseport_listen_LDADD = tools/common/libcommon.la plugin/libpmreuseport.la $(JANSSON_LIBS)
