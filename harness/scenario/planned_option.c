/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "scenario/keepalive_interval.h"
#include "scenario/scenario.h"

/* What the options of a scenario ask of a connection (cases/DEVICE.md section 5). */

enum {
	DEFAULT_COUNT = 8,
	DEFAULT_TIMEOUT_S = 7200,
	SOCKET_LEVEL = 65535,
	TCP_LEVEL = 6,
	SO_KEEPALIVE_PARAMETER = 0x8,
	COUNT_PARAMETER = 0x4005,
	TIMEOUT_PARAMETER = 0x4001,
	MOST = INT_MAX / KEEPALIVE_INTERVAL_S
};

struct planned_keepalive planned_keepalive_default(void)
{
	return (struct planned_keepalive){
		.on = false, .count = DEFAULT_COUNT, .timeout_s = DEFAULT_TIMEOUT_S};
}

/* The fields of an AT+SETSOCKOPT behind its CID. */
struct option_fields {
	long type, parameter, value, length;
};

/* A number that ends where its field does; blanks around it are none of it. */
static bool read_field(const char **at, int base, long *number)
{
	char *end;

	*at += strspn(*at, " ");
	if (!isxdigit((unsigned char)**at))
		return false;
	*number = strtol(*at, &end, base);
	*at = end + strspn(end, " ");
	if (**at == ',')
		++*at;
	else if (**at != '\0')
		return false;
	return true;
}

/* The text behind the CID; NULL when the step is no AT+SETSOCKOPT for its connection's CID. */
static const char *option_text(const struct step *step)
{
	static const char name[] = "AT+SETSOCKOPT";

	if (step->kind == STEP_OPTION)
		return step->text;
	if (step->kind != STEP_COMMAND || strncasecmp(step->text, name, strlen(name)) != 0)
		return NULL;
	const char *cid = strstr(step->text, "%d,");
	return cid == NULL ? NULL : cid + strlen("%d,");
}

static enum option_kind read_option(const struct step *step, struct option_fields *fields)
{
	const char *text = option_text(step);

	*fields = (struct option_fields){.type = -1, .value = -1};
	if (text == NULL || !read_field(&text, 10, &fields->type) ||
		!read_field(&text, 16, &fields->parameter))
		return OPTION_NONE;
	bool on = fields->type == SOCKET_LEVEL && fields->parameter == SO_KEEPALIVE_PARAMETER;
	bool number = fields->type == TCP_LEVEL && (fields->parameter == COUNT_PARAMETER ||
							   fields->parameter == TIMEOUT_PARAMETER);
	if (!on && !number)
		return OPTION_NONE;
	bool whole = read_field(&text, 10, &fields->value) &&
		     read_field(&text, 10, &fields->length) && *text == '\0';
	bool in_range = fields->value >= (on ? 0 : 1) && fields->value <= (on ? 1 : MOST);
	return whole && in_range && fields->length == 4 ? OPTION_DOCUMENTED : OPTION_OTHER;
}

enum option_kind step_option_kind(const struct step *step)
{
	struct option_fields fields;

	return read_option(step, &fields);
}

void planned_keepalive_apply(struct planned_keepalive *keepalive, const struct step *step)
{
	struct option_fields fields;

	if (read_option(step, &fields) == OPTION_NONE || fields.value < 0 || fields.value > MOST)
		return;
	int value = (int)fields.value;
	if (fields.type == SOCKET_LEVEL)
		keepalive->on = value != 0;
	else if (fields.parameter == COUNT_PARAMETER && value > 0 &&
		 value * KEEPALIVE_INTERVAL_S <= keepalive->timeout_s)
		keepalive->count = value;
	else if (fields.parameter == TIMEOUT_PARAMETER &&
		 value >= keepalive->count * KEEPALIVE_INTERVAL_S) {
		keepalive->timeout_s = value;
		keepalive->timed = true;
	}
}
