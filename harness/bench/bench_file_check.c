/* SPDX-License-Identifier: MIT */
#include "bench/bench_file_check.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "core/yaml.h"
#include "uart/at_command.h"

struct bench_place bench_file_place(
	const struct bench_file *file, const struct bench_device *device, const char *key)
{
	struct bench_place place;

	snprintf(place.text, sizeof place.text, "devices.%td.%s", device - file->devices, key);
	return place;
}

/* Names become parts of file names and of XML. */
static int check_name(
	const struct bench_file *file, const char *where, const char *name, struct error *err)
{
	static const char good[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";

	if (name[strspn(name, good)] == '\0' && name[0] != '.' && name[0] != '-')
		return 0;
	return yaml_file_wrong(file->yaml, err, where,
		"invalid name '%s' (use letters, digits, - _ . and begin with a letter or digit)",
		name);
}

static int check_kind(
	const struct bench_file *file, const struct bench_device *device, struct error *err)
{
	if (device->is_virtual && device->has_uart)
		return WRONG(device, "uart",
			"device '%s' is virtual and must not have the key 'uart' (its pty is created automatically)",
			device->name);
	if (!device->is_virtual && !device->has_uart)
		return WRONG(device, "",
			"device '%s' lacks the key 'uart' (real device) or 'virtual'",
			device->name);
	if (device->is_virtual != file->devices[0].is_virtual)
		return WRONG(device, device->is_virtual ? "virtual" : "uart",
			"device '%s' is %s but '%s' is not (a bench is all virtual or all real)",
			device->name, device->is_virtual ? "virtual" : "real",
			file->devices[0].name);
	return 0;
}

static int check_unique(
	const struct bench_file *file, const struct bench_device *device, struct error *err)
{
	for (const struct bench_device *other = file->devices; other < device; other++) {
		if (strcmp(device->name, other->name) == 0)
			return WRONG(device, "name", "duplicate device name '%s'", device->name);
		if (device->uart.port != NULL && other->uart.port != NULL &&
			strcmp(device->uart.port, other->uart.port) == 0)
			return WRONG(device, "uart.port",
				"devices '%s' and '%s' have the same port", other->name,
				device->name);
		if (!device->address.dhcp &&
			device->address.address_be == other->address.address_be)
			return WRONG(device, "address.static",
				"devices '%s' and '%s' have the same address", other->name,
				device->name);
	}
	return 0;
}

static int check_uart(
	const struct bench_file *file, const struct bench_device *device, struct error *err)
{
	const struct bench_uart *uart = &device->uart;

	if (!device->has_uart)
		return 0;
	if ((uart->port == NULL) == (uart->command == NULL))
		return WRONG(device, "uart",
			uart->port == NULL ? "uart lacks the key 'port' or 'command'"
					   : "port and command exclude each other");
	if (uart->port != NULL && port_is_of_network(uart->port) &&
		(uart->baud != 0 || uart->flow != FLOW_NONE))
		return WRONG(device, "uart",
			"baud and flow of a port on the network are set on its serial server (remove them here)");
	if (uart->command != NULL && (uart->baud != 0 || uart->flow != FLOW_NONE))
		return WRONG(device, "uart",
			"baud and flow are set on the other side of a command, as in \"socat - /dev/ttyUSB0,b115200,rawer\" (remove them here)");
	return 0;
}

/* Those of port.h, or 0. */
static int check_baud(
	const struct bench_file *file, const struct bench_device *device, struct error *err)
{
	static const int rates[] = {0, 9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600};

	for (size_t i = 0; i < sizeof rates / sizeof *rates; i++)
		if (device->uart.baud == rates[i])
			return 0;
	return WRONG(device, "uart.baud",
		"unsupported baud rate %d (use 9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600, or 0 to detect it)",
		device->uart.baud);
}

static int check_wifi(
	const struct bench_file *file, const struct bench_device *device, struct error *err)
{
	const struct bench_wifi *wifi = &device->wifi;

	if (strchr(wifi->ssid, ',') != NULL)
		return WRONG(device, "wifi.ssid",
			"unsupported comma in ssid: the module cannot parse it (" AT_NAME_ASSOCIATE
			"=<ssid>,<bssid>)");
	if (wifi->mode == WIFI_STATION && wifi->channel != 0)
		return WRONG(device, "wifi.channel",
			"the channel is for mode: limited-ap (a station takes that of its access point)");
	if (wifi->mode == WIFI_LIMITED_AP && wifi->channel == 0)
		return WRONG(device, "wifi",
			"wifi lacks the key 'channel' (1 to 14: that of the network the module makes)");
	if (wifi->passphrase_env != NULL && wifi->passphrase_file != NULL)
		return WRONG(device, "wifi.passphrase_file",
			"passphrase_env and passphrase_file exclude each other");
	bool has_secret = wifi->passphrase_env != NULL || wifi->passphrase_file != NULL;
	if (wifi->security == WIFI_OPEN && has_secret)
		return WRONG(device, "wifi.security",
			"an open network has no passphrase (change security, or remove the passphrase)");
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
	return prefix == 0 ? 0 : htonl(~UINT32_C(0) << (32 - prefix));
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
		return WRONG(device, "address.static", "prefix /%d has no room for device and peer",
			address->prefix);
	if (!is_host(address, address->address_be))
		return WRONG(device, "address.static",
			"%s/%d is the address of a subnet, not of a device", own.text,
			address->prefix);
	if (address->gateway_be == 0)
		return WRONG(device, "address", "address lacks the key 'gateway'");
	if (!in_subnet(address, address->gateway_be))
		return WRONG(device, "address.gateway", "gateway is not in the subnet of %s/%d",
			own.text, address->prefix);
	if (!in_subnet(address, file->peer.address_be))
		return WRONG(device, "address.static",
			"%s/%d and the peer's address %s are not in the same subnet", own.text,
			address->prefix, in_text(file->peer.address_be).text);
	if (address->address_be == file->peer.address_be)
		return WRONG(device, "address.static", "device '%s' has the address of the peer",
			device->name);
	return 0;
}

static int check_address(
	const struct bench_file *file, const struct bench_device *device, struct error *err)
{
	const struct bench_address *address = &device->address;
	bool is_static = address->address_be != 0 || address->prefix != 0;

	if (address->dhcp && device->wifi.mode == WIFI_LIMITED_AP)
		return WRONG(device, "address.dhcp",
			"a limited access point needs a static address (there is nobody to lease it one)");
	if (is_static && address->dhcp)
		return WRONG(device, "address.dhcp", "static and dhcp exclude each other");
	if (address->dhcp && device->is_virtual)
		return WRONG(device, "address.dhcp",
			"a virtual device needs a static address (the virtual bench has no DHCP server)");
	if (address->dhcp && address->gateway_be != 0)
		return WRONG(device, "address.gateway", "gateway and dhcp exclude each other");
	if (address->dhcp)
		return 0;
	if (!is_static)
		return WRONG(device, "address", "address lacks the key 'static' (or dhcp: true)");
	return check_static(file, device, err);
}

static int check_spares(const struct bench_file *file, struct error *err)
{
	const struct bench_peer *peer = &file->peer;
	struct bench_place place;

	for (size_t i = 0; i < peer->spare_count; i++) {
		uint32_t spare = peer->spare_addresses_be[i];
		snprintf(place.text, sizeof place.text, "peer.spare_addresses.%zu", i);
		bool taken = spare == peer->address_be;
		for (size_t j = 0; j < i; j++)
			taken |= spare == peer->spare_addresses_be[j];
		for (size_t j = 0; j < file->device_count; j++) {
			const struct bench_address *address = &file->devices[j].address;
			taken |= spare == address->address_be;
			if (!address->dhcp && !in_subnet(address, spare))
				return yaml_file_wrong(file->yaml, err, place.text,
					"%s is not in the subnet of device '%s'",
					in_text(spare).text, file->devices[j].name);
		}
		if (taken)
			return yaml_file_wrong(file->yaml, err, place.text,
				"%s is in use (a spare address must be unused)",
				in_text(spare).text);
	}
	return 0;
}

static int check_device(
	const struct bench_file *file, const struct bench_device *device, struct error *err)
{
	if (check_name(file, bench_file_place(file, device, "name").text, device->name, err) != 0 ||
		check_kind(file, device, err) != 0 || check_unique(file, device, err) != 0 ||
		check_uart(file, device, err) != 0 || check_baud(file, device, err) != 0 ||
		check_wifi(file, device, err) != 0)
		return -1;
	return check_address(file, device, err);
}

/* Who is the access point, and who the station. */
static int check_roles(const struct bench_file *file, struct error *err)
{
	if (file->is_limited_ap && file->device_count > 1)
		return yaml_file_wrong(file->yaml, err, "devices",
			"a limited access point is the only device of its bench (this host is the station of one network)");
	if (file->is_limited_ap && file->has_access_point)
		return yaml_file_wrong(file->yaml, err, "access_point",
			"the module is the access point (remove 'access_point', or mode: limited-ap); 'station' has the commands for this host");
	if (file->has_station && !file->is_limited_ap)
		return yaml_file_wrong(file->yaml, err, "station",
			"'station' is for a module with wifi: { mode: limited-ap }");
	if (file->is_limited_ap && file->has_monitor)
		return yaml_file_wrong(file->yaml, err, "monitor",
			"'monitor' is for a module that is the station of an access point, and not for mode: limited-ap");
	return 0;
}

int bench_file_check(const struct bench_file *file, struct error *err)
{
	if (check_name(file, "bench", file->bench, err) != 0)
		return -1;
	for (size_t i = 0; i < file->device_count; i++)
		if (check_device(file, &file->devices[i], err) != 0)
			return -1;
	if (check_roles(file, err) != 0)
		return -1;
	if (file->peer.last_port - file->peer.first_port + 1 < BENCH_FILE_PORTS)
		return yaml_file_wrong(file->yaml, err, "peer.ports",
			"too few ports: at least %d are needed, one for each connection of a device",
			BENCH_FILE_PORTS);
	return check_spares(file, err);
}
