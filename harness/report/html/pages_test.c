/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/error.h"
#include "core/expected_test.h"
#include "diagnose/diagnosis.h"
#include "judge/profile.h"
#include "report/formats/profile_yaml.h"
#include "report/formats/run_database.h"
#include "report/html/diagnosis_page.h"
#include "report/html/html_sections.h"
#include "report/html/picture.h"
#include "report/model/compare.h"
#include "report/model/written_run.h"
#include "report/report.h"
#include "report/text/case_text.h"

/*
 * Whole pages and pictures, tag by tag, as expected/ has them.  Whoever changes them renews the files
 * (WIZHIL_RENEW=1 build/harness/report-test) and reads their difference.
 */

/* A tag a line; of whole pages from header to main. */
static char *unfolded(const char *page)
{
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	cr_assert_not_null(stream);
	while (*page != '\0') {
		if (strncmp(page, "<!doctype", 9) == 0)
			page = strstr(page, "<header>");
		else if (strncmp(page, "</main>", 7) == 0)
			page = strstr(page, "</html>");
		cr_assert_not_null(page);
		if (*page == '<')
			fputc('\n', stream);
		if (*page != '\n')
			fputc(*page, stream);
		page++;
	}
	fputc('\n', stream);
	fclose(stream);
	return text;
}

static void expect_page(const char *page, const char *name)
{
	char *text = unfolded(page);

	expect_whole("report", name, text);
	free(text);
}

/* ---- diagnosis ---- */

static void write_diagnosis(FILE *stream, const char *path, struct diagnosis_request request)
{
	const char *const paths[] = {path};
	struct diagnosis_totals totals;
	struct error err = {0};

	request.paths = paths;
	request.path_count = 1;
	request.timelines = true;
	struct diagnosis_page *page = diagnosis_page_new(&request);
	cr_assert_not_null(page);
	cr_assert_eq(diagnose(&request, diagnosis_page_take, page, &totals, &err), 0, "%s: %s",
		path, err.text);
	diagnosis_page_write(page, &totals, stream);
	diagnosis_page_free(page);
}

static char *diagnosis_page(const char *capture, struct diagnosis_request request)
{
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	cr_assert_not_null(stream);
	cr_assert_eq(chdir(WIZHIL_SOURCE "/captures"), 0);
	request.profile = profile_default();
	write_diagnosis(stream, capture, request);
	fclose(stream);
	return text;
}

static size_t count_of(const char *text, const char *part)
{
	size_t found = 0;

	for (; (text = strstr(text, part)) != NULL; text += strlen(part))
		found++;
	return found;
}

/* The outcomes with their badges, one picture a prober, and how many connections there are. */
static void expect_diagnosis(
	const char *capture, const char *headline, const char *badge, size_t pictures)
{
	char *page = diagnosis_page(capture, (struct diagnosis_request){0});

	cr_expect_not_null(strstr(page, headline), "%s: %s", capture, headline);
	cr_expect_not_null(strstr(page, badge), "%s: %s", capture, badge);
	cr_expect_eq(count_of(page, "<figure class=\"picture\">"), pictures, "%s: %zu", capture,
		count_of(page, "<figure class=\"picture\">"));
	cr_expect_eq(count_of(page, "<details class=\"case\" id=\"d1\" open>"), pictures > 0);
	cr_expect_eq(count_of(page, "<div id=\"c1\" tabindex=\"-1\">"), pictures > 0);
	cr_expect_not_null(strstr(page, capture), "%s is not named", capture);
	cr_expect_eq(count_of(page, "Neither the device nor its options are known"), 1);
	free(page);
}

