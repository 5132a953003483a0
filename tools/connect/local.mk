# SPDX-License-Identifier: GPL-2.0-or-later
# pmreuseport-connect, which does not use the library.

bin_PROGRAMS += pmreuseport-connect
pmreuseport_connect_SOURCES = \
	tools/connect/answers.c \
	tools/connect/answers.h \
	tools/connect/connect.h \
	tools/connect/links.c \
	tools/connect/links.h \
	tools/connect/loop.c \
	tools/connect/loop.h \
	tools/connect/main.c \
	tools/connect/report.c \
	tools/connect/report.h \
	tools/connect/source_ranges.c \
	tools/connect/source_ranges.h
pmreuseport_connect_LDADD = tools/common/libcommon.la $(JANSSON_LIBS)
