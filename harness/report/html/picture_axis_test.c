/* SPDX-License-Identifier: MIT */
#include "report/html/picture_axis.h"

#include <criterion/criterion.h>

#include "core/units.h"

/* Moments at these seconds. */
static struct axis axis_of(const double *seconds, size_t count)
{
	struct moment moments[512];
	struct axis axis;

	for (size_t i = 0; i < count; i++)
		moments[i] = (struct moment){.t_ns = (int64_t)(seconds[i] * 1e9)};
	axis_make(&axis, moments, count, 100, 1000);
	return axis;
}

static double x_at(const struct axis *axis, double s)
{
	return axis_x(axis, (int64_t)(s * 1e9));
}

static size_t breaks(const struct axis *axis)
{
	size_t count = 0;

	for (size_t i = 0; i < axis->count; i++)
		count += axis->pieces[i].broken;
	return count;
}

Test(picture_axis, spreads_moments_to_scale)
{
	const double seconds[] = {0, 75, 150, 225};
	struct axis axis = axis_of(seconds, 4);

	cr_expect_float_eq(x_at(&axis, 0), 100, 0.1);
	cr_expect_float_eq(x_at(&axis, 75), 400, 0.1);
	cr_expect_float_eq(x_at(&axis, 112.5), 550, 0.1);
	cr_expect_float_eq(x_at(&axis, 225), 1000, 0.1);
	cr_expect_eq(breaks(&axis), 0);
}

Test(picture_axis, takes_the_middle_out_of_a_long_idle_time)
{
	const double seconds[] = {0, 7200, 7275, 7350};
	struct axis axis = axis_of(seconds, 4);

	cr_expect_eq(breaks(&axis), 1);
	cr_expect(axis_shows(&axis, 0));
	cr_expect_not(axis_shows(&axis, 3600 * NS_PER_S));
	cr_expect(axis_shows(&axis, 7200 * NS_PER_S));
	/* The gaps are as wide as each other, and most of the picture. */
	double gap = x_at(&axis, 7275) - x_at(&axis, 7200);
	cr_expect_float_eq(gap, x_at(&axis, 7350) - x_at(&axis, 7275), 0.1);
	cr_expect_gt(gap, 200);
}

Test(picture_axis, shows_what_stands_at_both_ends_of_a_break_to_scale)
{
	const double seconds[] = {0, 7200, 7275};
	struct axis axis = axis_of(seconds, 3);

	cr_expect(axis_shows(&axis, (int64_t)(7199.5 * 1e9)));
	cr_expect_float_eq(x_at(&axis, 7200) - x_at(&axis, 7199.5), 0.5 * axis.per_s, 0.01);
}

Test(picture_axis, cuts_the_middle_of_many_rounds_and_counts_it)
{
	double seconds[200];
	size_t out = 0;

	for (int i = 0; i < 200; i++)
		seconds[i] = 150.0 * i;
	struct axis axis = axis_of(seconds, 200);
	cr_expect_eq(breaks(&axis), 1);
	for (size_t i = 0; i < axis.count; i++)
		out += axis.pieces[i].left_out;
	cr_expect_eq(out, 200 - 40);
	cr_expect(axis_shows(&axis, 150 * NS_PER_S));
	cr_expect(axis_shows(&axis, 29850 * NS_PER_S));
	cr_expect_not(axis_shows(&axis, 15000 * NS_PER_S));
}

Test(picture_axis, never_cuts_what_is_worth_it)
{
	struct moment moments[200];
	struct axis axis;

	for (int i = 0; i < 200; i++)
		moments[i] = (struct moment){.t_ns = NS_PER_S * 75 * i, .worth = i == 100 ? 2 : 0};
	axis_make(&axis, moments, 200, 100, 1000);
	cr_expect(axis_shows(&axis, 7500 * NS_PER_S));
	cr_expect(axis_shows(&axis, 7425 * NS_PER_S), "what came before belongs to it");
	cr_expect_not(axis_shows(&axis, 6750 * NS_PER_S));
}

Test(picture_axis, goes_from_left_to_right)
{
	const double seconds[] = {0, 0.01, 0.02, 5, 600, 600.03, 675, 9000, 9000.2};
	struct axis axis = axis_of(seconds, 9);
	double before = 0;

	for (size_t i = 0; i < axis.count; i++) {
		cr_expect_geq(axis.pieces[i].from_x, before);
		cr_expect_geq(axis.pieces[i].to_x, axis.pieces[i].from_x);
		if (i > 0)
			cr_expect_eq(axis.pieces[i].from_ns, axis.pieces[i - 1].to_ns);
		before = axis.pieces[i].to_x;
	}
	cr_expect_float_eq(before, 1000, 0.1);
	for (size_t i = 0; i < 9; i++)
		cr_expect(axis_shows(&axis, (int64_t)(seconds[i] * 1e9)), "%g s", seconds[i]);
}

Test(picture_axis, of_one_moment_has_a_place_for_it)
{
	const double seconds[] = {42};
	struct axis axis = axis_of(seconds, 1);

	cr_expect_float_eq(x_at(&axis, 42), 100, 0.1);
}
