/* SPDX-License-Identifier: MIT */
#include "bench/fake_device_test.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/admission.h"
#include "bench/bring_up.h"
#include "bench/broker.h"
#include "bench/dispatch.h"
#include "bench/loop.h"
#include "bench/lost.h"
#include "core/expected_test.h"
#include "uart/port_backend.h"

/* ---- the AT peer ---- */

void fake_says(struct fake_device *fake, const char *text)
{
	const size_t length = strlen(text);

	cr_assert(fake->out_length + length <= sizeof fake->out);
	memcpy(fake->out + fake->out_length, text, length);
	fake->out_length += length;
}

void fake_answers(struct fake_device *fake, const char *command, const char *text, int times)
{
	cr_assert(fake->answer_count < FAKE_ANSWERS);
	fake->answers[fake->answer_count++] = (struct fake_answer){command, text, times};
}

int lines_with(const char *text, const char *beginning)
{
	int count = 0;

	for (const char *line = text; *line != '\0';) {
		count += strncmp(line, beginning, strlen(beginning)) == 0;
		line += strcspn(line, "\n");
		line += *line == '\n';
	}
	return count;
}

static void answer_listing(struct fake_device *fake)
{
	char line[64];

	fake_says(fake,
		fake->open == 0 ? "\r\nNo valid Cids\r\n" : "\r\nCID  TYPE  MODE  LOCAL PORT\r\n");
	for (int cid = 0; cid < DEVICE_CIDS; cid++) {
		if ((fake->open & (1U << cid)) == 0)
			continue;
		snprintf(line, sizeof line, "%x    TCP  CLIENT  4097\r\n", (unsigned)cid);
		fake_says(fake, line);
	}
	fake_says(fake, "\r\n[OK]\r\n");
}

static void open_cid(struct fake_device *fake)
{
	char line[64];
	int cid = 0;

	while ((fake->open & (1U << cid)) != 0)
		cid++;
	fake->open |= 1U << cid;
	snprintf(line, sizeof line, "\r\n[CONNECT %x]\r\n\r\n[OK]\r\n", (unsigned)cid);
	fake_says(fake, line);
}

static bool begins(const char *line, const char *with)
{
	return strncmp(line, with, strlen(with)) == 0;
}

static void answer(struct fake_device *fake, const char *line)
{
	if (++fake->commands == fake->odd_at) {
		if (fake->odd != NULL)
			fake_says(fake, fake->odd);
		return;
	}
	for (int i = 0; i < fake->answer_count; i++) {
		struct fake_answer *prepared = &fake->answers[i];
		if (!begins(line, prepared->command) || prepared->times < 0)
			continue;
		if (prepared->times > 0 && --prepared->times == 0)
			prepared->times = -1;
		if (prepared->text != NULL)
			fake_says(fake, prepared->text);
		return;
	}
	if (begins(line, "AT+VER=?"))
		fake_says(fake, "\r\nAPP VERSION=2.4.0\r\nGEPS VERSION=2.4.0\r\n\r\n[OK]\r\n");
	else if (begins(line, "AT+NMAC=?"))
		fake_says(fake, "\r\n02:d0:07:00:00:0a\r\n\r\n[OK]\r\n");
	else if (begins(line, "AT+CID=?"))
		answer_listing(fake);
	else if (begins(line, "AT+NC") && !begins(line, "AT+NCLOSE"))
		open_cid(fake);
	else if (begins(line, "AT+NCLOSE="))
		fake->open &= ~(1U << strtol(line + strlen("AT+NCLOSE="), NULL, 16));
	if (begins(line, "AT+NCLOSEALL"))
		fake->open = 0;
	if (begins(line, "AT+VER=?") || begins(line, "AT+NMAC=?") || begins(line, "AT+CID=?") ||
		(begins(line, "AT+NC") && !begins(line, "AT+NCLOSE")))
		return;
	fake_says(fake, "\r\n[OK]\r\n");
}

struct fake_port {
	struct port port;
	struct fake_device *fake;
};

static struct fake_device *fake_of(struct port *port)
{
	return ((struct fake_port *)(void *)port)->fake;
}

