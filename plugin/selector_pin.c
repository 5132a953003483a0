// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bpffs.h"
#include "error.h"
#include "selector_pin.h"

static void name_paths(const char *directory, char path[PMR_PATH_MAX + 16],
		       char new_path[PMR_PATH_MAX + 16])
{
	snprintf(path, PMR_PATH_MAX + 16, "%s/%s", directory, PMR_SELECTOR);
	snprintf(new_path, PMR_PATH_MAX + 16, "%s/%s_new", directory, PMR_SELECTOR);
}

int pmr_selector_pin(const struct pmr_object *object, const char *directory, struct pmr_undo *undo,
		     struct pmreuseport_error *error)
{
	char path[PMR_PATH_MAX + 16], new_path[PMR_PATH_MAX + 16];

	if (object->shares_selector)
		return 0;
	name_paths(directory, path, new_path);
	/* Of a process that was killed. */
	unlink(new_path);
	return pmr_bpffs_pin(object->prog_fd, new_path, undo, error);
}

int pmr_selector_name(const struct pmr_object *object, const char *directory, struct pmr_undo *undo,
		      struct pmreuseport_error *error)
{
	char path[PMR_PATH_MAX + 16], new_path[PMR_PATH_MAX + 16], id_path[PMR_PATH_MAX + 16];

	if (object->shares_selector)
		return 0;
	name_paths(directory, path, new_path);
	snprintf(id_path, sizeof(id_path), "%s/%s", directory, PMR_SELECTOR_ID_LINK);
	unlink(id_path);
	if (!pmr_bpffs_exists(path))
		pmr_undo_add(undo, path);
	if (rename(new_path, path))
		return pmr_error(error, -errno, "cannot pin %s (%s)", "%s", path, strerror(errno),
				 pmr_bpffs_advice(-errno));
	/* Without the link, others only load the program again. */
	if (object->id && !symlink(object->id, id_path))
		pmr_undo_add(undo, id_path);
	return 0;
}
