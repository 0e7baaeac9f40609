// One query per kind of thing. "[[version?then!!else]]" is resolved by for_version().
#include "knowledge/databases/postgres_catalog.h"

namespace lakeshift::databases {
namespace {

// The extension that brought it; alias.oid and class are put in by the macro.
#define LS_EXTENSION(class_name, oid)                                                             \
  "(SELECT x.extname FROM pg_depend d JOIN pg_extension x ON x.oid = d.refobjid WHERE d.classid " \
  "= "                                                                                            \
  "'pg_catalog." class_name "'::regclass AND d.objid = " oid                                      \
  " AND d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.deptype = 'e') AS extension"
#define LS_OURS "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"

constexpr CatalogQuery kQueries[] = {
    {"schema", 0,
     "SELECT n.nspname AS name, pg_get_userbyid(n.nspowner) AS owner, " LS_EXTENSION(
         "pg_namespace", "n.oid") " FROM pg_namespace n WHERE " LS_OURS},
    {"extension", 0,
     "SELECT x.extname AS name, pg_get_userbyid(x.extowner) AS owner, x.extversion AS version, "
     "n.nspname AS in_schema, x.extrelocatable AS relocatable, (SELECT "
     "array_to_json(array_agg(t::regclass::text ORDER BY t::regclass::text)) FROM "
     "unnest(x.extconfig) t) AS "
     "config_tables FROM pg_extension x JOIN pg_namespace n ON n.oid = x.extnamespace"},
    {"available_extension", 0,
     "SELECT name, default_version, installed_version FROM pg_available_extensions"},
    {"language", 0,
     "SELECT l.lanname AS name, pg_get_userbyid(l.lanowner) AS owner, l.lanpltrusted AS "
     "trusted, " LS_EXTENSION("pg_language", "l.oid") " FROM pg_language l WHERE l.lanispl"},
    {"type", 0,
     "SELECT n.nspname AS schema, t.typname AS name, pg_get_userbyid(t.typowner) AS owner, "
     "t.typtype AS typtype, t.typsend <> 0 AND t.typreceive <> 0 AS has_binary, "
     "format_type(t.typbasetype, t.typtypmod) AS base, (SELECT array_to_json(array_agg(e.enumlabel "
     "ORDER BY e.enumsortorder)) FROM pg_enum e WHERE e.enumtypid = t.oid) AS "
     "labels, " LS_EXTENSION(
         "pg_type",
         "t.oid") " FROM pg_type t JOIN pg_namespace n ON n.oid = "
                  "t.typnamespace LEFT JOIN pg_class c ON c.oid = t.typrelid WHERE " LS_OURS
                  " AND (c.oid IS NULL OR c.relkind = 'c') AND t.typelem = 0 AND t.typtype <> 'p'"},
    {"function", 0,
     "SELECT n.nspname AS schema, p.proname || '(' || pg_get_function_identity_arguments(p.oid) || "
     "')' AS name, pg_get_userbyid(p.proowner) AS owner, p.prokind AS prokind, l.lanname AS "
     "language, l.lanpltrusted AS trusted, p.prosecdef AS security_definer, p.probin AS "
     "library, " LS_EXTENSION("pg_proc", "p.oid") " FROM pg_proc p JOIN pg_namespace n ON n.oid = "
                                                  "p.pronamespace JOIN pg_language l ON l.oid = "
                                                  "p.prolang WHERE " LS_OURS},
    {"index", 0,
     "SELECT n.nspname AS schema, c.relname AS name, t.relname AS on_table, am.amname AS method, "
     "i.indisunique AS is_unique, i.indisprimary AS is_primary, i.indisvalid AS valid, "
     "i.indisready "
     "AS ready, i.indimmediate AS immediate, pg_get_indexdef(i.indexrelid) AS definition, "
     "pg_relation_size(c.oid) AS bytes, (SELECT array_to_json(array_agg(DISTINCT l.collname)) FROM "
     "unnest(i.indcollation::oid[]) u JOIN pg_collation l ON l.oid = u) AS "
     "collations, " LS_EXTENSION("pg_class",
                                 "c.oid") " FROM pg_index i JOIN pg_class c ON c.oid = "
                                          "i.indexrelid JOIN pg_class t ON t.oid = "
                                          "i.indrelid JOIN pg_namespace n ON n.oid = "
                                          "c.relnamespace JOIN pg_am am ON am.oid = c.relam "
                                          "WHERE " LS_OURS},
    {"constraint", 0,
     "SELECT n.nspname AS schema, o.conname AS name, o.conrelid::regclass::text AS on_table, "
     "o.contype AS contype, o.convalidated AS validated, o.condeferrable AS can_defer, "
     "o.condeferred AS deferred, o.conislocal AS local, pg_get_constraintdef(o.oid) AS definition, "
     "NULLIF(o.confrelid, 0)::regclass::text AS refers_to FROM pg_constraint o JOIN pg_namespace n "
     "ON n.oid = o.connamespace WHERE o.conrelid <> 0 AND " LS_OURS},
    {"trigger", 0,
     "SELECT n.nspname AS schema, t.tgname AS name, c.relname AS on_table, t.tgenabled AS enabled, "
     "pg_get_triggerdef(t.oid) AS definition, " LS_EXTENSION(
         "pg_trigger", "t.oid") " FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN "
                                "pg_namespace n ON n.oid = "
                                "c.relnamespace WHERE NOT t.tgisinternal AND " LS_OURS},
    {"event_trigger", 0,
     "SELECT e.evtname AS name, pg_get_userbyid(e.evtowner) AS owner, e.evtevent AS event, "
     "e.evtenabled AS enabled, e.evtfoid::regproc::text AS function, array_to_json(e.evttags) AS "
     "tags, " LS_EXTENSION("pg_event_trigger", "e.oid") " FROM pg_event_trigger e"},
    {"rule", 0,
     "SELECT n.nspname AS schema, r.rulename AS name, c.relname AS on_table, r.ev_enabled AS "
     "enabled, pg_get_ruledef(r.oid) AS definition FROM pg_rewrite r JOIN pg_class c ON c.oid = "
     "r.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace WHERE r.rulename <> '_RETURN' "
     "AND " LS_OURS},
    {"policy", 0,
     "SELECT n.nspname AS schema, p.polname AS name, c.relname AS on_table, p.polcmd AS command, "
     "p.polpermissive AS permissive, pg_get_expr(p.polqual, p.polrelid) AS reads, "
     "pg_get_expr(p.polwithcheck, p.polrelid) AS writes, (SELECT array_to_json(array_agg(g.role "
     "ORDER BY g.role)) FROM (SELECT CASE WHEN u = 0 THEN 'public' ELSE pg_get_userbyid(u)::text "
     "END "
     "AS role FROM unnest(p.polroles) u) g) AS roles FROM pg_policy p JOIN pg_class c ON c.oid = "
     "p.polrelid JOIN pg_namespace n ON n.oid = "
     "c.relnamespace WHERE " LS_OURS},
    {"role", 0,
     "SELECT rolname AS name, rolsuper AS super, rolinherit AS inherit, rolcreaterole AS "
     "create_role, rolcreatedb AS create_db, rolcanlogin AS login, rolreplication AS replication, "
     "rolbypassrls AS bypass_rls, rolconnlimit AS connection_limit, rolvaliduntil AS valid_until "
     "FROM pg_roles WHERE rolname !~ '^pg_'"},
    {"membership", 0,
     "SELECT r.rolname || ' in ' || g.rolname AS name, r.rolname AS member, g.rolname AS "
     "of_role, b.rolname AS grantor, m.admin_option AS admin, [[160000?m.inherit_option!!NULL]] AS "
     "inherit, [[160000?m.set_option!!NULL]] AS set FROM pg_auth_members m JOIN pg_roles r ON "
     "r.oid "
     "= m.member JOIN pg_roles g ON g.oid = m.roleid LEFT JOIN pg_roles b ON b.oid = m.grantor"},
    {"default_privilege", 0,
     "SELECT pg_get_userbyid(a.defaclrole) || ' ' || a.defaclobjtype::text AS name, n.nspname AS "
     "schema, "
     "pg_get_userbyid(a.defaclrole) AS owner, a.defaclobjtype AS on_kind, a.defaclacl::text AS acl "
     "FROM pg_default_acl a LEFT JOIN pg_namespace n ON n.oid = a.defaclnamespace"},
    {"setting", 0,
     "SELECT coalesce(d.datname, '*') || ' ' || coalesce(r.rolname, '*') || ' ' || c AS name, "
     "d.datname AS database, r.rolname AS role, c AS assignment FROM pg_db_role_setting s LEFT "
     "JOIN "
     "pg_database d ON d.oid = s.setdatabase LEFT JOIN pg_roles r ON r.oid = s.setrole, "
     "unnest(s.setconfig) c WHERE s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname "
     "= "
     "current_database()))"},
    {"publication", 0,
     "SELECT p.pubname AS name, pg_get_userbyid(p.pubowner) AS owner, p.puballtables AS "
     "all_tables, "
     "p.pubinsert AS inserts, p.pubupdate AS updates, p.pubdelete AS deletes, p.pubtruncate AS "
     "truncates, (SELECT array_to_json(array_agg(t.schemaname || '.' || t.tablename ORDER BY "
     "t.schemaname, t.tablename)) "
     "FROM pg_publication_tables t WHERE t.pubname = p.pubname) AS tables FROM pg_publication p"},
    {"subscription", 0,
     "SELECT s.subname AS name, pg_get_userbyid(s.subowner) AS owner, s.subenabled AS enabled, "
     "s.subslotname AS slot, array_to_json(s.subpublications) AS publications FROM pg_subscription "
     "s WHERE s.subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())"},
    {"slot", 0,
     "SELECT slot_name AS name, plugin, slot_type, database, temporary, active, active_pid, "
     "restart_lsn::text, confirmed_flush_lsn::text, pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() "
     "THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END, restart_lsn)::bigint AS "
     "kept_bytes, [[130000?wal_status!!NULL]] AS wal_status, [[130000?safe_wal_size!!NULL]] AS "
     "safe_bytes FROM pg_replication_slots"},
    {"tablespace", 0,
     "SELECT spcname AS name, pg_get_userbyid(spcowner) AS owner, pg_tablespace_location(oid) AS "
     "location FROM pg_tablespace WHERE spcname NOT IN ('pg_default', 'pg_global')"},
    {"foreign_server", 0,
     "SELECT s.srvname AS name, pg_get_userbyid(s.srvowner) AS owner, w.fdwname AS "
     "wrapper, " LS_EXTENSION(
         "pg_foreign_server",
         "s.oid") " FROM pg_foreign_server s JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw"},
    {"foreign_data_wrapper", 0,
     "SELECT w.fdwname AS name, pg_get_userbyid(w.fdwowner) AS owner, " LS_EXTENSION(
         "pg_foreign_data_wrapper", "w.oid") " FROM pg_foreign_data_wrapper w"},
    {"user_mapping", 0,
     "SELECT usename || ' on ' || srvname AS name, usename AS role, srvname AS server FROM "
     "pg_user_mappings"},
    {"collation", 0,
     "SELECT n.nspname AS schema, c.collname AS name, pg_get_userbyid(c.collowner) AS owner, "
     "c.collprovider AS provider, coalesce(c.collcollate, [[170000?c.colllocale!![[150000?"
     "c.colliculocale!!NULL]]]]) AS locale, [[120000?c.collisdeterministic!!true]] AS "
     "deterministic, "
     "c.collversion AS version, pg_collation_actual_version(c.oid) AS actual_version, EXISTS "
     "(SELECT "
     "1 FROM pg_attribute a JOIN pg_class t ON t.oid = a.attrelid JOIN pg_type y ON y.oid = "
     "a.atttypid WHERE a.attcollation = c.oid AND a.attcollation <> y.typcollation AND t.oid >= "
     "16384) AS used, n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AS own FROM "
     "pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace WHERE (" LS_OURS
     ") OR EXISTS (SELECT 1 FROM pg_attribute a JOIN pg_class t ON t.oid = a.attrelid JOIN pg_type "
     "y ON y.oid = a.atttypid WHERE a.attcollation = c.oid AND a.attcollation <> y.typcollation "
     "AND "
     "t.oid >= 16384)"},
    {"materialized_view", 0,
     "SELECT n.nspname AS schema, c.relname AS name, c.relispopulated AS filled FROM pg_class c "
     "JOIN "
     "pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'm' AND " LS_OURS},
    {"all_collation", 0,
     "SELECT n.nspname AS schema, c.collname AS name, c.collprovider AS provider FROM pg_collation "
     "c JOIN pg_namespace n ON "
     "n.oid = "
     "c.collnamespace WHERE c.collencoding IN (-1, (SELECT d.encoding FROM pg_database d WHERE "
     "d.datname = "
     "current_database()))"},
    {"superuser_setting", 0,
     "SELECT name FROM pg_settings WHERE context IN ('superuser', 'superuser-backend')"},
    {"prepared_transaction", 0,
     "SELECT gid AS name, owner, database, prepared::text AS since FROM pg_prepared_xacts WHERE "
     "database = current_database()"},
    {"large_object", 0,
     "SELECT m.oid::text AS name, pg_get_userbyid(m.lomowner) AS owner FROM "
     "pg_largeobject_metadata m"},
    {"statistics", 0,
     "SELECT n.nspname AS schema, s.stxname AS name, pg_get_userbyid(s.stxowner) AS owner, "
     "pg_get_statisticsobjdef(s.oid) AS definition FROM pg_statistic_ext s JOIN pg_namespace n ON "
     "n.oid = s.stxnamespace WHERE " LS_OURS},
    {"cast", 0,
     "SELECT format_type(c.castsource, NULL) || ' as ' || format_type(c.casttarget, NULL) AS name, "
     "c.castfunc::regprocedure::text AS function, c.castmethod AS method, c.castcontext AS "
     "context, " LS_EXTENSION("pg_cast", "c.oid") " FROM pg_cast c WHERE c.oid >= 16384"},
    {"operator", 0,
     "SELECT n.nspname AS schema, o.oid::regoperator::text AS name, pg_get_userbyid(o.oprowner) AS "
     "owner, " LS_EXTENSION("pg_operator", "o.oid") " FROM pg_operator o JOIN pg_namespace n ON "
                                                    "n.oid = o.oprnamespace WHERE " LS_OURS},
    {"operator_class", 0,
     "SELECT n.nspname AS schema, o.opcname || ' using ' || m.amname AS name, "
     "pg_get_userbyid(o.opcowner) AS owner, " LS_EXTENSION(
         "pg_opclass", "o.oid") " FROM pg_opclass o JOIN pg_am m ON m.oid = o.opcmethod JOIN "
                                "pg_namespace n ON n.oid = "
                                "o.opcnamespace WHERE " LS_OURS},
    {"text_search", 0,
     "SELECT n.nspname AS schema, t.what || ' ' || t.named AS name, t.what AS part FROM (SELECT "
     "'configuration' AS what, cfgname AS named, cfgnamespace AS ns FROM pg_ts_config UNION ALL "
     "SELECT 'dictionary', dictname, dictnamespace FROM pg_ts_dict UNION ALL SELECT 'parser', "
     "prsname, prsnamespace FROM pg_ts_parser UNION ALL SELECT 'template', tmplname, tmplnamespace "
     "FROM pg_ts_template) t JOIN pg_namespace n ON n.oid = t.ns WHERE " LS_OURS},
    {"conversion", 0,
     "SELECT n.nspname AS schema, c.conname AS name, pg_get_userbyid(c.conowner) AS owner FROM "
     "pg_conversion c JOIN pg_namespace n ON n.oid = c.connamespace WHERE " LS_OURS},
    {"access_method", 0,
     "SELECT m.amname AS name, m.amtype AS part, " LS_EXTENSION(
         "pg_am", "m.oid") " FROM pg_am m WHERE m.oid >= 16384"},
    {"transform", 0,
     "SELECT format_type(t.trftype, NULL) || ' language ' || l.lanname AS name, " LS_EXTENSION(
         "pg_transform", "t.oid") " FROM pg_transform t JOIN pg_language l ON l.oid = t.trflang"},
    {"security_label", 0,
     "SELECT objname AS name, objtype AS on_kind, provider, label FROM pg_seclabels"},
    {"parameter_grant", 150000,
     "SELECT parname AS name, paracl::text AS acl FROM pg_parameter_acl"},
    {"comment", 0,
     "SELECT i.identity AS name, i.type AS on_kind, d.description AS text FROM pg_description d, "
     "pg_identify_object(d.classoid, d.objoid, d.objsubid) i WHERE d.objoid >= 16384 AND NOT "
     "EXISTS "
     "(SELECT 1 FROM pg_depend e WHERE e.classid = d.classoid AND e.objid = d.objoid AND e.deptype "
     "= 'e') UNION ALL SELECT r.rolname, 'role', d.description FROM pg_shdescription d JOIN "
     "pg_roles "
     "r ON r.oid = d.objoid WHERE d.classoid = 'pg_catalog.pg_authid'::regclass UNION ALL SELECT "
     "b.datname, 'database', d.description FROM pg_shdescription d JOIN pg_database b ON b.oid = "
     "d.objoid WHERE d.classoid = 'pg_catalog.pg_database'::regclass AND b.datname = "
     "current_database()"},
    {"grant", 0,
     "SELECT a.on_kind || ' ' || a.named || ' to ' || CASE WHEN g.grantee = 0 THEN 'public' ELSE "
     "pg_get_userbyid(g.grantee) END || ': ' || g.privilege_type AS name, a.on_kind, a.named AS "
     "on_name, CASE WHEN g.grantee = 0 THEN 'public' ELSE pg_get_userbyid(g.grantee) END AS "
     "grantee, g.privilege_type AS privilege, g.is_grantable AS grantable, "
     "pg_get_userbyid(g.grantor) AS grantor FROM (SELECT 'relation' AS on_kind, c.oid::regclass::"
     "text AS named, c.relacl AS acl FROM pg_class c WHERE c.oid >= 16384 UNION ALL SELECT "
     "'column', "
     "a.attrelid::regclass::text || '.' || quote_ident(a.attname), a.attacl FROM pg_attribute a "
     "WHERE a.attrelid >= 16384 UNION ALL SELECT 'function', p.oid::regprocedure::text, p.proacl "
     "FROM pg_proc p WHERE p.oid >= 16384 UNION ALL SELECT 'schema', quote_ident(n.nspname), "
     "n.nspacl FROM pg_namespace n WHERE n.nspname !~ '^pg_' AND n.nspname <> "
     "'information_schema' UNION ALL SELECT 'type', t.oid::regtype::text, t.typacl FROM pg_type t "
     "WHERE t.oid >= 16384 UNION ALL SELECT 'language', l.lanname::text, l.lanacl FROM pg_language "
     "l UNION ALL SELECT 'large object', m.oid::text, m.lomacl FROM pg_largeobject_metadata m "
     "UNION "
     "ALL SELECT 'foreign server', s.srvname::text, s.srvacl FROM pg_foreign_server s UNION ALL "
     "SELECT 'foreign-data wrapper', w.fdwname::text, w.fdwacl FROM pg_foreign_data_wrapper w "
     "UNION "
     "ALL SELECT 'database', b.datname::text, b.datacl FROM pg_database b WHERE b.datname = "
     "current_database()) a, aclexplode(a.acl) g WHERE a.acl IS NOT NULL"},
};

#undef LS_EXTENSION
#undef LS_OURS

}  // namespace

std::span<const CatalogQuery> catalog_queries() { return kQueries; }

}  // namespace lakeshift::databases
