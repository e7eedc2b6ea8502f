/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/error.h"
#include "core/units.h"
#include "core/yaml.h"

/* A schema with one key of each type. */

struct uart {
	const char *port;
	int baud;
	int flow;
};

struct rack {
	const char *name;
	struct uart uart;
	bool has_uart;
	int64_t seed;
	double share;
	bool dhcp;
	int64_t wait_ns;
	uint32_t gateway;
	uint32_t address;
	int prefix;
	uint16_t first, last;
	const char *const *faults;
	size_t fault_count;
	const uint32_t *spares;
	size_t spare_count;
	const char *const *sets;
	size_t set_count;
	const struct uart *more;
	size_t more_count;
};

static const char *const flows[] = {"none", "rts-cts", "xon-xoff", NULL};

static const struct yaml_schema uart_schema = {.name = "uart",
	.size = sizeof(struct uart),
	.defaults = &(const struct uart){.baud = 115200},
	.fields = (const struct yaml_field[]){{.key = "port",
						      .type = YAML_STRING,
						      .required = true,
						      .offset = offsetof(struct uart, port),
						      .min = 1,
						      .max = 12},
		{.key = "baud",
			.type = YAML_INT,
			.offset = offsetof(struct uart, baud),
			.min = 1200,
			.max = 921600},
		{.key = "flow",
			.type = YAML_ENUM,
			.offset = offsetof(struct uart, flow),
			.words = flows},
		{0}}};

#define MEMBER(name) .offset = offsetof(struct rack, name)
#define WITH(name) .with = offsetof(struct rack, name)

static const struct yaml_schema rack_schema = {.name = "rack",
	.size = sizeof(struct rack),
	.fields = (const struct yaml_field[]){{.key = "name", .type = YAML_STRING, MEMBER(name)},
		{.key = "uart",
			.type = YAML_MAPPING,
			.schema = &uart_schema,
			MEMBER(uart),
			.given = YAML_GIVEN(struct rack, has_uart)},
		{.key = "seed", .type = YAML_INT64, MEMBER(seed)},
		{.key = "share", .type = YAML_DOUBLE, .min = 0, .max = 1, MEMBER(share)},
		{.key = "dhcp", .type = YAML_BOOL, MEMBER(dhcp)},
		{.key = "wait", .type = YAML_DURATION, MEMBER(wait_ns)},
		{.key = "gateway", .type = YAML_IPV4, MEMBER(gateway)},
		{.key = "static", .type = YAML_CIDR, MEMBER(address), WITH(prefix)},
		{.key = "ports", .type = YAML_PORTS, MEMBER(first), WITH(last)},
		{.key = "faults", .type = YAML_STRINGS, MEMBER(faults), WITH(fault_count)},
		{.key = "spares", .type = YAML_IPV4S, MEMBER(spares), WITH(spare_count)},
		{.key = "set", .type = YAML_ASSIGNMENTS, MEMBER(sets), WITH(set_count)},
		{.key = "more",
			.type = YAML_MAPPINGS,
			.schema = &uart_schema,
			.min = 1,
			.max = 2,
			MEMBER(more),
			WITH(more_count)},
		{.key = "secret", .type = YAML_REFUSED, .why = "no secrets here"}, {0}}};

static struct yaml_file *read_rack(const char *text, struct rack *rack, struct error *err)
{
	*err = (struct error){0};
	return yaml_file_read_text("rack.yaml", text, strlen(text), &rack_schema, rack, err);
}

/* Reads a good text. */
static struct yaml_file *rack_of(const char *text, struct rack *rack)
{
	struct error err;
	struct yaml_file *yaml = read_rack(text, rack, &err);

	cr_assert_not_null(yaml, "%s", err.text);
	return yaml;
}

Test(yaml, a_nested_mapping_is_read_into_its_struct_and_keeps_defaults)
{
	struct rack rack = {.uart.baud = 9600};
	struct yaml_file *yaml = rack_of("name: a\nuart: { port: /dev/x, flow: rts-cts }\n", &rack);

	cr_expect_str_eq(rack.name, "a");
	cr_expect(rack.has_uart);
	cr_expect_str_eq(rack.uart.port, "/dev/x");
	cr_expect_eq(rack.uart.baud, 9600);
	cr_expect_eq(rack.uart.flow, 1);
	yaml_file_free(yaml);
}

Test(yaml, an_absent_mapping_is_not_given)
{
	struct rack rack = {0};
	struct yaml_file *yaml = rack_of("name: a\n", &rack);

	cr_expect_not(rack.has_uart);
	yaml_file_free(yaml);
}

