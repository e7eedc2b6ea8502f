/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CORE_TEXT_ALIKE_H
#define WIZHIL_CORE_TEXT_ALIKE_H

#include <stdbool.h>

/* Whether two sentences are the same but for numbers, for the digit of a CID, and for what stands
 * 'in quotes': "gap 3 is 60.00 s" and "gap 12 is 61.2 s", "CID 3" and "CID b". */
bool text_is_alike(const char *one, const char *other);

#endif