Test(pages, of_a_diagnosis_show_each_outcome_and_prober)
{
	expect_diagnosis("dead.pcap", "Keep-alive on 1 of 1 TCP connection: 1 dead",
		"<span class=\"badge fail\"><b aria-hidden=\"true\">\xe2\x9c\x97</b> dead</span>",
		1);
	expect_diagnosis("refused.pcap", "Keep-alive on 1 of 1 TCP connection: 1 refused",
		"<span class=\"badge marginal\"><b aria-hidden=\"true\">!</b> refused</span>", 1);
	expect_diagnosis("undecided.pcap", "Keep-alive on 1 of 1 TCP connection: 1 undecided",
		"<span class=\"badge not-run\"><b aria-hidden=\"true\">?</b> undecided</span>", 1);
	expect_diagnosis("both-sides.pcap", "Keep-alive on 1 of 1 TCP connection: 1 alive",
		"<span class=\"badge pass\"><b aria-hidden=\"true\">\xe2\x9c\x93</b> alive</span>",
		2);
}

/* What the bench would have known: since when the peer was silent, and that the death is that many
 * intervals behind the first probe. */
Test(pages, of_a_diagnosis_show_the_silence_before_a_death)
{
	char *dead = diagnosis_page("dead.pcap", (struct diagnosis_request){0});
	char *alive = diagnosis_page("both-sides.pcap", (struct diagnosis_request){0});

	cr_expect_not_null(strstr(dead, "url(#silence)"));
	cr_expect_not_null(strstr(dead, "death expected "), "%s", strstr(dead, "<figure"));
	cr_expect_null(strstr(alive, "death expected "));
	free(dead);
	free(alive);
}

Test(pages, of_a_diagnosis_against_options_show_findings)
{
	char *page = diagnosis_page("dead.pcap",
		(struct diagnosis_request){.device = {.address = {192, 0, 2, 10}, .family = 4},
			.timeout_s = 600,
			.probes = 8});

	cr_expect_not_null(strstr(page, "; with findings</span></h1>"));
	cr_expect_not_null(strstr(
		page, "<ul class=\"findings\"><li><strong class=\"fail\">failure</strong> "));
	cr_expect_not_null(strstr(page, " <span class=\"id\">KA-"));
	cr_expect_not_null(strstr(page, "<dt>device</dt><dd>192.0.2.10</dd>"));
	cr_expect_not_null(strstr(page, "<dt>options</dt><dd>timeout 600 s, count 8</dd>"));
	cr_expect_null(strstr(page, "Neither the device nor its options"));
	free(page);
}

/* ---- a run ---- */

static void add(struct timeline *timeline, double s, struct event event)
{
	event.t_ns = (int64_t)((s + 10) * 1e9);
	event.error_ns = NS_PER_MS;
	event.generation = event.connection < 0 ? 0 : 1;
	cr_assert_eq(timeline_add(timeline, &event), 0);
}

static void add_segment(struct timeline *timeline, double s, enum direction from,
	enum segment_role role, uint8_t flags, uint32_t length)
{
	add(timeline, s,
		(struct event){.kind = EVENT_SEGMENT,
			.cid = -1,
			.segment = {.direction = from,
				.role = role,
				.flags = flags,
				.seq = role == ROLE_PROBE ? 0 : 1,
				.ack = 1,
				.length = length,
				.ttl = 64,
				.window = 1460,
				.checksum_ok = role != ROLE_STRAY,
				.frame = timeline->count + 1}});
}

static void add_said(struct timeline *timeline, double s, enum event_kind kind, const char *text)
{
	struct event event = {.kind = kind, .cid = -1, .step = -1};

	event_take_line(&event, text);
	add(timeline, s, event);
}

/* One of each thing that a timeline may have. */
static struct timeline *full_timeline(void)
{
	struct scenario scenario = tcp_client("a");

