/* SPDX-License-Identifier: MIT */
/* libserialport lists what the tests give it: its functions are those of the program itself. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <libserialport.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/error.h"
#include "uart/port_list.h"

struct sp_port {
	const char *name, *description;
};

static struct sp_port **listed;
static enum sp_return answer;
static int freed;

enum sp_return sp_list_ports(struct sp_port ***list)
{
	*list = listed;
	return answer;
}

void sp_free_port_list(struct sp_port **list)
{
	freed += list == listed;
}

char *sp_get_port_name(const struct sp_port *port)
{
	return (char *)port->name;
}

char *sp_get_port_description(const struct sp_port *port)
{
	return (char *)port->description;
}

Test(port_list, each_port_is_listed_with_what_the_system_says_of_it)
{
	struct sp_port usb = {"/dev/ttyUSB7", "FT232R USB UART"}, board = {"/dev/ttyS9", NULL};
	struct sp_port *both[] = {&usb, &board, NULL};
	struct port_list ports;

	listed = both;
	cr_assert_eq(port_list_read(&ports, NULL), 0);
	cr_assert_eq(ports.count, 2);
	cr_expect_str_eq(ports.list[0].path, "/dev/ttyUSB7");
	cr_expect_str_eq(ports.list[0].description, "FT232R USB UART");
	cr_expect_not(ports.list[0].console);
	cr_expect_str_eq(ports.list[1].path, "/dev/ttyS9");
	cr_expect_str_eq(ports.list[1].description, "");
	cr_expect_eq(freed, 1);
	port_list_free(&ports);
	cr_expect_eq(ports.count, 0);
	cr_expect_null(ports.list);
}

Test(port_list, a_host_without_ports_has_an_empty_list)
{
	struct sp_port *none[] = {NULL};
	struct port_list ports = {.count = 3};

	listed = none;
	cr_assert_eq(port_list_read(&ports, NULL), 0);
	cr_expect_eq(ports.count, 0);
	cr_expect_eq(freed, 1);
	port_list_free(&ports);
}

Test(port_list, a_description_that_is_too_long_is_cut)
{
	char text[200] = {0};
	struct sp_port port = {"/dev/ttyUSB0", memset(text, 'x', sizeof text - 1)};
	struct sp_port *one[] = {&port, NULL};
	struct port_list ports;

	listed = one;
	cr_assert_eq(port_list_read(&ports, NULL), 0);
	cr_expect_eq(strlen(ports.list[0].description), 127);
	port_list_free(&ports);
}

Test(port_list, ports_that_cannot_be_listed_are_an_error_of_the_bench)
{
	struct port_list ports;
	struct error err = {0};

	answer = SP_ERR_FAIL;
	cr_assert_eq(port_list_read(&ports, &err), -1);
	cr_expect_str_eq(err.text, "cannot list the serial ports");
	cr_expect_eq(err.kind, ERROR_BENCH);
	cr_expect_eq(freed, 0);
	port_list_free(&ports);
}

Test(port_list, the_consoles_of_the_kernel_are_told_from_other_ports)
{
	char table[] = "/tmp/wizhil-consoles-XXXXXX";
	const char text[] = "tty0                 -WU (EC  p  )    4:1\n"
			    "ttyS0                -W- (E   p a)    4:64\n"
			    "hvc0                 -W- (E   p a)  229:0\n";
	int file = mkstemp(table);

	cr_assert_eq(write(file, text, sizeof text - 1), sizeof text - 1);
	close(file);
	cr_expect(port_list_names_console(table, "/dev/ttyS0"));
	cr_expect(port_list_names_console(table, "ttyS0"), "the node without its folder");
	cr_expect(port_list_names_console(table, "/dev/hvc0"));
	cr_expect_not(port_list_names_console(table, "/dev/ttyS1"));
	cr_expect_not(port_list_names_console(table, "/dev/ttyS"));
	unlink(table);
	cr_expect_not(port_list_names_console(table, "/dev/ttyS0"), "no table, no console");
}

Test(port_list, a_port_has_the_name_that_survives_plugging_it_in_again)
{
	char folder[] = "/tmp/wizhil-by-id-XXXXXX", link[64], hidden[64], gone[64];
	char path[PATH_MAX];

	cr_assert_not_null(mkdtemp(folder));
	snprintf(link, sizeof link, "%s/usb-FTDI-if00-port0", folder);
	snprintf(hidden, sizeof hidden, "%s/.hidden", folder);
	snprintf(gone, sizeof gone, "%s/usb-gone", folder);
	cr_assert_eq(symlink("/dev/null", link), 0);
	cr_assert_eq(symlink("/dev/zero", hidden), 0);
	cr_assert_eq(symlink("/dev/ttyNONE7", gone), 0);

	port_list_lasting_name(folder, "/dev/null", path);
	cr_expect_str_eq(path, link);
	port_list_lasting_name(folder, "/dev/zero", path);
	cr_expect_str_eq(path, "/dev/zero", "a hidden name is none");
	port_list_lasting_name(folder, "/dev/ttyNONE7", path);
	cr_expect_str_eq(path, "/dev/ttyNONE7", "a name that leads nowhere is none");
	port_list_lasting_name(link, "/dev/null", path);
	cr_expect_str_eq(path, "/dev/null", "no folder, no name");
	cr_expect_eq(unlink(link) | unlink(hidden) | unlink(gone) | rmdir(folder), 0);
}
