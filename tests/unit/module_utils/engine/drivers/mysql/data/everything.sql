SET NAMES utf8mb4;
SET SESSION sql_mode='NO_ENGINE_SUBSTITUTION';
CREATE TABLE emoji (id int primary key auto_increment, t varchar(200), j json) charset utf8mb4;
INSERT INTO emoji (t,j) VALUES ('Halo 😀 Budi','{"a":"😀"}'),('line\nbreak\ttab\\back''quote"d',NULL),(NULL,NULL);
CREATE TABLE l1 (id int primary key, t varchar(200), raw varbinary(20)) charset latin1;
INSERT INTO l1 VALUES (1, CONVERT(_latin1 X'C3A9' USING latin1), X'00FF0A0D1A5C27'),(2,_latin1 X'E9',NULL);
CREATE TABLE blobs (id int primary key, b longblob, bits bit(13), d double, f float, dc decimal(30,10));
INSERT INTO blobs VALUES (1, REPEAT(X'00FF27', 1048576), b'1010101010101', 0.1e-300, 1.17549e-38, 12345678901234567890.0123456789),(2,'',NULL,NULL,3.3,NULL);
CREATE TABLE zero (id int primary key, d date not null default '0000-00-00', dt datetime default '0000-00-00 00:00:00', ts timestamp null, y year);
INSERT INTO zero VALUES (1,'0000-00-00','0000-00-00','2026-11-22 03:04:05',0),(2,'2026-00-13','2026-01-01 12:00:00.5',NULL,2026);
CREATE TABLE gen (a int primary key, b int generated always as (a*2) stored, c varchar(20) as (concat('x',a)) virtual, key(c));
INSERT INTO gen (a) VALUES (1),(2),(3);
CREATE SEQUENCE s1 START 100 INCREMENT 5 CACHE 10; SELECT NEXTVAL(s1),NEXTVAL(s1);
CREATE SEQUENCE s2 MINVALUE -5 MAXVALUE 5 CYCLE NOCACHE; SELECT NEXTVAL(s2);
CREATE TABLE useq (id int primary key default nextval(s1), x int);
INSERT INTO useq (x) VALUES (1),(2);
CREATE TABLE parent (id int primary key, child int) engine=innodb;
CREATE TABLE child (id int primary key, parent int, constraint c1 foreign key (parent) references parent(id)) engine=innodb;
ALTER TABLE parent ADD CONSTRAINT c2 FOREIGN KEY (child) REFERENCES child(id);
SET foreign_key_checks=0; INSERT INTO parent VALUES (1,1),(2,NULL); INSERT INTO child VALUES (1,1),(2,2); SET foreign_key_checks=1;
CREATE TABLE my (id int primary key auto_increment, t text, fulltext(t)) engine=myisam; INSERT INTO my (t) VALUES ('satu'),('dua');
DELETE FROM my WHERE id=1; INSERT INTO my (t) VALUES ('tiga');
CREATE TABLE ar (id int) engine=aria; INSERT INTO ar VALUES (5),(4);
CREATE TABLE mem (id int) engine=memory; INSERT INTO mem VALUES (1);
CREATE TABLE `a b-c;d` (`x``y` int primary key, `select` text); INSERT INTO `a b-c;d` VALUES (1,'INSERT INTO `q` VALUES\n(1);');
CREATE TABLE `tabel_é`(id int);
CREATE TABLE part (id int, y int) PARTITION BY RANGE (y) (PARTITION p0 VALUES LESS THAN (2000), PARTITION p1 VALUES LESS THAN MAXVALUE); INSERT INTO part VALUES (1,1999),(2,2001),(3,2005);
CREATE TABLE nopk (a int, b text); INSERT INTO nopk VALUES (3,'c'),(1,'a'),(2,'b'),(2,'b');
CREATE TABLE vers (id int primary key, v int) WITH SYSTEM VERSIONING; INSERT INTO vers VALUES (1,1); UPDATE vers SET v=2; UPDATE vers SET v=3;
CREATE TABLE empty_table (id int primary key);
CREATE VIEW v1 AS SELECT id, t FROM emoji; CREATE VIEW a_first AS SELECT * FROM v1 WHERE id>0; CREATE ALGORITHM=MERGE SQL SECURITY INVOKER VIEW v3 AS SELECT * FROM a_first;
CREATE TABLE log (id int primary key auto_increment, what text);
DELIMITER ;;
CREATE TRIGGER t1 BEFORE INSERT ON emoji FOR EACH ROW BEGIN
/* a trap:
INSERT INTO `log` VALUES
(1),
(2);
*/
 INSERT INTO log (what) VALUES (NEW.t); END;;
CREATE TRIGGER t2 BEFORE INSERT ON emoji FOR EACH ROW FOLLOWS t1 SET @x=1;;
CREATE PROCEDURE p1(IN n int, OUT m int) COMMENT 'menghitung' BEGIN DECLARE i int DEFAULT 0; WHILE i<n DO SET i=i+1; END WHILE; SET m=i; END;;
CREATE FUNCTION f1(a varchar(10) charset latin1) RETURNS int DETERMINISTIC READS SQL DATA RETURN length(a);;
CREATE AGGREGATE FUNCTION agg1(x int) RETURNS int BEGIN DECLARE t int default 0; DECLARE CONTINUE HANDLER FOR NOT FOUND RETURN t; LOOP FETCH GROUP NEXT ROW; SET t=t+x; END LOOP; END;;
CREATE EVENT e1 ON SCHEDULE EVERY 1 SECOND STARTS '2026-01-01 00:00:00' DO DELETE FROM emoji;;
CREATE EVENT e2 ON SCHEDULE AT '2036-01-01 00:00:00' ON COMPLETION PRESERVE DISABLE DO SET @y=1;;
SET sql_mode=ORACLE;;
CREATE PACKAGE pk AS PROCEDURE p; END;;
CREATE PACKAGE BODY pk AS x INT := 1; PROCEDURE p AS BEGIN SELECT x; END; END;;
SET sql_mode='';;
DELIMITER ;
INSERT INTO emoji (t) VALUES ('after trigger');
