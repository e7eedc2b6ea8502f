/* SPDX-License-Identifier: MIT */
#include "judge/timing_model.h"

#include <stdio.h>
#include <string.h>

#include "core/names.h"
#include "core/text_buffer.h"

/* Name i is that of the model 1 << i. */
static const char *const model_names[] = {"A", "A-tick", "A-free", "B", "D", "E"};

const char *timing_model_name(enum timing_model model)
{
	for (size_t i = 0; i < sizeof model_names / sizeof *model_names; i++)
		if ((unsigned)model == 1U << i)
			return model_names[i];
	return "?";
}

unsigned timing_model_find(const char *name)
{
	const int found = names_find(NAMES(model_names), name);

	return found < 0 ? 0 : 1U << found;
}

void models_text(unsigned models, char *text, size_t size)
{
	struct text_buffer names = text_buffer(text, size);

	if (models == 0)
		text_add(&names, "none");
	for (unsigned model = MODEL_A; model < MODELS_ALL; model <<= 1)
		if ((models & model) != 0)
			text_add_item(&names, "%s", timing_model_name((enum timing_model)model));
}
