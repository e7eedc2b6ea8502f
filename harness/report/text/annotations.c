/* SPDX-License-Identifier: MIT */
#include "report/text/annotations.h"

#include <string.h>

#include "report/model/causes.h"
#include "report/text/text.h"

/* What would end the line or the property is written as GitHub reads it, the rest as on a terminal. */
static void put_escaped(FILE *stream, const char *text, const char *special)
{
	for (; *text != '\0'; text++) {
		const unsigned char octet = (unsigned char)*text;
		if (octet < ' ' || octet == '%' || strchr(special, octet) != NULL)
			fprintf(stream, "%%%02X", octet);
		else
			putc(octet, stream);
	}
}

void annotations_write(const struct run *run, FILE *stream)
{
	struct causes causes = causes_of(run);

	for (size_t i = 0; i < causes.count; i++) {
		const struct cause *cause = &causes.list[i];
		if (cause->outcome == OUTCOME_MARGINAL)
			continue;
		fputs(cause->outcome == OUTCOME_FAIL ? "::error title=" : "::warning title=",
			stream);
		put_escaped(stream, outcome_name(cause->outcome), ":,");
		if (cause->requirement[0] != '\0') {
			putc(' ', stream);
			put_escaped(stream, cause->requirement, ":,");
		}
		fprintf(stream, " in %zu case%s::", cause->count, cause->count == 1 ? "" : "s");
		put_escaped(stream, cause->text, "");
		fputs(cause->count == 1 ? " (" : " (such as ", stream);
		put_escaped(stream, cause->instance->name, "");
		fputs(")\n", stream);
	}
	causes_free(&causes);
}
