from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.mysql.client import Access, Version
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.mysql.dump import (
    Beginning,
    Content,
    Ends,
    RowCounter,
    Tool,
    build_dump_argv,
)

DATA = Path(__file__).with_name("data")
ACCESS = Access(Path("/run/lent-1"), "--result-file=x")


def feed(take: Callable[[memoryview], object], content: bytes, step: int) -> None:
    for start in range(0, len(content), step):
        take(memoryview(content)[start : start + step])


def count(content: bytes, step: int = 1 << 20) -> RowCounter:
    counter = RowCounter()
    feed(counter.take, content, step)
    return counter


STREAM = b"""-- MariaDB dump
DO SETVAL(`s``1`, -4, 0);
CREATE TABLE `a` (
  `x` int
)
/*!50100 PARTITION BY RANGE (`x`)
(PARTITION `p0` VALUES LESS THAN (10),
 PARTITION `p1` VALUES LESS THAN MAXVALUE) */;
INSERT INTO `a` VALUES
(1),
(2);
INSERT INTO `a` VALUES
(3);
CREATE TABLE `b b` (
INSERT INTO `b b` (`x`, `y (z)`) VALUES
(1,'INSERT INTO `a` VALUES\\n(9);');
DELIMITER ;;
/*!50003 CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW BEGIN
INSERT INTO `a` VALUES
(1),
(2);
CREATE TABLE `trap` (
END */;;
DELIMITER ;
CREATE TABLE `old` (
INSERT INTO `old` VALUES (1),(2),(3);
CREATE TABLE `c``d` (
INSERT IGNORE INTO `c``d` VALUES
(NULL);

-- Dump completed
"""


@pytest.mark.parametrize("step", [1, 7, 64, 1 << 20])
def test_rows_are_counted_wherever_the_stream_is_cut(step: int) -> None:
    counter = count(STREAM, step)
    assert counter.rows == {"a": 3, "b b": 1, "old": 0, "c`d": 1}
    assert counter.uncounted == {"old"}
    assert counter.sequences == {"s`1": "-4"}


def test_a_row_longer_than_every_chunk_is_one_row() -> None:
    content = b"CREATE TABLE `t` (\nINSERT INTO `t` VALUES\n(0x" + b"AB" * 500000 + b"),\n(1);\n\n"
    assert count(content, 4096).rows == {"t": 2}


@pytest.mark.parametrize(
    ("tail", "is_whole"),
    [
        (b"\n-- Dump completed\n", True),
        (b"\n-- Dump completed on 2026-11-22 20:01:00\n", True),
        (b"\n-- Dump completed", False),
        (b"x -- Dump completed\n", False),
        (b"\n-- Dump completed\nmore\n", False),
        (b"\n", False),
    ],
)
def test_only_the_trailer_at_the_very_end_makes_a_stream_whole(tail: bytes, is_whole: bool) -> None:
    ends = Ends()
    feed(ends.take, b"-- MySQL dump 10.13\n" + b"x" * 9000 + tail, 100)
    assert ends.has_begun_well
    assert ends.has_trailer is is_whole
    assert ends.size_bytes == 9020 + len(tail)


@pytest.mark.parametrize("step", [1, 13, 4096])
def test_the_first_table_shows_that_the_snapshot_has_begun(step: int) -> None:
    beginning = Beginning()
    feed(beginning.take, b"-- MariaDB dump\nCREATE SEQUENCE `s`;\n", step)
    assert not beginning.has_snapshot
    feed(beginning.take, b"\nCREATE TABLE `t` (\n", step)
    feed(beginning.take, b"more", step)
    assert beginning.has_snapshot


HEADER = b"""/*M!999999\\- enable the sandbox mode */
-- MariaDB dump 10.19
--
-- Host: %s    Database: x
-- ---
-- Server version\t10.11

A
"""


def digest(content: bytes, step: int) -> Content:
    made = Content()
    feed(made.take, content, step)
    assert made.hexadecimal == made.hexadecimal
    return made


@pytest.mark.parametrize("size", [10, 9000])
@pytest.mark.parametrize("step", [1, 50, 1 << 20])
def test_content_is_what_stands_between_the_header_and_the_views(size: int, step: int) -> None:
    rows = b"x" * size
    first = digest(HEADER % b"localhost" + rows + b"\n-- Final view structure for view `v`\nfirst" * 2, step)
    second = digest(HEADER % b"10.0.0.5" + rows + b"\n-- Final view structure for view `v`\nsecond", step)
    other = digest(HEADER % b"localhost" + rows + b"y", step)
    assert (first.hexadecimal, first.program) == (second.hexadecimal, second.program)
    assert first.hexadecimal != other.hexadecimal
    assert first.program == other.program
    assert b"Host" not in first.program


def test_the_program_of_each_product_gets_its_own_options() -> None:
    mariadb = Tool("/usr/bin/mariadb-dump", Version("10.11.19-MariaDB", (10, 11), is_mariadb=True))
    assert mariadb.name == "mariadb-dump 10.11.19-MariaDB"
    argv = build_dump_argv(mariadb, ACCESS, is_versioned=True)
    assert argv[:2] == ["/usr/bin/mariadb-dump", "--defaults-file=/run/lent-1"]
    assert argv[-2:] == ["--", "--result-file=x"]
    assert "--dump-history" in argv
    assert not {"--set-gtid-purged=OFF", "--column-statistics=0"} & {*argv}
    assert "--dump-history" not in build_dump_argv(mariadb, ACCESS, is_versioned=False)
    mysql = Tool("/usr/bin/mysqldump", Version("8.0.36", (8, 0), is_mariadb=False))
    argv = build_dump_argv(mysql, ACCESS, is_versioned=True)
    assert "--dump-history" not in argv
    assert {"--set-gtid-purged=OFF", "--column-statistics=0", "--no-tablespaces"} <= {*argv}
