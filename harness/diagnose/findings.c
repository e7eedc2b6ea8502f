/* SPDX-License-Identifier: MIT */
#include "diagnose/findings.h"

#include <stdlib.h>
#include <string.h>

#include "core/units.h"
#include "diagnose/layout.h"
#include "diagnose/notices.h"
#include "judge/judge.h"
#include "judge/models.h"
#include "timeline/timeline.h"

enum { DIRECTION_FINDINGS = 8 };
/* A RST so long before the first probe is due is no death by keep-alive. */
#define EARLY_NS (2 * NS_PER_S)

struct findings {
	const struct diagnosis_request *request;
	struct scenario scenario;
	struct timeline *timelines[2]; /* of each side */
	struct verdict verdicts[2];
	struct finding found[2][DIRECTION_FINDINGS];
};

struct findings *findings_new(const struct diagnosis_request *request)
{
	struct findings *findings = calloc(1, sizeof *findings);

	if (findings == NULL)
		return NULL;
	findings->request = request;
	findings->scenario = tcp_client("connection");
	/* The first step is the host's own close, where there was one. */
	device_closes(&findings->scenario, "connection");
	for (int side = 0; side < 2; side++) {
		findings->timelines[side] = timeline_new("capture", &findings->scenario);
		if (findings->timelines[side] == NULL) {
			findings_free(findings);
			return NULL;
		}
	}
	return findings;
}

void findings_free(struct findings *findings)
{
	if (findings == NULL)
		return;
	timeline_free(findings->timelines[0]);
	timeline_free(findings->timelines[1]);
	free(findings);
}

const struct diagnosis_request *findings_request(const struct findings *findings)
{
	return findings->request;
}

static bool is_device(const struct findings *findings, const struct diagnosed_direction *direction)
{
	const struct diagnosis_request *request = findings->request;

	if (request->device.family == 0)
		return direction->options.on;
	return request->device.family == direction->prober.family &&
	       memcmp(request->device.address, direction->prober.address,
		       sizeof direction->prober.address) == 0;
}

/* The UART speaks for the side whose peer it named when it connected. */
static bool speaks_for(const struct uart_side *uart, const struct diagnosed_direction *direction)
{
	if (uart == NULL)
		return false;
	return uart->connection->has_peer
		       ? endpoint_equal(&uart->connection->peer, &direction->peer)
		       : direction->side == 0;
}

/* What the request says, or else the commands in the UART log. */
static struct planned_keepalive options_of(const struct findings *findings,
	const struct sighted *sighted, const struct diagnosed_direction *direction)
{
	const struct diagnosis_request *request = findings->request;

	if (request->timeout_s > 0)
		return (struct planned_keepalive){
			.on = true, .count = request->probes, .timeout_s = request->timeout_s};
	if (!speaks_for(sighted->uart, direction) || sighted->uart->connection->unsure)
		return (struct planned_keepalive){.on = false};
	return sighted->uart->connection->keepalive;
}

/* The end that the prober made of its host's own will, and not of keep-alive; NULL: none.  The UART
 * knows.  Without it: keep-alive aborts, by RST, when no answer came as often as was set, or, where
 * no probe is seen, when one would have been due. */
static const struct place *own_close(
	const struct sighted *sighted, const struct diagnosed_direction *direction)
{
	const struct planned_keepalive *options = &direction->options;
	const struct direction_signs *signs = &direction->signs;
	const struct uart_connection *uart =
		speaks_for(sighted->uart, direction) ? sighted->uart->connection : NULL;

	if (signs->end.frame == 0)
		return NULL;
	if (uart != NULL && (uart->closed || uart->notices > 0))
		return uart->closed ? &signs->end : NULL;
	if (direction->gave_up.frame != 0)
		return signs->end_by == END_FIN && direction->count < options->count ? &signs->end
										     : NULL;
	if (signs->end_by == END_RST && signs->silent_ns != DURATION_UNKNOWN &&
		signs->silent_ns >= options->timeout_s * NS_PER_S - EARLY_NS)
		return NULL;
	return &signs->end;
}

