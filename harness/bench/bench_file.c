/* SPDX-License-Identifier: MIT */
#include "bench/bench_file.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/yaml.h"

/* What is read, with what is only looked at here. */
struct draft {
	struct bench_file file;
	int clock;
	bool has_clock;
};

/* ---- the keys ---- */

#define NO_SECRETS                                                                                 \
	"a bench file holds no secrets: name an environment variable (passphrase_env) or a file "  \
	"(passphrase_file)"

static const char *const flows[] = {
	[FLOW_NONE] = "none", [FLOW_RTS_CTS] = "rts-cts", [FLOW_XON_XOFF] = "xon-xoff", NULL};
static const char *const securities[] = {
	[WIFI_OPEN] = "open", [WIFI_WEP] = "wep", [WIFI_WPA] = "wpa", [WIFI_WPA2] = "wpa2", NULL};
enum { CLOCK_WORD_REAL, CLOCK_WORD_STEPPED };
static const char *const clocks[] = {
	[CLOCK_WORD_REAL] = "real", [CLOCK_WORD_STEPPED] = "stepped", NULL};

/* clang-format off: one key, one line */
#define AT(type, member) .offset = offsetof(struct type, member)
#define WITH(type, member) .with = offsetof(struct type, member)
#define GIVEN(type, member) .given = YAML_GIVEN(struct type, member)
#define FIELDS (const struct yaml_field[])
#define REQUIRED .required = true
#define LIMITS(least, most) .min = (least), .max = (most)

static const struct yaml_schema uart_schema = {"uart", sizeof(struct bench_uart), NULL,
	FIELDS{{"port", YAML_STRING, REQUIRED, AT(bench_uart, port)},
		{"baud", YAML_INT, LIMITS(0, 921600), AT(bench_uart, baud)},
		{"flow", YAML_ENUM, .words = flows, AT(bench_uart, flow)}, {0}}};

