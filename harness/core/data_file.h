/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CORE_DATA_FILE_H
#define WIZHIL_CORE_DATA_FILE_H

#include <stddef.h>

struct error;

/*
 * The files that come with the programs: bench files, requirements, faults.  They are named as in
 * the sources ("fixtures/benches/virtual.yaml").  A program finds them below ../share/wizhil of its
 * own folder, so that the whole may be moved and no path is compiled in.  A build tree has the same
 * folder, with links to the sources; a program there stands beside 'share', or one level below it.
 */

/* Writes the path of the file (or folder) to path.  -1 with err set (ERROR_BENCH, all places that
 * were looked at) when it is nowhere. */
int data_file(const char *name, char *path, size_t size, struct error *err);

/* The same for a program in the folder 'folder'. */
int data_file_for(const char *folder, const char *name, char *path, size_t size, struct error *err);

/* The folder of the running program, without a slash at its end.  -1 with err set. */
int program_folder(char *folder, size_t size, struct error *err);

#endif