static struct subject subject_of_side(struct findings *findings, int side)
{
	return subject_of(&findings->verdicts[side], findings->timelines[side], 0,
		&findings->request->profile);
}

/* An expectation that says nothing but its kind. */
static void judge_kind(struct subject *s, enum expectation_kind kind)
{
	struct expectation expectation = expectation_new(kind, 0);

	judge_expectation(s, &expectation);
}

#define AFTER_DEATH_NS (160 * NS_PER_S)

/* What is known of the options decides what can be judged. */
static void judge(
	struct findings *findings, const struct diagnosed_direction *direction, bool closed)
{
	struct subject s = subject_of_side(findings, direction->side);
	const int count = direction->options.count;
	bool silent =
		direction->outcome == KEEPALIVE_DEAD || direction->first_unanswered.frame != 0;

	judge_kind(&s, EXPECT_probe_format);
	judge_kind(&s, EXPECT_gaps_of_75_s);
	/* A probe behind the peer's FIN: the module has not let the connection go. */
	if (direction->signs.half_closed_ns != DURATION_UNKNOWN)
		judge_kind(&s, EXPECT_peer_end_noticed);
	else if (direction->outcome == KEEPALIVE_REFUSED)
		judge_kind(&s, EXPECT_reset_noticed);
	struct expectation quiet = expectation_new(EXPECT_no_segment_after_death, 0);
	quiet.parameters.time_ns = AFTER_DEATH_NS;
	if (direction->outcome == KEEPALIVE_DEAD && !closed)
		judge_expectation(&s, &quiet);
	if (!direction->options.on)
		return;
	judge_kind(&s, EXPECT_first_probe_on_schedule);
	if (silent && direction->outcome != KEEPALIVE_REFUSED && !closed) {
		struct expectation probes = expectation_new(EXPECT_probes, 0);
		struct expectation death = expectation_new(EXPECT_death, 0);
		probes.parameters.count = count;
		death.parameters.time_ns = count * KEEPALIVE_INTERVAL_NS;
		judge_expectation(&s, &probes);
		judge_expectation(&s, &death);
	}
}

static void add(struct findings *findings, struct diagnosed_direction *direction,
	const char *requirement, enum severity severity, const char *text)
{
	struct finding *found = findings->found[direction->side];

	if (direction->finding_count == DIRECTION_FINDINGS)
		return;
	struct finding *finding = &found[direction->finding_count++];
	*finding = (struct finding){.severity = severity};
	snprintf(finding->requirement, sizeof finding->requirement, "%s", requirement);
	snprintf(finding->text, sizeof finding->text, "%s", text);
}

/* A prober that stops without a word on the wire may have told its host only. */
static enum severity of_silent_death(const struct findings *findings, const struct sighted *sighted,
	const struct diagnosed_direction *direction)
{
	const char *pin = profile_pin(&findings->request->profile, FACT_rst_at_death);

	if (pin != NULL && strcmp(pin, "true") == 0)
		return SEVERITY_FAILURE;
	if (!speaks_for(sighted->uart, direction) ||
		!notices_cover(
			sighted->uart, direction->probes[direction->probe_count - 1].at.time_ns +
					       KEEPALIVE_INTERVAL_NS))
		return pin == NULL ? SEVERITY_WARNING : SEVERITY_NOTE;
	return sighted->uart->connection->notices > 0 ? SEVERITY_NOTE : SEVERITY_FAILURE;
}

static void add_silent_death(struct findings *findings, const struct sighted *sighted,
	struct diagnosed_direction *direction, const struct check *check)
{
	const enum severity severity = of_silent_death(findings, sighted, direction);
	char text[VERDICT_TEXT];

