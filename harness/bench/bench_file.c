/* SPDX-License-Identifier: MIT */
#include "bench/bench_file.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/bench_file_check.h"
#include "core/data_file.h"
#include "core/error.h"
#include "core/yaml.h"

/* What is read, with what is only looked at here. */
struct draft {
	struct bench_file file;
	int clock;
	bool has_clock;
};

/* ---- the keys ---- */

#define NO_SECRETS                                                                                 \
	"a bench file must not contain secrets (use passphrase_env with an environment variable, or passphrase_file)"

static const char *const flows[] = {
	[FLOW_NONE] = "none", [FLOW_RTS_CTS] = "rts-cts", [FLOW_XON_XOFF] = "xon-xoff", NULL};
static const char *const modes[] = {
	[WIFI_STATION] = "station", [WIFI_LIMITED_AP] = "limited-ap", NULL};
static const char *const securities[] = {
	[WIFI_OPEN] = "open", [WIFI_WEP] = "wep", [WIFI_WPA] = "wpa", [WIFI_WPA2] = "wpa2", NULL};
enum { CLOCK_WORD_REAL, CLOCK_WORD_STEPPED };
static const char *const clocks[] = {
	[CLOCK_WORD_REAL] = "real", [CLOCK_WORD_STEPPED] = "stepped", NULL};

#define AT(type, member) .offset = offsetof(struct type, member)
#define WITH(type, member) .with = offsetof(struct type, member)
#define GIVEN(type, member) .given = YAML_GIVEN(struct type, member)
#define FIELDS (const struct yaml_field[])
#define REQUIRED .required = true
#define LIMITS(least, most) .min = (least), .max = (most)

static const struct yaml_schema uart_schema = {"uart", sizeof(struct bench_uart), NULL,
	FIELDS{{"port", YAML_STRING, AT(bench_uart, port)},
		{"command", YAML_STRING, AT(bench_uart, command)},
		{"baud", YAML_INT, LIMITS(0, 921600), AT(bench_uart, baud)},
		{"flow", YAML_ENUM, .words = flows, AT(bench_uart, flow)}, {0}}};

static const struct yaml_schema wifi_schema = {"wifi", sizeof(struct bench_wifi), NULL,
	FIELDS{{"mode", YAML_ENUM, .words = modes, AT(bench_wifi, mode)},
		{"ssid", YAML_STRING, REQUIRED, LIMITS(1, 32), AT(bench_wifi, ssid)},
		{"channel", YAML_INT, LIMITS(1, 14), AT(bench_wifi, channel)},
		{"security", YAML_ENUM, REQUIRED, .words = securities, AT(bench_wifi, security)},
		{"passphrase_env", YAML_STRING, AT(bench_wifi, passphrase_env)},
		{"passphrase_file", YAML_STRING, AT(bench_wifi, passphrase_file)},
		{"passphrase", YAML_REFUSED, .why = NO_SECRETS},
		{"password", YAML_REFUSED, .why = NO_SECRETS},
		{"psk", YAML_REFUSED, .why = NO_SECRETS}, {0}}};

static const struct yaml_schema address_schema = {"address", sizeof(struct bench_address), NULL,
	FIELDS{{"static", YAML_CIDR, AT(bench_address, address_be), WITH(bench_address, prefix)},
		{"gateway", YAML_IPV4, AT(bench_address, gateway_be)},
		{"dhcp", YAML_BOOL, AT(bench_address, dhcp)}, {0}}};

static const struct yaml_schema reset_schema = {"reset", sizeof(struct bench_reset), NULL,
	FIELDS{{"command", YAML_STRING, REQUIRED, AT(bench_reset, command)}, {0}}};

static const struct yaml_schema power_schema = {"power", sizeof(struct bench_power), NULL,
	FIELDS{{"cycle", YAML_STRING, REQUIRED, AT(bench_power, cycle)}, {0}}};

static const struct yaml_schema firmware_schema = {"firmware", sizeof(struct bench_firmware), NULL,
	FIELDS{{"flash", YAML_STRING, REQUIRED, AT(bench_firmware, flash)},
		{"version", YAML_STRING, LIMITS(1, 90), AT(bench_firmware, version)},
		{"timeout_s", YAML_INT, LIMITS(1, 3600), AT(bench_firmware, timeout_s)}, {0}}};

