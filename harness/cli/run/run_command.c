/* SPDX-License-Identifier: MIT */
#include "cli/run/run_command.h"

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

#include "bench/hook.h"
#include "cli/command.h"
#include "cli/run/fault_arguments.h"
#include "cli/run/test_run.h"
#include "cli/run/recorded.h"
#include "cli/run/resume.h"
#include "cli/run/scenario_arguments.h"
#include "cli/terminal.h"
#include "core/data_file.h"
#include "core/error.h"
#include "core/exit_code.h"
#include "core/json_text.h"
#include "core/raw_clock.h"
#include "core/units.h"
#include "report/formats/manifest.h"
#include "report/report.h"
#include "report/formats/run_database.h"

/* Within this time of the end of the bench the runners end. */
enum { RUNNER_TIMEOUT_S = 120 };

static void order(const struct test_run *test_run, enum bench_order what)
{
	char octet = (char)what;

	(void)send(test_run->control[0], &octet, 1, MSG_NOSIGNAL);
}

static void end_child(pid_t child)
{
	if (child > 0)
		kill(-child, SIGKILL);
}

static void end_runners(const struct test_run *test_run)
{
	for (int i = 0; i < test_run->runner_count; i++)
		end_child(test_run->runners[i]);
}

/* Ctrl-Z: the shell writes where the view stood, which is drawn anew when it goes on.  The bench
 * and the cases are not in this process group and go on meanwhile. */
static void stop_until_continued(struct test_run *test_run)
{
	sigset_t stop;

	streams_clear(test_run->streams);
	sigemptyset(&stop);
	sigaddset(&stop, SIGTSTP);
	raise(SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &stop, NULL); /* here it stops, and here it goes on */
	sigprocmask(SIG_BLOCK, &stop, NULL);
}

static void take_signal(struct test_run *test_run)
{
	struct signalfd_siginfo info;

	if (read(test_run->signals, &info, sizeof info) != sizeof info ||
		info.ssi_signo == SIGCHLD || info.ssi_signo == SIGWINCH)
		return;
	if (info.ssi_signo == SIGTSTP) {
		stop_until_continued(test_run);
		return;
	}
	/* The end of a terminal is told twice: by the kernel, and by the shell. */
	if (info.ssi_signo == SIGHUP && test_run->interrupts > 0)
		return;
	/* Ctrl-\, pressed where Ctrl-C takes too long, is as good as twice. */
	test_run->interrupts += info.ssi_signo == SIGQUIT ? 2 : 1;
	if (test_run->interrupts == 1) {
		streams_say(test_run->streams,
			"interrupted, finishing the evidence (press Ctrl-C again to stop immediately)");
		run_record(test_run, json_pack("{s:s}", "event", "interrupt"), true, NULL);
		order(test_run, ORDER_INTERRUPT);
	} else {
		end_child(test_run->bench);
		end_runners(test_run);
	}
}

/* What runs now is cut off as by Ctrl-C. */
static void end_after_failures(struct test_run *test_run)
{
	const int most = test_run->arguments->maxfail;
	char text[96];

	if (most == 0 || test_run->interrupts > 0 ||
		streams_failures(test_run->streams) < (size_t)most)
		return;
	test_run->interrupts = 1;
	snprintf(text, sizeof text, "%d case%s failed, finishing the evidence (--maxfail %d)", most,
		most == 1 ? "" : "s", most);
	streams_say(test_run->streams, text);
	run_record(test_run, json_pack("{s:s, s:i}", "event", "interrupt", "failures", most), true,
		NULL);
	order(test_run, ORDER_INTERRUPT);
}

/* A death outweighs an exit code, and a higher one a lower one. */
static void keep_worst(struct test_run *test_run, int status)
{
	bool worse = WIFSIGNALED(status) ||
		     (!WIFSIGNALED(test_run->runner_status) &&
			     WEXITSTATUS(status) > WEXITSTATUS(test_run->runner_status));

	if (worse)
		test_run->runner_status = status;
}

static void reap(struct test_run *test_run)
{
	for (int i = 0; i < test_run->runner_count; i++) {
		int status;
		if (test_run->runners[i] <= 0 ||
			waitpid(test_run->runners[i], &status, WNOHANG) != test_run->runners[i])
			continue;
		test_run->runners[i] = 0;
		keep_worst(test_run, status);
		if (!run_has_runners(test_run))
			order(test_run, ORDER_RUNNER_ENDED);
	}
	if (test_run->bench > 0 &&
		waitpid(test_run->bench, &test_run->bench_status, WNOHANG) == test_run->bench) {
		test_run->bench = 0;
		test_run->bench_ended_ns = raw_clock_ns();
		run_read_error(test_run);
		/* Workers see the end of their sockets; the runner has nothing to wait for. */
		if (test_run->bench_status != 0)
			end_runners(test_run);
	}
}

