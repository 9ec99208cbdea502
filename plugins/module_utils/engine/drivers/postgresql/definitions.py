"""The questions that a census asks of PostgreSQL's catalogues. Each row answers `[kind, name, digest]`.

Names are written as pg_dump tags its archive: schema, dot, tag. Digests are equal for a database and for what its dump
makes of it. Therefore expressions are compared without casts, parentheses and blanks: PostgreSQL writes an expression
that it has read back from its own words with other casts (`x IN ('a', 'b')` of a varchar, for one).
"""

from __future__ import annotations

from .client import quote_literal
from .pieces import BOOTSTRAP, ENABLED, ask_access, digest, is_own, make_plain, name_role, shorten

_COLUMNS = f"""(SELECT string_agg(concat_ws(' ', quote_ident(a.attname), format_type(a.atttypid, a.atttypmod),
 a.attnotnull, a.attidentity, a.attgenerated, (SELECT l.collname FROM pg_collation AS l WHERE l.oid = a.attcollation),
 {make_plain("pg_get_expr(d.adbin, d.adrelid)")}), ','
 ORDER BY h.has, CASE WHEN h.has THEN 0 ELSE a.attnum END, a.attname)
 FROM pg_attribute AS a LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
 CROSS JOIN (SELECT NOT c.relispartition AND EXISTS (SELECT FROM pg_inherits AS i WHERE i.inhrelid = c.oid) AS has) AS h
 WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)"""

_OPTIONS = "(SELECT string_agg(o, ',' ORDER BY o COLLATE \"C\") FROM unnest(c.reloptions) AS o)"
_PARENTS = (
    "(SELECT string_agg(i.inhparent::regclass::text, ',' ORDER BY i.inhseqno)"
    " FROM pg_inherits AS i WHERE i.inhrelid = c.oid)"
)
_RELATIONS = "FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace"
_OWN_RELATIONS = f"{_RELATIONS} WHERE {ENABLED} AND {is_own('pg_class', 'c.oid')}"
_ON_RELATIONS = f"JOIN pg_class AS c ON c.oid = {{}} JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE {ENABLED}"

_TABLES = f"""SELECT 'table', n.nspname || '.' || c.relname, {
    digest(
        name_role("c.relowner"),
        "c.relpersistence",
        "c.relkind",
        "c.relrowsecurity",
        "c.relforcerowsecurity",
        "c.relreplident",
        _OPTIONS,
        _PARENTS,
        "pg_get_partkeydef(c.oid)",
        make_plain("pg_get_expr(c.relpartbound, c.oid)"),
        _COLUMNS,
    )
} {_OWN_RELATIONS} AND c.relkind IN ('r', 'p')"""

_VIEWS = f"""SELECT CASE c.relkind WHEN 'v' THEN 'view' ELSE 'materialized view' END, n.nspname || '.' || c.relname,
 {digest(name_role("c.relowner"), "c.relispopulated", _OPTIONS, make_plain("pg_get_viewdef(c.oid)"))}
 {_OWN_RELATIONS} AND c.relkind IN ('v', 'm')"""

_FOREIGN_TABLES = f"""SELECT 'foreign table', n.nspname || '.' || c.relname,
 {digest(name_role("c.relowner"), "s.srvname", "f.ftoptions", _COLUMNS)}
 FROM pg_foreign_table AS f JOIN pg_foreign_server AS s ON s.oid = f.ftserver {_ON_RELATIONS.format("f.ftrelid")}
 AND {is_own("pg_class", "c.oid")}"""

_SEQUENCES = f"""SELECT 'sequence', n.nspname || '.' || c.relname, {
    digest(
        name_role("c.relowner"),
        "format_type(s.seqtypid, NULL)",
        "s.seqstart",
        "s.seqincrement",
        "s.seqmax",
        "s.seqmin",
        "s.seqcache",
        "s.seqcycle",
        "c.relpersistence",
        "SELECT b.refobjid::regclass::text || '.' || a.attname || ' ' || b.deptype::text FROM pg_depend AS b"
        " JOIN pg_attribute AS a ON a.attrelid = b.refobjid AND a.attnum = b.refobjsubid"
        " WHERE b.classid = 'pg_class'::regclass AND b.objid = c.oid AND b.deptype IN ('a', 'i') AND b.refobjsubid > 0",
    )
}
 FROM pg_sequence AS s {_ON_RELATIONS.format("s.seqrelid")} AND {is_own("pg_class", "c.oid")}"""

