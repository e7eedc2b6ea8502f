/* SPDX-License-Identifier: MIT */
#include "diagnose/basis.h"

#include "core/units.h"

static void add(struct basis *basis, const struct place *at, const char *what)
{
	if (at->frame != 0 && basis->frame_count < BASIS_FRAMES)
		basis->frames[basis->frame_count++] = (struct basis_frame){*at, what};
}

static void add_last_probe(struct basis *basis, const struct diagnosed_direction *direction)
{
	const struct diagnosed_probe *last = &direction->probes[direction->probe_count - 1];

	add(basis, &last->at, "last probe");
	if (last->answer == PROBE_ANSWERED)
		add(basis, &last->answered, "its answer");
}

static void of_alive(struct basis *basis, const struct diagnosed_direction *direction)
{
	const struct direction_signs *signs = &direction->signs;

	add_last_probe(basis, direction);
	basis->confidence = CONFIDENCE_SHOWN;
	if (direction->probes[direction->probe_count - 1].answer == PROBE_ANSWERED) {
		basis->change = signs->peer_ended || signs->prober_ended
					? "nothing: the connection was closed later"
					: "what came after the end of the capture";
	} else if (signs->spoke_on) {
		basis->change = "nothing: the peer sent more after the last probe";
	} else {
		basis->confidence = CONFIDENCE_LIKELY;
		basis->change = "no answer to the last probe after the end of the capture";
	}
}

static void of_dead(struct basis *basis, const struct diagnosed_direction *direction)
{
	add(basis, &direction->first_unanswered, "first unanswered probe");
	if (direction->count > 1)
		add_last_probe(basis, direction);
	add(basis, &direction->gave_up,
		direction->gave_up_by == END_RST ? "RST of the prober" : "FIN of the prober");
	if (direction->gave_up.frame == 0) {
		basis->confidence = CONFIDENCE_LIKELY;
		basis->change = "a segment of either side that was not captured, or came later";
		return;
	}
	basis->confidence = direction->gave_up_by == END_RST ? CONFIDENCE_SHOWN : CONFIDENCE_LIKELY;
	basis->change =
		direction->gave_up_by == END_RST
			? "why the peer was silent: a capture at the peer shows whether the probes came, and what it answered"
			: "a log of the prober's host: its program may have closed the connection";
}

static void of_refused(struct basis *basis, const struct diagnosed_direction *direction)
{
	const struct direction_signs *signs = &direction->signs;

	add(basis, &signs->peer_fin, "FIN of the peer");
	for (size_t i = 0; i < direction->probe_count; i++) {
		const struct diagnosed_probe *probe = &direction->probes[i];
		if (probe->answer != PROBE_RESET)
			continue;
		add(basis, &probe->at, "probe");
		add(basis, &probe->answered, "its RST");
		break;
	}
	switch (direction_refusal(signs)) {
	case REFUSAL_HALF_CLOSED:
		basis->confidence = CONFIDENCE_SHOWN;
		basis->change =
			"nothing that it was refused; why the peer let the connection go, its host knows";
		break;
	case REFUSAL_MIDDLEBOX:
		basis->confidence = CONFIDENCE_LIKELY;
		basis->change =
			"a capture between the middlebox and the peer: there is no RST in it, or the peer's own";
		break;
	case REFUSAL_FORGOTTEN:
		basis->confidence = CONFIDENCE_LIKELY;
		basis->change =
			"a log of the peer: it says whether it rebooted, or its process ended";
		break;
	}
}

static void add_lookalikes(
	struct basis *basis, const struct diagnosed_direction *direction, enum segment_class reason)
{
	const struct diagnosed_lookalike *first = NULL, *last = NULL;

	for (size_t i = 0; i < direction->lookalike_count; i++) {
		const struct diagnosed_lookalike *lookalike = &direction->lookalikes[i];
		if (reason != SEGMENT_OTHER && lookalike->reason != reason)
			continue;
		first = first == NULL ? lookalike : first;
		last = lookalike;
	}
	if (first != NULL)
		add(basis, &first->at, first == last ? "the segment" : "the first of the segments");
	if (first != last)
		add(basis, &last->at, "the last of them");
}

static void of_unprobed(struct basis *basis, const struct diagnosed_direction *direction)
{
	const struct direction_signs *signs = &direction->signs;

	if (signs->suspects > 0) {
		basis->confidence = signs->suspect_interval_ns != DURATION_UNKNOWN
					    ? CONFIDENCE_LIKELY
					    : CONFIDENCE_OPEN;
		add_lookalikes(basis, direction, SEGMENT_UNDECIDABLE);
		add(basis, &signs->suspect_end, "RST of the prober");
		basis->change = "an answer, or a capture from the opening of the connection on";
	} else if (signs->behind_fin > 0) {
		basis->confidence = CONFIDENCE_LIKELY;
		add(basis, &signs->end, "its FIN");
		add_lookalikes(basis, direction, SEGMENT_AFTER_FIN);
		basis->change = "a log of its host: retransmissions would back off";
	} else if (direction->lookalike_count > 0) {
		basis->confidence = CONFIDENCE_SHOWN;
		add_lookalikes(basis, direction, SEGMENT_OTHER);
		for (size_t i = 0; i < direction->lookalike_count; i++)
			if (direction->lookalikes[i].reason == SEGMENT_UNDECIDABLE)
				basis->confidence = CONFIDENCE_OPEN;
		basis->change =
			basis->confidence == CONFIDENCE_OPEN
				? "an answer, or a capture from the opening of the connection on"
				: "segments that the capture missed";
	} else {
		basis->confidence = CONFIDENCE_SHOWN;
		add(basis, &signs->peer_end, "end of the peer's");
		basis->change = "probes that the capture missed";
	}
}

static void of_undecided(struct basis *basis, const struct diagnosed_direction *direction)
{
	const struct direction_signs *signs = &direction->signs;

	basis->confidence = CONFIDENCE_OPEN;
	add(basis, &direction->first_unanswered, "first unanswered probe");
	if (direction->unanswered != 1)
		add_last_probe(basis, direction);
	add(basis, &signs->peer_end, "end of the peer's");
	add(basis, &signs->end, "end of the prober's");
	basis->change = signs->paused ? "what came in the hole of the capture"
			: signs->peer_ended || signs->prober_ended
				? "an answer that was not captured, before the end"
				: "what came after the end of the capture";
}

struct basis basis_of(const struct diagnosed_direction *direction)
{
	struct basis basis = {.confidence = CONFIDENCE_OPEN};

	switch (direction->outcome) {
	case KEEPALIVE_ALIVE:
		of_alive(&basis, direction);
		break;
	case KEEPALIVE_DEAD:
		of_dead(&basis, direction);
		break;
	case KEEPALIVE_REFUSED:
		of_refused(&basis, direction);
		break;
	case KEEPALIVE_UNDECIDED:
		if (direction->probe_count == 0)
			of_unprobed(&basis, direction);
		else
			of_undecided(&basis, direction);
		break;
	}
	add(&basis, &direction->signs.unreachable, "ICMP error");
	add(&basis, &direction->signs.arp_unanswered, "first request for the peer's host");
	return basis;
}

const char *confidence_name(enum confidence confidence)
{
	switch (confidence) {
	case CONFIDENCE_SHOWN:
		return "shown";
	case CONFIDENCE_LIKELY:
		return "likely";
	case CONFIDENCE_OPEN:
		return "open";
	}
	return "open";
}
