/* SPDX-License-Identifier: MIT */
#include "cli/orchestra.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench/bench.h"
#include "cli/command.h"
#include "cli/scenario_arguments.h"
#include "cli/streams.h"
#include "core/data_file.h"
#include "core/json_text.h"
#include "report/journal.h"
#include "report/report.h"
#include "report/summary.h"

#ifndef WIZHIL_VERSION
#define WIZHIL_VERSION "0"
#endif

struct orchestra {
	const struct run_arguments *arguments;
	struct bench_file file;
	struct bench_options options;
	struct listed_case *cases;
	char profile[4096];
	char virtual_program[4096], cases_program[4096];
	char folder[2048];
	char socket_folder[64], socket_path[96];
	char selection[2100], scenarios[2100];
	struct journal *journal;
	struct streams *streams;
	int control[2];
	int signals;
	pid_t bench, runner;
	int bench_status, runner_status;
	int interrupts;
	struct timespec started;
	size_t selected;
};

/* ---- what is to be run ---- */

static int choose_clock(struct orchestra *o, struct error *err)
{
	const char *word = o->arguments->clock;

	if (word == NULL)
		o->options.clock = o->file.is_virtual && !o->file.clock_is_real ? CLOCK_KIND_STEPPED
										: CLOCK_KIND_REAL;
	else
		o->options.clock =
			strcmp(word, "stepped") == 0 ? CLOCK_KIND_STEPPED : CLOCK_KIND_REAL;
	if (o->options.clock == CLOCK_KIND_STEPPED && !o->file.is_virtual)
		return error_set(err, ERROR_USAGE,
			"the stepped clock is for virtual devices; the bench '%s' has real ones",
			o->file.bench);
	return 0;
}

/* The cases that the filters name, all where there is none, and the scenario files; of these alone
 * where there is no filter. */
static json_t *select_cases(const struct run_arguments *arguments, struct error *err)
{
	bool only_files = arguments->scenario_count > 0 && arguments->glob_count == 0;
	json_t *all = only_files ? json_array() : read_case_list(err);

	if (all == NULL)
		return NULL;
	json_t *selected = filter_cases(all, arguments->globs, arguments->glob_count, err);
	json_decref(all);
	if (selected != NULL && scenario_arguments_list(arguments->scenarios,
					arguments->scenario_count, selected, err) != 0) {
		json_decref(selected);
		return NULL;
	}
	return selected;
}

static int choose_cases(struct orchestra *o, json_t **selected, struct error *err)
{
	size_t index;
	json_t *entry;

	*selected = select_cases(o->arguments, err);
	if (*selected == NULL)
		return -1;
	o->selected = json_array_size(*selected);
	o->cases = calloc(o->selected, sizeof *o->cases);
	if (o->cases == NULL)
		return error_set(err, ERROR_MEMORY, "out of memory");
	json_array_foreach(*selected, index, entry)
	{
		struct listed_case *listed = &o->cases[index];
		snprintf(listed->name, sizeof listed->name, "%s",
			json_string_value(json_object_get(entry, "name")));
		listed->expected_ns =
			(int64_t)(json_number_value(json_object_get(entry, "expected_s")) * 1e9);
		listed->exclusive = json_is_true(json_object_get(entry, "exclusive"));
	}
	return 0;
}

/* ---- where it is written ---- */