static ssize_t fake_read(struct port *port, void *bytes, size_t size)
{
	struct fake_device *fake = fake_of(port);

	if (size > fake->out_length)
		size = fake->out_length;
	memcpy(bytes, fake->out, size);
	fake->out_length -= size;
	memmove(fake->out, fake->out + size, fake->out_length);
	return (ssize_t)size;
}

static double seconds_of(const struct stand *s)
{
	return s->bench == NULL ? 0 : (double)s->bench->clock.now_ns / 1e9;
}

static void take_line(struct fake_device *fake)
{
	const size_t used = strlen(fake->heard);

	fprintf(fake->stand->output_stream, "%.6f %s > %s\n", seconds_of(fake->stand),
		fake->entry.name, fake->line);
	snprintf(fake->heard + used, sizeof fake->heard - used, "%s\n", fake->line);
	if (!fake->deaf && (fake->baud == 0 || fake->baud == fake->port->settings.baud))
		answer(fake, fake->line);
	fake->line[0] = '\0';
}

static ssize_t fake_write(struct port *port, const void *bytes, size_t size)
{
	struct fake_device *fake = fake_of(port);
	const char *text = bytes;

	for (size_t i = 0; i < size; i++) {
		const size_t used = strlen(fake->line);
		if (text[i] != '\r' && used + 1 < sizeof fake->line) {
			fake->line[used] = text[i];
			fake->line[used + 1] = '\0';
		}
		if (fake->wakes_by != NULL && strstr(fake->line, fake->wakes_by) != NULL) {
			fake->deaf = false;
			fake->line[0] = '\0';
		}
		if (text[i] == '\r')
			take_line(fake);
	}
	return (ssize_t)size;
}

static int fake_configure(
	struct port *port, const struct port_settings *settings, struct error *err)
{
	const struct fake_device *fake = fake_of(port);

	if (settings->baud == fake->refuses_baud)
		return error_set(err, ERROR_BENCH, "the port does not do %d baud", settings->baud);
	return 0;
}

static void fake_close(struct port *port)
{
	close(port->descriptor);
	close(port->lock);
}

static const struct port_backend fake_backend = {
	.read = fake_read, .write = fake_write, .configure = fake_configure, .close = fake_close};

/* Its descriptor is a pty's, for what is set of a terminal; no octet passes there. */
static struct port *fake_port(struct fake_device *fake)
{
	struct fake_port *made = calloc(1, sizeof *made);

	cr_assert_not_null(made);
	struct port *port = &made->port;
	made->fake = fake;
	port->backend = &fake_backend;
	port->settings.baud = 115200;
	port->lock = posix_openpt(O_RDWR | O_NOCTTY);
	cr_assert(port->lock >= 0 && grantpt(port->lock) == 0 && unlockpt(port->lock) == 0);
	port->descriptor = open(ptsname(port->lock), O_RDWR | O_NOCTTY);
	cr_assert(port->descriptor >= 0);
	snprintf(port->path, sizeof port->path, "fake-%s", fake->entry.name);
	return port;
}

/* ---- the bench ---- */

static int keep_event(void *context, json_t *event, bool force, struct error *err)
{
	struct stand *s = context;
	const size_t used = strlen(s->journal);
	char *text = json_dumps(event, JSON_COMPACT | JSON_PRESERVE_ORDER);

	(void)force;
	(void)err;
	snprintf(s->journal + used, sizeof s->journal - used, "%s\n", text);
	/* That a command is waited for is a matter of the machine. */
	if (strcmp(json_string_value(json_object_get(event, "event")), "waiting") != 0)
		fprintf(s->output_stream, "%.6f %s\n", seconds_of(s), text);
	free(text);
	json_decref(event);
	return 0;
}

struct stand *stand_new(int devices, int cases)
{
	static const char *const names[] = {"device-0", "device-1"};
	struct stand *s = calloc(1, sizeof *s);