static const struct yaml_schema virtual_schema = {"virtual", sizeof(struct bench_virtual), NULL,
	FIELDS{{"program", YAML_STRING, AT(bench_virtual, program)},
		{"profile", YAML_STRING, AT(bench_virtual, profile)},
		{"faults", YAML_STRINGS, AT(bench_virtual, faults),
			WITH(bench_virtual, fault_count)},
		{"set", YAML_ASSIGNMENTS, AT(bench_virtual, sets), WITH(bench_virtual, set_count)},
		{"log", YAML_STRING, AT(bench_virtual, log)},
		{"pid_file", YAML_STRING, AT(bench_virtual, pid_file)},
		{"seed", YAML_INT64, LIMITS(0, 9e15), AT(bench_virtual, seed),
			GIVEN(bench_virtual, has_seed)},
		{0}}};

static const struct yaml_schema device_schema = {"device", sizeof(struct bench_device), NULL,
	FIELDS{{"name", YAML_STRING, REQUIRED, LIMITS(1, 31), AT(bench_device, name)},
		{"uart", YAML_MAPPING, .schema = &uart_schema, AT(bench_device, uart),
			GIVEN(bench_device, has_uart)},
		{"virtual", YAML_MAPPING, .schema = &virtual_schema,
			AT(bench_device, virtual_device), GIVEN(bench_device, is_virtual)},
		{"wifi", YAML_MAPPING, REQUIRED, .schema = &wifi_schema, AT(bench_device, wifi)},
		{"address", YAML_MAPPING, REQUIRED, .schema = &address_schema,
			AT(bench_device, address)},
		{"reset", YAML_MAPPING, .schema = &reset_schema, AT(bench_device, reset)},
		{"power", YAML_MAPPING, .schema = &power_schema, AT(bench_device, power)},
		{"firmware", YAML_MAPPING, .schema = &firmware_schema, AT(bench_device, firmware)},
		{"profile", YAML_STRING, AT(bench_device, profile)}, {0}}};

static const struct yaml_schema peer_schema = {"peer", sizeof(struct bench_peer), NULL,
	FIELDS{{"interface", YAML_STRING, REQUIRED, LIMITS(1, 15), AT(bench_peer, interface)},
		{"address", YAML_IPV4, REQUIRED, AT(bench_peer, address_be)},
		{"spare_addresses", YAML_IPV4S, AT(bench_peer, spare_addresses_be),
			WITH(bench_peer, spare_count)},
		{"ports", YAML_PORTS, AT(bench_peer, first_port), WITH(bench_peer, last_port)},
		{0}}};

static const struct yaml_schema access_point_schema = {"access_point",
	sizeof(struct bench_access_point), NULL,
	FIELDS{{"down", YAML_STRING, REQUIRED, AT(bench_access_point, down)},
		{"up", YAML_STRING, REQUIRED, AT(bench_access_point, up)}, {0}}};

static const struct yaml_schema station_schema = {"station", sizeof(struct bench_station), NULL,
	FIELDS{{"leave", YAML_STRING, REQUIRED, AT(bench_station, leave)},
		{"join", YAML_STRING, REQUIRED, AT(bench_station, join)}, {0}}};

static const struct yaml_schema monitor_schema = {"monitor", sizeof(struct bench_monitor), NULL,
	FIELDS{{"interface", YAML_STRING, REQUIRED, LIMITS(1, 15), AT(bench_monitor, interface)},
		{0}}};

static const struct yaml_schema file_schema = {"the bench file", sizeof(struct draft), NULL,
	FIELDS{{"bench", YAML_STRING, REQUIRED, LIMITS(1, 63), AT(draft, file.bench)},
		{"clock", YAML_ENUM, .words = clocks, AT(draft, clock), GIVEN(draft, has_clock)},
		{"devices", YAML_MAPPINGS, REQUIRED, LIMITS(1, BENCH_FILE_DEVICES),
			.schema = &device_schema, AT(draft, file.devices),
			WITH(draft, file.device_count)},
		{"peer", YAML_MAPPING, REQUIRED, .schema = &peer_schema, AT(draft, file.peer)},
		{"access_point", YAML_MAPPING, .schema = &access_point_schema,
			AT(draft, file.access_point), GIVEN(draft, file.has_access_point)},
		{"station", YAML_MAPPING, .schema = &station_schema, AT(draft, file.station),
			GIVEN(draft, file.has_station)},
		{"monitor", YAML_MAPPING, .schema = &monitor_schema, AT(draft, file.monitor),
			GIVEN(draft, file.has_monitor)},
		{0}}};

/* ---- profiles ---- */

/* A path, or the bare name of a profile: NAME.yaml beside the bench file, in ../profiles, or else one that
 * comes with wizhil. */