	add_connection(&scenario, "b", ROLE_TCP_SERVER);
	option_at(&scenario, "a", "6,4001,90,4", .at_s = 3);
	struct timeline *timeline = timeline_new("schedule/passes", &scenario);
	cr_assert_not_null(timeline);
	add_said(timeline, -1, EVENT_COMMAND, "AT+NCTCP=192.0.2.1,20000");
	add_segment(timeline, -.9, FROM_DEVICE, ROLE_SYN, 2, 0);
	add_segment(timeline, -.9, FROM_PEER, ROLE_SYN, 18, 0);
	add_said(timeline, -.8, EVENT_RESPONSE, "OK");
	add(timeline, -.8, (struct event){.kind = EVENT_OPENED, .cid = 2});
	add(timeline, 0, (struct event){.kind = EVENT_START, .connection = NO_CONNECTION});
	add_segment(timeline, 1, FROM_PEER, ROLE_DATA, 24, 5);
	add_segment(timeline, 1.1, FROM_DEVICE, ROLE_PLAIN, 16, 0);
	add(timeline, 1.2, (struct event){.kind = EVENT_DATA, .cid = 2, .size = 5, .ok = true});
	add(timeline, 2, (struct event){.kind = EVENT_PEER, .act = ACT_SENT, .cid = 2, .size = 5});
	add(timeline, 3, (struct event){.kind = EVENT_STEP, .step = 0});
	add_said(timeline, 3, EVENT_COMMAND, "AT+SETSOCKOPT=2,6,4001,90,4");
	add_said(timeline, 3.1, EVENT_RESPONSE, "ERROR: INVALID INPUT");
	for (int i = 0; i < 4; i++) {
		add_segment(timeline, 75 + i * 75, FROM_DEVICE, ROLE_PROBE, 16, (uint32_t)i % 2);
		add_segment(timeline, 75.01 + i * 75, FROM_PEER, ROLE_PROBE_ANSWER, 16, 0);
	}
	add(timeline, 310, (struct event){.kind = EVENT_PEER, .act = ACT_SILENT, .cid = 2});
	add_segment(timeline, 320, FROM_PEER, ROLE_STRAY, 4, 0);
	add_segment(timeline, 330, FROM_DEVICE, ROLE_OTHER_TUPLE, 16, 0);
	add_segment(timeline, 340, FROM_DEVICE, ROLE_RETRANSMISSION, 24, 5);
	add_segment(timeline, 350, FROM_DEVICE, ROLE_ZERO_WINDOW_PROBE, 16, 1);
	add_segment(timeline, 360, FROM_DEVICE, ROLE_NOT_A_PROBE, 16, 0);
	add_segment(timeline, 370, FROM_DEVICE, ROLE_UNSOLICITED_ACK, 16, 0);
	for (int i = 0; i < 8; i++)
		add_segment(timeline, 375 + i * 75, FROM_DEVICE, ROLE_PROBE, 16, 0);
	add_segment(timeline, 975, FROM_DEVICE, ROLE_RST, 4, 0);
	add_said(timeline, 975.2, EVENT_NOTICE, "DISCONNECT 2");
	add(timeline, 976,
		(struct event){.kind = EVENT_FAULT,
			.connection = NO_CONNECTION,
			.fault = FAULT_BENCH,
			.reason = REASON_PEER_FAILED,
			.text = "a socket failed"});
	add(timeline, 980, (struct event){.kind = EVENT_LISTING, .cid = 2, .listed = true});
	add(timeline, 980, (struct event){.kind = EVENT_WATCHED, .connection = NO_CONNECTION});
	return timeline;
}

/* A run whose cases have that timeline. */
static struct written_run pictured_run(void)
{
	static const char *const cases[] = {"schedule/passes", "schedule/is_close", "format/fails",
		"format/is_unclear", "schedule/breaks", "schedule/waits", NULL};
	struct written_run run = run_begin_with(false, cases);
	struct timeline *timeline = full_timeline();
	struct error err = {0};
	char path[128];

