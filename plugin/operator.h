/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an operator's command asks of the library and daemons do not: to see a cluster, to
 * change it and to steer its exporters. Of the library's inside, so not installed.
 */
#ifndef PMR_OPERATOR_H
#define PMR_OPERATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pmreuseport.h"
#include "reuseport.h"

struct pmr_cluster;

/* operate.c: what an operator does to a cluster, whoever runs in it */

/* Locks a cluster that must be there. Unlock in any case. */
int pmr_operate_open(struct pmr_cluster *cluster, const char *name,
		     struct pmreuseport_error *error);

struct pmr_resized {
	unsigned int before; /* hash buckets */
	unsigned int after;
	unsigned int in_use; /* buckets that exporters are sent to */
};

/*
 * Changes the number of hash buckets of a cluster with live members. -EINVAL: count out
 * of range. -ENOENT: no such cluster, or nobody is alive in it. -ENOTSUP: its selector
 * has no slot table.
 */
int pmr_resize(const char *cluster, unsigned int count, struct pmr_resized *result,
	       struct pmreuseport_error *error);

/*
 * Takes the sockets in a bucket out of it, in all endpoints: for sockets that outlive
 * their process. dead_only: not those of a process that is there, as far as this pid
 * namespace can tell. *released receives how many there were; none is no error.
 */
int pmr_bucket_release(const char *cluster, unsigned int index, bool dead_only,
		       unsigned int *released, struct pmreuseport_error *error);

/*
 * Removes all pins of a cluster. -EBUSY: there are sockets in its buckets. -ENOENT: no such
 * cluster.
 */
int pmr_remove(const char *cluster, struct pmreuseport_error *error);

/* drain.c */

/* Which buckets of a cluster are drained; none if its selector knows nothing of that. */
void pmr_drained_read(const struct pmr_cluster *cluster, struct pmr_drained *drained);

/* Forgets it of the buckets from an index on. */
int pmr_drained_forget(const struct pmr_cluster *cluster, unsigned int from,
		       struct pmreuseport_error *error);

/*
 * Lets nothing new reach a bucket (drain) or gives it its exporters back. *changed: it was
 * not so before. -EINVAL: there is no such bucket. -EBUSY: an endpoint has no other live
 * bucket. -ENOENT: no such cluster. -ENOTSUP: its selector cannot do that.
 */
int pmr_drain(const char *cluster, unsigned int index, bool drain, bool *changed,
	      struct pmreuseport_error *error);

/* pins.c: exporters that are not left to the hash */

struct pmr_pin {
	struct pmr_source source; /* the bits after the prefix are 0 */
	unsigned int length;	  /* of the prefix: 0..32 or 0..128 */
	unsigned int bucket;
};

/* Room for an address, "/", and its length. */
#define PMR_PIN_TEXT 56

/* "198.51.100.0/24"; returns text. */
const char *pmr_pin_text(const struct pmr_pin *pin, char text[PMR_PIN_TEXT]);

struct pmr_pins {
	struct pmr_pin *list; /* in the order of their addresses; to be freed */
	size_t n;
};

/* From struct in_addr or in6_addr, by family. An IPv4-mapped address is an IPv4 one. */
struct pmr_source pmr_source_of(int family, const void *address);

/* The two maps of a cluster that hold its pins; -ENOENT if it has none, which is no error. */
int pmr_pins_open(const struct pmr_cluster *cluster, int *pinned, int *overrides,
		  struct pmreuseport_error *error);

/* What is in those maps now, without a lock. */
int pmr_pins_read(int pinned_fd, int overrides_fd, struct pmr_pins *pins,
		  struct pmreuseport_error *error);

/* The pin with the longest prefix that holds the address, or NULL. */
const struct pmr_pin *pmr_pins_find(const struct pmr_pins *pins, const struct pmr_source *source);

/* How many pins a cluster has. */
size_t pmr_pins_count(const struct pmr_cluster *cluster);

/*
 * The pins of a cluster, read with the lock. -ENOENT: no such cluster. -ENOTSUP: its
 * selector has no pins.
 */
int pmr_pins_of(const char *cluster, struct pmr_pins *pins, struct pmreuseport_error *error);

/* As the bucket of a pin, with PMR_PINS_ADD: there shall be none with that prefix. */
#define PMR_UNPINNED UINT32_MAX

enum pmr_pins_change {
	PMR_PINS_ADD,	  /* instead of those with the same prefix */
	PMR_PINS_REMOVE,  /* by their prefix; -ENOENT, and no change, if one is not there */
	PMR_PINS_REPLACE, /* all that there are */
};

/*
 * Changes the pins of a cluster, all in one step: at no moment does the selector see a part
 * of the change. *pins is put in order. -EINVAL: no such bucket, a prefix twice, or too
 * many. -ENOENT: no such cluster. -ENOTSUP: its selector has no pins.
 */
int pmr_pins_change(const char *cluster, enum pmr_pins_change how, struct pmr_pins *pins,
		    struct pmreuseport_error *error);

/* account.c: counters of each exporter, while they are switched on */

struct pmr_exporter {
	struct pmr_source source;
	struct pmr_account account;
};

