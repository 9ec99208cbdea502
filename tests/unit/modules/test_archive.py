from __future__ import annotations

import tarfile
from pathlib import Path

from ansible_collections.diskominfo.backup.tests.doors import use
from ansible_collections.diskominfo.backup.tests.office import Office


def test_a_folder_becomes_a_finished_archive_without_what_is_excluded(office: Office, tmp_path: Path) -> None:
    result = use(
        "archive",
        path=str(office.site()),
        exclude=["/uploads"],
        dest=str(tmp_path / "out"),
        application="situs",
        title="Situs",
        owner="Bagian Umum",
        compression="gzip",
    )
    with tarfile.open(result["path"]) as archive:
        names = [name.removeprefix("./") for name in archive.getnames()]
    assert "index.php" in names
    assert not [name for name in names if name.startswith("uploads")]
    receipt = result["receipt"]
    assert (receipt["application"], receipt["title"], receipt["owner"]) == ("situs", "Situs", "Bagian Umum")


def test_a_second_archive_stands_beside_the_first(office: Office, tmp_path: Path) -> None:
    first, second = (use("archive", path=str(office.site()), dest=str(tmp_path / "out")) for number in range(2))
    assert Path(first["path"]).exists()
    assert Path(second["path"]).exists()
    assert first["path"] != second["path"]
