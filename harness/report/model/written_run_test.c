/* SPDX-License-Identifier: MIT */
#include "report/model/written_run.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/error.h"
#include "core/expected_test.h"
#include "core/exit_code.h"
#include "report/report.h"

#define HOSTILE "<script>alert(\"1\")</script> ]]> & \x1b[31m \\ \r\n...\n---\nok 99 # TODO"

struct written_run run_begin_bare(void)
{
	struct written_run run = {.folder = "/tmp/wizhil-report-XXXXXX"};
	struct error err = {0};

	cr_assert_not_null(mkdtemp(run.folder));
	run.journal = journal_create(run.folder, false, &err);
	cr_assert_not_null(run.journal, "%s", err.text);
	return run;
}

struct written_run run_begin_with(bool require_all, const char *const *cases)
{
	struct written_run run = run_begin_bare();
	json_t *selected = json_array();

	for (; *cases != NULL; cases++)
		json_array_append_new(selected,
			json_pack("{s:s, s:[s,s], s:f, s:b}", "name", *cases, "requirements",
				"KA-TIME-01", "KA-MODEL-01", "expected_s", 75.0, "exclusive", 0));
	put_event(&run, json_pack("{s:s, s:s, s:[s], s:s, s:s, s:s, s:i, s:s, s:s, s:b, s:o}",
				"event", "run", "version", "0.1.0", "argv", "wizhil", "bench",
				"rack-3", "bench_file", "benches/rack-3.yaml", "clock", "stepped",
				"seed", 7, "started", "2026-01-02T03:04:05Z", "profile", "default",
				"require_all", (int)require_all, "cases", selected));
	put_event(&run, json_pack("{s:s, s:s, s:s, s:s, s:s, s:i}", "event", "device", "device",
				"left", "firmware", "S2W APP VERSION=1.2", "mac",
				"00:08:dc:01:02:03", "address", "192.0.2.10", "baud", 115200));
	return run;
}

struct written_run run_begin(void)
{
	static const char *const cases[] = {"schedule/one", "schedule/two", NULL};

	return run_begin_with(false, cases);
}

void run_remove(struct written_run *run)
{
	static const char *const names[] = {JOURNAL_NAME, REPORT_JUNIT, REPORT_TAP, REPORT_SUMMARY,
		REPORT_MARKDOWN, REPORT_CSV, REPORT_HTML, "xmllint.txt"};
	char path[128];

	journal_close(run->journal);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		snprintf(path, sizeof path, "%s/%s", run->folder, names[i]);
		unlink(path);
	}
	cr_assert_eq(rmdir(run->folder), 0, "something else was left in the run folder");
}

void put_event(struct written_run *run, json_t *event)
{
	struct error err = {0};

	cr_assert_eq(journal_append(run->journal, event, true, &err), 0, "%s", err.text);
}

void put_raw(struct written_run *run, const char *text)
{
	char path[128];

	snprintf(path, sizeof path, "%s/" JOURNAL_NAME, run->folder);
	int file = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	cr_assert_geq(file, 0);
	cr_assert_eq(write(file, text, strlen(text)), (ssize_t)strlen(text));
	close(file);
}

static void put_attempt(struct written_run *run, const char *device, const char *name,
	const char *attempt, double t_s, const struct verdict *verdict)
{
	put_event(run, json_pack("{s:s, s:s, s:s, s:f, s:i}", "event", "admitted", "case", name,
			       "device", device, "t_s", t_s - 75.25, "concurrent", 2));
	put_event(run, json_pack("{s:s, s:s, s:s, s:s, s:i, s:f, s:o, s:{s:s, s:s, s:s}}", "event",
			       "verdict", "case", name, "device", device, "attempt", attempt,
			       "concurrent", 2, "t_s", t_s, "verdict", verdict_to_json(verdict),
			       "evidence", "timeline", "evidence/x.timeline.jsonl", "pcapng",
			       "evidence/x.pcapng", "transcript", "evidence/x.uart.txt"));
}

void put_verdict(struct written_run *run, const char *name, const struct verdict *verdict)
{
	put_attempt(run, "left", name, "first", 76.25, verdict);
}

void put_alone(struct written_run *run, const char *name, const struct verdict *verdict)
{
	put_attempt(run, "left", name, "alone", 400, verdict);
}

void put_verdict_on(struct written_run *run, const char *device, const char *name,
	const struct verdict *verdict)
{
	put_attempt(run, device, name, "first", 76.25, verdict);
}

void put_not_run(struct written_run *run, const char *name, const char *reason)
{
	put_event(run,
		json_pack("{s:s, s:s, s:s}", "event", "not_run", "case", name, "reason", reason));
}

void put_error(struct written_run *run, const char *name, const char *text)
{
	put_event(run, json_pack("{s:s, s:s, s:s}", "event", "error", "case", name, "text", text));
}

void put_fault(struct written_run *run, const char *text)
{
	put_event(run, json_pack("{s:s, s:s, s:f}", "event", "fault", "text", text, "t_s", 1.0));
}

static void end_with(struct written_run *run, int runner, bool interrupted)
{
	put_event(run, json_pack("{s:s, s:f, s:b, s:i}", "event", "end", "wall_s", 0.8,
			       "interrupted", (int)interrupted, "runner", runner));
}