	cr_assert_not_null(s);
	snprintf(s->folder, sizeof s->folder, "/tmp/wizhil-stand-XXXXXX");
	cr_assert_not_null(mkdtemp(s->folder));
	s->output_stream = open_memstream(&s->output, &s->output_size);
	cr_assert_not_null(s->output_stream);
	for (int i = 0; i < FAKES; i++)
		s->fakes[i].stand = s;
	for (int i = 0; i < devices; i++)
		s->entries[i] = s->fakes[i].entry = (struct bench_device){.name = names[i],
			.uart.baud = 115200,
			.wifi.ssid = "lab",
			.address = {.address_be = htonl(0xc000020a), .prefix = 24}};
	for (int i = 0; i < cases; i++) {
		snprintf(s->listed[i].name, sizeof s->listed[i].name, "suite/case_%d", i);
		s->workers[i] = -1;
	}
	s->file = (struct bench_file){.devices = s->entries,
		.device_count = (size_t)devices,
		.peer = {.interface = "lo", .first_port = 20000, .last_port = 20255}};
	s->options = (struct bench_options){.file = &s->file,
		.clock = CLOCK_KIND_STEPPED,
		.max_reruns = RERUNS_OF_A_CAUSE,
		.repeat = 1,
		.cids = DEVICE_CIDS,
		.run_folder = s->folder,
		.listener = -1,
		.control = -1,
		.cases = s->listed,
		.case_count = (size_t)cases,
		.record = keep_event,
		.context = s};
	return s;
}

void stand_begin(struct stand *s)
{
	struct error err = {0};

	s->bench = calloc(1, sizeof *s->bench);
	cr_assert_not_null(s->bench);
	s->bench->options = &s->options;
	cr_assert_eq(bench_prepare(s->bench, &err), 0, "%s", err.text);
	s->bench->host.peer_address_be = htonl(0x7f000001);
	for (size_t i = 0; i < s->file.device_count; i++) {
		struct device_handlers handlers = dispatch_handlers;
		struct fake_device *fake = &s->fakes[i];
		handlers.context = s->bench;
		fake->port = fake_port(fake);
		fake->device = device_new(&s->entries[i], &s->bench->clock, fake->port, &handlers);
		cr_assert_not_null(fake->device);
		fake->device->cids.counted = s->options.cids > 0;
		fake->device->baud =
			s->entries[i].uart.baud == 0 ? 115200 : s->entries[i].uart.baud;
		fake->device->address_be = s->entries[i].address.address_be;
		s->bench->devices[s->bench->device_count++] = fake->device;
		bring_up_begin(s->bench, (int)i);
	}
}

void stand_begin_ready(struct stand *s)
{
	stand_begin(s);
	stand_until_ready(s);
	for (size_t i = 0; i < s->file.device_count; i++)
		cr_assert(s->fakes[i].device->ready, "%s", s->journal);
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *place)
{
	(void)status;
	(void)kind;
	(void)place;
	return remove(path);
}

static int is_timeline(const struct dirent *entry)
{
	return strstr(entry->d_name, ".timeline.jsonl") != NULL;
}

static void tell_timelines(struct stand *s)
{
	char path[320];
	struct dirent **entries = NULL;

	snprintf(path, sizeof path, "%s/evidence", s->folder);
	const int count = scandir(path, &entries, is_timeline, alphasort);
	for (int i = 0; i < count; i++) {
		snprintf(path, sizeof path, "%s/evidence/%s", s->folder, entries[i]->d_name);
		FILE *file = fopen(path, "re");
		cr_assert_not_null(file);
		fprintf(s->output_stream, "%s\n", entries[i]->d_name);
		for (int c; (c = fgetc(file)) != EOF;)
			fputc(c, s->output_stream);
		(void)fclose(file);
		free(entries[i]);
	}
	free(entries);
}

static void name_folder(char *text, const char *folder)
{
	for (char *found = text; (found = strstr(found, folder)) != NULL;)
		memcpy(found, "/tmp/wizhil-stand-FOLDER", strlen(folder));
}

