# SPDX-License-Identifier: GPL-2.0-or-later
# pmreuseport-connect, which uses no library of this project.

bin_PROGRAMS += pmreuseport-connect
pmreuseport_connect_SOURCES = \
	tools/connect/answers.c \
	tools/connect/answers.h \
	tools/connect/connect.h \
	tools/connect/from.c \
	tools/connect/from.h \
	tools/connect/links.c \
	tools/connect/main.c \
	tools/connect/run.c \
	tools/connect/tell.c
pmreuseport_connect_LDADD = tools/common/libcommon.la $(JANSSON_LIBS)