/*
 * Begins to count, from zero, or ends it and forgets what was counted. *changed: it was not
 * so before. -ENOENT: no such cluster. -ENOTSUP: its selector does not count.
 */
int pmr_account_switch(const char *cluster, bool on, bool *changed,
		       struct pmreuseport_error *error);

/*
 * What was counted, in no order. *list is to be freed. -EAGAIN: it is switched off. Others
 * as above.
 */
int pmr_account_read(const char *cluster, struct pmr_exporter **list, size_t *n,
		     struct pmreuseport_error *error);

/* members.c */

/* Of a process, which may call itself what it likes, and a terminal might obey. */
void pmr_clean_name(char *name, size_t size);

/* The records of an endpoint, or a negative errno: objects of others have none. */
int pmr_members_open(const char *endpoint_path);

/* Whether there still is a process with the pid that put this socket there. */
bool pmr_member_is_there(const char *endpoint_path, __u32 index, __u64 cookie);

/* A socket that stands in a bucket. */
struct pmr_holder {
	char endpoint[96]; /* the name of its directory */
	unsigned int index;
	uint64_t cookie;
	pid_t pid; /* who put it there, in the pid namespace of that process; 0: unknown */
};

/*
 * Whoever is in the buckets of a cluster, in all endpoints of a protocol, one after the
 * other. *holders is to be freed. -ENOENT: no such cluster.
 */
int pmr_members(const char *cluster, bool tcp, struct pmr_holder **holders, size_t *n,
		struct pmreuseport_error *error);

/* where.c: the selector's decision, foretold; no lock is needed */

/* Descriptors of the maps that decide. */
struct pmr_where {
	int nonce;
	int size;
	int slots;
	int targets;
	int fallback; /* this one and the next: -ENOENT if there is none */
	int drained;
	int pinned;
	int overrides;
};

struct pmr_place {
	unsigned int home;   /* the bucket that it is pinned to, or that the slot table names */
	unsigned int bucket; /* the one that gets the next packet; see decision */
	enum pmr_decision decision; /* PMR_KERNEL, PMR_DROPPED: it reaches no bucket */
};

/*
 * For an endpoint (the name of its directory). pmr_where_close() if it succeeds. -ENOTSUP:
 * the selector is another one than ours.
 */
int pmr_where_open(struct pmr_where *where, const char *cluster, const char *endpoint,
		   struct pmreuseport_error *error);

/* The slot table, all at once. */
int pmr_slots_read(int fd, pmr_slot_t slots[PMR_SLOTS], struct pmreuseport_error *error);

/*
 * What the selector sees at one moment. May be changed, to ask what would be if. To be
 * freed: pins.list.
 */
struct pmr_view {
	__u32 nonce;
	__u32 buckets;
	pmr_slot_t slots[PMR_SLOTS];
	bool live[PMR_MAX_BUCKETS];
	bool drop;
	struct pmr_drained drained;
	struct pmr_pins pins;
};

/* Whether the selector sends anybody to a bucket. */
bool pmr_view_is_open(const struct pmr_view *view, __u32 bucket);

int pmr_where_look(const struct pmr_where *where, struct pmr_view *view,
		   struct pmreuseport_error *error);

/*
 * Where the next packet or connection from an address (struct in_addr or in6_addr, by
 * family) goes. An IPv4-mapped address is an IPv4 one, as on a dual-stack socket.
 */
struct pmr_place pmr_view_place(const struct pmr_view *view, int family, const void *address);

/* The same, of now: whatever has joined, died or been resized since the last question. */
int pmr_where(const struct pmr_where *where, int family, const void *address,
	      struct pmr_place *place, struct pmreuseport_error *error);

void pmr_where_close(struct pmr_where *where);

/* status.c */

struct pmr_bucket_status {
	bool live;
	uint64_t cookie;	  /* of the socket, if live */
	struct pmr_member member; /* who put it there; cookie 0: unknown */
	struct pmr_traffic traffic;
};

struct pmr_endpoint_status {
	char name[96];
	bool counted; /* the selector has counters */
	struct pmr_bucket_status bucket[PMR_MAX_BUCKETS];
	__u64 decisions[PMR_DECISIONS];
};

struct pmr_status {
	unsigned int buckets;
	bool drop;
	bool has_slots;
	unsigned int slots[PMR_MAX_BUCKETS]; /* of each bucket */
	struct pmr_drained drained;
	size_t pins;
	bool account;			       /* exporters are counted */
	struct pmr_endpoint_status *endpoints; /* UDP first */
	size_t n;
};

/* pmr_status_free() in any case. -ENOENT: no such cluster. */
int pmr_status_read(struct pmr_status *status, const char *cluster,
		    struct pmreuseport_error *error);

void pmr_status_free(struct pmr_status *status);

/*
 * The names of all clusters of this user, in alphabetical order. *names is to be freed.
 * -ENOENT: there is none.
 */
int pmr_clusters(char (**names)[PMREUSEPORT_CLUSTER_NAME_MAX + 1], size_t *n,
		 struct pmreuseport_error *error);

#endif /* PMR_OPERATOR_H */
