# SPDX-License-Identifier: GPL-2.0-or-later

dist_man_MANS = \
	man/libpmreuseport.3 \
	man/nfacctd-reuseport.7 \
	man/pmreuseport-connect.1 \
	man/pmreuseport-gen.1 \
	man/pmreuseport-listen.1 \
	man/pmreuseport.8
