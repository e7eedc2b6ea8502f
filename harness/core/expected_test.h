/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CORE_EXPECTED_TEST_H
#define WIZHIL_CORE_EXPECTED_TEST_H

/*
 * What a unit test is to say as a whole stands in a file, FOLDER/expected/NAME below harness/.  Whoever changes what is
 * said renews the files (WIZHIL_RENEW=1 build/harness/FOLDER-test) and reads their difference.
 */

/* The text is what the file has. */
void expect_whole(const char *folder, const char *name, const char *text);

/* The lines of the text are what comes next in the section of the running test in the file of its suite, SUITE.txt.  A
 * test without a section is not held to anything until its author renews the file. */
void expect_lines(const char *folder, const char *text);

#endif
