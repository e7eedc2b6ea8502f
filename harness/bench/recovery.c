/* SPDX-License-Identifier: MIT */
#include "bench/recovery.h"

#include <stdio.h>
#include <string.h>

#include "bench/access_point.h"
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
	struct stimulus last;
	struct session *of = device_last_doer(bench, device, fault, sign_ns, &last);
	char text[EVENT_TEXT];

	if (of == NULL)
		return;
	struct bench_case *test_case = &bench->cases[of->case_index];
	struct stimulus *death = &bench->bring_ups[device_index(bench, device)].death;
	const bool again = test_case->again && stimulus_is_same(&test_case->suspect, &last);
	if (again || (of->claims.sharing == SHARING_NONE && stimulus_is_same_death(death, &last))) {
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

/* Where it comes to the same so often at one command, and to nothing else meanwhile, it is no lost
 * octet and no chance: every command has its answer, and DISASSOCIATED is none right after AT+WA was
 * answered OK (cases/DEVICE.md 2).  What the death of a connection came before is not the command's
 * doing. */
enum { TROUBLES = 3 };

/* Somebody on the way may have dropped the answer to its SYN: a module may wait longer for it than the
 * bench for the module. */
static bool is_unanswered_by_peer(const struct session *session)
{
	for (int i = 0; i < session->flow_count; i++) {
		const struct flow *flow = &session->flows[i];
		if (flow->opening && flow->device_seen && !flow->peer_says_open)
			return true;
	}
	return false;
}

static void count_trouble(
	const struct bench *bench, struct device *device, enum fault_reason reason)
{
	struct session *asking = session_asking(device);
	struct stimulus last;
	char verb[DEVICE_VERB];
	char text[EVENT_TEXT];

	(void)device_last_doer(bench, device, FAULT_SILENT_DEVICE, device->spoke_ns, &last);
	device_verb(device, verb);
	if (last.death || verb[0] == '\0' || (asking != NULL && is_unanswered_by_peer(asking)))
		return;
	const bool same = device->trouble == reason && strcmp(verb, device->trouble_at) == 0;
	device->troubles = same ? device->troubles + 1 : 1;
	device->trouble = reason;
	memcpy(device->trouble_at, verb, sizeof verb);
	if (device->troubles < TROUBLES || asking == NULL)
		return;
	snprintf(text, sizeof text,
		"'%s' %s %d times, each time after the module was brought up anew, and nothing else in between",
		verb, reason == REASON_NO_ANSWER ? "got no answer" : "drew DISASSOCIATED",
		device->troubles);
	session_fault(asking, NO_CONNECTION,
		reason == REASON_NO_ANSWER ? REASON_UNANSWERED : REASON_DENIES_ASSOCIATION,
		device->spoke_ns, text);
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
	/* That the access point is away, for a case of whichever device, is no module's doing. */
	if (fault_of_reason(reason) != FAULT_DISASSOCIATED ||
		access_point_session(bench, NULL) == NULL)
		up->recoveries++;
	if (up->recoveries > MAX_RECOVERIES) {
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

void device_recover_silent(struct bench *bench, struct device *device)
{
	char verb[DEVICE_VERB];
	char why[64];

	if (!is_at_work(bench, device))
		return;
	device_verb(device, verb);
	count_trouble(bench, device, REASON_NO_ANSWER);
	snprintf(why, sizeof why, "does not answer '%s'", verb);
	device_recover(bench, device, REASON_NO_ANSWER, why);
}

void device_recover_unseen(
	struct bench *bench, struct device *device, enum fault_reason reason, const char *why)
{
	const struct provocation unknown = {.after = NULL};

	if (!is_at_work(bench, device))
		return;
	if (reason == REASON_NOT_ASSOCIATED)
		count_trouble(bench, device, reason);
	recover(bench, device, reason, device->knows_ns, why, &unknown);
}
