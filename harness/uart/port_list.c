/* SPDX-License-Identifier: MIT */
#include "uart/port_list.h"

#include <dirent.h>
#include <libserialport.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/error.h"

#define BY_ID "/dev/serial/by-id"
#define CONSOLES "/proc/consoles"

void port_list_lasting_name(const char *by_id, const char *node, char path[PATH_MAX])
{
	char candidate[PATH_MAX], target[PATH_MAX];
	DIR *folder = opendir(by_id);

	snprintf(path, PATH_MAX, "%s", node);
	if (folder == NULL)
		return;
	for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
		snprintf(candidate, sizeof candidate, "%s/%s", by_id, entry->d_name);
		if (entry->d_name[0] != '.' && realpath(candidate, target) != NULL &&
			strcmp(target, node) == 0)
			snprintf(path, PATH_MAX, "%s", candidate);
	}
	closedir(folder);
}

bool port_list_names_console(const char *table, const char *node)
{
	char line[128], name[64];
	bool found = false;
	FILE *stream = fopen(table, "re");
	const char *slash = strrchr(node, '/');

	if (stream == NULL)
		return false;
	/* "ttyS0                -W- (EC p a  )    4:64" */
	while (!found && fgets(line, sizeof line, stream) != NULL)
		found = sscanf(line, "%63s", name) == 1 &&
			strcmp(name, slash == NULL ? node : slash + 1) == 0;
	fclose(stream);
	return found;
}

int port_list_read(struct port_list *ports, struct error *err)
{
	struct sp_port **found;

	*ports = (struct port_list){0};
	if (sp_list_ports(&found) != SP_OK)
		return error_set(err, ERROR_BENCH, "cannot list the serial ports");
	size_t count = 0;
	while (found[count] != NULL)
		count++;
	ports->list = calloc(count + 1, sizeof *ports->list);
	if (ports->list == NULL) {
		sp_free_port_list(found);
		return error_set(err, ERROR_MEMORY, "out of memory");
	}
	for (size_t i = 0; i < count; i++) {
		struct listed_port *port = &ports->list[ports->count++];
		const char *description = sp_get_port_description(found[i]);
		port->console = port_list_names_console(CONSOLES, sp_get_port_name(found[i]));
		port_list_lasting_name(BY_ID, sp_get_port_name(found[i]), port->path);
		snprintf(port->description, sizeof port->description, "%s",
			description == NULL ? "" : description);
	}
	sp_free_port_list(found);
	return 0;
}

void port_list_free(struct port_list *ports)
{
	free(ports->list);
	*ports = (struct port_list){0};
}
