/* SPDX-License-Identifier: MIT */
#include "bench/rig_test.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/broker_protocol.h"
#include "bench/client.h"
#include "peer/namespace.h"

#define MODULE WIZHIL_SOURCE "/harness/bench/fake_module_test.py"

struct rig rig;

bool has_network(void)
{
	struct error err = {0};
	int status = 0;

	pid_t child = fork();
	if (child == 0)
		_exit(namespace_enter(&err) == 0 && tap_create("wizhil0", &err) >= 0 ? 0 : 1);
	return waitpid(child, &status, 0) == child && status == 0;
}

static int keep_event(void *context, json_t *event, bool force, struct error *err)
{
	const size_t used = strlen(rig.journal);
	char *text = json_dumps(event, JSON_COMPACT | JSON_PRESERVE_ORDER);

	(void)context;
	(void)force;
	(void)err;
	snprintf(rig.journal + used, sizeof rig.journal - used, "%s\n", text);
	free(text);
	json_decref(event);
	return 0;
}

/* Where the workers find the bench, and the command's way to it. */
void rig_open_sockets(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int pair[2];

	cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	rig.options.control = pair[0];
	rig.orders = pair[1];
	snprintf(address.sun_path, sizeof address.sun_path, "%s/bench", rig.folder);
	unlink(address.sun_path);
	const int listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	cr_assert_eq(bind(listener, (const struct sockaddr *)&address, sizeof address), 0);
	cr_assert_eq(listen(listener, 8), 0);
	rig.options.listener = listener;
}

void rig_begin(void)
{
	if (!has_network())
		cr_skip_test("no network namespace or no /dev/net/tun");
	snprintf(rig.folder, sizeof rig.folder, "/tmp/wizhil-rig-XXXXXX");
	cr_assert_not_null(mkdtemp(rig.folder));
	for (int i = 0; i < DEVICES; i++)
		rig.devices[i] = (struct bench_device){.name = i == 0 ? "first" : "second",
			.is_virtual = true,
			.virtual_device = {.program = MODULE, .sets = rig.sets[i]},
			.wifi.ssid = "lab",
			.address = {.address_be = inet_addr("192.0.2.10"),
				.prefix = 24,
				.gateway_be = inet_addr("192.0.2.1")}};
	rig.devices[1].address.address_be = inet_addr("192.0.2.11");
	rig.file = (struct bench_file){.bench = "rig",
		.is_virtual = true,
		.devices = rig.devices,
		.device_count = 1,
		.peer = {.interface = "wizhil0",
			.address_be = inet_addr("192.0.2.1"),
			.first_port = 20000,
			.last_port = 20255}};
	rig.options = (struct bench_options){.file = &rig.file,
		.virtual_program = "/nowhere",
		.clock = CLOCK_KIND_STEPPED,
		.repeat = 1,
		.cids = 16,
		.run_folder = rig.folder,
		.cases = rig.cases,
		.case_count = 1,
		.record = keep_event};
	rig_open_sockets();
	snprintf(rig.cases[0].name, sizeof rig.cases[0].name, "suite/one");
	snprintf(rig.cases[1].name, sizeof rig.cases[1].name, "suite/two");
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *place)
{
	(void)status;
	(void)kind;
	(void)place;
	return remove(path);
}

void rig_end(void)
{
	nftw(rig.folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

void device_is(int index, const char *set)
{
	rig.sets[index][rig.devices[index].virtual_device.set_count++] = set;
}

/* A worker's life; its exit code is what it was told to do next, 10 for an error. */
static _Noreturn void work(int index)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	char path[128];
	struct error err = {0};
	int next = 10;

	snprintf(path, sizeof path, "%s/bench", rig.folder);
	int socket = client_connect(path, rig.cases[index].name, rig.cases[index].device, &err);
	struct timeline *timeline =
		socket < 0 ? NULL : client_drive(socket, &rig.scenario, false, &err);
	if (timeline != NULL && strcmp(timeline->case_name, rig.cases[index].name) == 0)
		next = client_deliver(socket, "{\"outcome\": \"pass\"}", &err);
	timeline_free(timeline);
	_exit(next < 0 ? 10 : next);
}

/* The runner: its workers, then the news that none comes any more. */
static pid_t start_workers(void)
{
	pid_t runner = fork();
	int worst = 0, status = 0;

	if (runner != 0)
		return runner;
	/* Nobody may wait for a bench that is gone. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close(rig.options.listener);
	close(rig.options.control);
	for (size_t i = 0; i < rig.options.case_count; i++)
		if (fork() == 0)
			work((int)i);
	while (wait(&status) > 0)
		worst = WEXITSTATUS(status) > worst ? WEXITSTATUS(status) : worst;
	const char order = ORDER_RUNNER_ENDED;
	(void)send(rig.orders, &order, 1, MSG_NOSIGNAL);
	_exit(worst);
}

int run(int expected)
{
	int status = 0;
	pid_t runner = start_workers();

	cr_expect_eq(
		bench_run(&rig.options, &rig.err), expected, "%s\n%s", rig.err.text, rig.journal);
	cr_assert_eq(waitpid(runner, &status, 0), runner);
	return WEXITSTATUS(status);
}

bool journalled(const char *what)
{
	return strstr(rig.journal, what) != NULL;
}

const char *read_file(const char *name)
{
	static char text[1 << 16];
	char path[200];

	snprintf(path, sizeof path, "%s/%s", rig.folder, name);
	FILE *file = fopen(path, "r");
	cr_assert_not_null(file, "%s", path);
	text[fread(text, 1, sizeof text - 1, file)] = '\0';
	fclose(file);
	return text;
}
