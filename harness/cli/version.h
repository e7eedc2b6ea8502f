/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CLI_VERSION_H
#define WIZHIL_CLI_VERSION_H

/* The version of this program (CMakeLists.txt), "0.1.0"; the commit that it was built from, "c58890c1a2b3",
 * with "-dirty" where the sources were changed since, empty where they had no git; and both for people,
 * "wizhil 0.1.0 (c58890c1a2b3)". */
extern const char wizhil_version[];
extern const char wizhil_commit[];
extern const char wizhil_title[];

#endif