/* The end of the bench ends the workers; one that cannot heed it must not keep the run. */
static void end_late_runners(struct test_run *test_run)
{
	if (test_run->bench == 0 && run_has_runners(test_run) &&
		raw_clock_ns() - test_run->bench_ended_ns > RUNNER_TIMEOUT_S * NS_PER_S)
		end_runners(test_run);
}

static int wait_for_children(struct test_run *test_run, struct error *err)
{
	struct pollfd waits[] = {{.fd = test_run->signals, .events = POLLIN},
		{.fd = streams_descriptor(test_run->streams), .events = POLLIN}};

	run_watch_writes(test_run);
	while (test_run->bench > 0 || run_has_runners(test_run)) {
		if (poll(waits, 2, 200) < 0 && errno != EINTR)
			return error_errno(err, ERROR_BENCH, "cannot wait");
		if (waits[0].revents != 0)
			take_signal(test_run);
		reap(test_run);
		end_late_runners(test_run);
		if (streams_update(test_run->streams, err) != 0)
			return -1;
		end_after_failures(test_run);
	}
	return 0;
}

/* ---- the end ---- */

static void record_fault(struct test_run *test_run, const char *text)
{
	run_record(test_run, json_pack("{s:s, s:o}", "event", "fault", "text", json_text(text)),
		true, NULL);
}

/* Why the runner ended, so far as it said: Criterion's own troubles are in runner.log only. */
static void record_end_of_runner(struct test_run *test_run, const char *how, int number)
{
	char text[512], words[256];

	run_last_log_line(test_run, words, sizeof words);
	snprintf(text, sizeof text, "wizhil-cases %s %d%s%s, see runner.log", how, number,
		words[0] == '\0' ? "" : ": ", words);
	record_fault(test_run, text);
}

static void record_end(struct test_run *test_run)
{
	char text[128];

	if (WIFSIGNALED(test_run->bench_status) && test_run->interrupts < 2) {
		snprintf(text, sizeof text, "the bench process was ended by signal %d",
			WTERMSIG(test_run->bench_status));
		record_fault(test_run, text);
	} else if (WIFSIGNALED(test_run->runner_status) && test_run->bench_status == 0 &&
		   test_run->interrupts == 0) {
		record_end_of_runner(
			test_run, "was ended by signal", WTERMSIG(test_run->runner_status));
	} else if (WIFEXITED(test_run->runner_status) && WEXITSTATUS(test_run->runner_status) > 1) {
		record_end_of_runner(test_run, "exited with", WEXITSTATUS(test_run->runner_status));
	}
	run_record(test_run,
		json_pack("{s:s, s:f, s:b, s:i}", "event", "end", "wall_s",
			(double)(raw_clock_ns() - test_run->begun_ns) / 1e9, "interrupted",
			test_run->interrupts > 0, "runner",
			WIFEXITED(test_run->runner_status) ? WEXITSTATUS(test_run->runner_status)
							   : -1),
		true, NULL);
}

static bool is_stdout(const char *path)
{
	return path != NULL && strcmp(path, "-") == 0;
}

/* Not among what other programs read. */
static int print_summary(const struct test_run *test_run, struct error *err)
{
	bool taken = is_stdout(test_run->arguments->tap) || is_stdout(test_run->arguments->events);
	FILE *stream = taken ? stderr : stdout;

	return report_print(test_run->folder,
		test_run->arguments->verbosity == VERBOSITY_QUIET ? REPORT_ONE_LINE : REPORT_SHORT,
		stream, terminal_takes_colour(stream), err);
}

/* --notify: what goes wrong with it is told, and changes nothing of what came of the run. */
static void notify(const struct test_run *test_run, enum exit_code code)
{
	const struct hook_request request = {
		.name = "notify", .command = test_run->arguments->notify, .device = "", .port = ""};
	struct error err = {0};
	struct hook hook;
	char number[16], *headline = NULL;
	size_t size = 0;

	if (request.command == NULL)
		return;
	FILE *line = open_memstream(&headline, &size);
	if (line != NULL) {
		(void)report_print(test_run->folder, REPORT_ONE_LINE, line, false, NULL);
		fclose(line);
	}
	snprintf(number, sizeof number, "%d", (int)code);
	setenv("WIZHIL_RUN", test_run->folder, true);
	setenv("WIZHIL_EXIT", number, true);
	setenv("WIZHIL_HEADLINE", headline == NULL ? "" : strtok(headline, "\n"), true);
	free(headline);
	if (hook_start(&hook, &request, &err) != 0 || hook_finish(&hook, -1, &err) != 0)
		(void)complain(&err);
}

