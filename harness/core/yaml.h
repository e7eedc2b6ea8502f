/* SPDX-License-Identifier: MIT */
#ifndef WIZHIL_CORE_YAML_H
#define WIZHIL_CORE_YAML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;

/*
 * YAML files read into structs by a table.  A kind of file is a 'struct yaml_schema': a static
 * table of its keys, with the type of each and where it goes in the struct.  Everything that is
 * wrong with a file is found here and said once, as an ERROR_USAGE with the place:
 *
 *   rack-3.yaml:7:12: unknown key 'prot' in uart (did you mean 'port'?)
 *
 * Lines and columns count from 1.  Whatever is read (strings, lists) belongs to the 'struct
 * yaml_file' that yaml_file_read() returns, and ends with it.  A key that is absent leaves its
 * member as it was: fill the struct with the defaults before.
 *
 * YAML as the field uses it: one document, scalars, lists, mappings, anchors and aliases.  No merge
 * keys; tags are ignored.
 *
 * Functions are called yaml_file_...: libyaml exports a yaml_free() and more of its own insides,
 * and a program's function of that name would take its place.
 */

/* What a value is, the member it goes to, and (with) a second member for some. */
enum yaml_type {
	YAML_STRING,	  /* const char *, never empty, no control characters; min, max: octets */
	YAML_INT,	  /* int; min, max */
	YAML_INT64,	  /* int64_t, or uint64_t with min 0; min, max */
	YAML_DOUBLE,	  /* double; min, max */
	YAML_BOOL,	  /* bool: true, yes, on; false, no, off */
	YAML_DURATION,	  /* int64_t ns: '500 ms', '75s'; us, ms, s, min, h; min, max in s */
	YAML_ENUM,	  /* int: the index of the word in 'words' */
	YAML_IPV4,	  /* uint32_t in network order */
	YAML_CIDR,	  /* uint32_t in network order; with: int, the prefix */
	YAML_PORTS,	  /* uint16_t, the first; with: uint16_t, the last: 20000-20255 */
	YAML_STRINGS,	  /* const char *const *; with: size_t */
	YAML_IPV4S,	  /* const uint32_t *; with: size_t */
	YAML_ASSIGNMENTS, /* free map of scalars as "key=value": as YAML_STRINGS */
	YAML_MAPPING,	  /* the struct of 'schema', in place */
	YAML_MAPPINGS,	  /* const struct * of 'schema'; with: size_t; min, max: entries */
	YAML_REFUSED	  /* never right; 'why' says what to do instead */
};

struct yaml_schema;

struct yaml_field {
	const char *key; /* NULL ends the table */
	enum yaml_type type;
	bool required;
	size_t offset;
	size_t with;	 /* of the second member, for the types that have one */
	size_t given;	 /* 1 + offset of a bool that is set when the key is there; 0: none */
	double min, max; /* both 0: no limit */
	const char *const *words; /* YAML_ENUM; NULL ends them */
	const struct yaml_schema *schema;
	const char *why;
};

struct yaml_schema {
	const char *name;     /* for messages: "unknown key 'x' in NAME" */
	size_t size;	      /* of the struct */
	const void *defaults; /* of an entry of a list; NULL: zeros */
	const struct yaml_field *fields;
};

/* For .given: a bool member of the struct. */
#define YAML_GIVEN(type, member) (1 + offsetof(type, member))

struct yaml_file;

/* Reads the file into *into, a struct of schema->size octets.  NULL with err set (ERROR_USAGE): no
 * such file, a directory, empty, over 1 MiB, not YAML, or not what the schema says; *into is then
 * of no use.  The caller ends the result with yaml_file_free(), and with it all that *into points
 * to. */
struct yaml_file *yaml_file_read(
	const char *path, const struct yaml_schema *schema, void *into, struct error *err);

/* The same of a text in memory; name stands for the path in messages. */
struct yaml_file *yaml_file_read_text(const char *name, const char *text, size_t length,
	const struct yaml_schema *schema, void *into, struct error *err);

/* For what a schema cannot say: sets err to "FILE:LINE:COLUMN: " and the text, and returns -1.
 * 'where' is the way to the value, "devices.1.address.static"; where it does not lead all the way,
 * the place of the last node that is there is named. */
int yaml_file_wrong(const struct yaml_file *yaml, struct error *err, const char *where,
	const char *format, ...) __attribute__((format(printf, 4, 5)));

/* A copy of the text that belongs to yaml.  NULL when out of memory. */
const char *yaml_file_keep(struct yaml_file *yaml, const char *text);

/* The path relative to the folder in which the YAML file lies; an absolute one as it is.  Belongs
 * to yaml.  NULL when out of memory. */
const char *yaml_file_beside(struct yaml_file *yaml, const char *path);

/* NULL is fine. */
void yaml_file_free(struct yaml_file *yaml);

#endif