	snprintf(path, sizeof path, "%s/evidence", run.folder);
	cr_assert_eq(mkdir(path, 0700), 0);
	snprintf(path, sizeof path, "%s/evidence/x.timeline.jsonl", run.folder);
	FILE *file = fopen(path, "we");
	cr_assert_not_null(file);
	cr_assert_eq(timeline_write(timeline, file, &err), 0);
	fclose(file);
	timeline_free(timeline);
	struct verdict pass = passed(), fail = failed("gap 3 is 81 s, expected 75 s");
	struct verdict close = measured(OUTCOME_MARGINAL, MODEL_A_TICK, "gap 3 is close");
	struct finding finding = {.requirement = "KA-FLOOR-01", .severity = SEVERITY_WARNING};
	struct check death = {.requirement = "KA-DEAD-01",
		.outcome = OUTCOME_FAIL,
		.models = MODEL_A,
		.leg = LEG(LEG_DEATH),
		.placed = true,
		.begin_ns = 385 * NS_PER_S,
		.measured = true,
		.measured_ns = 600 * NS_PER_S,
		.from_ns = 590 * NS_PER_S,
		.to_ns = 598 * NS_PER_S,
		.text = "death after 600 s"};
	struct check missing = {.requirement = "KA-NOTE-01",
		.outcome = OUTCOME_FAIL,
		.models = MODELS_ALL,
		.leg = LEG(LEG_WIRE_TO_NOTICE),
		.placed = true,
		.begin_ns = 975 * NS_PER_S,
		.from_ns = 0,
		.to_ns = 2 * NS_PER_S,
		.text = "no notice came"};
	snprintf(finding.text, sizeof finding.text, "the idle time has a floor of 75 s");
	verdict_add_finding(&pass, &finding);
	verdict_add(&fail, &death);
	verdict_add(&fail, &missing);
	put_verdict(&run, "schedule/passes", &pass);
	put_verdict(&run, "schedule/is_close", &close);
	put_verdict(&run, "format/fails", &fail);
	put_alone(&run, "format/fails", &pass);
	put_error(&run, "schedule/breaks", "the worker ended");
	put_not_run(&run, "schedule/waits", "no room");
	put_event(&run, json_pack("{s:s, s:s, s:s, s:f}", "event", "recovery", "device", "left",
				"step", "AT+RESET", "t_s", 12.5));
	put_fault(&run, "the wire is cut");
	put_end(&run, 1);
	composed(&run);
	return run;
}

static void remove_pictured(struct written_run *run)
{
	char path[128];

	snprintf(path, sizeof path, "%s/evidence/x.timeline.jsonl", run->folder);
	unlink(path);
	snprintf(path, sizeof path, "%s/evidence", run->folder);
	rmdir(path);
	run_remove(run);
}

Test(pages, of_a_run_in_each_format)
{
	static const char *const names[] = {
		REPORT_JUNIT, REPORT_TAP, REPORT_SUMMARY, REPORT_MARKDOWN, REPORT_CSV};
	struct written_run run = pictured_run();

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char *text = text_of(&run, names[i]), name[64];
		name_folder(text, run.folder);
		snprintf(name, sizeof name, "run-%s", names[i]);
		expect_whole("report", name, text);
		free(text);
	}
	char *page = text_of(&run, REPORT_HTML);
	name_folder(page, run.folder);
	expect_page(page, "run.html");
	free(page);
	remove_pictured(&run);
}

/* A run that was resumed, on two devices, with all that may be told of a run beside its verdicts. */
static struct written_run eventful_run(void)
{
	static const char *const cases[] = {
		"schedule/passes", "schedule/repeats", "format/fails", "format/waits", NULL};
	struct written_run run = run_begin_with(true, cases);
	struct verdict pass = passed(), fail = failed("gap 3 is 81 s, expected 75 s");
	struct fact fact = {.id = FACT_notice_fin, .text = "DISCONNECT"};

