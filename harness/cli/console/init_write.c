/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/console/init.h"
#include "core/error.h"
#include "report/text/text.h"

int init_find_interfaces(struct found *found, struct error *err)
{
	struct ifaddrs *all;

	if (getifaddrs(&all) != 0)
		return error_errno(err, ERROR_BENCH, "cannot list the network interfaces");
	for (const struct ifaddrs *listed = all;
		listed != NULL && found->interface_count < FOUND_INTERFACES;
		listed = listed->ifa_next) {
		if (listed->ifa_addr == NULL || listed->ifa_addr->sa_family != AF_INET ||
			(listed->ifa_flags & IFF_UP) == 0 ||
			(listed->ifa_flags & IFF_LOOPBACK) != 0)
			continue;
		struct found_interface *interface = &found->interfaces[found->interface_count++];
		const struct sockaddr_in *address = (const struct sockaddr_in *)listed->ifa_addr;
		const struct sockaddr_in *mask = (const struct sockaddr_in *)listed->ifa_netmask;
		snprintf(interface->name, sizeof interface->name, "%s", listed->ifa_name);
		inet_ntop(
			AF_INET, &address->sin_addr, interface->address, sizeof interface->address);
		interface->prefix =
			mask == NULL ? 24 : __builtin_popcount(ntohl(mask->sin_addr.s_addr));
	}
	freeifaddrs(all);
	return 0;
}

static void write_module(FILE *stream, const struct found_module *module, size_t number)
{
	fprintf(stream, "  - name: module-%zu\n", number);
	if (module->version[0] != '\0') {
		fputs("    # Reported version: ", stream);
		text_put(stream, TEXT_LINE, module->version);
		fputc('\n', stream);
	}
	fputs("    uart: { port: \"", stream);
	text_put(stream, TEXT_YAML, module->path);
	fprintf(stream, "\", baud: %d, flow: none }\n\n", module->baud);
	fputs("    # CHANGE: the network that the module joins.  security: open, wep, wpa or wpa2;\n"
	      "    # the passphrase comes from the environment variable that passphrase_env names,\n"
	      "    # or from a file (passphrase_file).\n"
	      "    wifi: { ssid: CHANGE-ME, security: wpa2, passphrase_env: LAB_PSK }\n\n"
	      "    # Or an unused address: { static: 192.0.2.10/24, gateway: 192.0.2.1 }\n"
	      "    address: { dhcp: true }\n\n"
	      "    # Shell commands that recover a silent module; both are optional.\n"
	      "    #reset: { command: \"gpioset gpiochip0 17=0\" }\n"
	      "    #power: { cycle: \"uhubctl -l 1-1 -p 2 -a cycle\" }\n\n"
	      "    # The profile its keep-alive is judged against; 'wizhil characterize' writes one.\n"
	      "    #profile: profile.yaml\n\n",
		stream);
}

static void write_peer(FILE *stream, const struct found *found)
{
	fputs("# This host as the modules see it, and the interface it captures on.\n", stream);
	if (found->interface_count == 0) {
		fputs("# CHANGE: no interface of this host is up with an address.\n"
		      "peer: { interface: eth0, address: 192.0.2.1, ports: 20000-20255 }\n",
			stream);
		return;
	}
	for (size_t i = 1; i < found->interface_count; i++)
		fprintf(stream, "# Other interface: %s with address %s/%d\n",
			found->interfaces[i].name, found->interfaces[i].address,
			found->interfaces[i].prefix);
	fprintf(stream,
		"peer: { interface: %s, address: %s, ports: 20000-20255 }\n"
		"# For cases with an unreachable peer, add an unused address of the same network\n"
		"# in the braces above: spare_addresses: [192.0.2.2]\n",
		found->interfaces[0].name, found->interfaces[0].address);
	fputs("\n# For cases that lose the access point; without it, they are not run.\n"
	      "#access_point: { down: \"ssh ap wifi down\", up: \"ssh ap wifi up\" }\n"
	      "# A module that is the access point itself: wifi: { mode: limited-ap, channel: 6, ... } ('wizhil help bench').\n"
	      "\n# An interface in monitor mode tells a frame lost in the air from one never sent.\n"
	      "#monitor: { interface: mon0 }\n",
		stream);
}

int init_write(const struct found *found, const char *path, struct error *err)
{
	FILE *stream = fopen(path, "wxe");

	if (stream == NULL && errno == EEXIST)
		return error_set(err, ERROR_USAGE,
			"'%s' already exists and is not overwritten (try: --output FILE)", path);
	if (stream == NULL)
		return error_errno(err, ERROR_USAGE, "cannot write '%s'", path);
	fputs("# Written by 'wizhil init'; 'wizhil help bench' explains every key.  Edit the lines marked\n"
	      "# CHANGE, then: wizhil check --bench FILE\n"
	      "bench: my-bench\n\n"
	      "devices:\n",
		stream);
	for (size_t i = 0; i < found->module_count; i++)
		write_module(stream, &found->modules[i], i + 1);
	write_peer(stream, found);
	int failed = ferror(stream);
	failed |= fclose(stream);
	if (failed == 0)
		return 0;
	error_errno(err, ERROR_BENCH, "cannot write '%s'", path);
	unlink(path);
	return -1;
}
