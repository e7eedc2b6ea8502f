/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"
#include "core/units.h"
#include "diagnose/sighting.h"

static struct error err;

/* Adds so many sightings to so many connections in turn, and reads them back. */
static void round_trip(uint32_t connections, uint32_t each)
{
	struct sighting_store *store = sighting_store_new();
	const struct sighting *sightings;
	ptrdiff_t count;
	uint32_t seen = 0;

	for (uint32_t i = 0; i < connections * each; i++) {
		struct sighting sighting = {.connection = i % connections, .frame = i + 1};
		cr_assert_eq(sighting_store_add(store, &sighting, &err), 0, "%s", err.text);
	}
	while ((count = sighting_store_next(store, &sightings, &err)) > 0) {
		cr_assert_eq(count, each);
		for (uint32_t i = 0; i < each; i++) {
			cr_assert_eq(sightings[i].connection, seen);
			cr_assert_eq(sightings[i].frame, i * connections + seen + 1);
		}
		seen++;
	}
	cr_assert_eq(count, 0);
	cr_assert_eq(seen, connections);
	sighting_store_free(store);
}

Test(sighting, a_few_stay_in_memory_and_in_order)
{
	round_trip(3, 5);
}

Test(sighting, many_come_back_from_the_file_connection_by_connection)
{
	round_trip(2000, 100);
}

Test(sighting, more_than_are_sorted_at_once_come_back_too)
{
	round_trip(2, 150000);
	round_trip(600, 300);
}

/* Octets that this process has read from files, or 0: the kernel does not say. */
static uint64_t octets_read(void)
{
	FILE *stream = fopen("/proc/self/io", "re");
	unsigned long long octets = 0;

	if (stream == NULL || fscanf(stream, "rchar: %llu", &octets) != 1)
		octets = 0;
	if (stream != NULL)
		(void)fclose(stream);
	return octets;
}

Test(sighting, however_many_there_are_each_is_read_twice_at_most)
{
	enum { CONNECTIONS = 20, EACH = 20000, TIMES = 2 };
	const uint64_t before = octets_read();

	round_trip(CONNECTIONS, EACH);
	const uint64_t octets = octets_read() - before;
	const uint64_t stored = sizeof(struct sighting) * CONNECTIONS * EACH;
	cr_assert_leq(octets, stored * TIMES + stored / 10, "%llu of %llu octets",
		(unsigned long long)octets, (unsigned long long)stored);
}

Test(sighting, an_empty_store_has_nothing)
{
	struct sighting_store *store = sighting_store_new();
	const struct sighting *sightings;

	cr_assert_eq(sighting_store_next(store, &sightings, &err), 0);
	sighting_store_free(store);
}

Test(sighting, a_temporary_file_that_cannot_be_made_is_said)
{
	struct sighting_store *store = sighting_store_new();
	struct sighting sighting = {.connection = 0};
	int status = 0;

	setenv("TMPDIR", "/nowhere", 1);
	for (int i = 0; i < 100000 && status == 0; i++)
		status = sighting_store_add(store, &sighting, &err);
	cr_assert_eq(status, -1);
	cr_assert_not_null(strstr(err.text, "'/nowhere'"), "%s", err.text);
	cr_assert_eq(err.kind, ERROR_BENCH);
	sighting_store_free(store);
}

Test(sighting, times_of_real_packets_are_kept_to_the_nanosecond)
{
	struct sighting sighting = {.time_ns = 1700000000 * NS_PER_S};
	const int64_t year_s = INT64_C(365) * 86400;
	const int64_t real_ns[2] = {sighting.time_ns - year_s * NS_PER_S - 1, SEGMENT_NO_TIME};
	const uint8_t ttl[2] = {64, 0};

	sighting_set_real(&sighting, real_ns, ttl);
	cr_assert_eq(sighting_real_ns(&sighting, 0), real_ns[0]);
	cr_assert_eq(sighting_real_ns(&sighting, 1), SEGMENT_NO_TIME);
}
