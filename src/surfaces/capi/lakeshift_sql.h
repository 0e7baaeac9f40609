/* lakeshift's SQL translation for programs in any language: Redshift's SQL in, Databricks' SQL out.
 *
 * All texts are UTF-8 with a length; none needs a final NUL, those handed out have one behind their
 * length. Handles are opaque. Nothing throws. Pointers that a function hands out live as long as
 * the handle it was asked of. A translator is used by one thread at a time; several translators
 * share nothing. The ABI only grows: LAKESHIFT_SQL_ABI tells which of it is there. */
#ifndef LAKESHIFT_SQL_H
#define LAKESHIFT_SQL_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LAKESHIFT_SQL_ABI 1
#define LAKESHIFT_SQL_API __attribute__((visibility("default")))

typedef struct lakeshift_sql_translator lakeshift_sql_translator;
typedef struct lakeshift_sql_result lakeshift_sql_result;

typedef struct {
  const char* data;
  size_t size;
} lakeshift_sql_text;

enum { /* what functions return */
       LAKESHIFT_SQL_OK = 0,
       LAKESHIFT_SQL_BAD_ARGUMENT = 1, /* lakeshift_sql_error() says which */
       LAKESHIFT_SQL_NO_MEMORY = 2
};
enum { /* status of a statement */
       LAKESHIFT_SQL_TRANSLATED = 0,
       LAKESHIFT_SQL_REFUSED = 1,
       LAKESHIFT_SQL_UNPARSED = 2
};
enum { LAKESHIFT_SQL_NOTE = 0, LAKESHIFT_SQL_WARNING = 1, LAKESHIFT_SQL_ERROR = 2 };

typedef struct {
  int32_t status;
  uint32_t line, column; /* of its first word, from 1; columns count characters */
  uint32_t begin, end;   /* bytes of the text, with the comments before it and the ';' */
  lakeshift_sql_text output;
  size_t findings, rules, assumptions;
} lakeshift_sql_statement;

typedef struct {
  int32_t severity;
  uint32_t line, column;
  lakeshift_sql_text code, message, remedy;
} lakeshift_sql_finding;

typedef struct {
  lakeshift_sql_text name;
  int32_t typed; /* 0: went by an assumption */
} lakeshift_sql_rule;

LAKESHIFT_SQL_API int32_t lakeshift_sql_abi(void);
LAKESHIFT_SQL_API const char* lakeshift_sql_version(void);

/* Null when there is no memory. */
LAKESHIFT_SQL_API lakeshift_sql_translator* lakeshift_sql_new(void);
LAKESHIFT_SQL_API void lakeshift_sql_free(lakeshift_sql_translator*);

/* "catalog": put before schema.table. "schema:<schema or database.schema>": what it is called.
 * "exact_blanks", "pretty": "true" or "false". */
LAKESHIFT_SQL_API int32_t lakeshift_sql_set(lakeshift_sql_translator*, const char* name,
                                            const char* value);
/* Types of columns: lines table TAB column TAB type. */
LAKESHIFT_SQL_API int32_t lakeshift_sql_add_types(lakeshift_sql_translator*, const char* text,
                                                  size_t size);
/* Why the last call failed; "" when it did not. */
LAKESHIFT_SQL_API const char* lakeshift_sql_error(const lakeshift_sql_translator*);

/* Every statement once; what it creates is known to later calls. `*result` is freed by the caller,
 * and null unless LAKESHIFT_SQL_OK. Statements that are refused are no failure of the call. */
LAKESHIFT_SQL_API int32_t lakeshift_sql_translate(lakeshift_sql_translator*, const char* text,
                                                  size_t size, lakeshift_sql_result** result);
LAKESHIFT_SQL_API void lakeshift_sql_result_free(lakeshift_sql_result*);
LAKESHIFT_SQL_API size_t lakeshift_sql_count(const lakeshift_sql_result*);
/* Of indexes that are too large: LAKESHIFT_SQL_BAD_ARGUMENT. */
LAKESHIFT_SQL_API int32_t lakeshift_sql_statement_at(const lakeshift_sql_result*, size_t index,
                                                     lakeshift_sql_statement*);
LAKESHIFT_SQL_API int32_t lakeshift_sql_finding_at(const lakeshift_sql_result*, size_t statement,
                                                   size_t index, lakeshift_sql_finding*);
LAKESHIFT_SQL_API int32_t lakeshift_sql_rule_at(const lakeshift_sql_result*, size_t statement,
                                                size_t index, lakeshift_sql_rule*);
LAKESHIFT_SQL_API int32_t lakeshift_sql_assumption_at(const lakeshift_sql_result*, size_t statement,
                                                      size_t index, lakeshift_sql_text*);

#ifdef __cplusplus
}
#endif
#endif
