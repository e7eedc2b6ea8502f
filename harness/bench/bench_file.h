/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_BENCH_BENCH_FILE_H
#define WIZHIL_BENCH_BENCH_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "uart/port.h"

struct error;

/*
 * The bench file: which devices there are, how to reach them, and who the peer is.  It says where
 * things are, never what they should do (that is the cases') nor how exact (the profile's), and it
 * holds no secrets.  fixtures/benches/ has a commented one of each kind.
 *
 * Strings belong to the bench file and end with bench_file_free().  A string or list that the file
 * leaves out is NULL.  Addresses are in network order.
 */

enum { BENCH_FILE_DEVICES = 16, BENCH_FILE_PORTS = 16 /* at least */ };

/* Exactly one of the first two. */
struct bench_uart {
	const char *port;
	const char *command; /* for /bin/sh: brings the octets of a port elsewhere */
	int baud;	     /* 0: to be found out */
	enum flow_control flow;
};

enum wifi_mode { WIFI_STATION, WIFI_LIMITED_AP /* the module is the access point */ };
enum wifi_security { WIFI_OPEN, WIFI_WEP, WIFI_WPA, WIFI_WPA2 };

/* Exactly one of the last two, unless the network is open: then neither. */
struct bench_wifi {
	enum wifi_mode mode;
	const char *ssid; /* 1 to 32 octets */
	int channel;	  /* of a limited access point's network: 1 to 14; else 0 */
	enum wifi_security security;
	const char *passphrase_env; /* name of a variable of the environment */
	const char *
		passphrase_file; /* its first line; relative to the bench file's folder: resolved */
};

/* Static, or all zeros and dhcp. */
struct bench_address {
	bool dhcp;
	uint32_t address_be;
	int prefix;	     /* 1 to 30 */
	uint32_t gateway_be; /* of a limited access point that names none: itself */
};

struct bench_reset {
	const char *command; /* for a shell: pulls RST low for 500 ms */
};

struct bench_power {
	const char *cycle; /* for a shell */
};

/* Another firmware for the device, see bench/firmware.h. */
struct bench_firmware {
	const char *flash;   /* for a shell; NULL: it is not flashed */
	const char *version; /* glob over what AT+VER=? says then; NULL: the run says it */
	int timeout_s;	     /* 0: FLASH_TIMEOUT_S */
};

/* What a virtual device is started with.  Handed on as it is: the harness knows no fault's name. */
struct bench_virtual {
	const char *program; /* the device itself; relative to the bench file's folder: resolved;
				NULL: the one that came with the harness */
	const char *profile; /* a file; relative to the bench file's folder: resolved */
	const char *const *faults;
	size_t fault_count;
	const char *const *sets; /* "key=value" */
	size_t set_count;
	const char *pid_file; /* where it writes its process number, for reset and power */
	const char *log; /* the device's own log of what it sent when, to measure the harness by */
	bool has_seed;
	uint64_t seed;
};

struct bench_device {
	const char *name; /* letters, digits, '-', '_' and '.'; 31 at most; unique */
	bool is_virtual;
	bool has_uart;
	struct bench_uart uart; /* of a real device */
	struct bench_virtual virtual_device;
	struct bench_wifi wifi;
	struct bench_address address;
	struct bench_reset reset;
	struct bench_power power;
	struct bench_firmware firmware;
	const char *profile; /* path of the profile to judge by, resolved; NULL: the default one */
};

struct bench_peer {
	const char *interface; /* of a virtual bench: the TAP that will be made */
	uint32_t address_be;   /* in one subnet with the devices */
	const uint32_t *spare_addresses_be;
	size_t spare_count;
	uint16_t first_port, last_port; /* default 20000 to 20255 */
};

struct bench_access_point {
	const char *down, *up; /* for a shell */
};

/* This host, where the module is the access point and it is its station. */
struct bench_station {
	const char *leave, *join; /* for a shell */
};

struct bench_monitor {
	const char *interface; /* captures the air */
};

struct yaml_file;

struct bench_file {
	const char *bench;
	bool is_virtual;    /* all devices are, or none */
	bool clock_is_real; /* of a virtual bench: it asks for the real clock; else stepped */
	const struct bench_device *devices; /* at least one */
	size_t device_count;
	struct bench_peer peer;
	bool is_limited_ap; /* its device is, which is the only one then */
	bool has_access_point;
	struct bench_access_point access_point;
	bool has_station;
	struct bench_station station;
	bool has_monitor;
	struct bench_monitor monitor;
	struct yaml_file *yaml; /* owns it all */
};

/* Reads and checks a bench file; nothing else is touched, no secret is read.  -1 with err set
 * (ERROR_USAGE, with file, line and column), and *file empty. */
int bench_file_read(const char *path, struct bench_file *file, struct error *err);

/* Leaves these devices only, one or more, in the order of the file.  -1 with err set (ERROR_USAGE):
 * there is none of a name. */
int bench_file_choose(
	struct bench_file *file, const char *const *names, size_t count, struct error *err);

/* Empty or zeroed files are fine. */
void bench_file_free(struct bench_file *file);

/* Whether each device's passphrase can be read, before anything is touched.  -1 with err set. */
int bench_file_check_secrets(const struct bench_file *file, struct error *err);

/* The passphrase, from environment or file, without the line's end.  *out is the caller's, to be
 * freed; NULL for an open network.  -1 with err set (ERROR_USAGE): not set, not readable, of a
 * length that the security does not allow (WPA: 8 to 63 octets, IEEE 802.11 J.4; WEP: 5 or 13, or
 * 10 or 26 hex digits).  The message never holds any of it. */
int bench_file_secret(const struct bench_wifi *wifi, char **out, struct error *err);

#endif
