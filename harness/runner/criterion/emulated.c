/* SPDX-License-Identifier: MIT */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * Tests of another processor, run by an emulator (fixtures/cross): Criterion starts its workers by
 * execve() of the same program, which the kernel of this host refuses.  The emulator is put in front
 * of what is of its processor.
 */

#if defined __aarch64__
#define OURS EM_AARCH64
#elif defined __arm__
#define OURS EM_ARM
#else
/* cppcheck-suppress preprocessorErrorDirective ; it looks at this host, where the file is not built */
#error "which ELF machine is this processor's?"
#endif

static int is_ours(const char *path)
{
	Elf64_Ehdr header; /* the machine is at the same place in one of 32 bits */
	const int file = open(path, O_RDONLY | O_CLOEXEC);
	const ssize_t got = read(file, &header, sizeof header);

	close(file);
	return got == (ssize_t)sizeof header && header.e_ident[EI_MAG1] == ELFMAG1 &&
	       header.e_machine == OURS;
}

int execve(const char *path, char *const argv[], char *const envp[])
{
	/* The command's words, one behind the other. */
	static const char *const emulator[] = {WIZHIL_EMULATOR, "-0"};
	enum { WORDS = sizeof emulator / sizeof *emulator };
	size_t count = 0;

	if (!is_ours(path))
		return (int)syscall(SYS_execve, path, argv, envp);
	while (argv[count] != NULL)
		count++;
	const char **words = calloc(WORDS + count + 3, sizeof *words);
	if (words == NULL)
		return -1;
	for (size_t i = 0; i < WORDS; i++)
		words[i] = emulator[i];
	words[WORDS] = count > 0 ? argv[0] : path;
	words[WORDS + 1] = path;
	for (size_t i = 1; i < count; i++)
		words[WORDS + 1 + i] = argv[i];
	const int failed = (int)syscall(SYS_execve, emulator[0], words, envp);
	free(words);
	return failed;
}