_INDEXES = f"""SELECT 'index', n.nspname || '.' || x.relname,
 {digest(make_plain("pg_get_indexdef(i.indexrelid)"), "i.indisclustered", "i.indisreplident")}
 FROM pg_index AS i JOIN pg_class AS x ON x.oid = i.indexrelid {_ON_RELATIONS.format("i.indrelid")}
 AND c.relkind IN ('r', 'p', 'm') AND (i.indisvalid OR c.relkind = 'p') AND {is_own("pg_class", "c.oid")}"""

_CONSTRAINTS = f"""SELECT 'constraint', n.nspname || '.' || c.relname || ' ' || k.conname,
 {digest(make_plain("pg_get_constraintdef(k.oid)"), "k.convalidated")}
 FROM pg_constraint AS k {_ON_RELATIONS.format("k.conrelid")} AND k.contype <> 't'
 AND NOT (k.contype = 'f' AND k.conparentid <> 0) AND {is_own("pg_class", "c.oid")}"""

_TRIGGERS = f"""SELECT 'trigger', n.nspname || '.' || c.relname || ' ' || t.tgname,
 {digest(make_plain("pg_get_triggerdef(t.oid)"), "t.tgenabled")}
 FROM pg_trigger AS t {_ON_RELATIONS.format("t.tgrelid")} AND NOT t.tgisinternal AND t.tgparentid = 0
 AND {is_own("pg_class", "c.oid")}"""

_RULES = f"""SELECT 'rule', n.nspname || '.' || c.relname || ' ' || r.rulename,
 {digest(make_plain("pg_get_ruledef(r.oid)"), "r.ev_enabled")}
 FROM pg_rewrite AS r {_ON_RELATIONS.format("r.ev_class")} AND r.rulename <> '_RETURN'
 AND {is_own("pg_class", "c.oid")}"""

_POLICIES = f"""SELECT 'policy', n.nspname || '.' || c.relname || ' ' || o.polname, {
    digest(
        "o.polcmd",
        "o.polpermissive",
        make_plain("pg_get_expr(o.polqual, o.polrelid)"),
        make_plain("pg_get_expr(o.polwithcheck, o.polrelid)"),
        "SELECT string_agg(coalesce((SELECT p.name FROM people AS p WHERE p.oid = r), 'public'), ',' ORDER BY 1)"
        " FROM unnest(o.polroles) AS r",
    )
}
 FROM pg_policy AS o {_ON_RELATIONS.format("o.polrelid")} AND {is_own("pg_class", "c.oid")}"""

_SIGNATURE = "n.nspname || '.' || f.proname || '(' || oidvectortypes(f.proargtypes) || ')'"
_ROUTINES = f"""SELECT 'routine', {_SIGNATURE}, {
    digest(
        name_role("f.proowner"),
        "f.prosrc",
        f"CASE WHEN f.prokind <> 'a' THEN {make_plain('pg_get_functiondef(f.oid)')} END",
        "SELECT concat_ws(' ', g.aggtransfn, g.aggfinalfn, g.aggcombinefn, g.aggsortop::regoperator, g.agginitval)"
        " FROM pg_aggregate AS g WHERE g.aggfnoid = f.oid",
    )
}
 FROM pg_proc AS f JOIN pg_namespace AS n ON n.oid = f.pronamespace WHERE {ENABLED} AND {is_own("pg_proc", "f.oid")}"""

_TYPES = f"""SELECT 'type', n.nspname || '.' || t.typname, {
    digest(
        name_role("t.typowner"),
        "t.typtype",
        "format_type(t.typbasetype, t.typtypmod)",
        "t.typnotnull",
        make_plain("t.typdefault"),
        _COLUMNS,
        "SELECT string_agg(quote_literal(e.enumlabel), ',' ORDER BY e.enumsortorder)"
        " FROM pg_enum AS e WHERE e.enumtypid = t.oid",
        "SELECT r.rngsubtype::regtype FROM pg_range AS r WHERE r.rngtypid = t.oid",
        f"SELECT string_agg(k.conname || ' ' || {make_plain('pg_get_constraintdef(k.oid)')}, ',' ORDER BY k.conname)"
        " FROM pg_constraint AS k WHERE k.contypid = t.oid",
    )
}
 FROM pg_type AS t JOIN pg_namespace AS n ON n.oid = t.typnamespace LEFT JOIN pg_class AS c ON c.oid = t.typrelid
 WHERE {ENABLED} AND (t.typtype IN ('d', 'e', 'r') OR c.relkind = 'c' OR (t.typtype = 'b' AND t.typcategory <> 'A'))
 AND {is_own("pg_type", "t.oid")} AND (c.oid IS NULL OR {is_own("pg_class", "c.oid")})"""

