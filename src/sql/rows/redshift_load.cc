// Redshift: loading, unloading, upkeep. docs.aws.amazon.com/redshift/latest/dg, r_COPY,
// copy-parameters-*, r_UNLOAD, r_VACUUM_command, r_ANALYZE (2026-11).
#include "sql/rows/rows.h"

namespace lakeshift::sql {
namespace {

constexpr Row kStatements[] = {
    {"copy",
     "COPY target:table_name [ columns:columns ] FROM source:value [ [ WITH ] "
     "attributes:copy_option+ ] "
     "[ JOB CREATE name:name [ AUTO { ON | OFF } ] ]"},
    {"copy_job",
     "COPY JOB { { LIST | RUN | DROP | SHOW } [ name:name ] | ALTER name:name { AUTO { ON | OFF } "
     "} }"},
    {"unload",
     "UNLOAD ( query:unload_query ) TO target:value [ [ WITH ] attributes:unload_option+ ]"},
    {"vacuum",
     "VACUUM [ { FULL | SORT ONLY | DELETE ONLY | REINDEX | RECLUSTER } ] "
     "[ [ TABLE ] table:table_name [ TO percent:number PERCENT ] ] [ BOOST ]"},
    {"analyze_compression",
     "ANALYZE COMPRESSION [ table:table_name [ columns:columns ] ] [ COMPROWS count:number ]"},
    {"analyze",
     "ANALYZE [ VERBOSE ] [ table:table_name [ columns:columns ] ] [ { PREDICATE COLUMNS | ALL "
     "COLUMNS } ]"},
};

constexpr Row kFragments[] = {
    {"unload_query", "{ source:string | query:query }"},
    {"copy_option",
     "{ attributes:load_credential | [ FORMAT [ AS ] ] JSON [ AS ] [ value:string ] | [ FORMAT [ "
     "AS ] ] AVRO [ AS ] [ value:string ] "
     "| [ FORMAT [ AS ] ] { PARQUET | ORC | RCFILE | SEQUENCEFILE | TEXTFILE } "
     "| [ FORMAT [ AS ] ] SHAPEFILE [ SIMPLIFY [ AUTO ] [ value:number ] ] "
     "| [ FORMAT [ AS ] ] CSV [ QUOTE [ AS ] value:string ] | QUOTE [ AS ] value:string "
     "| [ FORMAT [ AS ] ] FIXEDWIDTH [ AS ] value:string | DELIMITER [ AS ] value:string "
     "| MANIFEST | BZIP2 | GZIP | LZOP | ZSTD | REGION [ AS ] region:string | SSH | READRATIO [ AS "
     "] count:number "
     "| ACCEPTANYDATE | ACCEPTINVCHARS [ AS ] [ value:string ] | BLANKSASNULL | EMPTYASNULL | "
     "DATEFORMAT [ AS ] value:string "
     "| TIMEFORMAT [ AS ] value:string | ENCODING [ AS ] value:any_ident | ESCAPE | EXPLICIT_IDS | "
     "FILLRECORD "
     "| IGNOREALLERRORS | IGNOREBLANKLINES | IGNOREHEADER [ AS ] count:number | NULL [ AS ] "
     "value:string | REMOVEQUOTES "
     "| ROUNDEC | TRIMBLANKS | TRUNCATECOLUMNS | COMPROWS [ AS ] count:number "
     "| COMPUPDATE [ { ON | OFF | PRESET | TRUE | FALSE } ] | MAXERROR [ AS ] count:number | "
     "NOLOAD "
     "| STATUPDATE [ { ON | OFF | TRUE | FALSE } ] | SERIALIZETOJSON | PARALLEL [ { ON | OFF } ] | "
     "[ FORMAT ] TEMPLATE name:name "
     "| USING TEMPLATE name:name | value:placeholder }"},
    {"unload_option",
     "{ attributes:load_credential | [ FORMAT [ AS ] ] { CSV | PARQUET | JSON | ICEBERG | TEXT } "
     "| PARTITION BY columns:columns [ INCLUDE ] | MANIFEST [ VERBOSE ] | HEADER | DELIMITER [ AS "
     "] value:string "
     "| FIXEDWIDTH [ AS ] value:string | BZIP2 | GZIP | ZSTD | ADDQUOTES | NULL [ AS ] "
     "value:string | ESCAPE "
     "| ALLOWOVERWRITE | CLEANPATH | PARALLEL [ { ON | OFF | TRUE | FALSE } ] "
     "| MAXFILESIZE [ AS ] count:number [ unit:ident ] | ROWGROUPSIZE [ AS ] count:number [ "
     "unit:ident ] "
     "| REGION [ AS ] region:string | EXTENSION value:string | value:placeholder }"},
};

}  // namespace

const RowSet kRedshiftLoadRows{.statements = kStatements, .fragments = kFragments};

}  // namespace lakeshift::sql
