/* SPDX-License-Identifier: MIT */
/*
 * What Criterion asks of libgit2, which it sets up in each worker to print differences of strings
 * by its newer asserts, which nobody here uses. With Debian's libgit2 that reads all certificates
 * of the system: a quarter of what a worker costs. These come before a shared library's, since the
 * linker exports what such a library asks for.
 */
int git_libgit2_init(void);
int git_libgit2_shutdown(void);
int git_diff_buffers(void);

int git_libgit2_init(void)
{
	return 1;
}

int git_libgit2_shutdown(void)
{
	return 0;
}

/* An error: there is no difference to print. */
int git_diff_buffers(void)
{
	return -1;
}