_SCHEMAS = f"""SELECT 'schema', n.nspname, {digest(name_role("n.nspowner"))} FROM pg_namespace AS n
 WHERE {ENABLED} AND {is_own("pg_namespace", "n.oid")}"""

_LARGE_OBJECTS = f"""SELECT 'large object', m.oid::text, {digest(name_role("m.lomowner"))}
 FROM pg_largeobject_metadata AS m WHERE true"""

_EXTENSIONS = """SELECT 'extension', e.extname::text, e.extversion || ' in ' || n.nspname
 FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace WHERE e.extname <> 'plpgsql'"""

_EVENT_TRIGGERS = f"""SELECT 'event trigger', e.evtname::text, {
    digest(name_role("e.evtowner"), "e.evtevent", "e.evtfoid::regproc", "e.evtenabled", "e.evttags")
}
 FROM pg_event_trigger AS e WHERE {is_own("pg_event_trigger", "e.oid")}"""

_DEFAULT_ACCESS = f"""SELECT 'default access', concat_ws(' ', {name_role("d.defaclrole")}, n.nspname, d.defaclobjtype),
 {
    digest(
        "SELECT string_agg(concat_ws(' ', coalesce((SELECT p.name FROM people AS p WHERE p.oid = a.grantee), 'all'),"
        " a.privilege_type, a.is_grantable), ',' ORDER BY a.grantee::regrole::text, a.privilege_type)"
        " FROM aclexplode(d.defaclacl) AS a"
    )
}
 FROM pg_default_acl AS d LEFT JOIN pg_namespace AS n ON n.oid = d.defaclnamespace"""


def _list_named(kind: str, catalogue: str, prefix: str, where: str = "true") -> str:
    """Things of a schema that are only counted by name."""
    return (
        f"SELECT '{kind}', n.nspname || '.' || o.{prefix}name, '' FROM {catalogue} AS o"
        f" JOIN pg_namespace AS n ON n.oid = o.{prefix}namespace WHERE {ENABLED} AND {where}"
        f" AND {is_own(catalogue, 'o.oid')}"
    )


def _list_bare(kind: str, catalogue: str, column: str, where: str = "true") -> str:
    """Things outside of schemas that are only counted by name."""
    return (
        f"SELECT '{kind}', o.{column}::text, '' FROM {catalogue} AS o"
        f" WHERE {where} AND o.oid >= 16384 AND {is_own(catalogue, 'o.oid')}"
    )


_OTHERS = (
    _list_named("collation", "pg_collation", "coll"),
    _list_named("conversion", "pg_conversion", "con"),
    _list_named("operator", "pg_operator", "opr"),
    _list_named("operator class", "pg_opclass", "opc"),
    _list_named("operator family", "pg_opfamily", "opf"),
    _list_named("statistics", "pg_statistic_ext", "stx"),
    _list_named("text search configuration", "pg_ts_config", "cfg"),
    _list_named("text search dictionary", "pg_ts_dict", "dict"),
    _list_named("text search parser", "pg_ts_parser", "prs"),
    _list_named("text search template", "pg_ts_template", "tmpl"),
    _list_bare("access method", "pg_am", "amname"),
    _list_bare("cast", "pg_cast", "castsource::regtype::text || ' AS ' || o.casttarget::regtype"),
    _list_bare("foreign data wrapper", "pg_foreign_data_wrapper", "fdwname"),
    _list_bare("procedural language", "pg_language", "lanname"),
    _list_bare("publication", "pg_publication", "pubname"),
    _list_bare("server", "pg_foreign_server", "srvname"),
    _list_bare("subscription", "pg_subscription", "subname", "o.subdbid = (SELECT oid FROM here)"),
)

