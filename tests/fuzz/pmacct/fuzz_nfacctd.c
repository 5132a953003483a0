// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * nfacctd on NetFlow v5, v9 and IPFIX datagrams of several exporters. Templates are kept
 * from datagram to datagram.
 */
#include "frames.h"
#include "input.h"
#include "nfacctd_target.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	nfacctd_start();
	return 0;
}

void target_input(const uint8_t *data, size_t size)
{
	frames_feed(data, size);
	nfacctd_forget();
}
