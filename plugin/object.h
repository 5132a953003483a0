/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An ELF object with a selector. */
#ifndef PMR_OBJECT_H
#define PMR_OBJECT_H

#include <linux/types.h>
#include <stdbool.h>

#include "pmreuseport.h"

struct bpf_map;
struct bpf_object;

struct pmr_object {
	struct bpf_object *bpf;
	const char *name; /* for messages */
	const char *id;	  /* tells versions of the built-in selector apart; NULL: not built in */
	bool tcp;
	struct bpf_map *nonce; /* contract: always there */
	struct bpf_map *size;
	struct bpf_map *targets; /* the array of this endpoint's protocol */
	struct bpf_map *seed;	 /* ours only: NULL means feature off */
	struct bpf_map *slots;
	struct bpf_map *fallback;
	struct bpf_map *drained;
	struct bpf_map *pin_set;
	struct bpf_map *pins;
	struct bpf_map *pin_filter;
	struct bpf_map *strikes;
	struct bpf_map *account;
	struct bpf_map *exporters;
	struct bpf_map *budget;
	struct bpf_map *counters;
	struct bpf_map *decisions;
	struct bpf_map *members;
	struct bpf_map *private_to;
	int prog_fd;	      /* -1 until it is loaded or shared */
	bool shares_selector; /* prog_fd is a pinned program; otherwise bpf owns it */
	__u32 shared;	      /* maps that were pinned already: a bit for each pmr_map_spec */
};

/* The name of the program, and of its pin. */
#define PMR_SELECTOR "_selector"

/* A symbolic link to the id of the pinned program, if that is a built-in one. */
#define PMR_SELECTOR_ID_LINK PMR_SELECTOR "_id"

/*
 * Opens an ELF object (NULL: the built-in one) and checks it against the
 * contract; nothing is in the kernel yet. pmr_object_close() in any case.
 */
int pmr_object_open(struct pmr_object *object, const char *file, bool tcp,
		    struct pmreuseport_error *error);

void pmr_object_close(struct pmr_object *object);

#endif /* PMR_OBJECT_H */