	snprintf(text, sizeof text, "%s%s%s",
		severity == SEVERITY_FAILURE ? "" : "on the wire the ", check->text,
		severity == SEVERITY_FAILURE ? ""
		: !speaks_for(sighted->uart, direction)
			? "; the UART log shows whether the host was notified (try: --uart LOG)"
		: sighted->uart->connection->notices > 0
			? "; the host was notified, but the UART log has no time"
			: "; the UART log ends before");
	add(findings, direction, check->requirement, severity, text);
}

/* What fails, each requirement once. */
static void collect(struct findings *findings, const struct sighted *sighted,
	struct diagnosed_direction *direction)
{
	const struct verdict *verdict = &findings->verdicts[direction->side];

	for (size_t i = 0; i < verdict->check_count; i++) {
		const struct check *check = &verdict->checks[i];
		bool again = check->outcome != OUTCOME_FAIL;
		for (size_t j = 0; j < direction->finding_count && !again; j++)
			again = strcmp(findings->found[direction->side][j].requirement,
					check->requirement) == 0;
		if (again)
			continue;
		if (direction->gave_up_by == END_SILENT &&
			strcmp(check->requirement, "KA-DEAD-01") == 0 && !check->measured)
			add_silent_death(findings, sighted, direction, check);
		else
			add(findings, direction, check->requirement, SEVERITY_FAILURE, check->text);
	}
	for (size_t i = 0; i < verdict->finding_count; i++)
		add(findings, direction, verdict->findings[i].requirement,
			verdict->findings[i].severity, verdict->findings[i].text);
}

static const struct check *failed(const struct verdict *verdict, const char *requirement)
{
	for (size_t i = 0; i < verdict->check_count; i++)
		if (verdict->checks[i].outcome == OUTCOME_FAIL &&
			strcmp(verdict->checks[i].requirement, requirement) == 0)
			return &verdict->checks[i];
	return NULL;
}

static bool has_undecidable(const struct diagnosed_direction *direction)
{
	for (size_t i = 0; i < direction->lookalike_count; i++)
		if (direction->lookalikes[i].reason == SEGMENT_UNDECIDABLE)
			return true;
	return false;
}

/* The device has sent no probe: was one due? */
static void judge_unprobed(struct findings *findings, struct diagnosed_direction *direction)
{
	const struct verdict *verdict = &findings->verdicts[direction->side];
	struct subject s = subject_of_side(findings, direction->side);
	char text[VERDICT_TEXT];

	judge_kind(&s, EXPECT_first_probe_on_schedule);
	const struct check *check = failed(verdict, "KA-SCHED-01");
	if (check == NULL)
		return;
	snprintf(text, sizeof text, "%s; was keep-alive on for this connection?", check->text);
	judge_kind(&s, EXPECT_probe_format);
	check = failed(verdict, "KA-FMT-01");
	if (check != NULL)
		add(findings, direction, "KA-FMT-01", SEVERITY_FAILURE, check->text);
	else
		add(findings, direction, "KA-SCHED-01", SEVERITY_WARNING, text);
}

static size_t count_unanswered(const struct diagnosed_direction *direction)
{
	size_t count = 0;

	for (size_t i = 0; i < direction->probe_count; i++)
		count += direction->probes[i].answer == PROBE_NOT_ANSWERED;
	return count;
}

/* RFC 9293 MUST-29, whoever the prober is.  FIN is how a host closes; and where another unanswered
 * probe was survived, it was the host that ended it, too. */
static void add_single_probe(struct findings *findings, struct diagnosed_direction *direction)
{
	char text[VERDICT_TEXT];

	if (direction->outcome != KEEPALIVE_DEAD || direction->count != 1 ||
		direction->probes[0].joined || direction->gave_up_by != END_RST ||
		count_unanswered(direction) > 1)
		return;
	snprintf(text, sizeof text,
		"a single unanswered probe ended the connection after %.1f s: one lost frame is enough, and RFC 9293 MUST-29 forbids this (set a higher count)",
		(double)(direction->gave_up.time_ns - direction->first_unanswered.time_ns) /
			(double)NS_PER_S);
	add(findings, direction, "KA-CFG-05", SEVERITY_WARNING, text);
}

