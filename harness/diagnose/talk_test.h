/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_DIAGNOSE_TALK_TEST_H
#define WIZHIL_DIAGNOSE_TALK_TEST_H

#include "diagnose/diagnosis.h"
#include "wire/decode.h"

/*
 * Captures for tests of the diagnosis: TCP connections between 192.0.2.10 and 192.0.2.1, said
 * segment by segment.  A capture begins at 2023-11-14 22:13:20 UTC; a millisecond passes behind each
 * frame.  Frames are numbered from 1.
 */

enum {
	FIN = SEGMENT_FLAG_FIN,
	RST = SEGMENT_FLAG_RST,
	ACK = SEGMENT_FLAG_ACK,
	PSH = SEGMENT_FLAG_PSH
};

struct capture {
	char path[64]; /* a temporary file, removed by capture_free() */
	struct pcapng_writer *writer;
	int64_t now_ns;
	uint32_t frames;
	uint16_t ip_id;
};

/* Side 0 opened the connection. */
struct talk {
	struct capture *capture;
	struct endpoint sides[2];
	uint32_t next[2]; /* sequence numbers */
	uint8_t ttl[2];
	uint16_t window[2];
};

struct capture *capture_new(void);
void capture_free(struct capture *capture);
void capture_wait(struct capture *capture, double seconds);

/* A broadcast that belongs to no connection: the capture goes on to here. */
void capture_noise(struct capture *capture);

/* 192.0.2.SENDER asks for 192.0.2.TARGET by ARP (operation 1), or answers it (2). */
void capture_arp(struct capture *capture, int operation, uint8_t sender, uint8_t target);

/* A connection from port 40000 + number to port 80, of which nothing has been said. */
struct talk talk_of(struct capture *capture, uint16_t number);

/* The same, opened, and with data that side 0 sent. */
struct talk talk_begun(struct capture *capture, uint16_t number);

/* A segment with so many octets; returns its frame. */
uint32_t talk_say(struct talk *talk, int side, uint8_t flags, size_t octets);

/* The side's last segment but for its flags once more, by that distance from SND.NXT. */
uint32_t talk_say_at(struct talk *talk, int side, uint8_t flags, size_t octets, int32_t distance);

void talk_open(struct talk *talk);
void talk_data(struct talk *talk, int side); /* acknowledged */
uint32_t talk_probe(struct talk *talk, int side);
void talk_answer(struct talk *talk, int side); /* this side answers */
void talk_refuse(struct talk *talk, int side); /* by RST */

/* Probes of side 0 with an answer, each so many seconds after what came before it. */
void talk_answered(struct talk *talk, int count, double seconds);

/* Probes of side 0 without one: the first after idle_s, the others interval_s apart. */
void talk_unanswered(struct talk *talk, int count, double idle_s, double interval_s);

/* A router (198.51.100.1) says of the last segment of the side that the host is unreachable. */
void talk_unreachable(struct talk *talk, int side);

/* What is asked: of nobody in particular; of the device at 192.0.2.10 with these options. */
struct diagnosis_request nothing_known(void);
struct diagnosis_request set_to(int timeout_s, int probes);

/* What 'wizhil diagnose' with --verbose, without, or with --json says of the capture is what expected/NAME.txt, or
 * NAME.json, has; the path of the capture reads CAPTURE.  The capture is freed; paths of the request
 * are filled in.  Whoever changes what is said renews the files (WIZHIL_RENEW=1
 * build/harness/diagnose-test) and reads their difference. */
void expect_text(struct capture *capture, struct diagnosis_request request, const char *name);
void expect_short(struct capture *capture, struct diagnosis_request request, const char *name);
void expect_json(struct capture *capture, struct diagnosis_request request, const char *name);

/* What is said of a capture file, whose path reads CAPTURE; the caller frees it. */
enum diagnosis_form { DIAGNOSIS_SHORT, DIAGNOSIS_VERBOSE, DIAGNOSIS_JSON };
char *diagnosis_of(const char *path, struct diagnosis_request request, enum diagnosis_form form);
/* Diagnoses the capture, which is freed; paths of the request are filled in. */
struct diagnosis_totals diagnose_capture(struct capture *capture, struct diagnosis_request request,
	diagnosis_take *take, void *context);

/* The file with the text, to be removed by the caller. */
void write_temporary(char path[64], const char *text);

#endif
