/* SPDX-License-Identifier: MIT */
#include "bench/journal.h"

#include "core/error.h"
#include "core/json_text.h"

void bench_record_fault(struct bench *bench, const struct error *err)
{
	bench_record(bench,
		json_pack("{s:s, s:o, s:f}", "event", "fault", "text", json_text(err->text), "t_s",
			(double)clock_now(&bench->clock) / 1e9),
		true);
}

void bench_fault(struct bench *bench, const struct error *err)
{
	if (bench->fault.kind != ERROR_NONE)
		return;
	bench->fault = *err;
	bench_record_fault(bench, err);
}

int bench_record(struct bench *bench, json_t *event, bool force)
{
	struct error err = {0};

	if (event == NULL ||
		bench->options->record(bench->options->context, event, force, &err) != 0) {
		if (err.kind == ERROR_NONE)
			error_set(&err, ERROR_MEMORY, "out of memory");
		bench_fault(bench, &err);
		return -1;
	}
	return 0;
}

static json_t *recovery_event(
	const struct bench *bench, const struct device *device, const char *what)
{
	return json_pack("{s:s, s:s, s:o, s:f}", "event", "recovery", "device", device->entry->name,
		"step", json_text(what), "t_s", (double)clock_now(&bench->clock) / 1e9);
}

void bench_note_recovery(struct bench *bench, const struct device *device, const char *what)
{
	bench_record(bench, recovery_event(bench, device, what), false);
}

static int cases_on(const struct bench *bench, const struct device *device)
{
	int count = 0;

	for (const struct session *s = bench->sessions; s != NULL; s = s->next)
		count += s->device == device && s->state != SESSION_DELAYED &&
			 s->state < SESSION_LISTING;
	return count;
}

void bench_note_breakdown(struct bench *bench, const struct device *device,
	enum evidence_fault fault, const struct provocation *provocation, const char *what)
{
	json_t *event = recovery_event(bench, device, what);

	json_object_set_new(event, "cause", json_string(evidence_fault_name(fault)));
	json_object_set_new(event, "cases", json_integer(cases_on(bench, device)));
	if (provocation->after != NULL)
		json_object_update_new(event,
			json_pack("{s:o, s:i, s:f, s:f}", "after", json_text(provocation->after),
				"times", provocation->times, "delay_s", provocation->delay_s,
				"share", provocation->share));
	bench_record(bench, event, true);
}

void bench_note_waiting(struct bench *bench, const char *text)
{
	bench_record(bench,
		json_pack("{s:s, s:s, s:f}", "event", "waiting", "text", text, "t_s",
			(double)clock_now(&bench->clock) / 1e9),
		false);
}

void bench_note_time(struct bench *bench, const char *what)
{
	bench_record(bench,
		json_pack("{s:s, s:s, s:f}", "event", "time", "text", what, "t_s",
			(double)clock_now(&bench->clock) / 1e9),
		false);
}

void bench_note_uart(struct bench *bench, const struct device *device)
{
	const struct round_trips *uart = &device->uart.round_trips;

	if (uart->count > 0)
		bench_record(bench,
			json_pack("{s:s, s:s, s:i, s:I, s:I, s:I}", "event", "uart", "device",
				device->entry->name, "round_trips", uart->count, "least_ns",
				(json_int_t)uart->least_ns, "most_ns", (json_int_t)uart->most_ns,
				"bound_ns", (json_int_t)round_trips_bound(uart)),
			false);
}
