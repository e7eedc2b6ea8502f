/* SPDX-License-Identifier: MIT */
#include "judge/judge.h"

#include "core/text_buffer.h"
#include "judge/checks.h"

/* What the segments of a module look like, and how it goes about data, where no standard says. */

/* Longer data is cut into several segments, which look different. */
enum { SHORT_DATA = 256 };

static bool is_of(enum fact_id id, const struct history *history, const struct death *death,
	const struct event *segment)
{
	const struct timeline_segment *s = &segment->segment;
	const bool syn = (s->flags & TCP_FLAG_SYN) != 0, ack = (s->flags & TCP_FLAG_ACK) != 0;

	switch (id) {
	case FACT_form_of_syn:
		return syn && !ack;
	case FACT_form_of_syn_ack:
		return syn && ack;
	case FACT_form_of_ack:
		return s->role == ROLE_PLAIN && s->length == 0;
	case FACT_form_of_data:
		return s->role == ROLE_DATA && s->length <= SHORT_DATA;
	case FACT_form_of_probe:
		return s->role == ROLE_PROBE;
	case FACT_form_of_fin:
		return s->role == ROLE_FIN && s->length == 0;
	case FACT_form_of_rst:
		return segment == history_reset_at_death(history, death);
	default:
		return false;
	}
}

/* "flags 0x02, ttl 255, window 5840, mss 1460": the window where nothing was received that may have
 * changed it. */
static struct fact form_of(enum fact_id id, const struct timeline_segment *s)
{
	struct fact fact = {.id = id};
	struct text_buffer text = text_buffer(fact.text, sizeof fact.text);

	text_add_item(&text, "flags 0x%02x", s->flags);
	text_add_item(&text, "ttl %u", s->ttl);
	if (s->tos != 0)
		text_add_item(&text, "tos %u", s->tos);
	if (s->dont_fragment)
		text_add_item(&text, "df");
	if ((s->flags & TCP_FLAG_SYN) != 0)
		text_add_item(&text, "window %u", s->window);
	if (s->options[0] != '\0')
		text_add_item(&text, "%s", s->options);
	return fact;
}

/* FACT_form_of_...: of the first such segment of the connection. */
void find_form(struct subject *s)
{
	const struct history *history = s->history;

	for (size_t i = history->begin; i < history->end; i++) {
		const struct event *segment = history_segment(history, i);
		if (segment == NULL || from_peer(segment) ||
			!is_of(s->fact, history, s->death, segment))
			continue;
		const struct fact fact = form_of(s->fact, &segment->segment);
		fact_settle(s, &fact, CLAIM_SEEN, (struct span){segment->t_ns, segment->t_ns});
		return;
	}
	/* What a device does not send, such as a RST at a death, has no form: nothing is undecided. */
	struct fact_gap gap = {.id = s->fact, .reason = GAP_no_such_segment};
	snprintf(gap.text, sizeof gap.text, "%s", gap_words(gap.reason));
	verdict_add_gap(s->verdict, &gap);
}

/* FACT_ack_of_data: how soon the device acknowledges the peer's first segment of data. */
void find_ack_of_data(struct subject *s)
{
	const struct history *history = s->history;
	const int64_t at_once_ns = 100 * NS_PER_MS;
	const struct event *data = NULL;

	for (size_t i = history->begin; i < history->end; i++) {
		const struct event *segment = history_segment(history, i);
		if (segment == NULL)
			continue;
		if (data == NULL) {
			data = from_peer(segment) && segment->segment.length > 0 ? segment : NULL;
			continue;
		}
		const uint32_t end = data->segment.seq + data->segment.length;
		if (from_peer(segment) || (int32_t)(segment->segment.ack - end) < 0)
			continue;
		const int64_t took = segment->t_ns - data->t_ns, error = leg_error(data, segment);
		if (took - error <= at_once_ns && took + error > at_once_ns) {
			fact_unknown(s, GAP_fits_both);
			return;
		}
		const struct fact fact =
			fact_of(s->fact, fact_words(s->fact)[took <= at_once_ns ? 0 : 1]);
		fact_settle(s, &fact, CLAIM_LEG, (struct span){data->t_ns, segment->t_ns});
		return;
	}
	fact_unknown(s, GAP_no_such_segment);
}

/* FACT_resent_after: how the times between two sendings of the same octets grow. */
void find_resent_after(struct subject *s)
{
	const struct history *history = s->history;
	const struct event *before = NULL;
	int64_t last_gap = 0;
	int grows = 0, stays = 0, other = 0;

	for (size_t i = history->begin; i < history->end; i++) {
		const struct event *segment = history_segment(history, i);
		if (segment == NULL || from_peer(segment) || segment->segment.length == 0)
			continue;
		const bool again = segment->segment.role == ROLE_RETRANSMISSION && before != NULL &&
				   before->segment.seq == segment->segment.seq;
		const int64_t gap = again ? segment->t_ns - before->t_ns : 0;
		if (again && last_gap > 0) {
			const double ratio = (double)gap / (double)last_gap;
			grows += ratio > 1.5 && ratio < 2.7;
			stays += ratio > 0.8 && ratio < 1.25;
			other += !(ratio > 1.5 && ratio < 2.7) && !(ratio > 0.8 && ratio < 1.25);
		}
		last_gap = gap;
		before = segment;
	}
	if (grows + stays + other < 2) {
		fact_unknown(s, GAP_no_such_segment);
		return;
	}
	const char *const *words = fact_words(s->fact);
	const struct fact fact = fact_of(s->fact, other > 0 || (grows > 0 && stays > 0) ? words[2]
						  : grows > 0				? words[0]
											: words[1]);
	fact_settle(s, &fact, CLAIM_LEG, (struct span){history->start_ns, history->watched_ns});
}