static int make_folder(struct orchestra *o, struct error *err)
{
	char stamp[32];
	struct tm utc;

	if (o->arguments->output != NULL) {
		snprintf(o->folder, sizeof o->folder, "%s", o->arguments->output);
		if (mkdir(o->folder, 0700) == 0)
			return 0;
		if (errno == EEXIST)
			return error_set(err, ERROR_USAGE,
				"output folder '%s' is there already (a run never overwrites one)",
				o->folder);
		return error_errno(err, ERROR_USAGE, "cannot make output folder '%s'", o->folder);
	}
	if (mkdir("reports", 0777) != 0 && errno != EEXIST)
		return error_errno(err, ERROR_USAGE, "cannot make folder 'reports' here");
	gmtime_r(&o->started.tv_sec, &utc);
	strftime(stamp, sizeof stamp, "%Y%m%d-%H%M%S", &utc);
	for (int i = 1; i < 1000; i++) {
		if (i == 1)
			snprintf(o->folder, sizeof o->folder, "reports/%s", stamp);
		else
			snprintf(o->folder, sizeof o->folder, "reports/%s-%d", stamp, i);
		if (mkdir(o->folder, 0700) == 0)
			return 0;
		if (errno != EEXIST)
			break;
	}
	return error_errno(err, ERROR_USAGE, "cannot make a folder below 'reports'");
}

static int record(void *context, json_t *event, bool force, struct error *err)
{
	struct orchestra *o = context;

	return journal_append(o->journal, event, force, err);
}

static int record_run(struct orchestra *o, json_t *selected, struct error *err)
{
	char started[32];
	struct tm utc;
	json_t *words = json_array();

	gmtime_r(&o->started.tv_sec, &utc);
	strftime(started, sizeof started, "%Y-%m-%dT%H:%M:%SZ", &utc);
	for (int i = 0; i < o->arguments->argc; i++)
		json_array_append_new(words, json_text(o->arguments->argv[i]));
	return record(o,
		json_pack("{s:s, s:s, s:o, s:o, s:o, s:s, s:I, s:s, s:o, s:b, s:O}", "event", "run",
			"version", WIZHIL_VERSION, "argv", words, "bench", json_text(o->file.bench),
			"bench_file", json_text(o->arguments->bench), "clock",
			o->options.clock == CLOCK_KIND_STEPPED ? "stepped" : "real", "seed",
			(json_int_t)o->arguments->seed, "started", started, "profile",
			json_text(o->profile[0] == '\0' ? "default" : o->profile), "require_all",
			o->arguments->require_all, "cases", selected),
		true, err);
}

static int write_selection(struct orchestra *o, struct error *err)
{
	snprintf(o->selection, sizeof o->selection, "%s/selected.txt", o->folder);
	FILE *file = fopen(o->selection, "we");
	if (file == NULL)
		return error_errno(err, ERROR_BENCH, "cannot write '%s'", o->selection);
	for (size_t i = 0; i < o->selected; i++)
		fprintf(file, "%s\n", o->cases[i].name);
	if (fclose(file) != 0)
		return error_errno(err, ERROR_BENCH, "cannot write '%s'", o->selection);
	return 0;
}

/* ---- who runs it ---- */

/* The broker's socket: a path of its own, short enough for any run folder. */
static int open_listener(struct orchestra *o, struct error *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	snprintf(o->socket_folder, sizeof o->socket_folder, "/tmp/wizhil-XXXXXX");
	if (mkdtemp(o->socket_folder) == NULL)
		return error_errno(err, ERROR_BENCH, "cannot make a folder in /tmp");
	snprintf(o->socket_path, sizeof o->socket_path, "%s/broker", o->socket_folder);
	memcpy(address.sun_path, o->socket_path, strlen(o->socket_path) + 1);
	int listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (listener < 0 ||
		bind(listener, (const struct sockaddr *)&address, sizeof address) != 0 ||
		chmod(o->socket_path, 0600) != 0 || listen(listener, 4096) != 0)
		return error_errno(err, ERROR_BENCH, "cannot listen on '%s'", o->socket_path);
	o->options.listener = listener;
	return 0;
}

/* Out of the terminal's foreground group: an interrupt is passed on by the command alone. */
static void begin_child(const struct orchestra *o)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close(o->signals);
}

