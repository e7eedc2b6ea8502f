/* SPDX-License-Identifier: MIT */
#include "report/formats/csv.h"

#include <string.h>

#include "report/model/attempt.h"
#include "report/text/text.h"

static void text(FILE *stream, const char *value)
{
	fputc('"', stream);
	text_put(stream, TEXT_CSV, value);
	fputs("\",", stream);
}

static const char *firmware_of(const struct run *run, const char *device)
{
	for (size_t i = 0; i < run->device_count; i++)
		if (strcmp(run->devices[i].name, device) == 0)
			return run->devices[i].firmware;
	return "";
}

static void put_leg(const struct run *run, const struct run_case *test_case, const char *kind,
	const struct attempt *attempt, const struct check *check, FILE *stream)
{
	text(stream, test_case->name);
	text(stream, attempt->device);
	text(stream, firmware_of(run, attempt->device));
	fprintf(stream, "%d,%s,", test_case->repetition == 0 ? 1 : test_case->repetition, kind);
	text(stream, leg_name(check->leg).text);
	text(stream, check->requirement);
	fprintf(stream, "%s,%.9f,%.9f,%.9f,%.9f\r\n", outcome_name(check->outcome),
		(double)check->measured_ns / 1e9, (double)check->from_ns / 1e9,
		(double)check->to_ns / 1e9, (double)check->error_ns / 1e9);
}

static void put_attempt(const struct run *run, const struct run_case *test_case, const char *kind,
	const struct attempt *attempt, FILE *stream)
{
	for (size_t i = 0; attempt != NULL && i < attempt->verdict.check_count; i++)
		if (attempt->verdict.checks[i].measured)
			put_leg(run, test_case, kind, attempt, &attempt->verdict.checks[i], stream);
}

void csv_write(const struct run *run, FILE *stream)
{
	fputs("case,device,firmware,repetition,attempt,leg,requirement,outcome,measured_s,expected_from_s,expected_to_s,uncertainty_s\r\n",
		stream);
	for (size_t i = 0; i < run->case_count; i++) {
		put_attempt(run, &run->cases[i], "first", run->cases[i].first, stream);
		put_attempt(run, &run->cases[i], "alone", run->cases[i].alone, stream);
	}
}
