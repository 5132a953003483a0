/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libpmreuseport: make one socket of a daemon one hash bucket of a cluster.
 *
 * A cluster is a set of instances (processes) behind one port. Each instance
 * holds one hash bucket; an SK_REUSEPORT program picks the bucket from the
 * exporter's source address, so that an exporter always reaches the same
 * instance. All state is pinned under /sys/fs/bpf/pmacct/<cluster>/.
 *
 * The library prints nothing and never exits. Every call that can fail returns
 * 0 or a negative errno and fills struct pmreuseport_error.
 *
 * Thread-safe: calls may be made from several threads at once. libbpf's print function
 * belongs to the whole process; it is replaced during pmreuseport_join() and put back
 * afterwards. A child that was forked by another thread meanwhile must not join.
 *
 * Types that a later version may extend do not change their size for the caller: the
 * configuration, the member and the quarantine are opaque, and what they gain comes with a
 * function. The structs that a caller has on its stack, struct pmreuseport_error, struct
 * pmreuseport_process and struct pmreuseport_strike, have a fixed size with room to spare, because
 * a failure must be told without memory. An enumeration can gain values: handle one that is
 * unknown as is said there.
 */
#ifndef PMREUSEPORT_H
#define PMREUSEPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The version of the library at run time, such as "0.1.0". */
const char *pmreuseport_version(void);

/* Entries in a REUSEPORT_SOCKARRAY of the contract, hence the most buckets. */
#define PMREUSEPORT_MAX_BUCKETS 128

/* The most sockets that an instance can join with in one step. */
#define PMREUSEPORT_MAX_SOCKETS 16

/* Longest cluster name, without the terminating NUL. */
#define PMREUSEPORT_CLUSTER_NAME_MAX 63

/* Longest name of a seed, without the terminating NUL. */
#define PMREUSEPORT_SEED_MAX 63

#define PMREUSEPORT_DEFAULT_CLUSTER "default"

/* How long a join waits for the lock of the pins, in milliseconds. */
#define PMREUSEPORT_DEFAULT_LOCK_TIMEOUT 60000

/*
 * Tells the refusals of pmreuseport_join() apart that share -EEXIST or -EBUSY. Handle an unknown
 * value as PMREUSEPORT_NO_REFUSAL.
 */
enum pmreuseport_refusal {
	PMREUSEPORT_NO_REFUSAL, /* the errno says it all */

	/* -EEXIST: what this instance wants does not go with what is there. */
	PMREUSEPORT_OTHER_COUNT,    /* live instances use another number of hash buckets */
	PMREUSEPORT_OTHER_FALLBACK, /* live instances use another fallback */
	PMREUSEPORT_OTHER_SEED,	    /* live instances use another seed of the mapping */
	PMREUSEPORT_OTHER_SELECTOR, /* live instances use another selector */
	PMREUSEPORT_OTHER_CLUSTER,  /* another cluster balances the address and port */
	PMREUSEPORT_OTHER_ADDRESS,  /* the cluster has a socket on an address that overlaps */
	PMREUSEPORT_OTHER_NETNS,    /* the cluster is live in another network namespace */
	PMREUSEPORT_OTHER_USER,	    /* another user has a socket on the address and port */
	PMREUSEPORT_OTHER_LAYOUT,   /* a pinned map is of another version */
	PMREUSEPORT_PINS_LOST,	    /* live instances, but their pins are not there */
	PMREUSEPORT_BUCKET_TAKEN,   /* another process is in the bucket, and is to stay */

	/* -EBUSY: the kernel lets a socket be in one place only. */
	PMREUSEPORT_OTHER_BUCKET, /* the socket is in another bucket of its endpoint */
	PMREUSEPORT_OTHER_ARRAY,  /* the socket is in an array of another program */
};

/*
 * Why a call failed. Both texts are set after a failure: one line each, NUL-terminated,
 * without a newline or a full stop. A program that prints them writes "what; advice".
 */
struct pmreuseport_error {
	enum pmreuseport_refusal refusal;
	int fd;		      /* the socket that the call failed for; -1: no single one */
	char what[768];	      /* what is wrong, with the value */
	char advice[256];     /* what to do about it */
	uint64_t reserved[7]; /* 0 */
};

