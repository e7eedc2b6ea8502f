/* SPDX-License-Identifier: MIT */
#include "bench/bench.h"

#include <stdlib.h>

#include "bench/devices.h"
#include "bench/journal.h"
#include "bench/loop.h"
#include "bench/state.h"
#include "core/error.h"
#include "core/json_text.h"

int bench_run(const struct bench_options *options, struct error *err)
{
	struct bench *bench = calloc(1, sizeof *bench);

	if (bench == NULL)
		return error_set(err, ERROR_MEMORY, "out of memory");
	bench->options = options;
	if (bench_prepare(bench, &bench->fault) == 0 &&
		(options->recorded != NULL || devices_open(bench, &bench->fault) == 0))
		bench_loop(bench);
	else
		bench_record(bench,
			json_pack("{s:s, s:o, s:f}", "event", "fault", "text",
				json_text(bench->fault.text), "t_s", 0.0),
			true);
	for (int i = 0; i < bench->device_count; i++)
		bench_note_uart(bench, bench->devices[i]);
	monitor_note(bench);
	int result = bench->fault.kind == ERROR_NONE ? 0 : -1;
	if (err != NULL)
		*err = bench->fault;
	bench_free(bench);
	return result;
}
