# SPDX-License-Identifier: GPL-2.0-or-later
# Code that the programs share.

noinst_LTLIBRARIES += tools/common/libcommon.la
tools_common_libcommon_la_SOURCES = \
	tools/common/args_number.c \
	tools/common/args_number.h \
	tools/common/array.c \
	tools/common/array.h \
	tools/common/command.c \
	tools/common/command.h \
	tools/common/command_line.c \
	tools/common/command_line.h \
	tools/common/decimal.c \
	tools/common/decimal.h \
	tools/common/descriptors.c \
	tools/common/descriptors.h \
	tools/common/help.c \
	tools/common/help.h \
	tools/common/ip_addr.c \
	tools/common/ip_addr.h \
	tools/common/nearest.c \
	tools/common/nearest.h \
	tools/common/outside_text.c \
	tools/common/outside_text.h \
	tools/common/pacer.c \
	tools/common/pacer.h \
	tools/common/printable.c \
	tools/common/printable.h \
	tools/common/process_files.c \
	tools/common/process_files.h \
	tools/common/process_text.c \
	tools/common/process_text.h \
	tools/common/refuse.c \
	tools/common/refuse.h \
	tools/common/report.c \
	tools/common/report.h \
	tools/common/source_socket.c \
	tools/common/source_socket.h \
	tools/common/sources.c \
	tools/common/sources.h \
	tools/common/timestamp.c \
	tools/common/timestamp.h \
	tools/common/version.c \
	tools/common/version.h