/* What becomes of the exporters of a bucket that has no live socket. */
enum pmreuseport_fallback {
	PMREUSEPORT_REHASH, /* they spread over the live buckets */
	PMREUSEPORT_DROP,   /* their packets are dropped */
};

/* What a daemon listens for. */
enum pmreuseport_endpoint {
	PMREUSEPORT_FLOWS = 1 << 0,
	PMREUSEPORT_BMP = 1 << 1,
	PMREUSEPORT_BGP = 1 << 2,
};

#define PMREUSEPORT_ALL_ENDPOINTS (PMREUSEPORT_FLOWS | PMREUSEPORT_BMP | PMREUSEPORT_BGP)

/*
 * What an instance joins with. The setters only store a value: pmreuseport_config_check() and
 * a join tell whether the values are acceptable together. One configuration serves several
 * joins, but not in two threads while one of them sets something.
 */
struct pmreuseport_config;

/*
 * Returns a configuration without count and index; the built-in selector, PMREUSEPORT_REHASH,
 * PMREUSEPORT_ALL_ENDPOINTS, the cluster "default" and PMREUSEPORT_DEFAULT_LOCK_TIMEOUT. NULL: out
 * of memory; *error says so. Free it with pmreuseport_config_free(), at any time: members do not
 * refer to it.
 */
struct pmreuseport_config *pmreuseport_config_new(struct pmreuseport_error *error);

/* NULL is allowed. */
void pmreuseport_config_free(struct pmreuseport_config *config);

/* The hash buckets of the cluster, 1 to PMREUSEPORT_MAX_BUCKETS; the same in all instances. */
void pmreuseport_config_set_count(struct pmreuseport_config *config, unsigned int count);

/* The bucket of this instance, 0 to count - 1. */
void pmreuseport_config_set_index(struct pmreuseport_config *config, unsigned int index);

/* The same in all instances. */
void pmreuseport_config_set_fallback(struct pmreuseport_config *config,
				     enum pmreuseport_fallback fallback);

/*
 * A bit of enum pmreuseport_endpoint for each kind of socket that the instance is to join with.
 * The caller heeds it: a join is told nothing but sockets.
 */
void pmreuseport_config_set_endpoints(struct pmreuseport_config *config, unsigned int endpoints);

/*
 * How long pmreuseport_prepare() and pmreuseport_enter() each wait for a lock that another
 * process holds, in milliseconds; 0: not at all.
 */
void pmreuseport_config_set_lock_timeout(struct pmreuseport_config *config,
					 unsigned int milliseconds);

/*
 * The path of an ELF object with another selector, which is copied; NULL: the built-in one. The
 * same in all instances. Returns 0 or -ENOMEM, and then nothing is changed.
 */
int pmreuseport_config_set_bpf_prog(struct pmreuseport_config *config, const char *path,
				    struct pmreuseport_error *error);

/*
 * The name of the cluster, 1 to PMREUSEPORT_CLUSTER_NAME_MAX letters, digits, '-' and '_', which
 * is copied; NULL: PMREUSEPORT_DEFAULT_CLUSTER. Returns 0 or -ENOMEM, and then nothing is changed.
 */
int pmreuseport_config_set_cluster(struct pmreuseport_config *config, const char *name,
				   struct pmreuseport_error *error);

/*
 * The seed of the mapping from addresses to hash buckets: a name of 1 to PMREUSEPORT_SEED_MAX
 * printable ASCII characters, which is copied; NULL: the name of the cluster. The same in all
 * instances. Clusters with the same seed and count map an address to the same bucket. Returns 0 or
 * -ENOMEM, and then nothing is changed.
 */
int pmreuseport_config_set_seed(struct pmreuseport_config *config, const char *name,
				struct pmreuseport_error *error);

/*
 * Set what a daemon has read from its configuration file.
 *
 * key    "reuseport_hashbucket_count", "reuseport_hashbucket_index", "reuseport_bpf_prog",
 *        "reuseport_fallback", "reuseport_endpoints", "reuseport_seed", "cluster_name", or a key
 *        whose value is the seed if there is no "reuseport_seed": "bmp_daemon_ha_cluster_name"
 *        or "bgp_daemon_ha_cluster_name", of which the one that is passed last counts
 * value  the text after it, which is copied; NULL: the key is not set, and nothing is changed
 *
 * Returns 0, or -EINVAL if the text is not a plain decimal number, or neither "rehash" nor "drop",
 * or not a list of "flows", "bmp" and "bgp", or if there is no such key; or -ENOMEM. After a
 * failure nothing is changed.
 */