void put_end(struct written_run *run, int runner)
{
	end_with(run, runner, false);
}

void put_interrupted_end(struct written_run *run)
{
	end_with(run, 1, true);
}

struct verdict measured(enum outcome outcome, unsigned models, const char *text)
{
	struct verdict verdict = verdict_new();
	struct check check = {.requirement = "KA-TIME-01",
		.outcome = outcome,
		.models = models,
		.measured = true,
		.leg = {LEG_GAP, 3},
		.measured_ns = 75012000000,
		.from_ns = 74900000000,
		.to_ns = 75100000000,
		.error_ns = 1000000};

	snprintf(check.text, sizeof check.text, "%s", text);
	verdict_add(&verdict, &check);
	return verdict;
}

struct verdict passed(void)
{
	return measured(OUTCOME_PASS, MODELS_ALL, "gap 3 is 75.012 s");
}

struct verdict failed(const char *text)
{
	return measured(OUTCOME_FAIL, MODELS_ALL, text);
}

void name_folder(char *text, const char *folder)
{
	for (char *found = text; (found = strstr(found, folder)) != NULL;)
		memcpy(found, "/tmp/wizhil-report-FOLDER", strlen(folder));
}

enum exit_code composed(struct written_run *run)
{
	enum exit_code code = EXIT_CODE_USAGE;
	struct error err = {0};

	cr_assert_eq(report_compose(run->folder, &err, &code), 0, "%s", err.text);
	char *text = text_of(run, REPORT_SUMMARY);
	name_folder(text, run->folder);
	expect_lines("report", text);
	free(text);
	return code;
}

struct run *read_run(const struct written_run *written)
{
	struct error err = {0};
	struct run *run = run_read(written->folder, &err);

	cr_assert_not_null(run, "%s", err.text);
	return run;
}

char *text_of(const struct written_run *run, const char *name)
{
	char path[128];
	char *text = NULL;
	size_t room = 0;

	snprintf(path, sizeof path, "%s/%s", run->folder, name);
	FILE *file = fopen(path, "re");
	cr_assert_not_null(file, "no %s", path);
	if (getdelim(&text, &room, '\0', file) < 0)
		cr_assert_fail("nothing in %s", path);
	fclose(file);
	return text;
}

bool tells(const struct written_run *run, const char *name, const char *text)
{
	char *all = text_of(run, name);
	bool found = strstr(all, text) != NULL;

	if (!found)
		cr_log_info("%s:\n%s", name, all);
	free(all);
	return found;
}

struct written_run colourful_run(void)
{
	static const char *const cases[] = {"schedule/passes", "schedule/is_close", "format/fails",
		"format/is_unclear", "schedule/breaks", "schedule/waits", NULL};
	struct written_run run = run_begin_with(false, cases);
	struct verdict pass = passed();
	struct verdict marginal = measured(OUTCOME_MARGINAL, MODEL_A_TICK, "gap 3 is close");
	struct verdict fail = failed("gap 3 is 81 s, expected 75 s");
	struct verdict unclear =
		measured(OUTCOME_INCONCLUSIVE, MODELS_ALL, "the capture has a hole");
	struct finding finding = {.requirement = "KA-FLOOR-01", .severity = SEVERITY_WARNING};

	snprintf(finding.text, sizeof finding.text, "the idle time has a floor of 75 s");
	verdict_add_finding(&pass, &finding);
	verdict_add_finding(&marginal, &finding);
	put_verdict(&run, "schedule/passes", &pass);
	put_verdict(&run, "schedule/is_close", &marginal);
	put_verdict(&run, "format/fails", &fail);
	put_alone(&run, "format/fails", &pass);
	put_verdict(&run, "format/is_unclear", &unclear);
	put_error(&run, "schedule/breaks", "the worker ended");
	put_not_run(&run, "schedule/waits", "no room");
	put_fault(
		&run, "cannot open '/dev/ttyUSB0': no such file or directory (try: wizhil check)");
	put_end(&run, 1);
	cr_assert_eq(composed(&run), EXIT_CODE_FIRMWARE);
	return run;
}

struct written_run hostile_run(void)
{
	static const char *const cases[] = {"sch<edule/o\"ne", "sch<edule/t#wo", "alone", NULL};
	struct written_run run = run_begin_with(false, cases);
	struct verdict fail = failed(HOSTILE " \xff\xc0\x80");
	struct finding finding = {.requirement = "<&>", .text = HOSTILE};

	verdict_add_finding(&fail, &finding);
	put_event(&run, json_pack("{s:s, s:s, s:s}", "event", "device", "device", "left\x1b]0;x\a",
				"firmware", HOSTILE));
	put_verdict(&run, cases[0], &fail);
	put_not_run(&run, cases[1], HOSTILE);
	put_error(&run, cases[2], HOSTILE);
	put_raw(&run,
		"{\"event\":\"fault\",\"text\":\"nul \\u0000 \\u001b[2J \\uffff \\u202e\"}\n");
	put_fault(&run, HOSTILE);
	put_end(&run, 1);
	composed(&run);
	return run;
}
