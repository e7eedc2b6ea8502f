/* SPDX-License-Identifier: MIT */
#include "cli/run/orchestra.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/run/orchestra_parts.h"
#include "cli/run/resume.h"
#include "cli/run/scenario_arguments.h"
#include "cli/terminal.h"
#include "core/data_file.h"
#include "core/error.h"
#include "core/exit_code.h"
#include "core/json_text.h"
#include "report/formats/manifest.h"
#include "report/report.h"
#include "report/formats/run_database.h"

static void order(const struct orchestra *o, enum bench_order what)
{
	char octet = (char)what;

	(void)send(o->control[0], &octet, 1, MSG_NOSIGNAL);
}

static void end_child(pid_t child)
{
	if (child > 0)
		kill(-child, SIGKILL);
}

static void end_runners(const struct orchestra *o)
{
	for (int i = 0; i < o->runner_count; i++)
		end_child(o->runners[i]);
}

/* Ctrl-Z: the shell writes where the view stood, which is drawn anew when it goes on.  The bench
 * and the cases are not in this process group and go on meanwhile. */
static void stop_until_continued(struct orchestra *o)
{
	sigset_t stop;

	streams_clear(o->streams);
	sigemptyset(&stop);
	sigaddset(&stop, SIGTSTP);
	raise(SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &stop, NULL); /* here it stops, and here it goes on */
	sigprocmask(SIG_BLOCK, &stop, NULL);
}

static void take_signal(struct orchestra *o)
{
	struct signalfd_siginfo info;

	if (read(o->signals, &info, sizeof info) != sizeof info || info.ssi_signo == SIGCHLD ||
		info.ssi_signo == SIGWINCH)
		return;
	if (info.ssi_signo == SIGTSTP) {
		stop_until_continued(o);
		return;
	}
	/* The end of a terminal is told twice: by the kernel, and by the shell. */
	if (info.ssi_signo == SIGHUP && o->interrupts > 0)
		return;
	/* Ctrl-\, pressed where Ctrl-C takes too long, is as good as twice. */
	o->interrupts += info.ssi_signo == SIGQUIT ? 2 : 1;
	if (o->interrupts == 1) {
		streams_say(o->streams, "interrupted; the evidence is being finished "
					"(once more to stop at once)");
		orchestra_record(o, json_pack("{s:s}", "event", "interrupt"), true, NULL);
		order(o, ORDER_INTERRUPT);
	} else {
		end_child(o->bench);
		end_runners(o);
	}
}

/* A death outweighs an exit code, and a higher one a lower one. */
static void keep_worst(struct orchestra *o, int status)
{
	bool worse =
		WIFSIGNALED(status) || (!WIFSIGNALED(o->runner_status) &&
					       WEXITSTATUS(status) > WEXITSTATUS(o->runner_status));

	if (worse)
		o->runner_status = status;
}

static void reap(struct orchestra *o)
{
	for (int i = 0; i < o->runner_count; i++) {
		int status;
		if (o->runners[i] <= 0 || waitpid(o->runners[i], &status, WNOHANG) != o->runners[i])
			continue;
		o->runners[i] = 0;
		keep_worst(o, status);
		if (!orchestra_runs(o))
			order(o, ORDER_RUNNER_ENDED);
	}
	if (o->bench > 0 && waitpid(o->bench, &o->bench_status, WNOHANG) == o->bench) {
		o->bench = 0;
		orchestra_hear_trouble(o);
		/* Workers see the end of their sockets; the runner has nothing to wait for. */
		if (o->bench_status != 0)
			end_runners(o);
	}
}

static int wait_for_children(struct orchestra *o, struct error *err)
{
	struct pollfd waits[] = {{.fd = o->signals, .events = POLLIN},
		{.fd = streams_descriptor(o->streams), .events = POLLIN}};

	while (o->bench > 0 || orchestra_runs(o)) {
		if (poll(waits, 2, 200) < 0 && errno != EINTR)
			return error_errno(err, ERROR_BENCH, "cannot wait");
		if (waits[0].revents != 0)
			take_signal(o);
		reap(o);
		if (streams_update(o->streams, err) != 0)
			return -1;
	}
	return 0;
}

/* ---- the end ---- */

static void record_fault(struct orchestra *o, const char *text)
{
	orchestra_record(
		o, json_pack("{s:s, s:o}", "event", "fault", "text", json_text(text)), true, NULL);
}

/* Why the runner ended, so far as it said: Criterion's own troubles are in runner.log only. */
static void record_end_of_runner(struct orchestra *o, const char *how, int number)
{
	char text[512], words[256];

	orchestra_last_words(o, words, sizeof words);
	snprintf(text, sizeof text, "wizhil-cases %s %d%s%s, see runner.log", how, number,
		words[0] == '\0' ? "" : ": ", words);
	record_fault(o, text);
}