	put_event(&run, json_pack("{s:s, s:I, s:b}", "event", "clock", "start_realtime_ns",
				(json_int_t)1700000000000000000, "rtc", 0));
	put_event(&run,
		json_pack("{s:s, s:s, s:s, s:s, s:s, s:i, s:s, s:i}", "event", "device", "device",
			"right", "firmware", "S2W APP VERSION=1.2", "mac", "00:08:dc:01:02:04",
			"address", "192.0.2.11", "baud", 9600, "option_cid", "hex", "cids", 8));
	put_event(&run, json_pack("{s:s, s:s, s:i, s:I, s:I, s:I}", "event", "uart", "device",
				"right", "round_trips", 12, "least_ns", (json_int_t)4000000,
				"most_ns", (json_int_t)21000000, "bound_ns", (json_int_t)50000000));
	put_event(&run, json_pack("{s:s, s:s, s:f}", "event", "time", "text",
				"the wall clock was stepped by +2.000 s", "t_s", 30.0));
	verdict_add_fact(&pass, &fact);
	put_verdict(&run, "schedule/passes", &pass);
	put_fault(&run, "the port went away");
	put_interrupted_end(&run);
	put_event(&run, json_pack("{s:s, s:s, s:[]}", "event", "resume", "started",
				"2026-01-02T04:00:00Z", "cases"));
	put_event(&run, json_pack("{s:s, s:s, s:s, s:f, s:s, s:s, s:i, s:f, s:f}", "event",
				"recovery", "device", "right", "step", "rebooted: a banner came",
				"t_s", 321.5, "cause", "reboot", "after", "schedule/repeats",
				"times", 2, "delay_s", 1.5, "share", .75));
	put_verdict_on(&run, "right", "schedule/repeats", &pass);
	put_verdict_on(&run, "right", "format/fails", &fail);
	put_not_run(&run, "format/waits", "needs 16 CIDs");
	put_end(&run, 0);
	composed(&run);
	return run;
}

Test(pages, of_a_run_with_all_that_may_happen)
{
	static const char *const names[] = {
		REPORT_JUNIT, REPORT_TAP, REPORT_SUMMARY, REPORT_MARKDOWN};
	struct written_run run = eventful_run();

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		char *text = text_of(&run, names[i]), name[64];
		name_folder(text, run.folder);
		snprintf(name, sizeof name, "eventful-%s", names[i]);
		expect_whole("report", name, text);
		free(text);
	}
	char *page = text_of(&run, REPORT_HTML);
	name_folder(page, run.folder);
	expect_page(page, "eventful.html");
	free(page);
	run_remove(&run);
}

static void expect_printed(
	struct written_run *run, enum report_detail detail, bool colour, const char *name)
{
	char *text = NULL;
	size_t size = 0;
	struct error err = {0};
	FILE *stream = open_memstream(&text, &size);

	cr_assert_eq(report_print(run->folder, detail, stream, colour, &err), 0, "%s", err.text);
	fclose(stream);
	name_folder(text, run->folder);
	expect_whole("report", name, text);
	free(text);
}

Test(pages, of_a_terminal_are_short)
{
	struct written_run runs[] = {pictured_run(), eventful_run()};

	expect_printed(&runs[0], REPORT_SHORT, false, "short.txt");
	expect_printed(&runs[0], REPORT_ONE_LINE, false, "line.txt");
	expect_printed(&runs[0], REPORT_SHORT, true, "short-in-colour.txt");
	expect_printed(&runs[1], REPORT_SHORT, false, "eventful-short.txt");
	expect_printed(&runs[1], REPORT_ONE_LINE, true, "eventful-line-in-colour.txt");
	remove_pictured(&runs[0]);
	run_remove(&runs[1]);
}

static void write_case(
	const struct run *run, const char *name, const char *folder, bool colour, FILE *stream)
{
	struct error err = {0};

	for (size_t i = 0; i < run->case_count; i++)
		if (strcmp(run->cases[i].name, name) == 0)
			cr_assert_eq(
				case_text_write(run, &run->cases[i], folder, stream, colour, &err),
				0, "%s", err.text);
}

Test(pages, of_a_case_on_a_terminal_have_its_timeline)
{
	struct written_run runs[] = {pictured_run(), eventful_run()};
	struct run *read[] = {read_run(&runs[0]), read_run(&runs[1])};
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	write_case(read[0], "schedule/passes", runs[0].folder, false, stream);
	write_case(read[0], "format/fails", runs[0].folder, true, stream);
	write_case(read[0], "schedule/breaks", runs[0].folder, false, stream);
	write_case(read[0], "schedule/waits", runs[0].folder, false, stream);
	write_case(read[1], "format/fails", runs[1].folder, false, stream);
	fclose(stream);
	name_folder(text, runs[0].folder);
	name_folder(text, runs[1].folder);
	expect_whole("report", "cases.txt", text);
	free(text);
	for (int i = 0; i < 2; i++)
		run_free(read[i]);
	remove_pictured(&runs[0]);
	run_remove(&runs[1]);
}

