# SPDX-License-Identifier: GPL-2.0-or-later
# What it costs; see docs/performance.md. Needs root, and takes some minutes.

EXTRA_DIST += \
	bench/balance \
	bench/baseline.json \
	bench/clusters.py \
	bench/common.py \
	bench/daemon.py \
	bench/events \
	bench/floor.bpf.c \
	bench/placement.py \
	bench/plot \
	bench/profile \
	bench/receive \
	bench/run \
	bench/scaling \
	bench/selector

.PHONY: bench bench-check
bench:
	$(abs_top_srcdir)/bench/run
bench-check:
	$(abs_top_srcdir)/bench/run --check
