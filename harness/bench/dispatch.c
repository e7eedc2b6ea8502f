/* SPDX-License-Identifier: MIT */
#include "bench/dispatch.h"

#include <stdio.h>

#include "bench/access_point.h"
#include "bench/lost.h"
#include "bench/recovery.h"

/* A notice so late is of nothing that this run knows; nor does keep-alive end a connection sooner
 * (75 s, by model B). */
#define NOTICE_PENDING_NS (70 * NS_PER_S)

/* Is it about the connection that had the CID before?  That one died and was not told of, and the
 * wire shows no end of the one that has it now, if any. */
static bool is_of_the_one_before(
	const struct device *device, const struct flow *flow, const struct at_token *token)
{
	const int64_t pending_ns = device->cids.notice_pending_ns[token->cid];

	return (token->code == AT_CODE_DISCONNECT || token->code == AT_CODE_SOCKET_FAILURE) &&
	       pending_ns != 0 && clock_now(device->clock) - pending_ns <= NOTICE_PENDING_NS &&
	       (flow == NULL || !flow->ended);
}

/* The one before, as long as its session is there; NULL. */
static struct flow *flow_with_pending_notice(
	const struct bench *bench, const struct device *device, int cid)
{
	for (struct session *s = bench->sessions; s != NULL; s = s->next)
		for (int i = 0; s->device == device && i < s->flow_count; i++)
			if (s->flows[i].pending_notice_cid == cid && !s->flows[i].noticed)
				return &s->flows[i];
	return NULL;
}

/* The flow whose listener has this CID; NULL. */
static struct flow *flow_of_listener(
	const struct bench *bench, const struct device *device, int cid)
{
	for (struct session *s = bench->sessions; s != NULL; s = s->next)
		for (int i = 0; s->device == device && i < s->flow_count; i++)
			if (s->flows[i].listener_cid == cid)
				return &s->flows[i];
	return NULL;
}

static void on_notice(void *context, struct device *device, const struct at_token *token,
	struct uart_free uart_free)
{
	struct bench *bench = context;
	const bool named = token->cid >= 0 && token->cid < DEVICE_CIDS;
	struct flow *flow = named ? device->cids.owner[token->cid] : NULL;

	if (named && is_of_the_one_before(device, flow, token)) {
		flow = flow_with_pending_notice(bench, device, token->cid);
		device->cids.notice_pending_ns[token->cid] = 0;
		if (flow == NULL)
			return;
	}
	if (flow != NULL) {
		session_take_notice(flow->session, flow, token, uart_free);
		return;
	}
	flow = named ? flow_of_listener(bench, device, token->cid) : NULL;
	if (flow != NULL) {
		session_take_listener_notice(flow->session, flow, token, uart_free);
		return;
	}
	struct session *measured = access_point_session(bench, device);
	if (token->code == AT_CODE_DISASSOCIATION_EVENT && measured != NULL) {
		session_take_notice(measured, NULL, token, uart_free);
		return;
	}
	if (token->code == AT_CODE_DISASSOCIATION_EVENT) {
		device_recover(bench, device, REASON_DISASSOCIATION, "lost its association");
		return;
	}
	/* It names a CID that nobody has: for those who wait for a notice of a death.  What no source
	 * knows is for all. */
	const bool unknown = token->code == AT_CODE_NONE || token->code == AT_CODE_OTHER;
	for (struct session *s = bench->sessions; s != NULL; s = s->next)
		if (s->device == device && s->state != SESSION_DELAYED &&
			s->state != SESSION_FINISHED && (unknown || session_awaits_notice(s)))
			session_take_notice(s, NULL, token, uart_free);
}

static void on_data(void *context, struct device *device, const struct at_token *token)
{
	(void)context;
	if (token->cid >= 0 && token->cid < DEVICE_CIDS && device->cids.owner[token->cid] != NULL) {
		struct flow *flow = device->cids.owner[token->cid];
		session_take_data(flow->session, flow, token);
	}
}

static void on_accepted(void *context, struct device *device, const struct at_token *token)
{
	struct bench *bench = context;

	cid_table_accepted(&device->cids);
	for (struct session *s = bench->sessions; s != NULL; s = s->next)
		if (s->device == device && session_take_accept(s, token))
			return;
}

static void on_rebooted(void *context, struct device *device, const char *why)
{
	char text[96];

	snprintf(text, sizeof text, "rebooted: it sent '%.60s'", why);
	device_recover(context, device, REASON_BANNER, text);
}

static void on_forgot(
	void *context, struct device *device, enum fault_reason reason, const char *why)
{
	struct bench *bench = context;
	const bool checked = bench->bring_ups[device_index(bench, device)].checking;

	/* Where its loss is measured or asked for, it is no surprise. */
	if (fault_of_reason(reason) == FAULT_REBOOT ||
		(!checked && access_point_session(bench, device) == NULL))
		device_recover_unseen(bench, device, reason, why);
}

static void on_passed(
	void *context, struct device *device, bool to_device, const void *bytes, size_t length)
{
	struct bench *bench = context;

	if (device->uart.trace != NULL)
		transcript_append(device->uart.trace, to_device ? TO_MODULE : FROM_MODULE,
			clock_now(&bench->clock), bytes, length);
	for (struct session *s = bench->sessions; s != NULL; s = s->next)
		if (s->device == device && s->transcript != NULL && !s->full &&
			s->state != SESSION_DELAYED)
			transcript_append(s->transcript, to_device ? TO_MODULE : FROM_MODULE,
				clock_now(&bench->clock), bytes, length);
}

const struct device_handlers dispatch_handlers = {.notice = on_notice,
	.data = on_data,
	.accepted = on_accepted,
	.rebooted = on_rebooted,
	.forgot = on_forgot,
	.passed = on_passed};
