/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_DIAGNOSE_DIAGNOSIS_H
#define WIZHIL_DIAGNOSE_DIAGNOSIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/error.h"
#include "diagnose/wifi.h"
#include "judge/profile.h"
#include "timeline/timeline.h"
#include "wire/decode.h"
#include "wire/holes.h"
#include "wire/keepalive.h"

struct diagnosis_request;
struct finding;
struct verdict;

/*
 * From capture files to what became of keep-alive on each connection.  Streaming: a connection is
 * given to the caller when the whole recording has been read, one after the other, and is gone
 * after the call.
 *
 * Times of the recording are ns since 1970, durations ns; DURATION_UNKNOWN where the recording does
 * not show one.
 */

#define DURATION_UNKNOWN (-1)

/* Where a packet is. */
struct place {
	uint32_t frame; /* from 1, in its file; 0: none */
	uint16_t file;	/* index of the path */
	int64_t time_ns;
};

enum probe_answer { PROBE_NOT_ANSWERED, PROBE_ANSWERED, PROBE_RESET };

struct diagnosed_probe {
	struct place at;
	uint16_t length; /* octets: 0 or 1 */
	enum probe_answer answer;
	struct place answered;
	bool joined;	  /* proven by its answer: the recording began in this idle time */
	bool first;	  /* of its round: nothing was unanswered before it */
	int64_t quiet_ns; /* since the last real packet of the connection */
};

struct diagnosed_lookalike {
	struct place at;
	enum segment_class reason; /* AFTER_FIN, UNACKNOWLEDGED, TOO_SOON, ZERO_WINDOW_PROBE,
				    * DUPLICATE, UNDECIDABLE */
};

/* What became of keep-alive in one direction. */
enum keepalive_outcome {
	KEEPALIVE_UNDECIDED, /* the recording ends, or the connection is closed, before that is
				known */
	KEEPALIVE_ALIVE,     /* the last probe was answered, or the peer spoke after it */
	KEEPALIVE_REFUSED,   /* a probe was answered by RST */
	KEEPALIVE_DEAD	     /* unanswered probes, then the prober gave up */
};

enum connection_end { END_OPEN, END_FIN, END_RST, END_SILENT };

/* What the UART said of a connection. */
struct uart_words {
	bool known; /* the log speaks of this connection, for this end */
	int cid;
	char notice[32];   /* of its end; empty: none */
	int64_t notice_ns; /* on the recording's clock; DURATION_UNKNOWN: the log has no times */
};

/* Where and how the recording was made, as far as a direction shows it. */
struct direction_signs {
	int64_t answer_delay_ns; /* median, from a probe to its answer: small near the peer */
	int usual_ttl,
		reset_ttl; /* of the peer's segments, and of its RST to a probe; 0: not seen */
	bool peer_heard;   /* anything at all came from the peer */
	bool peer_ended, prober_ended; /* by FIN or RST, in any order */
	struct place peer_end; /* the peer's FIN or RST, when it was the first; frame 0: none */
	/* From the connection's last packet to the end of the recording; 0 where it had ended. */
	int64_t quiet_ns;
	/* The prober's first FIN or RST, and how long the peer had been silent then; frame 0: it
	 * sent none. */
	struct place end;
	enum connection_end end_by;
	int64_t silent_ns; /* DURATION_UNKNOWN: nothing of the peer's was seen */
	/* The last ICMP error about a segment of the prober's, and who sent it; frame 0: none. */
	struct place unreachable;
	struct endpoint unreachable_by;
	const char *unreachable_words; /* "host unreachable" */
	/* The first ARP request for the peer's host since which none was answered, and how many
	 * there were; frame 0: none. */
	struct place arp_unanswered;
	uint32_t arp_requests;
	/* In a connection without a proven probe: what may be probes, in a row, that nothing of the
	 * peer's followed, and the RST of the prober behind them; frame 0: none came. */
	struct place suspect_end;
	int64_t suspect_last_ns;
	int64_t suspect_interval_ns; /* they repeat one SEQ at equal distances, so they are likely
				      * probes: a retransmission would back off;
				      * DURATION_UNKNOWN: they do not */
	int suspects;
	/* How long before the first probe behind it the peer had sent FIN, which the prober had
	 * acknowledged; DURATION_UNKNOWN: it had not. */
	int64_t half_closed_ns;
	struct place peer_fin; /* and where; frame 0: not known */
	/* Behind its own FIN, which the peer has acknowledged, the prober repeats the octet before
	 * it at equal distances: keep-alive of a half-closed connection; 0: it does not. */
	int behind_fin;
	int64_t behind_fin_interval_ns;
	/* Every probe has come from nearer than the prober's segments: a middlebox sends them in
	 * its name; 0: not so. */
	int foreign_ttl, own_ttl;
	bool foreign_ack;	  /* and their ACK is one low */
	bool refused_half_closed; /* and the probe that was refused came behind it */
	/* Answers with a wrong checksum, which are none, and the first; 0: there is none, or the
	 * network card of the machine that captured may have had to put them in. */
	int damaged_answers;
	struct place damaged;
	bool paused;   /* it has not ended, and a hole of the recording comes next */
	bool spoke_on; /* the peer sent more than its end behind the last unanswered probe */
	struct uart_words uart;
};