static void record_end(struct orchestra *o)
{
	char text[128];
	struct timespec now;

	if (WIFSIGNALED(o->bench_status) && o->interrupts < 2) {
		snprintf(text, sizeof text, "the bench process was ended by signal %d",
			WTERMSIG(o->bench_status));
		record_fault(o, text);
	} else if (WIFSIGNALED(o->runner_status) && o->bench_status == 0 && o->interrupts == 0) {
		record_end_of_runner(o, "was ended by signal", WTERMSIG(o->runner_status));
	} else if (WIFEXITED(o->runner_status) && WEXITSTATUS(o->runner_status) > 1) {
		record_end_of_runner(o, "exited with", WEXITSTATUS(o->runner_status));
	}
	clock_gettime(CLOCK_REALTIME, &now);
	orchestra_record(o,
		json_pack("{s:s, s:f, s:b, s:i}", "event", "end", "wall_s",
			(double)(now.tv_sec - o->started.tv_sec) +
				(double)(now.tv_nsec - o->started.tv_nsec) / 1e9,
			"interrupted", o->interrupts > 0, "runner",
			WIFEXITED(o->runner_status) ? WEXITSTATUS(o->runner_status) : -1),
		true, NULL);
}

static bool is_stdout(const char *path)
{
	return path != NULL && strcmp(path, "-") == 0;
}

/* Not among what other programs read. */
static int print_summary(const struct orchestra *o, struct error *err)
{
	bool taken = is_stdout(o->arguments->tap) || is_stdout(o->arguments->events);
	FILE *stream = taken ? stderr : stdout;

	return report_print(o->folder,
		o->arguments->told == TOLD_LITTLE ? REPORT_ONE_LINE : REPORT_BRIEF, stream,
		terminal_takes_colour(stream), err);
}

/* The reports; what came of the run is told however far they came. */
static enum exit_code conclude(struct orchestra *o)
{
	enum exit_code code = EXIT_CODE_BENCH;
	struct error err = {0};

	streams_clear(o->streams);
	record_end(o);
	if (o->arguments->history != NULL &&
		run_database_keep(o->arguments->history, o->folder, &err) != 0)
		(void)complain(&err);
	err = (struct error){0};
	if ((report_compose(o->folder, &err, &code) != 0 || streams_end(o->streams, &err) != 0 ||
		    manifest_write(o->folder, &err) != 0) &&
		o->trouble.kind == ERROR_NONE)
		o->trouble = err;
	err = (struct error){0};
	if (print_summary(o, &err) != 0 && o->trouble.kind == ERROR_NONE) {
		(void)complain(&err);
		/* That is all: what came of the run is in its folder, and in the exit code. */
		streams_forget_output();
	}
	if (streams_step_summary(o->folder, &err) != 0)
		(void)complain(&err);
	if (o->trouble.kind == ERROR_NONE)
		return code;
	(void)complain(&o->trouble);
	return exit_code_first(code, error_exit_code(&o->trouble));
}

static int open_signals(void)
{
	static const int numbers[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGCHLD, SIGWINCH, SIGTSTP};
	struct sigaction hang_up;
	sigset_t signals;

	sigemptyset(&signals);
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
		sigaddset(&signals, numbers[i]);
	/* Below nohup it is ignored; a signal that is blocked would come all the same. */
	sigaction(SIGHUP, NULL, &hang_up);
	if (hang_up.sa_handler == SIG_IGN)
		sigdelset(&signals, SIGHUP);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	/* Whoever reads our output may go away; the run does not end for it. */
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &signals, SFD_CLOEXEC);
}

int orchestra_run(const struct run_arguments *arguments, enum exit_code *code, struct error *err)
{
	char default_bench[4096];
	struct run_arguments with_defaults = *arguments;
	struct orchestra orchestra = {.arguments = &with_defaults};
	struct orchestra *o = &orchestra;
	glob_t kept = {0};
	int result = -1;

	umask(077);
	if (arguments->resume != NULL && resume_begin(o, &with_defaults, err) != 0)
		goto out;
	if (with_defaults.bench == NULL) {
		if (data_file(DEFAULT_BENCH, default_bench, sizeof default_bench, err) != 0)
			goto out;
		with_defaults.bench = default_bench;
	}
	clock_gettime(CLOCK_REALTIME, &o->started);
	if (scenario_arguments_recorded(&with_defaults, &kept, err) != 0 ||
		orchestra_set_up(o, err) != 0)
		goto out;
	if (arguments->dry_run) {
		result = 0;
		goto out;
	}
	o->signals = open_signals();
	if (orchestra_start_bench(o, err) != 0 || orchestra_start_runners(o, err) != 0 ||
		wait_for_children(o, err) != 0)
		goto out;
	*code = conclude(o);
	result = 0;
out:
	end_child(o->bench);
	end_runners(o);
	if (o->socket_path[0] != '\0')
		unlink(o->socket_path);
	if (o->socket_folder[0] != '\0')
		rmdir(o->socket_folder);
	streams_free(o->streams);
	journal_close(o->journal);
	bench_file_free(&o->file);
	json_decref(o->was);
	json_decref(o->missing);
	json_decref(o->waivers);
	json_decref(o->case_list);
	free(o->cases);
	globfree(&kept);
	return result;
}
