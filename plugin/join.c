// SPDX-License-Identifier: GPL-2.0-or-later
/* Joining: prepare, then enter. */
#include "join.h"
#include "enter.h"
#include "prepare.h"

int pmreuseport_prepare(const int fds[], size_t n, const struct pmreuseport_config *config,
			struct pmreuseport_member *members[], struct pmreuseport_error *error)
{
	return pmr_prepare(fds, n, NULL, config, members, error);
}

int pmreuseport_enter(struct pmreuseport_member *const members[], size_t n,
		      struct pmreuseport_error *error)
{
	return pmr_enter(members, n, error);
}

int pmr_join_as(int fd, const struct pmr_adoption *adoption,
		const struct pmreuseport_config *config, struct pmreuseport_member **result,
		struct pmreuseport_error *error)
{
	int err;

	err = pmr_prepare(&fd, 1, adoption, config, result, error);
	if (!err)
		err = pmr_enter(result, 1, error);
	if (err) {
		pmreuseport_free(*result);
		*result = NULL;
	}
	return err;
}

int pmreuseport_join(int fd, const struct pmreuseport_config *config,
		     struct pmreuseport_member **member, struct pmreuseport_error *error)
{
	return pmr_join_as(fd, NULL, config, member, error);
}