Test(pages, of_a_comparison_tell_each_change)
{
	struct written_run written[] = {pictured_run(), eventful_run()};
	struct run *runs[] = {read_run(&written[0]), read_run(&written[1])};

	for (int i = 0; i < 2; i++) {
		char *text = NULL, *page = NULL, name[64];
		size_t size = 0, page_size = 0;
		struct comparison *comparison = compare_runs(runs[i], runs[!i]);
		cr_assert_not_null(comparison);
		FILE *stream = open_memstream(&text, &size);
		comparison_write_text(comparison, stream, i == 1);
		comparison_write_markdown(comparison, stream);
		html_write_changes(comparison, i == 0, stream);
		fclose(stream);
		FILE *page_stream = open_memstream(&page, &page_size);
		comparison_write_html(comparison, page_stream);
		fclose(page_stream);
		snprintf(name, sizeof name, "changes-%d.html", i + 1);
		expect_page(page, name);
		free(page);
		snprintf(name, sizeof name, "changes-%d.txt", i + 1);
		expect_whole("report", name, text);
		free(text);
		comparison_free(comparison);
	}
	for (int i = 0; i < 2; i++)
		run_free(runs[i]);
	remove_pictured(&written[0]);
	run_remove(&written[1]);
}

/* ---- sections ---- */

static json_t *leg(const char *name, double mean_s, double least_s, double most_s, int outside,
	double window_s)
{
	return json_pack("{s:s, s:f, s:f, s:f, s:i, s:i, s:f}", "leg", name, "mean_s", mean_s,
		"least_s", least_s, "most_s", most_s, "count", 12, "outside", outside, "window_s",
		window_s);
}

static json_t *trend_run(const char *firmware, const char *started, int passed, json_t *legs)
{
	return json_pack("{s:s, s:s, s:s, s:i, s:i, s:o}", "firmware", firmware, "started", started,
		"note", passed == 10 ? "" : "after <lunch>", "total", 10, "passed", passed, "legs",
		legs);
}

Test(pages, of_a_history_show_shares_and_legs)
{
	json_t *trend = json_array();
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	json_array_append_new(trend, trend_run("1.0", "2026-11-24T10:00:00Z", 10,
					     json_pack("[o, o]", leg("gap", .01, -.02, .05, 0, .1),
						     leg("death", -.3, -.5, .2, 0, 0))));
	json_array_append_new(trend, trend_run("1.1", "2026-11-25T10:00:00Z", 6,
					     json_pack("[o]", leg("gap", .4, -.3, .9, 3, .2))));
	json_array_append_new(trend, trend_run("1.1", "2026-11-26T10:00:00Z", 0,
					     json_pack("[o, o]", leg("death", .25, -.1, .6, 1, 0),
						     leg("idle", 0, -1, 1, 0, 2))));
	html_write_trend(trend, stream);
	json_decref(trend);
	fclose(stream);
	expect_page(text, "history.html");
	free(text);
}

Test(pages, of_a_history_in_words_tell_firmwares_and_legs)
{
	json_t *trend = json_array();
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	json_array_append_new(trend, trend_run("1.0", "2026-11-24T10:00:00Z", 10,
					     json_pack("[o]", leg("gap", .01, -.02, .05, 0, .1))));
	json_array_append_new(trend, trend_run("1.1", "2026-11-25T10:00:00Z", 6,
					     json_pack("[o]", leg("gap", .4, -.3, .9, 3, .2))));
	run_database_write(trend, stream);
	json_decref(trend);
	fclose(stream);
	expect_whole("report", "history.txt", text);
	free(text);
}