Test(yaml, numbers_are_read_with_sign_and_fraction)
{
	struct rack rack = {0};
	struct yaml_file *yaml =
		rack_of("seed: -9007199254740993\nshare: 0.25\ndhcp: Yes\n", &rack);

	cr_expect_eq(rack.seed, INT64_C(-9007199254740993));
	cr_expect_eq(rack.share, 0.25);
	cr_expect(rack.dhcp);
	yaml_file_free(yaml);
}

Test(yaml, addresses_are_read_in_network_order)
{
	struct rack rack = {0};
	struct yaml_file *yaml = rack_of("gateway: 192.0.2.1\nstatic: 192.0.2.10/24\n"
					 "spares: [192.0.2.2, 192.0.2.3]\n",
		&rack);

	cr_expect_eq(rack.gateway, htonl(0xc0000201));
	cr_expect_eq(rack.address, htonl(0xc000020a));
	cr_expect_eq(rack.prefix, 24);
	cr_assert_eq(rack.spare_count, 2);
	cr_expect_eq(rack.spares[1], htonl(0xc0000203));
	yaml_file_free(yaml);
}

Test(yaml, a_range_of_ports_has_a_first_and_a_last)
{
	struct rack rack = {0};
	struct yaml_file *yaml = rack_of("ports: 20000-20255\n", &rack);

	cr_expect_eq(rack.first, 20000);
	cr_expect_eq(rack.last, 20255);
	yaml_file_free(yaml);
}

Test(yaml, lists_and_free_maps_keep_their_order)
{
	struct rack rack = {0};
	struct yaml_file *yaml = rack_of(
		"faults: [one, two]\nset:\n  b.c: '1'\n  a: 2 s\nmore: [{port: p}, {port: q}]\n",
		&rack);

	cr_assert_eq(rack.fault_count, 2);
	cr_expect_str_eq(rack.faults[1], "two");
	cr_assert_eq(rack.set_count, 2);
	cr_expect_str_eq(rack.sets[0], "b.c=1");
	cr_expect_str_eq(rack.sets[1], "a=2 s");
	cr_assert_eq(rack.more_count, 2);
	cr_expect_str_eq(rack.more[1].port, "q");
	cr_expect_eq(rack.more[1].baud, 115200);
	yaml_file_free(yaml);
}

Test(yaml, an_alias_stands_for_what_its_anchor_names)
{
	struct rack rack = {0};
	struct yaml_file *yaml = rack_of("uart: &u { port: p }\nmore: [*u]\n", &rack);

	cr_expect_str_eq(rack.more[0].port, "p");
	yaml_file_free(yaml);
}

struct duration_case {
	const char text[24];
	int64_t ns;
};

ParameterizedTestParameters(yaml, a_duration_is_read_with_its_unit)
{
	static struct duration_case cases[] = {{"wait: 75s", 75 * NS_PER_S},
		{"wait: 500 ms", 500 * NS_PER_MS}, {"wait: 1.5 min", 90 * NS_PER_S},
		{"wait: 20us", 20 * NS_PER_US}, {"wait: 2h", 7200 * NS_PER_S}};

	return cr_make_param_array(struct duration_case, cases, sizeof cases / sizeof *cases);
}

ParameterizedTest(struct duration_case *c, yaml, a_duration_is_read_with_its_unit)
{
	struct rack rack = {0};
	struct yaml_file *yaml = rack_of(c->text, &rack);

	cr_expect_eq(rack.wait_ns, c->ns, "%s: %lld", c->text, (long long)rack.wait_ns);
	yaml_file_free(yaml);
}

struct wrong_case {
	const char text[96];
	const char message[160];
};