static int start_bench(struct orchestra *o, struct error *err)
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, o->control) != 0)
		return error_errno(err, ERROR_BENCH, "cannot make a socket pair");
	fflush(NULL);
	o->bench = fork();
	if (o->bench < 0)
		return error_errno(err, ERROR_BENCH, "cannot start the bench");
	if (o->bench == 0) {
		struct error fault = {0};
		begin_child(o);
		close(o->control[0]);
		o->options.control = o->control[1];
		_exit(bench_run(&o->options, &fault) == 0 ? 0 : 1);
	}
	close(o->control[1]);
	close(o->options.listener);
	return 0;
}

static int start_runner(struct orchestra *o, struct error *err)
{
	char log[2100];

	snprintf(log, sizeof log, "%s/runner.log", o->folder);
	int output = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (output < 0)
		return error_errno(err, ERROR_BENCH, "cannot write '%s'", log);
	o->runner = fork();
	if (o->runner < 0) {
		(void)error_errno(err, ERROR_BENCH, "cannot start wizhil-cases");
		close(output);
		return -1;
	}
	if (o->runner == 0) {
		begin_child(o);
		dup2(output, STDOUT_FILENO);
		dup2(output, STDERR_FILENO);
		setenv("WIZHIL_BENCH", o->socket_path, 1);
		setenv("WIZHIL_PROFILE", o->profile, 1);
		setenv("WIZHIL_SCENARIOS", o->scenarios, 1);
		if (o->arguments->jobs != NULL)
			setenv("WIZHIL_JOBS", o->arguments->jobs, 1);
		execl(o->cases_program, "wizhil-cases", "--selected", o->selection, NULL);
		_exit(127);
	}
	close(output);
	return 0;
}

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

static void take_signal(struct orchestra *o)
{
	struct signalfd_siginfo info;

	if (read(o->signals, &info, sizeof info) != sizeof info || info.ssi_signo == SIGCHLD)
		return;
	o->interrupts++;
	if (o->interrupts == 1) {
		fprintf(stderr, "wizhil: interrupted; the evidence is being finished "
				"(once more to stop at once)\n");
		record(o, json_pack("{s:s}", "event", "interrupt"), true, NULL);
		order(o, ORDER_INTERRUPT);
	} else {
		end_child(o->bench);
		end_child(o->runner);
	}
}

static void reap(struct orchestra *o)
{
	if (o->runner > 0 && waitpid(o->runner, &o->runner_status, WNOHANG) == o->runner) {
		o->runner = 0;
		order(o, ORDER_RUNNER_ENDED);
	}
	if (o->bench > 0 && waitpid(o->bench, &o->bench_status, WNOHANG) == o->bench) {
		o->bench = 0;
		/* Workers see the end of their sockets; the runner has nothing to wait for. */
		if (o->runner > 0 && o->bench_status != 0)
			end_child(o->runner);
	}
}

static int wait_for_children(struct orchestra *o, struct error *err)
{
	struct pollfd waits = {.fd = o->signals, .events = POLLIN};

	while (o->bench > 0 || o->runner > 0) {
		if (poll(&waits, 1, 200) < 0 && errno != EINTR)
			return error_errno(err, ERROR_BENCH, "cannot wait");
		if (waits.revents != 0)
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
	record(o, json_pack("{s:s, s:o}", "event", "fault", "text", json_text(text)), true, NULL);
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
		snprintf(text, sizeof text, "wizhil-cases was ended by signal %d",
			WTERMSIG(o->runner_status));
		record_fault(o, text);
	} else if (WIFEXITED(o->runner_status) && WEXITSTATUS(o->runner_status) > 1) {
		snprintf(text, sizeof text, "wizhil-cases exited with %d, see runner.log",
			WEXITSTATUS(o->runner_status));
		record_fault(o, text);
	}
	clock_gettime(CLOCK_REALTIME, &now);
	record(o,
		json_pack("{s:s, s:f, s:b, s:i}", "event", "end", "wall_s",
			(double)(now.tv_sec - o->started.tv_sec) +
				(double)(now.tv_nsec - o->started.tv_nsec) / 1e9,
			"interrupted", o->interrupts > 0, "runner",
			WIFEXITED(o->runner_status) ? WEXITSTATUS(o->runner_status) : -1),
		true, NULL);
}

