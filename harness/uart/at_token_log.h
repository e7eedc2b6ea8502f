/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_UART_AT_TOKEN_LOG_H
#define WIZHIL_UART_AT_TOKEN_LOG_H

#include <stdio.h>

#include "uart/at_codec.h"

/* For tests and the fuzzer: a sink that writes all of a token to a stream (the context), so that
 * two ways of feeding can be compared. */
static inline void at_token_log(const struct at_token *token, void *context)
{
	FILE *log = context;

	fprintf(log, "%d %d %d %d %d %d.%d.%d.%d:%d %llu %d '%s' %zu:", token->kind, token->form,
		token->code, token->cid, token->server_cid, token->address[0], token->address[1],
		token->address[2], token->address[3], token->port,
		(unsigned long long)token->offset, token->truncated, token->text, token->length);
	if (token->length > 0)
		fwrite(token->data, 1, token->length, log);
	fputc('\n', log);
}

#endif
