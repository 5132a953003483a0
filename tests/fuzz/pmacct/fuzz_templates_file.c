// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * nfacctd on a templates file, and then on datagrams that need these templates.
 */
/* Has to come before the other headers of pmacct. */
#include "pmacct.h"

#include "nfacctd.h"

#include "files.h"
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
	if (!files_take_input(&data, &size))
		return;
	load_templates_from_file(FILES_INPUT);
	frames_feed(data, size);
	nfacctd_forget();
}