static const struct yaml_schema wifi_schema = {"wifi", sizeof(struct bench_wifi), NULL,
	FIELDS{{"ssid", YAML_STRING, REQUIRED, LIMITS(1, 32), AT(bench_wifi, ssid)},
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

static const struct yaml_schema virtual_schema = {"virtual", sizeof(struct bench_virtual), NULL,
	FIELDS{{"profile", YAML_STRING, AT(bench_virtual, profile)},
		{"faults", YAML_STRINGS, AT(bench_virtual, faults),
			WITH(bench_virtual, fault_count)},
		{"set", YAML_ASSIGNMENTS, AT(bench_virtual, sets), WITH(bench_virtual, set_count)},
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
		{"monitor", YAML_MAPPING, .schema = &monitor_schema, AT(draft, file.monitor),
			GIVEN(draft, file.has_monitor)},
		{0}}};
/* clang-format on */

/* ---- what the keys alone do not say ---- */

/* The way to a key of a device, for the place of a message. */
struct where {
	char text[64];
};

static struct where of_device(
	const struct bench_file *file, const struct bench_device *device, const char *key)
{
	struct where where;

	snprintf(where.text, sizeof where.text, "devices.%td.%s", device - file->devices, key);
	return where;
}

#define WRONG(device, key, ...)                                                                    \
	yaml_file_wrong(file->yaml, err, of_device(file, device, key).text, __VA_ARGS__)

/* Names become parts of file names and of XML. */
static int check_name(
	const struct bench_file *file, const char *where, const char *name, struct error *err)
{
	static const char good[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";

	if (name[strspn(name, good)] == '\0' && name[0] != '.' && name[0] != '-')
		return 0;
	return yaml_file_wrong(file->yaml, err, where,
		"'%s' is no good name (letters, digits, '-', '_' and '.', the first a letter or "
		"digit)",
		name);
}

static int check_kind(
	const struct bench_file *file, const struct bench_device *device, struct error *err)
{
	if (device->is_virtual && device->has_uart)
		return WRONG(device, "uart",
			"device '%s' is virtual and has no uart of its own (its pty is made for "
			"it)",
			device->name);
	if (!device->is_virtual && !device->has_uart)
		return WRONG(device, "", "device '%s' has neither uart (a real device) nor virtual",
			device->name);
	if (device->is_virtual != file->devices[0].is_virtual)
		return WRONG(device, device->is_virtual ? "virtual" : "uart",
			"device '%s' is %s, '%s' is not: a bench is all virtual or all real",
			device->name, device->is_virtual ? "virtual" : "real",
			file->devices[0].name);
	return 0;
}

static int check_unique(
	const struct bench_file *file, const struct bench_device *device, struct error *err)
{
	for (const struct bench_device *other = file->devices; other < device; other++) {
		if (strcmp(device->name, other->name) == 0)
			return WRONG(
				device, "name", "a second device is called '%s'", device->name);
		if (device->has_uart && strcmp(device->uart.port, other->uart.port) == 0)
			return WRONG(device, "uart.port", "devices '%s' and '%s' have one port",
				other->name, device->name);
		if (!device->address.dhcp &&
			device->address.address_be == other->address.address_be)
			return WRONG(device, "address.static",
				"devices '%s' and '%s' have one address", other->name,
				device->name);
	}
	return 0;
}

static int check_wifi(
	const struct bench_file *file, const struct bench_device *device, struct error *err)
{
	const struct bench_wifi *wifi = &device->wifi;

	if (strchr(wifi->ssid, ',') != NULL)
		return WRONG(device, "wifi.ssid",
			"an ssid with a comma cannot be given to the module "
			"(AT+WA=<ssid>,<bssid>)");
	if (wifi->passphrase_env != NULL && wifi->passphrase_file != NULL)
		return WRONG(device, "wifi.passphrase_file",
			"there is passphrase_env already (only one of them)");
	bool has_secret = wifi->passphrase_env != NULL || wifi->passphrase_file != NULL;
	if (wifi->security == WIFI_OPEN && has_secret)
		return WRONG(device, "wifi.security",
			"an open network has no passphrase (security or passphrase is wrong)");
	if (wifi->security != WIFI_OPEN && !has_secret)
		return WRONG(
			device, "wifi", "wifi lacks the key 'passphrase_env' or 'passphrase_file'");
	return 0;
}

/* ---- addresses ---- */

struct address_text {
	char text[INET_ADDRSTRLEN];
};

static struct address_text in_text(uint32_t address_be)
{
	struct address_text text = {""};

	inet_ntop(AF_INET, &address_be, text.text, sizeof text.text);
	return text;
}

static uint32_t mask_be(int prefix)
{
	return htonl(~UINT32_C(0) << (32 - prefix));
}

static bool in_subnet(const struct bench_address *subnet, uint32_t address_be)
{
	return ((subnet->address_be ^ address_be) & mask_be(subnet->prefix)) == 0;
}

/* All zeros or all ones behind the prefix: the subnet itself, or everybody in it. */
static bool is_host(const struct bench_address *subnet, uint32_t address_be)
{
	uint32_t host = address_be & ~mask_be(subnet->prefix);

	return host != 0 && host != ~mask_be(subnet->prefix);
}

static int check_static(
	const struct bench_file *file, const struct bench_device *device, struct error *err)
{
	const struct bench_address *address = &device->address;
	struct address_text own = in_text(address->address_be);

	if (address->prefix < 1 || address->prefix > 30)
		return WRONG(device, "address.static",
			"a prefix of /%d leaves no subnet for device and peer", address->prefix);
	if (!is_host(address, address->address_be))
		return WRONG(device, "address.static", "%s/%d is a subnet, not a device's address",
			own.text, address->prefix);
	if (address->gateway_be == 0)
		return WRONG(device, "address", "address lacks the key 'gateway'");
	if (!in_subnet(address, address->gateway_be))
		return WRONG(device, "address.gateway", "the gateway is not in the subnet of %s/%d",
			own.text, address->prefix);
	if (!in_subnet(address, file->peer.address_be))
		return WRONG(device, "address.static",
			"%s/%d and the peer's %s are not in one subnet", own.text, address->prefix,
			in_text(file->peer.address_be).text);
	if (address->address_be == file->peer.address_be)
		return WRONG(device, "address.static", "device '%s' has the peer's address",
			device->name);
	return 0;
}

static int check_address(
	const struct bench_file *file, const struct bench_device *device, struct error *err)
{
	const struct bench_address *address = &device->address;
	bool is_static = address->address_be != 0 || address->prefix != 0;

	if (is_static && address->dhcp)
		return WRONG(device, "address.dhcp", "the address is static already (only one)");
	if (address->dhcp && device->is_virtual)
		return WRONG(device, "address.dhcp",
			"a virtual device needs a static address: nobody answers its DHCP");
	if (address->dhcp && address->gateway_be != 0)
		return WRONG(device, "address.gateway", "with dhcp the gateway comes with it");
	if (address->dhcp)
		return 0;
	if (!is_static)
		return WRONG(device, "address", "address lacks the key 'static' (or dhcp: true)");
	return check_static(file, device, err);
}

static int check_spares(const struct bench_file *file, struct error *err)
{
	const struct bench_peer *peer = &file->peer;
	struct where where;

	for (size_t i = 0; i < peer->spare_count; i++) {
		uint32_t spare = peer->spare_addresses_be[i];
		snprintf(where.text, sizeof where.text, "peer.spare_addresses.%zu", i);
		bool taken = spare == peer->address_be;
		for (size_t j = 0; j < i; j++)
			taken |= spare == peer->spare_addresses_be[j];
		for (size_t j = 0; j < file->device_count; j++) {
			const struct bench_address *address = &file->devices[j].address;
			taken |= spare == address->address_be;
			if (!address->dhcp && !in_subnet(address, spare))
				return yaml_file_wrong(file->yaml, err, where.text,
					"%s is not in the subnet of device '%s'",
					in_text(spare).text, file->devices[j].name);
		}
		if (taken)
			return yaml_file_wrong(file->yaml, err, where.text,
				"%s is taken: a spare address must be nobody else's",
				in_text(spare).text);
	}
	return 0;
}

/* ---- profiles ---- */

/* A path, or the bare name of a profile: NAME.yaml beside the bench file, or in ../profiles. */
static const char *find_profile(struct yaml_file *yaml, const char *name)
{
	static const char *const places[] = {"%s.yaml", "../profiles/%s.yaml"};
	const char *path = yaml_file_beside(yaml, name);
	char candidate[4096];

	if (strchr(name, '/') != NULL || strstr(name, ".yaml") != NULL)
		return path != NULL && access(path, R_OK) == 0 ? path : NULL;
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		snprintf(candidate, sizeof candidate, places[i], name);
		path = yaml_file_beside(yaml, candidate);
		if (path != NULL && access(path, R_OK) == 0)
			return path;
	}
	return NULL;
}

/* From here on all paths are as the process needs them. */
static int resolve(const struct bench_file *file, struct bench_device *device, struct error *err)
{
	const char *path;

	if (device->profile != NULL) {
		path = find_profile(file->yaml, device->profile);
		if (path == NULL)
			return WRONG(device, "profile",
				"there is no profile '%s' (a file, or a name in ../profiles)",
				device->profile);
		device->profile = path;
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

static int check_device(
	const struct bench_file *file, struct bench_device *device, struct error *err)
{
	if (check_name(file, of_device(file, device, "name").text, device->name, err) != 0 ||
		check_kind(file, device, err) != 0 || check_unique(file, device, err) != 0 ||
		check_wifi(file, device, err) != 0 || check_address(file, device, err) != 0)
		return -1;
	return resolve(file, device, err);
}

static int check(struct draft *draft, struct error *err)
{
	struct bench_file *file = &draft->file;
	/* The list is ours, not the reader's: yaml_file_read made it. */
	struct bench_device *devices = (struct bench_device *)file->devices;

	file->is_virtual = devices[0].is_virtual;
	file->clock_is_real = draft->has_clock && draft->clock == CLOCK_WORD_REAL;
	if (check_name(file, "bench", file->bench, err) != 0)
		return -1;
	for (size_t i = 0; i < file->device_count; i++)
		if (check_device(file, &devices[i], err) != 0)
			return -1;
	if (draft->has_clock && !file->is_virtual)
		return yaml_file_wrong(file->yaml, err, "clock",
			"clock is for virtual devices: with real ones time is real");
	if (file->peer.last_port - file->peer.first_port + 1 < BENCH_FILE_PORTS)
		return yaml_file_wrong(file->yaml, err, "peer.ports",
			"ports must be %d at least, one for each connection of a device",
			BENCH_FILE_PORTS);
	return check_spares(file, err);
}

int bench_file_read(const char *path, struct bench_file *file, struct error *err)
{
	struct draft draft = {.file.peer = {.first_port = 20000, .last_port = 20255}};

	*file = (struct bench_file){0};
	draft.file.yaml = yaml_file_read(path, &file_schema, &draft, err);
	if (draft.file.yaml == NULL)
		return -1;
	if (check(&draft, err) != 0) {
		yaml_file_free(draft.file.yaml);
		return -1;
	}
	*file = draft.file;
	return 0;
}

void bench_file_free(struct bench_file *file)
{
	yaml_file_free(file->yaml);
	*file = (struct bench_file){0};
}
