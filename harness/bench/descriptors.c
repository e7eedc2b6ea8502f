/* SPDX-License-Identifier: MIT */
#include "bench/descriptors.h"

#include <sys/resource.h>

#include "bench/cid_table.h"
#include "core/error.h"

enum {
	OF_THE_BENCH = 64, /* with what it inherits */
	OF_A_DEVICE = 16,  /* port, lock, capture, control socket, pty, hook, raw socket */
	OF_A_CID = 5 /* a session's evidence and timeline, the peer's listener and its connection */
};

size_t descriptors_needed(size_t cases, size_t devices)
{
	return OF_THE_BENCH + cases + devices * (OF_A_DEVICE + DEVICE_CIDS * OF_A_CID);
}

int descriptors_reserve(size_t cases, size_t devices, struct error *err)
{
	const rlim_t needed = descriptors_needed(cases, devices);
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= needed)
		return 0;
	if (limit.rlim_max < needed)
		return error_set(err, ERROR_USAGE,
			"%zu cases on %zu devices need %zu open files, but the limit is %zu (raise it with 'ulimit -Hn', or select fewer cases)",
			cases, devices, (size_t)needed, (size_t)limit.rlim_max);
	limit.rlim_cur = needed;
	if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
		return error_errno(err, ERROR_BENCH, "cannot raise the limit of open files to %zu",
			(size_t)needed);
	return 0;
}