/* Not among the TAP output. */
static int print_summary(const struct orchestra *o, struct error *err)
{
	bool taken = o->arguments->tap != NULL && strcmp(o->arguments->tap, "-") == 0;
	FILE *stream = taken ? stderr : stdout;

	return report_print(o->folder, stream, isatty(fileno(stream)), err);
}

static int set_up(struct orchestra *o, struct error *err)
{
	const struct run_arguments *arguments = o->arguments;
	json_t *selected = NULL;

	if (bench_file_read(arguments->bench, &o->file, err) != 0)
		return -1;
	if (choose_clock(o, err) != 0 || choose_cases(o, &selected, err) != 0 ||
		sibling_program("wizhil-cases", o->cases_program, sizeof o->cases_program, err) !=
			0)
		return -1;
	if (o->file.is_virtual && sibling_program("virtual-wizfi210", o->virtual_program,
					  sizeof o->virtual_program, err) != 0)
		return -1;
	const char *profile =
		arguments->profile != NULL ? arguments->profile : o->file.devices[0].profile;
	snprintf(o->profile, sizeof o->profile, "%s", profile == NULL ? "" : profile);
	o->options.file = &o->file;
	o->options.virtual_program = o->virtual_program;
	o->options.seed = arguments->seed;
	o->options.rerun_alone = !arguments->no_rerun;
	o->options.recorded = arguments->judge;
	o->options.cases = o->cases;
	o->options.case_count = o->selected;
	o->options.record = record;
	o->options.context = o;
	int failed = make_folder(o, err);
	if (failed == 0) {
		o->options.run_folder = o->folder;
		o->journal = journal_create(o->folder, o->options.clock == CLOCK_KIND_REAL, err);
		snprintf(o->scenarios, sizeof o->scenarios, "%s/scenarios", o->folder);
		failed = o->journal == NULL || record_run(o, selected, err) != 0 ||
			 scenario_arguments_keep(arguments->scenarios, arguments->scenario_count,
				 o->folder, err) != 0 ||
			 write_selection(o, err) != 0 || open_listener(o, err) != 0;
	}
	if (failed == 0) {
		o->streams = streams_open(o->folder, o->arguments->tap, err);
		failed = o->streams == NULL;
	}
	json_decref(selected);
	return failed ? -1 : 0;
}

int orchestra_run(const struct run_arguments *arguments, enum exit_code *code, struct error *err)
{
	char default_bench[4096];
	struct run_arguments with_defaults = *arguments;
	struct orchestra orchestra = {.arguments = &with_defaults};
	struct orchestra *o = &orchestra;
	sigset_t signals;
	int result = -1;

	umask(077);
	if (arguments->bench == NULL) {
		if (data_file(DEFAULT_BENCH, default_bench, sizeof default_bench, err) != 0)
			return -1;
		with_defaults.bench = default_bench;
	}
	clock_gettime(CLOCK_REALTIME, &o->started);
	if (set_up(o, err) != 0)
		goto out;
	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGCHLD);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	o->signals = signalfd(-1, &signals, SFD_CLOEXEC);
	if (start_bench(o, err) != 0 || start_runner(o, err) != 0 || wait_for_children(o, err) != 0)
		goto out;
	record_end(o);
	if (report_compose(o->folder, err, code) != 0 || streams_end(o->streams, err) != 0)
		goto out;
	result = print_summary(o, err);
	/* What came of the run does not hang on it. */
	struct error trouble = {0};
	if (streams_step_summary(o->folder, &trouble) != 0)
		(void)complain(&trouble);
out:
	end_child(o->bench);
	end_child(o->runner);
	if (o->socket_path[0] != '\0')
		unlink(o->socket_path);
	if (o->socket_folder[0] != '\0')
		rmdir(o->socket_folder);
	streams_free(o->streams);
	journal_close(o->journal);
	bench_file_free(&o->file);
	free(o->cases);
	return result;
}