static int end_streams(struct test_run *test_run, struct error *err)
{
	run_watch_writes(test_run);
	int failed = streams_end(test_run->streams, err);
	run_watch_no_writes();
	return failed;
}

/* The reports; what came of the run is told however far they came. */
static enum exit_code conclude(struct test_run *test_run)
{
	enum exit_code code = EXIT_CODE_BENCH;
	struct error err = {0};

	streams_clear(test_run->streams);
	run_watch_no_writes();
	record_end(test_run);
	if (test_run->arguments->history != NULL &&
		run_database_keep(test_run->arguments->history, test_run->folder, &err) != 0)
		(void)complain(&err);
	err = (struct error){0};
	if ((report_compose(test_run->folder, &err, &code) != 0 ||
		    report_comment_captures(test_run->folder, &err) != 0 ||
		    end_streams(test_run, &err) != 0 ||
		    manifest_write(test_run->folder, &err) != 0) &&
		test_run->first_error.kind == ERROR_NONE)
		test_run->first_error = err;
	err = (struct error){0};
	run_watch_writes(test_run);
	if (print_summary(test_run, &err) != 0 && test_run->first_error.kind == ERROR_NONE) {
		(void)complain(&err);
		/* That is all: what came of the run is in its folder, and in the exit code. */
		streams_forget_output();
	}
	if (test_run->interrupts > 0 && !test_run->arguments->each)
		fprintf(stderr, "wizhil: to continue: wizhil run --resume '%s'\n",
			test_run->folder);
	if (streams_step_summary(test_run->folder, &err) != 0)
		(void)complain(&err);
	const char *github = getenv("GITHUB_ACTIONS");
	if (github != NULL && strcmp(github, "true") == 0 &&
		report_annotate(test_run->folder, stderr, &err) != 0)
		(void)complain(&err);
	if (test_run->first_error.kind != ERROR_NONE) {
		(void)complain(&test_run->first_error);
		code = exit_code_first(code, error_exit_code(&test_run->first_error));
	}
	fflush(stdout);
	run_watch_no_writes();
	notify(test_run, code);
	return code;
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

int run_suite(const struct run_arguments *arguments, enum exit_code *code, struct error *err)
{
	char default_bench[4096];
	struct run_arguments with_defaults = *arguments;
	struct proof_files faults = {0};
	struct test_run state = {.arguments = &with_defaults};
	struct test_run *test_run = &state;
	glob_t kept = {0};
	int result = -1;

	umask(077);
	if (arguments->resume != NULL && resume_begin(test_run, &with_defaults, err) != 0)
		goto out;
	if (fault_arguments_take(&with_defaults, &faults, err) != 0)
		goto out;
	if (with_defaults.bench == NULL) {
		if (data_file(DEFAULT_BENCH, default_bench, sizeof default_bench, err) != 0)
			goto out;
		with_defaults.bench = default_bench;
	}
	clock_gettime(CLOCK_REALTIME, &test_run->started);
	test_run->begun_ns = raw_clock_ns();
	if (scenario_arguments_recorded(&with_defaults, &kept, err) != 0 ||
		run_set_up(test_run, err) != 0)
		goto out;
	if (arguments->dry_run) {
		result = 0;
		goto out;
	}
	test_run->signals = open_signals();
	if (run_start_bench(test_run, err) != 0 || run_start_runners(test_run, err) != 0 ||
		wait_for_children(test_run, err) != 0)
		goto out;
	*code = conclude(test_run);
	result = 0;
out:
	end_child(test_run->bench);
	end_runners(test_run);
	run_remove_sockets(test_run);
	streams_free(test_run->streams);
	journal_close(test_run->journal);
	recorded_free(test_run);
	bench_file_free(&test_run->file);
	json_decref(test_run->shard);
	json_decref(test_run->was);
	json_decref(test_run->missing);
	json_decref(test_run->waivers);
	json_decref(test_run->case_list);
	json_decref(test_run->unseen);
	free(test_run->cases);
	globfree(&kept);
	proof_files_free(&faults);
	return result;
}