struct adding {
	struct findings *findings;
	struct diagnosed_direction *direction;
};

static void add_notice(
	const char *requirement, enum severity severity, const char *text, void *context)
{
	const struct adding *adding = context;

	add(adding->findings, adding->direction, requirement, severity, text);
}

/* Models that the measured legs leave; 0 where none was measured. */
static unsigned models_left(const struct verdict *verdict)
{
	for (size_t i = 0; i < verdict->check_count; i++)
		if (verdict->checks[i].measured && verdict->checks[i].models != MODELS_ALL)
			return verdict->models;
	return 0;
}

/* Is a direction without a probe worth judging?  Who says which end is the device, and what it was
 * told to do, wants to know why there is none.  Where the device probes another connection, the
 * options were that one's. */
static bool is_missed(const struct findings *findings, const struct sighted *sighted,
	const struct diagnosed_direction *direction)
{
	const bool options_known =
		findings->request->timeout_s > 0
			? findings->request->device.family != 0 && !sighted->device_probes
			: direction->options.on;

	return options_known && is_device(findings, direction) && !has_undecidable(direction);
}

/* Sets up the options in the timeline's scenario. */
static void plan(const struct findings *findings, struct timeline *timeline,
	const struct diagnosed_direction *direction)
{
	const struct planned_keepalive *options = &direction->options;

	timeline->scenario.step_count = findings->scenario.step_count;
	if (options->on)
		keepalive(&timeline->scenario, "connection", .count = options->count,
			.timeout_s = options->timeout_s);
}

static int lay_out(struct findings *findings, const struct sighted *sighted,
	const struct diagnosed_direction *direction, const struct place *close)
{
	struct timeline *timeline = findings->timelines[direction->side];
	struct verdict *verdict = &findings->verdicts[direction->side];

	verdict->check_count = verdict->finding_count = verdict->fact_count = 0;
	verdict->models = MODELS_ALL;
	plan(findings, timeline, direction);
	if (layout_lay(timeline, sighted, direction->side, close) != 0)
		return -1;
	return speaks_for(sighted->uart, direction) ? notices_lay(timeline, sighted->uart) : 0;
}

int findings_judge(struct findings *findings, const struct sighted *sighted,
	struct diagnosed_direction *direction)
{
	const bool heard = speaks_for(sighted->uart, direction);

	direction->options = options_of(findings, sighted, direction);
	/* What a middlebox sends in its name is no fault of the device. */
	const bool judged = is_device(findings, direction) && direction->signs.foreign_ttl == 0;
	const struct place *close = own_close(sighted, direction);
	direction->findings = findings->found[direction->side];
	direction->finding_count = 0;
	direction->timeline = NULL;
	direction->verdict = NULL;
	const bool missed = direction->probe_count == 0 && is_missed(findings, sighted, direction);
	if (direction->probe_count == 0 && !missed && !heard)
		return 0;
	if (heard)
		direction->signs.uart = notices_words(sighted->uart);
	if ((judged || findings->request->timelines) &&
		lay_out(findings, sighted, direction, close) != 0)
		return -1;
	if (missed) {
		judge_unprobed(findings, direction);
	} else if (judged && direction->probe_count > 0) {
		judge(findings, direction, close != NULL);
		direction->models = models_left(&findings->verdicts[direction->side]);
		collect(findings, sighted, direction);
	}
	add_single_probe(findings, direction);
	if (heard)
		notices_judge(direction, sighted->uart, add_notice,
			&(struct adding){.findings = findings, .direction = direction});
	if (findings->request->timelines &&
		(direction->probe_count > 0 || direction->finding_count > 0)) {
		direction->timeline = findings->timelines[direction->side];
		direction->verdict = &findings->verdicts[direction->side];
	}
	return 0;
}