int pmreuseport_config_set_key(struct pmreuseport_config *config, const char *key,
			       const char *value, struct pmreuseport_error *error);

/*
 * Tell whether an instance could join with this configuration. A join does this, too: it is for
 * a daemon that wants to know at once.
 *
 * Returns 1 if it could, 0 if none of count, index, object, fallback, endpoints and seed is set,
 * or -EINVAL if a value is not acceptable or only some of them are set.
 */
int pmreuseport_config_check(const struct pmreuseport_config *config,
			     struct pmreuseport_error *error);

/* What was set; 0 if nothing was. */
unsigned int pmreuseport_config_count(const struct pmreuseport_config *config);
unsigned int pmreuseport_config_index(const struct pmreuseport_config *config);

/* What was set, or PMREUSEPORT_ALL_ENDPOINTS. */
unsigned int pmreuseport_config_endpoints(const struct pmreuseport_config *config);

/* Valid until the cluster is set again, or the configuration is freed. */
const char *pmreuseport_config_cluster(const struct pmreuseport_config *config);

/*
 * Tell why bind() has failed with EADDRINUSE: another user has a socket on the port.
 *
 * fd       the socket, which is not bound
 * address  that was passed to bind(), IPv4 or IPv6
 *
 * Returns true and fills *error, or false if no socket of another user is known in the network
 * namespace of this process.
 */
bool pmreuseport_port_user(int fd, const struct sockaddr *address, struct pmreuseport_error *error);

/* One socket in one bucket, or on its way there. */
struct pmreuseport_member;

/*
 * Do all of a join that other processes do not see: check the configuration and the
 * sockets, agree with the live instances, load the program. A daemon that fails later in its
 * start has disturbed no other process.
 *
 * fds      n bound UDP sockets or listening TCP sockets with SO_REUSEPORT, 1 to
 *          PMREUSEPORT_MAX_SOCKETS. They stay the caller's. Keep them open: the kernel takes
 *          a socket out of its bucket when its last descriptor is closed.
 * config   not kept
 * members  receives n members, for pmreuseport_enter() or pmreuseport_free(). After a
 *          failure they are NULL.
 *
 * Returns 0 or a negative errno, as pmreuseport_join().
 */
int pmreuseport_prepare(const int fds[], size_t n, const struct pmreuseport_config *config,
			struct pmreuseport_member *members[], struct pmreuseport_error *error);

/*
 * Tell how many sessions the caller takes at a time on a listening socket, for those who look
 * at the cluster. It limits nothing. Call it before pmreuseport_enter().
 *
 * n  sessions; 0, as without a call, is unknown
 */
void pmreuseport_set_max_sessions(struct pmreuseport_member *member, unsigned int n);

/*
 * Put all prepared sockets of an instance into their bucket in one step. If a live process
 * holds the bucket, take it over (see pmreuseport_previous()). Call it when the daemon can
 * receive, right before its main loop.
 *
 * members  n members from one call of pmreuseport_prepare(). End each with
 *          pmreuseport_leave(), or forget it with pmreuseport_free().
 *
 * Returns 0 or a negative errno, as pmreuseport_join(). After a failure, all that this call
 * made is removed; the members can only be freed.
 */
int pmreuseport_enter(struct pmreuseport_member *const members[], size_t n,
		      struct pmreuseport_error *error);