_ACCESS = (
    ask_access(
        "'schema ' || n.nspname",
        "n.nspacl",
        "n",
        "n.nspowner",
        f"FROM pg_namespace AS n WHERE {ENABLED} AND {is_own('pg_namespace', 'n.oid')}",
    ),
    ask_access(
        "'table ' || n.nspname || '.' || c.relname",
        "c.relacl",
        "r",
        "c.relowner",
        f"{_OWN_RELATIONS} AND c.relkind IN ('r', 'p', 'v', 'm', 'f')",
    ),
    ask_access(
        "'sequence ' || n.nspname || '.' || c.relname",
        "c.relacl",
        "s",
        "c.relowner",
        f"{_OWN_RELATIONS} AND c.relkind = 'S'",
    ),
    ask_access(
        "'column ' || n.nspname || '.' || c.relname || '.' || a.attname",
        "a.attacl",
        "c",
        "c.relowner",
        f"FROM pg_attribute AS a {_ON_RELATIONS.format('a.attrelid')} AND {is_own('pg_class', 'c.oid')}",
    ),
    ask_access(
        "'routine ' || " + _SIGNATURE,
        "f.proacl",
        "f",
        "f.proowner",
        f"FROM pg_proc AS f JOIN pg_namespace AS n ON n.oid = f.pronamespace WHERE {ENABLED}"
        f" AND {is_own('pg_proc', 'f.oid')}",
    ),
    ask_access(
        "'type ' || n.nspname || '.' || t.typname",
        "t.typacl",
        "T",
        "t.typowner",
        f"FROM pg_type AS t JOIN pg_namespace AS n ON n.oid = t.typnamespace WHERE {ENABLED}"
        f" AND {is_own('pg_type', 't.oid')}",
    ),
    ask_access(
        "'large object ' || m.oid", "m.lomacl", "L", "m.lomowner", "FROM pg_largeobject_metadata AS m WHERE true"
    ),
    ask_access(
        "'database ' || d.datname",
        "d.datacl",
        "d",
        "d.datdba",
        "FROM pg_database AS d WHERE d.oid = (SELECT oid FROM here)",
    ),
)

_ROLES = f"""SELECT 'role', p.name, CASE WHEN p.oid = {BOOTSTRAP} THEN 'bootstrap'
 WHEN p.super THEN 'superuser' ELSE '' END FROM people AS p
 WHERE p.oid = {BOOTSTRAP} OR p.oid = (SELECT datdba FROM here) OR p.oid IN (
 SELECT s.refobjid FROM pg_shdepend AS s WHERE s.refclassid = 'pg_authid'::regclass
 AND s.classid <> 'pg_extension'::regclass AND (s.dbid = (SELECT oid FROM here)
 OR (s.dbid = 0 AND s.classid = 'pg_database'::regclass AND s.objid = (SELECT oid FROM here))))"""

_BARE_VALUE = """regexp_replace(substr(v, strpos(v, '=') + 1), '[[:space:]''"]', '', 'g')"""
_SETTINGS = f"""SELECT 'setting', concat_ws(' ', {name_role("s.setrole")}, split_part(v, '=', 1)),
 {shorten(_BARE_VALUE)} FROM pg_db_role_setting AS s, unnest(s.setconfig) AS v
 WHERE s.setdatabase = (SELECT oid FROM here)"""

_DATABASE = """SELECT 'database', w.name, w.value FROM here AS d, LATERAL (VALUES
 ('collation', d.datcollate::text), ('character type', d.datctype::text), ('encoding', pg_encoding_to_char(d.encoding)),
 ('connection limit', d.datconnlimit::text), ('owner', (SELECT p.name FROM people AS p WHERE p.oid = d.datdba)),
 ('provider', coalesce(to_jsonb(d) ->> 'datlocprovider', 'c')),
 ('locale', coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale', '')),
 ('rules', coalesce(to_jsonb(d) ->> 'daticurules', ''))) AS w(name, value)"""

_QUESTIONS = (
    _TABLES, _VIEWS, _FOREIGN_TABLES, _SEQUENCES, _INDEXES, _CONSTRAINTS, _TRIGGERS, _RULES, _POLICIES, _ROUTINES,
    _TYPES, _SCHEMAS, _LARGE_OBJECTS, _EXTENSIONS, _EVENT_TRIGGERS, _DEFAULT_ACCESS, *_OTHERS, *_ACCESS, _ROLES,
    _SETTINGS, _DATABASE,
)  # fmt: skip


def write_questions(bootstrap: str) -> list[str]:
    """Statements to be asked one after the other; `bootstrap` is the name to give to the first superuser."""
    name = f"CASE r.oid WHEN {BOOTSTRAP} THEN {quote_literal(bootstrap)} ELSE r.rolname::text END"
    people = f"SELECT r.oid, {name} AS name, r.rolsuper AS super"
    known = (
        f"WITH people AS MATERIALIZED ({people} FROM pg_roles AS r),"
        " here AS MATERIALIZED (SELECT * FROM pg_database WHERE datname = current_database())"
    )
    return [
        f"{known}, answers(kind, name, value) AS ({question}) SELECT json_build_array(kind, name, value) FROM answers"
        for question in _QUESTIONS
    ]