ParameterizedTestParameters(yaml, what_is_wrong_is_said_with_its_place)
{
	static struct wrong_case cases[] = {
		{"name: a\nuart: { prot: x }\n",
			"2:9: unknown key 'prot' in uart (did you mean 'port'?)"},
		{"nmae: a\n", "1:1: unknown key 'nmae' in rack (did you mean 'name'?)"},
		{"zebra: a\n", "1:1: unknown key 'zebra' in rack"},
		{"uart: { baud: 9600 }\n", "1:7: uart lacks the key 'port'"},
		{"name: a\nseed: 1\nname: b\n",
			"3:1: duplicate key 'name' in rack (first in line 1)"},
		{"set:\n  a: 1\n  a: 2\n", "3:3: duplicate key 'a' in set (first in line 2)"},
		{"uart: { port: x, baud: fast }\n",
			"1:24: baud must be a whole number, not 'fast'"},
		{"uart: { port: x, baud: 300 }\n", "1:24: baud must be 1200 to 921600, not '300'"},
		{"uart: { port: x, baud: 99999999999999999999 }\n",
			"1:24: baud must be 1200 to 921600, not '99999999999999999999'"},
		{"seed: 99999999999999999999\n",
			"1:7: seed must be a smaller number, not '99999999999999999999'"},
		{"uart: { port: x, flow: rtscts }\n",
			"1:24: flow must be none, rts-cts or xon-xoff, not 'rtscts' "
			"(did you mean 'rts-cts'?)"},
		{"uart: { port: 1234567890123 }\n", "1:15: port must be 1 to 12 characters long"},
		{"uart: 5\n", "1:7: uart must be a mapping (key: value, or {} for an empty one), "
			      "not a single value"},
		{"uart:\n", "1:6: uart must be a mapping (key: value, or {} for an empty one), "
			    "not a single value"},
		{"- name: a\n", "1:1: rack must be a mapping (key: value, or {} for an empty one), "
				"not a list"},
		{"name: [a]\n", "1:7: name must be a single value, not a list"},
		{"name: {a: 1}\n", "1:7: name must be a single value, not a mapping"},
		{"name:\n", "1:6: name has no value"},
		{"name: ~\n", "1:7: name has no value"},
		{"name: ''\n", "1:7: name must not be empty"},
		{"name: \"a\\nb\"\n", "1:7: name contains a control character"},
		{"\"na\\nme\": a\n", "1:1: a key contains a control character"},
		{"[a]: b\n", "1:1: a key must be a single value, not a list"},
		{"share: much\n", "1:8: share must be a number, not 'much'"},
		{"share: 2\n", "1:8: share must be 0 to 1, not '2'"},
		{"share: 0x1\n", "1:8: share must be a number, not '0x1'"},
		{"share: inf\n", "1:8: share must be a number, not 'inf'"},
		{"dhcp: maybe\n", "1:7: dhcp must be true or false, not 'maybe'"},
		{"wait: 75\n",
			"1:7: wait must be a time with its unit (us, ms, s, min, h), not '75'"},
		{"wait: -1 s\n", "1:7: wait must be a time from 0 to 30 years, not '-1 s'"},
		{"gateway: 192.0.2\n",
			"1:10: gateway must be an IPv4 address such as 192.0.2.1, not '192.0.2'"},
		{"static: 192.0.2.1\n", "1:9: static must be an IPv4 address with its prefix, such "
					"as 192.0.2.10/24, not '192.0.2.1'"},
		{"static: 192.0.2.1/33\n", "1:9: static must be an IPv4 address with its prefix, "
					   "such as 192.0.2.10/24, not '192.0.2.1/33'"},
		{"static: 192.0.2.1/-1\n", "1:9: static must be an IPv4 address with its prefix, "
					   "such as 192.0.2.10/24, not '192.0.2.1/-1'"},
		{"ports: 0-9\n",
			"1:8: ports must be a range of ports such as 20000-20255, not '0-9'"},
		{"ports: 9-8\n",
			"1:8: ports must be a range of ports such as 20000-20255, not '9-8'"},
		{"ports: 9-65536\n",
			"1:8: ports must be a range of ports such as 20000-20255, not '9-65536'"},
		{"faults: one\n", "1:9: faults must be a list, not a single value"},
		{"faults: [a, [b]]\n", "1:13: faults must be a single value, not a list"},
		{"more: []\n", "1:7: more must have at least 1 entry"},
		{"more: [{port: a}, {port: b}, {port: c}]\n", "1:7: more has more than 2 entries"},
		{"set: { a: [1] }\n", "1:11: a must be a single value, not a list"},
		{"secret: hunter2\n", "1:1: no secrets here"},
		{"secrte: hunter2\n", "1:1: unknown key 'secrte' in rack"},
		{"name: [a\n",
			"2:1: invalid YAML: did not find expected ',' or ']' while parsing a flow "
			"sequence"},
		{"name: a\n\tseed: 1\n",
			"2:1: invalid YAML: found a tab character that violates indentation while "
			"scanning a plain scalar"},
		{"name: a\nseed: \xff\n", "2:7: invalid YAML: invalid leading UTF-8 octet"},
		{"name: a\n---\nname: b\n", "3:1: second document (only one is supported)"},
		{"", "1:1: the file is empty"},
		{"# nothing but words\n", "1:1: the file is empty"},
	};

	return cr_make_param_array(struct wrong_case, cases, sizeof cases / sizeof *cases);
}

ParameterizedTest(struct wrong_case *c, yaml, what_is_wrong_is_said_with_its_place)
{
	struct rack rack = {0};
	struct error err;
	char wanted[256];

	snprintf(wanted, sizeof wanted, "rack.yaml:%s", c->message);
	struct yaml_file *yaml = read_rack(c->text, &rack, &err);
	cr_expect_null(yaml, "%s was taken", c->text);
	cr_expect_str_eq(err.text, wanted, "said: %s\nwanted: %s", err.text, wanted);
	cr_expect_eq(err.kind, ERROR_USAGE);
	yaml_file_free(yaml);
}