/*
 * Prepare and enter with one socket.
 *
 * fd      see pmreuseport_prepare()
 * config  not kept
 * member  receives the membership.
 *
 * No packet finds a gap: the tables of the cluster are complete before the program is
 * attached. In an endpoint with live sockets the program is attached before the socket
 * enters the bucket. In an empty endpoint it is attached after that, so that a socket in
 * an array of another program is refused and keeps its program.
 *
 * Returns 0 or a negative errno:
 *   -EINVAL          the config, the socket or the object is unfit
 *   -ENOENT          there is no bpffs, or no such object
 *   -EPERM, -EACCES  a capability or a permission is missing
 *   -EEXIST          live instances use another count, fallback, seed, selector, address or
 *                    network namespace, another cluster balances the port, another user
 *                    has it open, or pins do not fit; see error->refusal
 *   -EBUSY           the socket is in another bucket, or in an array of another program;
 *                    see error->refusal
 *   -EAGAIN          other processes change the pins of the cluster all the time, or no
 *                    thread can be started
 *   -ETIMEDOUT       another process holds the lock, for longer than the configuration says
 *   -ENOTSUP         the kernel is too old
 *   -ELIBACC         libgcc_s.so.1, which ends that thread, cannot be loaded
 *   -ENOMEM          out of memory
 * or what the kernel answered. After a failure, all that this call made is removed.
 */
int pmreuseport_join(int fd, const struct pmreuseport_config *config,
		     struct pmreuseport_member **member, struct pmreuseport_error *error);

/* A process, such as the one that held a bucket before a takeover. */
struct pmreuseport_process {
	pid_t pid;	      /* 0: unknown */
	bool elsewhere;	      /* pid is of another pid namespace than the caller's */
	char comm[16];	      /* its name at the time it joined */
	uint64_t reserved[5]; /* 0 */
};

/* True, and *holder filled, if the join took the bucket from a live process. */
bool pmreuseport_previous(const struct pmreuseport_member *member,
			  struct pmreuseport_process *holder);

/*
 * The count that the cluster had before this join changed it, which a join does only if
 * the cluster has no live socket. 0: the count is unchanged.
 */
unsigned int pmreuseport_previous_count(const struct pmreuseport_member *member);

/*
 * How many other sockets have the same address and port, user and network namespace, if this is
 * the first socket in a bucket of them. They receive nothing until they are in a bucket, too. 0:
 * none, or others were in a bucket, or the kernel does not tell.
 */
unsigned int pmreuseport_outside(const struct pmreuseport_member *member);

/* What has become of a socket and its bucket. Handle an unknown value as PMREUSEPORT_UNKNOWN. */
enum pmreuseport_state {
	PMREUSEPORT_HELD,     /* the socket is in its bucket */
	PMREUSEPORT_UNKNOWN,  /* the pins are gone, hidden, or replaced: go on, and say so */
	PMREUSEPORT_EMPTY,    /* the process that took the bucket over has ended: return to it */
	PMREUSEPORT_TAKEN,    /* another live process has taken the bucket over */
	PMREUSEPORT_RELEASED, /* an operator took the socket out of the bucket */
	PMREUSEPORT_RESIZED,  /* the cluster has fewer buckets now */
};

/*
 * Tell whether an entered socket still has its bucket. After PMREUSEPORT_TAKEN,
 * PMREUSEPORT_RELEASED and PMREUSEPORT_RESIZED no new packets arrive, so the daemon should
 * read what is queued and stop. Cheap enough for a call every second.
 */
enum pmreuseport_state pmreuseport_state(const struct pmreuseport_member *member);

/*
 * Put sockets back into their buckets, those that are PMREUSEPORT_EMPTY, in one step.
 *
 * members  n members of one instance
 * fds      their n descriptors, as given to pmreuseport_prepare()
 *
 * Returns the number of sockets that are back, or a negative errno (-ETIMEDOUT: the lock was
 * not free within a second).
 */
int pmreuseport_return(struct pmreuseport_member *const members[], const int fds[], size_t n,
		       struct pmreuseport_error *error);

/*
 * Tell why no exporters are sent to the bucket of a member that has entered. After a resize, a new
 * bucket gets its exporters once it is live in all endpoints that the instances share. Call it
 * once all sockets of the instance have entered, and every second, until it returns 0.
 *
 * Returns 1 and fills *why, whose refusal means nothing; 0 if exporters are sent to the bucket; or
 * a negative errno (-ETIMEDOUT: the lock was not free within a second).
 */
int pmreuseport_awaited(const struct pmreuseport_member *member, struct pmreuseport_error *why);

