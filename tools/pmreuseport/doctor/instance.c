/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "doctor/instance.h"

const struct instance *instances_balanced(const struct instances *instances)
{
	size_t i;

	for (i = 0; i < instances->n; i++)
		if (instances->list[i].balanced)
			return &instances->list[i];
	return NULL;
}
