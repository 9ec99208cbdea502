"""What a register excludes is left out, and nothing else is."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.drivers.tree.archive import (
    ARGUMENTS,
    read_version,
    resolve_root,
    write_excludes,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import (
    SourceMissing,
    SourceUnreadable,
    ToolMissing,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.flow.process import Shell

from ..rights import ordinary_rights

FILES = (
    "app.log",
    "index.php",
    "node_modules/x",
    "src/app.log",
    "src/node_modules/y",
    "src/storage/logs/kept",
    "storage/logs/deep/b",
    "storage/logs/a",
    "storage/logs.txt",
    "src/-dash",
    "src/odd[1]name",
    "src/odd1name",
)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in FILES:
        path = tmp_path / "tree" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path / "tree"


def list_archived(tree: Path, exclude: list[str]) -> set[str]:
    argv = [*ARGUMENTS, *write_excludes(exclude), f"--directory={tree}", "."]
    archive = subprocess.run(argv, capture_output=True, check=True).stdout
    listed = subprocess.run(["tar", "--list", "--file=-"], input=archive, capture_output=True, check=True).stdout
    return {name[2:] for name in listed.decode().splitlines() if not name.endswith("/")}


@pytest.mark.parametrize(
    ("exclude", "left_out"),
    [
        ([], set()),
        (["node_modules"], {"node_modules/x", "src/node_modules/y"}),
        (["node_modules/"], {"node_modules/x", "src/node_modules/y"}),
        (["/node_modules"], {"node_modules/x"}),
        (["/storage/logs"], {"storage/logs/a", "storage/logs/deep/b"}),
        (["/storage/logs/*"], {"storage/logs/a", "storage/logs/deep/b"}),
        (["*.log"], {"app.log", "src/app.log"}),
        (["/*.log"], {"app.log"}),
        (["/src/*/y"], {"src/node_modules/y"}),
        (["/s*/y"], set()),
        (["-dash"], {"src/-dash"}),
        (["odd[1]name"], {"src/odd1name"}),
        (["odd\\[1\\]name"], {"src/odd[1]name"}),
        (["/app.log", "kept", "/index.php"], {"app.log", "src/storage/logs/kept", "index.php"}),
        (["", "nothing"], set()),
        (["/"], set()),
    ],
)
def test_exclusion(tree: Path, exclude: list[str], left_out: set[str]) -> None:
    assert set(FILES) - list_archived(tree, exclude) == left_out


def test_the_version_of_tar_is_known() -> None:
    with Shell(10) as shell:
        assert read_version(shell).startswith("tar (GNU tar) 1.")


def test_another_tar_is_refused(tmp_path: Path) -> None:
    (tmp_path / "tar").write_text("#!/bin/sh\necho 'bsdtar 3.6.2 - libarchive 3.6.2'\n")
    (tmp_path / "tar").chmod(0o755)
    with Shell(10, {"PATH": str(tmp_path)}) as shell, pytest.raises(ToolMissing, match="GNU tar"):
        read_version(shell)


def test_a_program_is_asked_once_for_its_version_and_another_in_its_place_again(tmp_path: Path) -> None:
    program = tmp_path / "tar"
    program.write_text("#!/bin/sh\necho 'tar (GNU tar) 1.90'\n")
    program.chmod(0o755)
    with Shell(10, {"PATH": str(tmp_path)}) as shell:
        assert [read_version(shell) for _unused in range(3)] == ["tar (GNU tar) 1.90"] * 3
        assert len(shell.traces) == 1
    program.unlink()
    program.write_text("#!/bin/sh\necho 'tar (GNU tar) 1.91 of tomorrow'\n")
    program.chmod(0o755)
    with Shell(10, {"PATH": str(tmp_path)}) as shell:
        assert read_version(shell) == "tar (GNU tar) 1.91 of tomorrow"


def test_a_root_is_followed_through_links(tmp_path: Path) -> None:
    (tmp_path / "releases" / "1").mkdir(parents=True)
    (tmp_path / "current").symlink_to("releases/1")
    root = resolve_root(str(tmp_path / "current"))
    assert root.path == str(tmp_path / "releases" / "1")
    assert root.device == tmp_path.stat().st_dev


def test_what_is_no_folder_is_missing(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    (tmp_path / "dangling").symlink_to("nowhere")
    for name in ("file", "file/below", "nowhere", "dangling"):
        with pytest.raises(SourceMissing, match=name):
            resolve_root(str(tmp_path / name))


def test_a_folder_that_cannot_be_reached_is_unreadable() -> None:
    with ordinary_rights() as folder:
        (folder / "closed" / "tree").mkdir(parents=True)
        (folder / "closed").chmod(0)
        with pytest.raises(SourceUnreadable, match="Permission denied"):
            resolve_root(str(folder / "closed" / "tree"))