struct diagnosed_direction {
	const struct diagnosis_request *request;
	struct endpoint prober, peer;
	int side; /* of the prober */
	int64_t idle_ns;
	int64_t interval_ns;
	int count;	 /* of unanswered probes before it gave up; 0: it did not */
	int unanswered;	 /* the longest row of unanswered probes */
	unsigned models; /* timing models that explain it (enum timing_model); 0: not evaluated */
	/* What it was told to do: by the request, or by the UART log; on: it is known. */
	struct planned_keepalive options;
	enum keepalive_outcome outcome;
	struct place first_unanswered; /* of the last row; frame 0: none */
	struct place gave_up; /* RST or FIN of the prober; frame 0 when it only fell silent */
	enum connection_end gave_up_by;
	size_t probe_count, lookalike_count, finding_count;
	const struct diagnosed_probe *probes;
	const struct diagnosed_lookalike *lookalikes;
	const struct finding *findings;
	struct direction_signs signs;
	/* What was judged, the prober as the device, and the verdict (without a check where nothing
	 * is known to judge by).  NULL without request.timelines, and where there is no probe. */
	const struct timeline *timeline;
	const struct verdict *verdict;
};

/* Who refused a probe, and why. */
enum refusal {
	REFUSAL_HALF_CLOSED, /* a peer that had closed its side, and let the connection go */
	REFUSAL_MIDDLEBOX,
	REFUSAL_FORGOTTEN /* a peer that did not know the connection */
};

/* By the peer's FIN, and by the TTL of the RST. */
enum refusal direction_refusal(const struct direction_signs *signs);

/* "peer_closed", "middlebox", "peer_forgot". */
const char *refusal_name(enum refusal refusal);

/* Has it anything to say of keep-alive: probes, what may be some, or a finding that counts? */
bool direction_speaks(const struct diagnosed_direction *direction);

struct diagnosed_connection {
	size_t number;	      /* in the recording, from 1, in order of appearance */
	struct endpoint a, b; /* a sent its first packet */
	size_t direction_count;
	/* Those with probes, with what looks like one, or with findings. */
	struct diagnosed_direction directions[2];
};

/* What the caller knows and wants. */
struct diagnosis_request {
	const char *const *paths; /* one recording, in time order */
	size_t path_count;
	/* The device: its keep-alive is held against the vendor's page, others' against standards
	 * only.  family 0: not known. */
	struct endpoint device; /* port 0 */
	struct profile profile;
	/* TCP_KEEPALIVE and TCP_KEEPALIVE_CNT, where the customer knows what was set; 0: not known.
	 * Without 'device' every prober is held against them. */
	int timeout_s, probes;
	bool timelines;	  /* the caller wants them */
	const char *uart; /* a log of the module's UART, see uart_log.h; NULL: none */
	/* Called now and then while packets are read; part: 0 to 1, -1 when not known.  At the end
	 * of reading, before anything is taken, once with 1.  May be NULL. */
	void (*progress)(double part, uint64_t packets, void *context);
	void *progress_context;
};

/* What was read. */
struct diagnosis_totals {
	uint64_t packets, segments, unknown_link, cut;
	size_t connections;
	bool device_seen;      /* the request's device is an end of one of them */
	int unknown_link_type; /* DLT_*, of the last packet that was not understood */
	int64_t first_ns, last_ns;
	struct wifi wifi;   /* frames that cannot be read */
	struct holes holes; /* in which nothing at all was captured */
	/* The longest silence of an open connection without a probe, and which one; number 0:
	 * none. */
	int64_t silent_ns;
	size_t silent_number;
	struct endpoint silent_a, silent_b;
	/* The first connection of the UART log that is not in the recording; cid -1: there is
	 * none. */
	int unmatched_cid;
	struct endpoint unmatched_peer; /* family 0: the log does not name it */
	struct error fault;		/* of the first file that could not be read to its end */
};

/* Called for each connection with probes, or with what looks like one.  Not 0 ends the
 * diagnosis. */
typedef int diagnosis_take(const struct diagnosed_connection *connection, void *context);

/* Reads the recording and calls take for each connection that has something to say.  -1 with err
 * set when it cannot be read at all, or take returned not 0. */
int diagnose(const struct diagnosis_request *request, diagnosis_take *take, void *context,
	struct diagnosis_totals *totals, struct error *err);

/* "alive", "dead", "refused", "undecided". */
const char *keepalive_outcome_name(enum keepalive_outcome outcome);

#endif
