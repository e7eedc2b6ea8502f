/* SPDX-License-Identifier: MIT */
#include "bench/lost.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>

#include "bench/journal.h"
#include "core/error.h"

int device_index(const struct bench *bench, const struct device *device)
{
	int index = 0;

	while (bench->devices[index] != device)
		index++;
	return index;
}

/* Its descriptors are closed a little before it can be waited for. */
static bool process_ended(struct bench *bench, int index, int *status)
{
	enum { TRIES = 200 };
	const struct timespec pause = {.tv_nsec = 10 * NS_PER_MS};

	for (int i = 0; i < TRIES && bench->children[index] > 0; i++) {
		if (waitpid(bench->children[index], status, WNOHANG) == bench->children[index]) {
			bench->children[index] = 0;
			return true;
		}
		nanosleep(&pause, NULL);
	}
	return false;
}

struct session *device_last_doer(const struct bench *bench, const struct device *device,
	enum evidence_fault fault, int64_t sign_ns, struct stimulus *last)
{
	struct session *of = NULL;

	*last = (struct stimulus){.fault = FAULT_NONE};
	for (struct session *s = bench->sessions; s != NULL; s = s->next) {
		if (s->device != device || s->state == SESSION_FINISHED)
			continue;
		struct stimulus its =
			stimulus_before(s->timeline, fault, sign_ns, clock_now(&bench->clock));
		if (its.fault == FAULT_NONE || (of != NULL && its.t_ns <= last->t_ns))
			continue;
		*last = its;
		of = s;
	}
	return of;
}

/* Nobody but the program itself sends these. */
static bool is_crash(int signal)
{
	return signal == SIGSEGV || signal == SIGBUS || signal == SIGFPE || signal == SIGILL ||
	       signal == SIGABRT;
}

/* The program of a virtual device crashed: who did something to it last has the evidence. */
static void crashed(struct bench *bench, const struct device *device, const char *how)
{
	struct stimulus last;
	struct session *of = device_last_doer(
		bench, device, FAULT_SILENT_DEVICE, clock_now(&bench->clock), &last);
	char text[EVENT_TEXT];

	if (of == NULL)
		return;
	snprintf(text, sizeof text, "%s after %s", how, last.text);
	session_fault(of, NO_CONNECTION, REASON_PROGRAM_CRASHED, clock_now(&bench->clock), text);
	session_fault(of, NO_CONNECTION, REASON_NO_ANSWER, clock_now(&bench->clock), how);
	session_abandon(of);
}

/* So much computing at one instant of stepped time, which takes a healthy program a millisecond. */
#define ENDLESS_NS NS_PER_S

int64_t device_computed_ns(const struct bench *bench, const struct device *device)
{
	const pid_t process = bench->children[device_index(bench, device)];
	clockid_t clock;
	struct timespec used;

	if (process <= 0 || clock_getcpuclockid(process, &clock) != 0 ||
		clock_gettime(clock, &used) != 0)
		return 0;
	return used.tv_sec * NS_PER_S + used.tv_nsec;
}

void device_hangs(struct bench *bench, const struct device *device, int64_t computed_ns)
{
	char how[128];

	if (computed_ns < ENDLESS_NS)
		return;
	snprintf(how, sizeof how,
		"the process of virtual device '%s' computed for %.0f s and did not come to an end",
		device->entry->name, (double)computed_ns / 1e9);
	crashed(bench, device, how);
}

void device_explain(struct bench *bench, const struct device *device, struct error *err)
{
	int status;

	if (!process_ended(bench, device_index(bench, device), &status))
		return;
	if (WIFSIGNALED(status))
		error_set(err, ERROR_BENCH,
			"the process of virtual device '%s' was ended by signal %d",
			device->entry->name, WTERMSIG(status));
	if (WIFSIGNALED(status) && is_crash(WTERMSIG(status)))
		crashed(bench, device, err->text);
	if (WIFEXITED(status))
		error_set(err, ERROR_BENCH, "the process of virtual device '%s' exited with %d",
			device->entry->name, WEXITSTATUS(status));
}

bool devices_ready(const struct bench *bench)
{
	const bool real = bench->clock.kind == CLOCK_KIND_REAL;

	/* On the real clock one that is brought up again in mid-run does not keep the others. */
	for (int i = 0; i < bench->device_count; i++)
		if (!bench->devices[i]->ready && !bench->lost[i] && !bench->absences[i].away &&
			!(real && bench->devices[i]->was_ready))
			return false;
	return true;
}

void device_stop(struct bench *bench, int index)
{
	struct bring_up *up = &bench->bring_ups[index];

	bench->devices[index]->ready = false;
	hook_cancel(&up->hook);
	up->running = false;
	device_abandon(bench->devices[index]);
}

void device_lost(struct bench *bench, struct device *device, const struct error *err)
{
	int index = device_index(bench, device);
	bool last = true;

	if (bench->lost[index])
		return;
	bench->lost[index] = true;
	for (int i = 0; i < bench->device_count; i++)
		last &= bench->lost[i];
	if (last) {
		bench_fault(bench, err);
		return;
	}
	bench_record_fault(bench, err);
	for (struct session *s = bench->sessions; s != NULL; s = s->next) {
		if (s->device != device)
			continue;
		session_fault(
			s, NO_CONNECTION, REASON_DEVICE_LOST, clock_now(&bench->clock), err->text);
		session_abandon(s);
	}
	device_stop(bench, index);
}
