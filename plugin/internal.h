/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of the library tell each other. A function that can fail
 * returns 0 or a negative errno and fills the error, as the public ones do.
 */
#ifndef PMR_INTERNAL_H
#define PMR_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "operator.h"
#include "pmreuseport.h"
#include "reuseport.h"

#define PMR_BPFFS "/sys/fs/bpf"
#define PMR_ROOT PMR_BPFFS "/pmacct"

/* Longest of our paths: root, cluster, endpoint, map, with room to spare. */
#define PMR_PATH_MAX 256
#define PMR_CLUSTER_PATH_MAX (sizeof(PMR_ROOT) + 1 + PMREUSEPORT_CLUSTER_NAME_MAX)

struct bpf_map;
struct bpf_object;

/* config.c */

/* Checks numbers and names, whoever made them. */
int pmr_config_check(const struct pmreuseport_config *config, struct pmreuseport_error *error);

/* Checks the name of a cluster. */
int pmr_config_check_cluster(const char *name, struct pmreuseport_error *error);

/* error.c */

/*
 * Fills *error, if error is not NULL: what is wrong and what to do about it, two string
 * literals that are formats, and then the values of both. Returns code, to be passed on.
 */
#define pmr_error(error, code, what, advice, ...) \
	pmr_error_set(error, code, sizeof(what) - 1, what advice, ##__VA_ARGS__)

/* format: of both, one after the other, of which the first has so many bytes. */
int pmr_error_set(struct pmreuseport_error *error, int code, size_t what_length, const char *format,
		  ...) __attribute__((format(printf, 4, 5)));

/* Room for what and advice in one sentence. */
#define PMR_SENTENCE_MAX (sizeof(struct pmreuseport_error) + 2)

/* Writes "what; advice" into text, and returns it. */
const char *pmr_sentence(const struct pmreuseport_error *error, char text[PMR_SENTENCE_MAX]);

/* What to do about it: make room if that is what was missing, or else as is said. */
const char *pmr_advice(int err, const char *otherwise);

/* slots.c */

/* Fills the table for count buckets (1..PMR_MAX_BUCKETS). */
void pmr_slots_fill(pmr_slot_t slots[PMR_SLOTS], unsigned int count);

/* endpoint.c */

struct pmr_endpoint {
	bool tcp;
	uint64_t cookie; /* SO_COOKIE of the socket, unique on this host */
	char name[96];	 /* of the directory of its pins */
};

/* Checks that the socket can be a member, and names its reuseport group. */
int pmr_endpoint_inspect(int fd, struct pmr_endpoint *endpoint, struct pmreuseport_error *error);

/* True if a directory of a cluster is an endpoint's. */
bool pmr_endpoint_is_name(const char *name);

/* Whether an endpoint is in the network namespace of this process. */
int pmr_endpoint_is_here(const char *name, bool *here, struct pmreuseport_error *error);

/* True if both names are of endpoints in one network namespace. */
bool pmr_endpoint_same_netns(const char *a, const char *b);

/* bpffs.c */

/* Things made under the bpffs during a join, to be undone if it fails. */
struct pmr_undo {
	unsigned int n;
	char path[24][PMR_PATH_MAX]; /* a join makes at most seventeen */
};

void pmr_undo_add(struct pmr_undo *undo, const char *path);
void pmr_undo_all(const struct pmr_undo *undo);

/* True if nobody but root and this user can write to it. */
bool pmr_only_ours(const struct stat *st);

bool pmr_bpffs_exists(const char *path);

/* Checks that PMR_BPFFS is a BPF file system. */
int pmr_bpffs_check(struct pmreuseport_error *error);

/* Refuses a directory that is none, or not only ours. -ENOENT: there is none. */
int pmr_bpffs_check_dir(const char *path, struct pmreuseport_error *error);

/* Makes a directory (0700) if it is not there; refuses one that is not only ours. */
int pmr_bpffs_mkdir(const char *path, bool *made, struct pmreuseport_error *error);

/* A descriptor of a pinned map. -ENOENT, and no sentence: it is not there. */
int pmr_bpffs_get(const char *path, struct pmreuseport_error *error);

/*
 * The same for a map whose entries are to be read and written: the kernel copies as many
 * bytes as the map says, so it must be what it is taken for. -EINVAL if it is not.
 */
int pmr_bpffs_open(const char *path, __u32 type, __u32 value_size, struct pmreuseport_error *error);

/* The same for a map whose keys are not numbers. */
int pmr_bpffs_open_keyed(const char *path, __u32 type, __u32 key_size, __u32 value_size,
			 struct pmreuseport_error *error);

/* Pins a map or program that is not pinned there yet. */
int pmr_bpffs_pin(int fd, const char *path, struct pmr_undo *undo, struct pmreuseport_error *error);

/* cluster.c */

struct pmr_cluster {
	int lock; /* descriptor of PMR_ROOT, flock()ed; -1: none */
	char name[PMREUSEPORT_CLUSTER_NAME_MAX + 1];
	char path[PMR_CLUSTER_PATH_MAX];
};

/* For whoever starts: 128 may do so at once, on a small machine. */
#define PMR_LOCK_TIMEOUT_MS 60000

/* Fills in name and path; nothing is locked. */
void pmr_cluster_name(struct pmr_cluster *cluster, const char *name);

/* Locks, and makes the cluster's directory if need be. Unlock in any case. */
int pmr_cluster_create(struct pmr_cluster *cluster, const char *name, struct pmr_undo *undo,
		       struct pmreuseport_error *error);

/* Locks and makes nothing. -ENOENT: there is no cluster at all. */
int pmr_cluster_open(struct pmr_cluster *cluster, const char *name, unsigned int timeout_ms,
		     struct pmreuseport_error *error);

void pmr_cluster_unlock(struct pmr_cluster *cluster);

/*
 * What a pinned map of one number (size, fallback) holds; 0 also if there is none.
 */
__u32 pmr_cluster_number(const struct pmr_cluster *cluster, const char *map);

/* A map of the cluster. -ENOENT, and no sentence: it has none of that name. */
int pmr_cluster_map(const struct pmr_cluster *cluster, const char *map, __u32 type, __u32 key_size,
		    __u32 value_size, struct pmreuseport_error *error);

/* True if the cluster has a pin of that name. */
bool pmr_cluster_has(const struct pmr_cluster *cluster, const char *map);

/* elf.c */

/* The bytes of an ELF object. */
struct pmr_elf {
	const void *bytes;
	size_t size;
	void *owned; /* to be freed; NULL for the built-in object */
};

/*
 * Reads a file into memory, or points to the built-in object if file is NULL. It
 * must be a regular file that nobody but root and this user can write to.
 */
int pmr_elf_read(struct pmr_elf *elf, const char *file, struct pmreuseport_error *error);

void pmr_elf_free(struct pmr_elf *elf);

/* object.c */

struct pmr_object {
	struct bpf_object *bpf;
	const char *name;      /* for messages */
	struct bpf_map *nonce; /* contract: always there */
	struct bpf_map *size;
	struct bpf_map *targets; /* the array of this endpoint's protocol */
	struct bpf_map *slots;	 /* ours only: NULL means feature off */
	struct bpf_map *fallback;
	struct bpf_map *drained;
	struct bpf_map *pinned;
	struct bpf_map *overrides;
	struct bpf_map *account;
	struct bpf_map *exporters;
	struct bpf_map *counters;
	struct bpf_map *decisions;
	struct bpf_map *members;
	int prog_fd; /* owned by bpf; valid once loaded */
};

/* The name of the program, and of its pin. */
#define PMR_SELECTOR "_selector"

/* What the kernel made of the program's instructions; 0 if it does not say. */
uint64_t pmr_program_tag(int prog_fd);

/*
 * Opens an ELF object (NULL: the built-in one) and checks it against the
 * contract; nothing is in the kernel yet. pmr_object_close() in any case.
 */
int pmr_object_open(struct pmr_object *object, const char *file, bool tcp,
		    struct pmreuseport_error *error);

/* Loads it, with maps of its own; nothing is pinned. */
int pmr_object_try(struct pmr_object *object, struct pmreuseport_error *error);

/*
 * Loads it, with the maps that are pinned already in place of its own, and pins
 * those that are not.
 */
int pmr_object_load(struct pmr_object *object, const struct pmr_cluster *cluster,
		    const char *endpoint_path, struct pmr_undo *undo,
		    struct pmreuseport_error *error);

/*
 * Removes the cluster's pins of maps that the object has not; those of the endpoint with
 * endpoint_path, which is NULL for those of all endpoints together.
 */
void pmr_object_drop_stale(const struct pmr_object *object, const struct pmr_cluster *cluster,
			   const char *endpoint_path);

void pmr_object_close(struct pmr_object *object);

/* live.c; all with the lock held */

/* The array of an endpoint. -ENOENT, and no sentence: it has none. Needs no lock. */
int pmr_live_open_array(const char *endpoint_path, const char *endpoint_name,
			struct pmreuseport_error *error);

/* Calls fn for each endpoint of the cluster until it returns other than 0. */
int pmr_live_each_endpoint(const struct pmr_cluster *cluster,
			   int (*fn)(const char *path, const char *name, void *context,
				     struct pmreuseport_error *error),
			   void *context, struct pmreuseport_error *error);

/* How many sockets stand in an array, below an index. */
int pmr_live_count(int targets_fd, unsigned int end, unsigned int *live,
		   struct pmreuseport_error *error);

/* The same for all endpoints of a cluster. */
int pmr_live_in_cluster(const struct pmr_cluster *cluster, unsigned int *live,
			struct pmreuseport_error *error);

/* Whether some endpoint has live buckets, but none below an index that is not drained. */
int pmr_live_only_beyond(const struct pmr_cluster *cluster, unsigned int end,
			 const struct pmr_drained *drained, bool *only,
			 struct pmreuseport_error *error);

/*
 * Whether a bucket is live in each endpoint of the cluster that has live members: an
 * exporter sent there finds its flows and its sessions in one instance.
 */
int pmr_live_everywhere(const struct pmr_cluster *cluster, unsigned int index, bool *everywhere,
			struct pmreuseport_error *error);

/* Which sockets, from bucket first to before bucket end, in all endpoints. */
struct pmr_release {
	unsigned int first;
	unsigned int end;
	bool dead_only; /* not those of a process that is there */
	unsigned int released;
};

/* Takes them out of their buckets, and counts them. */
int pmr_live_release(const struct pmr_cluster *cluster, struct pmr_release *what,
		     struct pmreuseport_error *error);

/*
 * -EEXIST if another cluster balances this endpoint: a reuseport group has one
 * program, and attaching ours would take it from them.
 */
int pmr_live_elsewhere(const struct pmr_cluster *cluster, const char *endpoint_name,
		       struct pmreuseport_error *error);

/* -EEXIST if live instances select by another program than this loaded one. */
int pmr_live_same_selector(const struct pmr_cluster *cluster, const struct pmr_object *object,
			   struct pmreuseport_error *error);

/* Removes what dead endpoints of other network namespaces have left. */
void pmr_live_remove_stale(const struct pmr_cluster *cluster, const char *endpoint_name);

/* bucket.c; with the lock held */

/* No descriptors: a member costs its process nothing and can be forgotten. */
struct pmreuseport_member {
	char cluster[PMREUSEPORT_CLUSTER_NAME_MAX + 1];
	char path[PMR_PATH_MAX]; /* of the endpoint */
	bool tcp;
	__u32 index;
	__u64 cookie;
	struct pmreuseport_holder owner; /* of the socket; pid 0: this process */
	bool was_there;			 /* in the bucket, before the join */
	bool took_over;
	struct pmreuseport_holder previous;
	unsigned int previous_count;
};

/*
 * -EBUSY if the socket is in another bucket of the endpoint: the kernel lets it stand
 * in one entry only.
 */
int pmr_bucket_check(int fd, const struct pmr_object *object,
		     const struct pmreuseport_member *member, struct pmreuseport_error *error);

/* Notes in the member who is in the bucket that it is about to take. */
void pmr_bucket_note_previous(const struct pmr_object *object, struct pmreuseport_member *member);

/* Takes it, and records who did. On an error both are as before. */
int pmr_bucket_enter(int fd, const struct pmr_object *object,
		     const struct pmreuseport_member *member, struct pmreuseport_error *error);

/*
 * Who is in a bucket of an endpoint; pid 0: it is not known. False: nobody. Needs no lock.
 */
bool pmr_bucket_holder(const struct pmreuseport_member *member, struct pmreuseport_holder *holder);

/* Whether the socket stands in the bucket. */
bool pmr_bucket_has(const struct pmr_object *object, const struct pmreuseport_member *member);

/* Takes it out again; needs no descriptor, which may be what was missing. */
void pmr_bucket_undo(const struct pmr_object *object, const struct pmreuseport_member *member);

/* The answer of pmreuseport_held(); the only one here that needs no lock. */
bool pmr_bucket_held(const struct pmreuseport_member *member);

/* The answer of pmreuseport_return(). */
int pmr_bucket_return(int fd, const struct pmreuseport_member *member,
		      struct pmreuseport_error *error);

/* Deletes the entry if it is still the member's. */
int pmr_bucket_leave(const struct pmreuseport_member *member, struct pmreuseport_error *error);

/* join.c */

/* How to join a socket that another process has open. */
struct pmr_adoption {
	struct pmreuseport_holder owner; /* who has it; pid as this process sees it */
	bool if_free;			 /* -EEXIST if another socket is in the bucket */
};

/*
 * pmreuseport_join() for a copy of another process' socket, which can be closed afterwards:
 * the socket is in its bucket for as long as that process has it open. Such a member is not
 * for pmreuseport_return().
 */
int pmr_adopt(int fd, const struct pmr_adoption *adoption, const struct pmreuseport_config *config,
	      struct pmreuseport_member **member, struct pmreuseport_error *error);

/* membership.c */

/*
 * Takes it back, as far as that can be: the socket leaves, unless it was there before, and
 * the program leaves an endpoint that nobody lives in. Whoever was taken over stays out.
 */
int pmr_adopt_undo(int fd, const struct pmreuseport_member *member,
		   struct pmreuseport_error *error);

/* tables.c; with the lock held */

/*
 * Writes nonce, slot table, fallback and size. To be called while no member is live:
 * nobody then sees them half written.
 */
int pmr_tables_write(const struct pmr_object *object, const struct pmr_cluster *cluster,
		     const struct pmreuseport_config *config, struct pmreuseport_error *error);

/*
 * Gives slots to buckets that the cluster has been enlarged by, as soon as they are live
 * everywhere; until then the old ones keep them, so no exporter moves twice. Also
 * completes what a process that was killed here left half written. *in_use receives the
 * number of buckets that have slots; 0: the cluster has no slot table.
 */
int pmr_tables_grow(const struct pmr_cluster *cluster, unsigned int *in_use,
		    struct pmreuseport_error *error);

/* Changes the count under live members. */
int pmr_tables_resize(const struct pmr_cluster *cluster, unsigned int count, unsigned int *in_use,
		      struct pmreuseport_error *error);

/* join.c: what a join is refused for; see there */

/* With the lock held. *live receives the number of sockets in the cluster's buckets. */
int pmr_join_check_live(const struct pmr_cluster *cluster, const struct pmr_object *object,
			const struct pmreuseport_config *config, unsigned int *live,
			struct pmreuseport_error *error);

int pmr_join_check_fallback(const struct pmr_object *object,
			    const struct pmreuseport_config *config,
			    struct pmreuseport_error *error);

/* rehearse.c: tries, without a trace, what a join would need */

enum pmr_feature {
	PMR_FEATURE_PROGRAM,	  /* sk_reuseport programs */
	PMR_FEATURE_MIGRATION,	  /* those that are asked when a listener closes */
	PMR_FEATURE_SOCKARRAY,	  /* arrays of sockets */
	PMR_FEATURE_NETNS_COOKIE, /* the number of a socket's network namespace */
	PMR_FEATURES,
};

/* 0: this kernel has it. -EPERM: this process may not try. Otherwise what the kernel said. */
int pmr_rehearse_feature(enum pmr_feature feature);

struct pmr_rehearsal {
	unsigned int live;  /* sockets in the cluster's buckets; 0: nobody is there */
	unsigned int count; /* the cluster's hash buckets; 0: there is no such cluster */
	bool migrates;	    /* the selector is asked when a listener closes */
};

/*
 * Opens and loads the object, and holds it and the rest of the configuration against
 * whoever is alive in the cluster, for a UDP or TCP socket. config may be NULL: try the
 * built-in object.
 */
int pmr_rehearse(const struct pmreuseport_config *config, bool tcp, struct pmr_rehearsal *result,
		 struct pmreuseport_error *error);

/* selector_in.c */

/*
 * 1 if a file, an object or a library that contains one, has the same selector as this
 * library, 0 if not, or a negative errno. The file must be one that can be trusted.
 */
int pmr_selector_in(const char *file);

/* libbpf_log.c */

struct pmr_log {
	size_t used;
	char text[16384];
};

/*
 * Between these two, what libbpf would print to stderr in this thread goes to
 * the log instead. libbpf has one print function for the whole process, so the
 * calls are serialized and the one that was set before is put back.
 */
void pmr_log_begin(struct pmr_log *log);
void pmr_log_end(void);

/*
 * The last lines that say something, joined with ";", as a part of an error
 * sentence. Points into the log.
 */
const char *pmr_log_tail(struct pmr_log *log);

#endif /* PMR_INTERNAL_H */
