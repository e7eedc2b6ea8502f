/* SPDX-License-Identifier: MIT */
#include "bench/recovery.h"

#include <stdio.h>

#include "bench/bring_up.h"
#include "bench/journal.h"
#include "bench/ladder.h"
#include "bench/lost.h"

void device_reset(struct bench *bench, int index, const char *why)
{
	stimuli_end(&bench->bring_ups[index].stimuli, clock_now(&bench->clock));
	device_abandon(bench->devices[index]);
	bring_up_prepare(bench, index);
	ladder_restart(&bench->bring_ups[index], why);
}

/* The case whose doing came last is run again alone; when it comes to the same again, it fails.  So
 * does one that has the device alone, where the same came after the death of another's
 * connection. */
static void suspect(struct bench *bench, const struct device *device, enum evidence_fault fault,
	int64_t sign_ns)
{
	struct stimulus last = {.fault = FAULT_NONE};
	struct session *of = NULL;
	char text[EVENT_TEXT];

	for (struct session *s = bench->sessions; s != NULL; s = s->next) {
		if (s->device != device || s->state == SESSION_FINISHED)
			continue;
		struct stimulus its =
			stimulus_before(s->timeline, fault, sign_ns, clock_now(&bench->clock));
		if (its.fault == FAULT_NONE || (of != NULL && its.t_ns <= last.t_ns))
			continue;
		last = its;
		of = s;
	}
	if (of == NULL)
		return;
	struct bench_case *test_case = &bench->cases[of->case_index];
	struct stimulus *death = &bench->bring_ups[device_index(bench, device)].death;
	const bool again = test_case->again && stimulus_is_same(&test_case->suspect, &last);
	if (again || (of->alone && stimulus_is_same_death(death, &last))) {
		snprintf(text, sizeof text, "the module %s twice after %s: %s, then alone",
			fault == FAULT_REBOOT	       ? "rebooted"
			: fault == FAULT_DISASSOCIATED ? "lost its association"
						       : "fell silent",
			again ? last.text : "the death of a connection",
			again ? "beside other cases" : "of a connection of another case");
		session_fault(of, NO_CONNECTION, REASON_SAME_STIMULUS, sign_ns, text);
	}
	test_case->suspect = last;
	if (last.death)
		*death = last;
}

static bool is_at_work(const struct bench *bench, const struct device *device)
{
	int index = device_index(bench, device);

	return (!bench->bring_ups[index].running || bench->bring_ups[index].checking) &&
	       !bench->lost[index];
}

static void recover(struct bench *bench, struct device *device, enum fault_reason reason,
	int64_t since_ns, const char *why, const struct provocation *provocation)
{
	int index = device_index(bench, device);
	struct bring_up *up = &bench->bring_ups[index];
	char text[EVENT_TEXT];

	snprintf(text, sizeof text, "device '%s' %s", device->entry->name, why);
	if (up->checking)
		bring_up_end_check(up);
	bench_note_breakdown(bench, device, fault_of_reason(reason), provocation, why);
	stimuli_end(&up->stimuli, clock_now(&bench->clock));
	for (struct session *s = bench->sessions; s != NULL; s = s->next) {
		if (s->device != device || s->state == SESSION_FINISHED)
			continue;
		session_fault(s, NO_CONNECTION, reason, since_ns, text);
		session_abandon(s);
	}
	device_abandon(device);
	bring_up_prepare(bench, index);
	if (++up->recoveries > MAX_RECOVERIES) {
		snprintf(up->trouble, sizeof up->trouble, "%.200s (%d times in this run)", why,
			up->recoveries);
		bring_up_give_up(up);
		return;
	}
	up->settled = false;
	(void)ladder_settle(up);
}

void device_recover(
	struct bench *bench, struct device *device, enum fault_reason reason, const char *why)
{
	if (!is_at_work(bench, device))
		return;
	const enum evidence_fault fault = fault_of_reason(reason);
	/* What is on the wire does not show that the UART is heard. */
	int64_t since_ns = fault == FAULT_SILENT_DEVICE ? device->spoke_ns : device->alive_ns;
	const struct provocation provocation =
		stimuli_provocation(&bench->bring_ups[device_index(bench, device)].stimuli, fault,
			clock_now(&bench->clock));
	suspect(bench, device, fault, since_ns);
	recover(bench, device, reason, since_ns, why, &provocation);
}

void device_recover_unseen(
	struct bench *bench, struct device *device, enum fault_reason reason, const char *why)
{
	const struct provocation unknown = {.after = NULL};

	if (is_at_work(bench, device))
		recover(bench, device, reason, device->knows_ns, why, &unknown);
}