Test(yaml, a_mapping_of_very_many_keys_is_refused)
{
	static char text[4096] = "set:\n";
	struct rack rack = {0};
	struct error err;

	for (int i = 0; i < 257; i++)
		snprintf(text + strlen(text), sizeof text - strlen(text), "  k%d: 1\n", i);
	cr_expect_null(read_rack(text, &rack, &err));
	cr_expect_str_eq(err.text, "rack.yaml:2:3: set has more than 256 keys");
}

Test(yaml, an_alias_within_its_own_anchor_is_no_endless_loop)
{
	struct rack rack = {0};
	struct error err;

	cr_expect_null(read_rack("more: &m [*m]\n", &rack, &err));
	cr_expect_str_eq(err.text, "rack.yaml:1:7: uart must be a mapping (key: value, or {} for "
				   "an empty one), not a list");
}

Test(yaml, what_the_schema_cannot_say_gets_its_place_too)
{
	struct rack rack = {0};
	struct error err = {0};
	struct yaml_file *yaml =
		rack_of("more:\n  - port: a\n  - port: b\n    baud: 9600\n", &rack);

	cr_expect_eq(yaml_file_wrong(yaml, &err, "more.1.baud", "too %s", "slow"), -1);
	cr_expect_str_eq(err.text, "rack.yaml:4:11: too slow");
	yaml_file_wrong(yaml, &err, "more.1.flow", "unset");
	cr_expect_str_eq(err.text, "rack.yaml:3:5: unset");
	yaml_file_wrong(yaml, &err, "more.7.port", "unset");
	cr_expect_str_eq(err.text, "rack.yaml:2:3: unset");
	yaml_file_free(yaml);
}

/* ---- files ---- */

static void expect_unreadable(const char *path, const char *message)
{
	struct rack rack = {0};
	struct error err = {0};

	cr_expect_null(yaml_file_read(path, &rack_schema, &rack, &err));
	cr_expect_str_eq(err.text, message);
	cr_expect_eq(err.kind, ERROR_USAGE);
}

Test(yaml, a_file_that_is_not_there_is_a_usage_error)
{
	expect_unreadable("/nowhere/rack.yaml",
		"cannot read '/nowhere/rack.yaml': No such file or directory");
}

Test(yaml, a_folder_is_a_usage_error)
{
	expect_unreadable("/proc", "'/proc' is a folder, not a YAML file");
}

Test(yaml, a_pipe_that_nobody_writes_to_is_not_waited_for)
{
	char path[64];

	snprintf(path, sizeof path, "/tmp/wizhil-yaml-%d.pipe", (int)getpid());
	cr_assert_eq(mkfifo(path, 0600), 0);
	char message[160];
	snprintf(message, sizeof message, "'%s' is a pipe, not a YAML file", path);
	expect_unreadable(path, message);
	unlink(path);
}

/* The parser's time grows with the square of the depth. */
Test(yaml, brackets_in_brackets_are_refused_where_they_are_too_many)
{
	static char text[100000];
	struct rack rack = {0};
	struct error err = {0};

	memset(text, '[', sizeof text);
	cr_expect_null(
		yaml_file_read_text("deep.yaml", text, sizeof text, &rack_schema, &rack, &err));
	cr_expect_str_eq(err.text, "deep.yaml:1:65: nested deeper than 64 levels");
}

Test(yaml, an_empty_file_is_a_usage_error)
{
	expect_unreadable("/dev/null", "/dev/null:1:1: the file is empty");
}

Test(yaml, an_endless_file_is_a_usage_error)
{
	expect_unreadable("/dev/zero", "'/dev/zero' is too long for a YAML file (1 MiB)");
}

Test(yaml, paths_are_relative_to_the_folder_of_the_file)
{
	char path[] = "/tmp/wizhil-yaml-XXXXXX";
	struct rack rack = {0};
	struct error err = {0};

	int file = mkstemp(path);
	cr_assert_geq(file, 0);
	cr_assert_eq(write(file, "name: a\n", 8), 8);
	close(file);
	struct yaml_file *yaml = yaml_file_read(path, &rack_schema, &rack, &err);
	unlink(path);
	cr_assert_not_null(yaml, "%s", err.text);
	cr_expect_str_eq(yaml_file_beside(yaml, "p.yaml"), "/tmp/p.yaml");
	cr_expect_str_eq(yaml_file_beside(yaml, "/etc/p.yaml"), "/etc/p.yaml");
	yaml_file_free(yaml);
}