static const char *find_profile(struct yaml_file *yaml, const char *name)
{
	static const char *const places[] = {"", "../profiles/"};
	const char *path = yaml_file_beside(yaml, name);
	char candidate[4096];

	if (strchr(name, '/') != NULL || strstr(name, ".yaml") != NULL)
		return path != NULL && access(path, R_OK) == 0 ? path : NULL;
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		snprintf(candidate, sizeof candidate, "%s%s.yaml", places[i], name);
		path = yaml_file_beside(yaml, candidate);
		if (path != NULL && access(path, R_OK) == 0)
			return path;
	}
	char shipped[4096];
	snprintf(candidate, sizeof candidate, "fixtures/profiles/%s.yaml", name);
	if (data_file(candidate, shipped, sizeof shipped, NULL) == 0)
		return yaml_file_keep(yaml, shipped);
	return NULL;
}

static bool is_program(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISREG(status.st_mode) && access(path, X_OK) == 0;
}

/* From here on all paths are as the process needs them. */
static int resolve(const struct bench_file *file, struct bench_device *device, struct error *err)
{
	const char *path;

	if (device->profile != NULL) {
		path = find_profile(file->yaml, device->profile);
		if (path == NULL)
			return WRONG(device, "profile",
				"no profile '%s' (use a file, or a name of a profile in the folder of the bench file, in ../profiles, or installed with wizhil)",
				device->profile);
		device->profile = path;
	}
	if (device->virtual_device.program != NULL) {
		path = yaml_file_beside(file->yaml, device->virtual_device.program);
		if (path == NULL || !is_program(path))
			return WRONG(device, "virtual.program", "cannot run the file '%s'",
				device->virtual_device.program);
		device->virtual_device.program = path;
	}
	if (device->virtual_device.profile != NULL) {
		path = yaml_file_beside(file->yaml, device->virtual_device.profile);
		if (path == NULL || access(path, R_OK) != 0)
			return WRONG(device, "virtual.profile", "cannot read the file '%s'",
				device->virtual_device.profile);
		device->virtual_device.profile = path;
	}
	if (device->wifi.passphrase_file != NULL) {
		path = yaml_file_beside(file->yaml, device->wifi.passphrase_file);
		if (path == NULL)
			return error_set(err, ERROR_MEMORY, "out of memory");
		device->wifi.passphrase_file = path;
	}
	return 0;
}

/* ---- the file ---- */

static int finish(struct draft *draft, struct error *err)
{
	struct bench_file *file = &draft->file;
	/* The list is ours: yaml_file_read made it. */
	struct bench_device *devices = (struct bench_device *)file->devices;

	file->is_virtual = devices[0].is_virtual;
	for (size_t i = 0; i < file->device_count; i++) {
		const bool is_ap = devices[i].wifi.mode == WIFI_LIMITED_AP;
		file->is_limited_ap |= is_ap;
		if (is_ap && devices[i].address.gateway_be == 0)
			devices[i].address.gateway_be = devices[i].address.address_be;
	}
	file->clock_is_real = draft->has_clock && draft->clock == CLOCK_WORD_REAL;
	if (draft->has_clock && !file->is_virtual)
		return yaml_file_wrong(file->yaml, err, "clock",
			"'clock' is only for virtual devices; real devices use the real clock");
	if (file->has_monitor && file->is_virtual)
		return yaml_file_wrong(file->yaml, err, "monitor",
			"'monitor' is only for real devices; virtual ones are not on the air");
	if (bench_file_check(file, err) != 0)
		return -1;
	for (size_t i = 0; i < file->device_count; i++)
		if (resolve(file, &devices[i], err) != 0)
			return -1;
	return 0;
}

int bench_file_read(const char *path, struct bench_file *file, struct error *err)
{
	struct draft draft = {.file.peer = {.first_port = 20000, .last_port = 20255}};

	*file = (struct bench_file){0};
	draft.file.yaml = yaml_file_read(path, &file_schema, &draft, err);
	if (draft.file.yaml == NULL)
		return -1;
	if (finish(&draft, err) != 0) {
		yaml_file_free(draft.file.yaml);
		return -1;
	}
	*file = draft.file;
	return 0;
}

static bool is_named(const char *name, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

int bench_file_choose(
	struct bench_file *file, const char *const *names, size_t count, struct error *err)
{
	struct bench_device *devices = (struct bench_device *)(uintptr_t)file->devices;
	size_t chosen = 0;

	for (size_t i = 0; i < count; i++) {
		size_t j = 0;
		while (j < file->device_count && strcmp(devices[j].name, names[i]) != 0)
			j++;
		if (j == file->device_count)
			return error_set(err, ERROR_USAGE, "the bench '%s' has no device '%s'",
				file->bench, names[i]);
	}
	for (size_t i = 0; i < file->device_count; i++)
		if (is_named(devices[i].name, names, count))
			devices[chosen++] = devices[i];
	file->device_count = chosen;
	return 0;
}

void bench_file_free(struct bench_file *file)
{
	yaml_file_free(file->yaml);
	*file = (struct bench_file){0};
}
