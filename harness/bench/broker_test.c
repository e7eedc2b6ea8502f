/* SPDX-License-Identifier: MIT */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "bench/broker.h"
#include "bench/client.h"
#include "bench/loop.h"
#include "core/error.h"

/* The cases of which the journal says that their worker ended. */
struct noted {
	char lost[128];
};

static int record(void *context, json_t *event, bool force, struct error *err)
{
	struct noted *noted = context;
	size_t length = strlen(noted->lost);

	(void)force;
	(void)err;
	if (strcmp(json_string_value(json_object_get(event, "event")), "error") == 0)
		snprintf(noted->lost + length, sizeof noted->lost - length, "%s ",
			json_string_value(json_object_get(event, "case")));
	json_decref(event);
	return 0;
}

/* Two cases, no devices, and a socket for their workers. */
struct stand {
	struct listed_case listed[2];
	struct noted noted;
	struct bench_options options;
	char folder[32], path[64];
	struct bench *bench;
};

static void begin(struct stand *s)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct error err = {0};

	*s = (struct stand){.listed = {{.name = "suite/one"}, {.name = "suite/two"}},
		.folder = "/tmp/wizhil-broker-XXXXXX"};
	cr_assert_not_null(mkdtemp(s->folder));
	snprintf(s->path, sizeof s->path, "%s/broker", s->folder);
	memcpy(address.sun_path, s->path, strlen(s->path) + 1);
	s->options = (struct bench_options){.cases = s->listed,
		.case_count = 2,
		.clock = CLOCK_KIND_STEPPED,
		.listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0),
		.record = record,
		.context = &s->noted};
	cr_assert_eq(bind(s->options.listener, (struct sockaddr *)&address, sizeof address), 0);
	cr_assert_eq(listen(s->options.listener, 8), 0);
	s->bench = calloc(1, sizeof *s->bench);
	cr_assert_not_null(s->bench);
	s->bench->options = &s->options;
	cr_assert_eq(bench_prepare(s->bench, &err), 0, "%s", err.text);
}

static void end(struct stand *s)
{
	bench_free(s->bench);
	close(s->options.listener);
	unlink(s->path);
	rmdir(s->folder);
}

static void hear(struct stand *s)
{
	broker_accept(s->bench);
	while (s->bench->visitor_count > 0)
		broker_read_visitor(s->bench, 0);
}

static int come(struct stand *s, const char *name)
{
	struct error err = {0};
	int worker = client_connect(s->path, name, "", &err);

	cr_assert_geq(worker, 0, "%s", err.text);
	return worker;
}

Test(broker, does_not_wait_for_a_worker_of_which_the_runner_says_that_it_ended)
{
	struct stand s;

	begin(&s);
	int worker = come(&s, "suite/one");
	hear(&s);
	cr_expect_not(broker_settled(s.bench) || broker_finished(s.bench));
	client_tell_end(s.path, "suite/two", "");
	hear(&s);
	cr_expect_str_eq(s.noted.lost, "suite/two ");
	close(worker);
	end(&s);
}

Test(broker, knows_a_worker_that_came_by_its_socket_alone)
{
	struct stand s;

	begin(&s);
	int worker = come(&s, "suite/one");
	hear(&s);
	client_tell_end(s.path, "suite/one", "");
	client_tell_end(s.path, "suite/three", "");
	hear(&s);
	cr_expect_str_eq(s.noted.lost, "");
	close(worker);
	end(&s);
}

Test(broker, gives_up_only_who_has_not_come)
{
	struct stand s;

	begin(&s);
	int worker = come(&s, "suite/two");
	hear(&s);
	cr_expect(broker_give_up_absent(s.bench));
	cr_expect_str_eq(s.noted.lost, "suite/one ");
	cr_expect_not(broker_give_up_absent(s.bench));
	close(worker);
	end(&s);
}

Test(broker, waits_for_more_workers_than_one_device_has_cases)
{
	enum { MANY = 4304 }; /* of 16 devices with 269 each */
	struct listed_case *listed = calloc(MANY, sizeof *listed);
	struct error err = {0};
	int quiet[2];

	cr_assert_not_null(listed);
	cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, quiet), 0);
	struct bench_options options = {.cases = listed,
		.case_count = MANY,
		.clock = CLOCK_KIND_REAL,
		.control = quiet[0],
		.listener = quiet[0],
		.recorded = ""};
	struct bench *bench = calloc(1, sizeof *bench);
	cr_assert_not_null(bench);
	bench->options = &options;
	cr_assert_eq(bench_prepare(bench, &err), 0, "%s", err.text);
	for (int i = 0; i < MANY; i++)
		bench->cases[i].socket = quiet[0];
	bench_turn(bench);
	bench_free(bench);
	close(quiet[0]);
	close(quiet[1]);
	free(listed);
}
