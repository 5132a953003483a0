# SPDX-License-Identifier: GPL-2.0-or-later
# bpftrace scripts; "run" starts the others.

bpftracedir = $(pkgdatadir)/bpftrace
dist_bpftrace_SCRIPTS = \
	tools/bpftrace/decisions.bt \
	tools/bpftrace/run \
	tools/bpftrace/skb-drops.bt \
	tools/bpftrace/tcp-states.bt \
	tools/bpftrace/udp-drops.bt
