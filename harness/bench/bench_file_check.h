/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_BENCH_BENCH_FILE_CHECK_H
#define WIZHIL_BENCH_BENCH_FILE_CHECK_H

#include "bench/bench_file.h"

struct error;

/* What the keys of a bench file do not say one by one; for bench_file.c. */

/* The way to a key of a device, for yaml_file_wrong(). */
struct bench_place {
	char text[64];
};
struct bench_place bench_file_place(
	const struct bench_file *file, const struct bench_device *device, const char *key);

/* yaml_file_wrong() of a device's key; 'file' and 'err' are the caller's. */
#define WRONG(device, key, ...)                                                                    \
	yaml_file_wrong(file->yaml, err, bench_file_place(file, device, key).text, __VA_ARGS__)

/* Names, kinds, uniqueness, Wi-Fi, addresses and ports.  -1 with err set. */
int bench_file_check(const struct bench_file *file, struct error *err);

#endif