char *stand_tell(struct stand *s)
{
	bench_free(s->bench);
	s->bench = NULL;
	tell_timelines(s);
	(void)fclose(s->output_stream);
	name_folder(s->output, s->folder);
	char *output = s->output;
	for (size_t i = 0; i < s->options.case_count; i++)
		if (s->workers[i] >= 0)
			close(s->workers[i]);
	nftw(s->folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
	free(s);
	return output;
}

void stand_free(struct stand *s)
{
	char *output = stand_tell(s);

	expect_lines("bench", output);
	free(output);
}

void stand_work(struct stand *s)
{
	bool heard = true;

	/* An answer asks the next question. */
	while (heard) {
		heard = false;
		bench_run_due(s->bench);
		admission_run(s->bench);
		for (size_t i = 0; i < s->file.device_count; i++) {
			heard |= s->fakes[i].out_length > 0;
			cr_assert_eq(device_read(s->fakes[i].device, NULL), 0);
		}
	}
}

/* To the next deadline, t_ns at most. */
static void move_time(struct stand *s, int64_t t_ns)
{
	const int64_t next_ns = bench_next_deadline(s->bench);

	s->bench->clock.now_ns = next_ns < t_ns ? next_ns : t_ns;
	stand_work(s);
}

void stand_until(struct stand *s, int64_t t_ns)
{
	stand_work(s);
	while (s->bench->clock.now_ns < t_ns)
		move_time(s, t_ns);
}

void stand_until_ready(struct stand *s)
{
	const int64_t end_ns = s->bench->clock.now_ns + 3600 * NS_PER_S;

	stand_work(s);
	while (!devices_ready(s->bench) && s->bench->clock.now_ns < end_ns)
		move_time(s, end_ns);
	cr_assert(devices_ready(s->bench), "%s", s->journal);
}

void stand_submit(struct stand *s, int index, const struct scenario *scenario)
{
	struct bench_case *entry = NULL;
	struct submission submission = {.scenario = *scenario};

	for (size_t i = 0; i < s->bench->case_count; i++)
		if (s->bench->cases[i].listed == &s->listed[index])
			entry = &s->bench->cases[i];
	cr_assert_not_null(entry);
	if (entry->state == CASE_EXPECTED) {
		int pair[2];
		cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
		entry->socket = pair[0];
		s->workers[index] = pair[1];
		bench_case_enter(s->bench, entry, CASE_CONNECTED);
	}
	cr_assert_eq(message_send(s->workers[index], MESSAGE_SUBMIT, &submission, sizeof submission,
			     -1, NULL),
		0);
	broker_read_case(s->bench, entry);
}

void stand_judge(struct stand *s, int index, const char *outcome)
{
	char verdict[64];

	snprintf(verdict, sizeof verdict, "{\"outcome\": \"%s\"}", outcome);
	cr_assert_eq(message_send(s->workers[index], MESSAGE_VERDICT, verdict, strlen(verdict), -1,
			     NULL),
		0);
	for (size_t i = 0; i < s->bench->case_count; i++)
		if (s->bench->cases[i].listed == &s->listed[index])
			broker_read_case(s->bench, &s->bench->cases[i]);
}

int stand_message(struct stand *s, int index, int *next, char *text, size_t size)
{
	static struct message message;
	int descriptor = -1;
	char nothing;

	if (recv(s->workers[index], &nothing, 1, MSG_PEEK | MSG_DONTWAIT) <= 0)
		return 0;
	cr_assert_gt(message_receive(s->workers[index], &message, &descriptor, NULL), 0);
	if (descriptor >= 0)
		close(descriptor);
	if (message.header.kind == MESSAGE_RECORDED && next != NULL) {
		struct recorded recorded;
		memcpy(&recorded, message.body, sizeof recorded);
		*next = (int)recorded.next;
	}
	if (message.header.kind == MESSAGE_REFUSED && text != NULL)
		snprintf(
			text, size, "%.*s", (int)message.header.length, (const char *)message.body);
	return (int)message.header.kind;
}

struct scenario udp_scenario(const char *name)
{
	struct scenario scenario = scenario_new();

	add_connection(&scenario, name, ROLE_UDP_CLIENT);
	watch(&scenario, .until = TIME, .s = 10);
	return scenario;
}
