/* SPDX-License-Identifier: MIT */
#include "judge/subject.h"

#include "judge/judge.h"

struct subject subject_of(struct verdict *verdict, const struct timeline *timeline, int connection,
	const struct profile *profile)
{
	struct subject s = {.timeline = timeline,
		.profile = profile,
		.connection = connection,
		.verdict = verdict};

	for (int i = 0; i < GENERATIONS; i++) {
		struct subject_generation *g = &s.generations[i];
		g->history = history_of(timeline, connection, profile, (enum generation_wanted)i);
		g->death = history_death(&g->history);
		g->silence = history_silence(&g->history, &g->death);
	}
	return s;
}

void subject_look_at(struct subject *s, enum generation_wanted wanted)
{
	s->history = &s->generations[wanted].history;
	s->death = &s->generations[wanted].death;
	s->silence = &s->generations[wanted].silence;
}
