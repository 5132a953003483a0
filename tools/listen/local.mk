# SPDX-License-Identifier: GPL-2.0-or-later
# pmreuseport-listen, which uses the public library only.

bin_PROGRAMS += pmreuseport-listen
pmreuseport_listen_SOURCES = \
	tools/listen/datagrams.c \
	tools/listen/exporters.c \
	tools/listen/exporters.h \
	tools/listen/listen.h \
	tools/listen/main.c \
	tools/listen/members.c \
	tools/listen/ports.c \
	tools/listen/run.c \
	tools/listen/sessions.c \
	tools/listen/tell.c
pmreuseport_listen_LDADD = tools/common/libcommon.la plugin/libpmreuseport.la $(JANSSON_LIBS)
