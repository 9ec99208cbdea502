from __future__ import annotations

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.mysql.tables import TableNames

STREAM = b"""CREATE TABLE `a` (
  `x` text COMMENT 'CREATE TABLE `comment` ('
);
INSERT INTO `a` VALUES
('\\nCREATE TABLE `row` (\\n'),
('DELIMITER ;;\\n');
DELIMITER ;;
/*!50003 CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW BEGIN
CREATE TABLE `trap` (
DELIMITER ;;
DELIMITER ;no
CREATE TABLE `trap, too` (
END */;;
DELIMITER ;
DELIMITER ;
DELIMITER ;; not alone
CREATE TABLE `b``b\xff` (
CREATE TABLE `no heading`;
/*!50001 CREATE TABLE `view` (
INSERT INTO `b``b\xff` VALUES
(1);
CREATE TABLE `%s` (
-- Dump completed
"""


@pytest.mark.parametrize("step", [1, 7, 511, 512, 513, 1 << 20])
@pytest.mark.parametrize("padding", [0, 500, 5000])
def test_tables_are_found_wherever_the_stream_is_cut(step: int, padding: int) -> None:
    longest = "é" * 32 + "`" * 32
    stream = b"x" * padding + b"\n" + STREAM % longest.replace("`", "``").encode()
    tables = TableNames()
    for start in range(0, len(stream), step):
        tables.take(memoryview(stream)[start : start + step])
    assert tables.names == tables.names == {"a", "b`b\udcff", longest}