/*
 * Tell whether datagrams come past the selector, and attach it again if so. A process of the
 * same user can detach the selector, or attach another program: exporters then reach any
 * instance. Call it every second or every few seconds.
 *
 * member    not in two threads at once
 * fd        its descriptor, as given to pmreuseport_prepare()
 * received  how many datagrams the caller has read from fd so far. Datagrams to a multicast
 *           or broadcast address come past every selector: do not call this for a socket
 *           that expects them.
 *
 * Finding a detached selector takes three calls or more. Listening sockets, and selectors that
 * do not count, are not checked.
 *
 * Returns 1 if the selector was attached again, 0 if nothing is known to be wrong, or a
 * negative errno (-ETIMEDOUT: the lock was not free within a second).
 */
int pmreuseport_check(struct pmreuseport_member *member, int fd, uint64_t received,
		      struct pmreuseport_error *error);

/*
 * Quarantine: an exporter whose packets make instances die must not take all of them along, one
 * after the other. A daemon asks pmreuseport_quarantined() before it decodes a datagram or a
 * message, notes whose it is while it decodes, and calls pmreuseport_died() in its handler of
 * fatal signals. That is a strike. The second strike within ten minutes puts the exporter into
 * quarantine: no instance decodes what it sends, and the selector drops it. At most 16 exporters
 * are in quarantine at a time.
 */
struct pmreuseport_quarantine;

/*
 * Opens the quarantine of the cluster of a member that has entered. One for all members of a
 * process is enough. Close it with pmreuseport_quarantine_close().
 *
 * Returns 0 or a negative errno. *quarantine is NULL if the selector of the cluster has no
 * quarantine; all calls below allow that.
 */
int pmreuseport_quarantine_open(const struct pmreuseport_member *member,
				struct pmreuseport_quarantine **quarantine,
				struct pmreuseport_error *error);

/*
 * True if the exporter is in quarantine: discard what it sent, which is counted. source is its
 * IPv4 or IPv6 socket address. Makes no system call.
 */
bool pmreuseport_quarantined(struct pmreuseport_quarantine *quarantine,
			     const struct sockaddr *source);

/* This process dies of a signal while it decodes what the exporter sent. Async-signal-safe. */
void pmreuseport_died(struct pmreuseport_quarantine *quarantine, const struct sockaddr *source,
		      int signal);

/* Handle an unknown value as PMREUSEPORT_STRUCK. */
enum pmreuseport_strike_result {
	PMREUSEPORT_STRUCK,	 /* the exporter is watched */
	PMREUSEPORT_QUARANTINED, /* it is in quarantine, and the selector drops its packets */
	PMREUSEPORT_FULL,	 /* it should be, but too many are */
};

/* What pmreuseport_strike() has found. */
struct pmreuseport_strike {
	char source[46]; /* the address of the exporter */
	unsigned int strikes;
	int signal; /* that the last instance died of */
	enum pmreuseport_strike_result result;
	uint64_t reserved[8]; /* 0 */
};

/*
 * Tell of strikes that no process was told of, and make the selector drop the packets of
 * exporters in quarantine. Call it after a join and every second, until it returns 0. Makes no
 * system call if there is nothing new.
 *
 * Returns 1 and fills *strike, 0, or a negative errno (-ETIMEDOUT: the lock was not free within a
 * second).
 */
int pmreuseport_strike(struct pmreuseport_quarantine *quarantine, struct pmreuseport_strike *strike,
		       struct pmreuseport_error *error);

/* NULL is allowed. */
void pmreuseport_quarantine_close(struct pmreuseport_quarantine *quarantine);

/* The directory of the endpoint's pins. Valid until the member is freed. */
const char *pmreuseport_path(const struct pmreuseport_member *member);

/*
 * Take the socket out of its bucket and free the member, also after a failure. The socket
 * stays open: read what is queued; new packets go to the other buckets. A bucket that
 * another process has taken over stays with that process. NULL is allowed.
 *
 * Returns 0 or a negative errno (-ETIMEDOUT: the lock was not free within a second).
 */
int pmreuseport_leave(struct pmreuseport_member *member, struct pmreuseport_error *error);

/* Free the member without touching the bucket. NULL is allowed. */
void pmreuseport_free(struct pmreuseport_member *member);

#ifdef __cplusplus
}
#endif

#endif /* PMREUSEPORT_H */
