-- Something of everything that a dump must carry; for a database called app in a fresh server.
CREATE ROLE dba;
CREATE ROLE app LOGIN PASSWORD 'verifier';
CREATE ROLE reader;
CREATE ROLE member LOGIN IN ROLE app;
CREATE ROLE second_root SUPERUSER;
CREATE SCHEMA s AUTHORIZATION dba;
GRANT USAGE ON SCHEMA s TO app, reader;
CREATE EXTENSION pg_trgm WITH SCHEMA s;
CREATE EXTENSION hstore;

CREATE TABLE s.t (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    v varchar CHECK (v IN ('a', 'b')),
    doubled int GENERATED ALWAYS AS (1 + 1) STORED,
    h public.hstore
);
ALTER TABLE s.t OWNER TO app;
GRANT SELECT ON s.t TO reader WITH GRANT OPTION;
GRANT UPDATE (v) ON s.t TO reader;
INSERT INTO s.t (v) SELECT CASE WHEN i % 2 = 0 THEN 'a' ELSE 'b' END FROM generate_series(1, 1000) AS i;
ALTER TABLE s.t ENABLE ROW LEVEL SECURITY;
CREATE POLICY half ON s.t TO reader USING (id % 2 = 0);
COMMENT ON TABLE s.t IS 'a comment';
CREATE STATISTICS st ON id, v FROM s.t;

CREATE VIEW w AS SELECT id, v FROM s.t WHERE v IN ('a', 'b');
CREATE VIEW w2 AS SELECT * FROM w WHERE id > 3;
CREATE MATERIALIZED VIEW mv AS SELECT count(*) FROM s.t;
CREATE TABLE owned_by_root (a int);
ALTER TABLE owned_by_root OWNER TO second_root;

CREATE TABLE "a b-c;d" (x int, "é ü" text);
INSERT INTO "a b-c;d" VALUES (1, '👋'), (2, E'tab\tand \\N'), (3, NULL);
CREATE TABLE bin (b bytea);
INSERT INTO bin VALUES ('\x00ff10');
CREATE RULE ru AS ON INSERT TO "a b-c;d" WHERE new.x > 5 DO ALSO INSERT INTO bin VALUES (NULL);

CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE DOMAIN pos AS int CHECK (value > 0) DEFAULT 1;
CREATE TYPE pair AS (a int, b mood);
CREATE TYPE span AS RANGE (subtype = float8);
CREATE TABLE p (d date, m mood, pr pair, q pos) PARTITION BY RANGE (d);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE TABLE pd PARTITION OF p DEFAULT;
INSERT INTO p VALUES ('2020-05-05', 'sad', (1, 'ok'), 3), ('2022-05-05', 'sad', NULL, NULL);
CREATE INDEX ON p (m);
ALTER TABLE p ADD PRIMARY KEY (d);
CREATE TABLE parent (a int);
CREATE TABLE child (b int) INHERITS (parent);
INSERT INTO child VALUES (1, 2);

CREATE TABLE fa (id int PRIMARY KEY, b int);
CREATE TABLE fb (id int PRIMARY KEY, a int REFERENCES fa);
ALTER TABLE fa ADD FOREIGN KEY (b) REFERENCES fb DEFERRABLE;
INSERT INTO fa VALUES (1, NULL);
INSERT INTO fb VALUES (1, 1);
UPDATE fa SET b = 1;
CREATE UNLOGGED TABLE ul (a int);
INSERT INTO ul VALUES (1);

CREATE SEQUENCE sq INCREMENT 5 MAXVALUE 1000 CYCLE;
SELECT nextval('sq');
CREATE SEQUENCE sq2;
SELECT lo_from_bytea(0, '\xdeadbeef');
SELECT lo_from_bytea(0, repeat('x', 10000)::bytea);

CREATE FUNCTION f(a int, b text DEFAULT 'x') RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = public
    AS $$ BEGIN RETURN a; END $$;
CREATE FUNCTION atomic(a int) RETURNS int BEGIN ATOMIC SELECT a + 1; END;
CREATE PROCEDURE pr() LANGUAGE sql AS $$ SELECT 1 $$;
CREATE AGGREGATE agg (int) (sfunc = int4pl, stype = int, initcond = '0');
CREATE FUNCTION trg() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN new; END $$;
CREATE TRIGGER tr BEFORE INSERT ON s.t FOR EACH ROW WHEN (new.v = 'a') EXECUTE FUNCTION trg();
CREATE COLLATION deu (provider = icu, locale = 'de');
ALTER DEFAULT PRIVILEGES FOR ROLE app IN SCHEMA s GRANT SELECT ON TABLES TO reader;

-- What only a superuser may make, and is compared from the table of contents.
CREATE FUNCTION evf() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$;
CREATE EVENT TRIGGER et ON ddl_command_start EXECUTE FUNCTION evf();
CREATE FUNCTION internal(text) RETURNS text LANGUAGE internal AS 'textout';
CREATE VIEW upon_internal AS SELECT internal('x'::text);
CREATE FUNCTION tight(int) RETURNS bool LANGUAGE sql LEAKPROOF AS $$ SELECT true $$;
CREATE PUBLICATION pub FOR ALL TABLES;
CREATE EXTENSION postgres_fdw;
CREATE SERVER srv FOREIGN DATA WRAPPER postgres_fdw;
CREATE FOREIGN TABLE ft (a int) SERVER srv;
CREATE USER MAPPING FOR app SERVER srv OPTIONS (password 'remote');
GRANT USAGE ON FOREIGN SERVER srv TO app;
GRANT app, reader TO postgres;
SET ROLE app;
GRANT SELECT ON s.t TO dba;
SET ROLE reader;
GRANT SELECT ON s.t TO member;
RESET ROLE;
GRANT EXECUTE ON FUNCTION pg_read_file(text) TO dba;
GRANT EXECUTE ON FUNCTION f(int, text) TO reader;
COMMENT ON EXTENSION hstore IS 'another comment';

GRANT CONNECT ON DATABASE app TO reader;
REVOKE TEMP ON DATABASE app FROM public;
ALTER DATABASE app CONNECTION LIMIT 33;
ALTER DATABASE app SET work_mem = '64MB';
ALTER DATABASE app SET search_path = s, public;
ALTER ROLE app IN DATABASE app SET statement_timeout = '5s';
ALTER ROLE app SET lock_timeout = '7s';
ALTER DATABASE app OWNER TO dba;