static void expect_profile(
	struct written_run *written, const char *device, int expected, const char *what)
{
	struct run *run = read_run(written);
	const struct profile tolerances = profile_default();
	struct profile_counts counts = {0};
	struct error err = {0};
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	cr_expect_eq(
		profile_yaml_write(run, device, &tolerances, "reports/x", stream, &counts, &err),
		expected, "%s", err.text);
	fclose(stream);
	/* Which facts there are is no matter of this page. */
	char *unknown = strstr(text, "# Unknown, and");
	if (unknown != NULL)
		strcpy(unknown, "# Unknown ...\n");
	if (expected == 0)
		expect_whole("report", what, text);
	else
		cr_expect_str_eq(err.text, what);
	free(text);
	run_free(run);
}

Test(pages, of_a_profile_are_of_one_device)
{
	struct written_run run = eventful_run(), none = run_begin_bare();

	expect_profile(&run, "left", 0, "profile-left.yaml");
	expect_profile(&run, "right", 0, "profile-right.yaml");
	expect_profile(&run, "middle", -1, "the run has no device 'middle'");
	expect_profile(&run, NULL, -1,
		"the run has 2 devices, but a profile describes one (try: --device left)");
	put_event(&none, json_pack("{s:s, s:s, s:[]}", "event", "run", "version", "1", "cases"));
	put_fault(&none, "no port");
	expect_profile(&none, NULL, -1, "no fact was recorded: no port");
	run_remove(&run);
	run_remove(&none);
}

Test(pages, of_a_history_show_the_latest_sixty_runs)
{
	json_t *trend = json_array();
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	for (int i = 0; i < 62; i++) {
		char started[32];
		snprintf(started, sizeof started, "2026-%02d-%02dT10:00:00Z", 1 + i / 28,
			1 + i % 28);
		json_array_append_new(
			trend, trend_run(i < 2 ? "0.9" : "1.0", started, 9, json_array()));
	}
	html_write_trend(trend, stream);
	json_decref(trend);
	fclose(stream);
	cr_expect_not_null(strstr(text, "<h2>History: 62 runs</h2>"));
	cr_expect_null(strstr(text, "2026-01-02T"));
	cr_expect_not_null(strstr(text, "2026-01-03T"));
	cr_expect_null(strstr(text, "0.9"));
	cr_expect_not_null(strstr(text, "<li>1.0: 60 runs, 540 of 600 passed</li>"));
	free(text);
}

static void expect_gaps(const struct run *run, const struct gaps *gaps, const char *name)
{
	char *text = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	html_write_gaps(run, gaps, stream);
	fclose(stream);
	expect_page(text, name);
	free(text);
}

Test(pages, show_how_the_gaps_are_spread)
{
	struct written_run written = colourful_run();
	struct run *run = read_run(&written);
	int64_t ns[] = {74950 * NS_PER_MS, 75000 * NS_PER_MS, 75001 * NS_PER_MS, 75050 * NS_PER_MS,
		81000 * NS_PER_MS};
	const struct gaps gaps = {.count = 5, .ns = ns}, one = {.count = 1, .ns = ns};

	expect_gaps(run, &gaps, "gaps.html");
	expect_gaps(run, &one, "gap.html");
	expect_gaps(run, &(struct gaps){0}, "no-gaps.html");
	run_free(run);
	run_remove(&written);
}

Test(pages, know_no_window_of_gaps_that_were_not_judged)
{
	struct written_run written = run_begin();
	put_end(&written, 0);
	struct run *run = read_run(&written);
	int64_t ns[] = {10 * NS_PER_S, 30 * NS_PER_S, 11 * NS_PER_S};

	expect_gaps(run, &(struct gaps){.count = 3, .ns = ns}, "gaps-without-window.html");
	run_free(run);
	run_remove(&written);
}

Test(pages, take_gaps_between_unanswered_probes_only)
{
	struct timeline *timeline = full_timeline();
	struct gaps gaps = {0};

	gaps_take(&gaps, timeline);
	cr_expect_eq(gaps.count, 7);
	for (size_t i = 0; i < gaps.count; i++)
		cr_expect_eq(gaps.ns[i], 75 * NS_PER_S);
	free(gaps.ns);
	timeline_free(timeline);
}
