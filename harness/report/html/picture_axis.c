/* SPDX-License-Identifier: MIT */
#include "report/html/picture_axis.h"

#include <stdlib.h>

#include "core/units.h"

/* Moments nearer than this are one. */
static const int64_t together_ns = 50 * NS_PER_MS;

enum {
	MOMENTS_DRAWN = 44, /* more than these are cut in the middle */
	MOMENTS_KEPT = 40,  /* first and last ones, together */
	WORTH_DRAWN = 60    /* more than these of one worth do not count as worth keeping */
};

static const double break_width = 40, cut_width = 96;

static int by_time(const void *a, const void *b)
{
	const struct moment *moment = a, *other = b;

	return (moment->t_ns > other->t_ns) - (moment->t_ns < other->t_ns);
}

static size_t join(struct moment *moments, size_t count)
{
	size_t kept = 1;

	qsort(moments, count, sizeof *moments, by_time);
	for (size_t i = 0; i < count; i++)
		moments[i].until_ns = moments[i].t_ns;
	for (size_t i = 1; i < count; i++) {
		struct moment *last = &moments[kept - 1];
		if (moments[i].t_ns - last->t_ns < together_ns) {
			if (moments[i].worth > last->worth)
				last->worth = moments[i].worth;
			last->until_ns = moments[i].t_ns;
		} else {
			moments[kept++] = moments[i];
		}
	}
	return kept;
}

/* From which worth on a moment is drawn though it lies in the middle of many. */
static int worth_wanted(const struct moment *moments, size_t count)
{
	for (int worth = 1; worth < 3; worth++) {
		size_t found = 0;
		for (size_t i = 0; i < count; i++)
			found += moments[i].worth >= worth;
		if (found <= WORTH_DRAWN)
			return worth;
	}
	return 3;
}

/* Is moment i drawn?  With the neighbours of what is worth it, so that it can be compared. */
static bool is_drawn(const struct moment *moments, size_t count, size_t i, int wanted)
{
	if (count <= MOMENTS_DRAWN || i < MOMENTS_KEPT / 2 || i + MOMENTS_KEPT / 2 >= count)
		return true;
	for (size_t k = i - 1; k <= i + 1; k++)
		if (moments[k].worth >= wanted)
			return true;
	return false;
}

static void add_piece(struct axis *axis, int64_t from_ns, int64_t to_ns, bool broken, size_t out)
{
	if (axis->count < AXIS_PIECES)
		axis->pieces[axis->count++] = (struct axis_piece){
			.from_ns = from_ns, .to_ns = to_ns, .broken = broken, .left_out = out};
	else
		axis->pieces[AXIS_PIECES - 1].to_ns = to_ns;
}

/* A piece between each two drawn moments. */
static void add_pieces(struct axis *axis, const struct moment *moments, size_t count)
{
	const int wanted = worth_wanted(moments, count);
	size_t before = 0;

	for (size_t i = 1; i < count; i++) {
		if (!is_drawn(moments, count, i, wanted))
			continue;
		if (moments[before].until_ns > moments[before].t_ns)
			add_piece(axis, moments[before].t_ns, moments[before].until_ns, false, 0);
		add_piece(axis, moments[before].until_ns, moments[i].t_ns, i > before + 1,
			i - before - 1);
		before = i;
	}
	if (moments[before].until_ns > moments[before].t_ns || axis->count == 0)
		add_piece(
			axis, moments[before].t_ns, moments[before].until_ns + NS_PER_MS, false, 0);
}

static int64_t unbroken(const struct axis *axis)
{
	int64_t sum = 0;

	for (size_t i = 0; i < axis->count; i++)
		if (!axis->pieces[i].broken)
			sum += axis->pieces[i].to_ns - axis->pieces[i].from_ns;
	return sum;
}

/* Takes the middle out of idle times that would leave no room for the rest; a little of both ends
 * stays to scale, for the windows of what lies there. */
static void break_idle(struct axis *axis)
{
	const int64_t total = unbroken(axis);
	int64_t longest = total * 3 / 10;
	const int64_t margin = total / 100 + NS_PER_S;
	struct axis whole = *axis;

	if (longest < 200 * NS_PER_S)
		longest = 200 * NS_PER_S;
	axis->count = 0;
	for (size_t i = 0; i < whole.count; i++) {
		const struct axis_piece *piece = &whole.pieces[i];
		if (piece->broken || piece->to_ns - piece->from_ns <= longest ||
			axis->count + 3 > AXIS_PIECES) {
			add_piece(
				axis, piece->from_ns, piece->to_ns, piece->broken, piece->left_out);
			continue;
		}
		add_piece(axis, piece->from_ns, piece->from_ns + margin, false, 0);
		add_piece(axis, piece->from_ns + margin, piece->to_ns - margin, true, 0);
		add_piece(axis, piece->to_ns - margin, piece->to_ns, false, 0);
	}
}

static double width_of(const struct axis_piece *piece, double per_s)
{
	if (piece->broken)
		return piece->left_out > 0 ? cut_width : break_width;
	return (double)(piece->to_ns - piece->from_ns) / 1e9 * per_s;
}

void axis_make(struct axis *axis, struct moment *moments, size_t count, double from_x, double to_x)
{
	double room = to_x - from_x, x = from_x;

	*axis = (struct axis){.from_x = from_x, .to_x = to_x};
	count = join(moments, count);
	add_pieces(axis, moments, count);
	break_idle(axis);
	for (size_t i = 0; i < axis->count; i++)
		if (axis->pieces[i].broken)
			room -= width_of(&axis->pieces[i], 0);
	/* Many breaks in a narrow picture: it grows. */
	if (room < 200)
		room = 200;
	const double seconds = (double)unbroken(axis) / 1e9;
	axis->per_s = seconds > 0 ? room / seconds : room;
	for (size_t i = 0; i < axis->count; i++) {
		struct axis_piece *piece = &axis->pieces[i];
		piece->from_x = x;
		x += width_of(piece, axis->per_s);
		piece->to_x = x;
	}
	axis->to_x = x;
}

static const struct axis_piece *piece_at(const struct axis *axis, int64_t t_ns)
{
	for (size_t i = 0; i < axis->count; i++)
		if (t_ns <= axis->pieces[i].to_ns)
			return &axis->pieces[i];
	return &axis->pieces[axis->count - 1];
}

double axis_x(const struct axis *axis, int64_t t_ns)
{
	const struct axis_piece *piece = piece_at(axis, t_ns);

	if (t_ns <= piece->from_ns)
		return piece->from_x;
	if (t_ns >= piece->to_ns)
		return piece->to_x;
	double part = (double)(t_ns - piece->from_ns) / (double)(piece->to_ns - piece->from_ns);
	return piece->from_x + part * (piece->to_x - piece->from_x);
}

bool axis_shows(const struct axis *axis, int64_t t_ns)
{
	const struct axis_piece *piece = piece_at(axis, t_ns);

	return !piece->broken || t_ns <= piece->from_ns || t_ns >= piece->to_ns;
}
