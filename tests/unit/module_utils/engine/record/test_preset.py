from __future__ import annotations

import fnmatch
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.application import (
    Application,
    read_application,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.fields import Problems
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.preset import PRESETS, place_sources
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.source import TreeSource

DOCUMENT = Path(__file__).resolve().parents[5] / "docs" / "presets.md"


def read(**fields: Any) -> tuple[Application, list[str]]:
    problems = Problems()
    return read_application({"name": "sippn", **fields}, problems, 1), problems.found


def test_a_preset_gives_the_code_without_what_is_made_again() -> None:
    application, problems = read(preset="laravel", root="/var/www/sippn/")

    assert problems == []
    assert [source.path for source in application.sources] == ["/var/www/sippn"]
    assert {"node_modules", "/storage/logs/*"} <= set(application.sources[0].exclude)
    assert not any(fnmatch.fnmatch("/storage/app/public/foto.jpg", name) for name in application.sources[0].exclude)


def test_what_people_uploaded_outside_of_the_code_comes_along() -> None:
    application, problems = read(preset="moodle", root="/var/www/elearning/moodle")

    assert problems == []
    assert [source.path for source in application.sources] == [
        "/var/www/elearning/moodle",
        "/var/www/elearning/moodledata",
    ]
    assert "/sessions/*" in application.sources[1].exclude
    assert not any("filedir" in name for name in application.sources[1].exclude)


def test_data_folders_may_lie_elsewhere() -> None:
    application = read(preset="moodle", root="/var/www/moodle", data=["/srv/moodledata/"])[0]
    assert [source.path for source in application.sources] == ["/var/www/moodle", "/srv/moodledata"]


def test_a_data_folder_within_the_code_is_not_stored_twice() -> None:
    assert [source.path for source in place_sources(PRESETS["nextcloud"], "/var/www/awan")] == ["/var/www/awan"]
    two = place_sources(PRESETS["nextcloud"], "/var/www/awan", ("/srv/awan", "/srv/awan/lama"))
    assert [source.path for source in two] == ["/var/www/awan", "/srv/awan"]


def test_what_is_given_itself_wins_over_the_preset() -> None:
    own = {"path": "/var/www/sippn", "exclude": ["/keluaran"]}
    application, problems = read(preset="laravel", root="/var/www/sippn", sources=[own, {"path": "/srv/unggahan"}])

    assert problems == []
    assert application.sources == (TreeSource("/var/www/sippn", ("/keluaran",)), TreeSource("/srv/unggahan"))


def test_an_application_that_was_read_stands_without_its_preset() -> None:
    application = read(preset="wordpress", root="/var/www/dinas")[0]
    assert read(**{key: value for key, value in application.to_data().items() if key != "name"}) == (application, [])


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"preset": "laravel"}, ["sippn: root: is missing beside preset; for example root: /var/www/sippn"]),
        (
            {"root": "/var/www/sippn", "sources": [{"path": "/srv"}]},
            ["sippn: root: and data have no meaning without a preset; name the folders in sources"],
        ),
        (
            {"preset": "moodle", "root": "/var/www/moodle", "data": ["moodledata", "/srv/../etc"]},
            [
                "sippn: data: 'moodledata' is not an absolute path; write it from the root, without '..'",
                "sippn: data: '/srv/../etc' is not an absolute path; write it from the root, without '..'",
            ],
        ),
    ],
)
def test_what_cannot_be_meant_is_refused_with_the_remedy(fields: dict[str, Any], told: list[str]) -> None:
    assert read(**fields)[1] == told


def test_a_name_that_is_no_preset_is_refused_with_those_there_are() -> None:
    problems = read(preset="laravell", sources=[{"path": "/srv"}])[1]
    assert problems == [f"sippn: preset: cannot be 'laravell'; use one of: {', '.join([*PRESETS, 'none'])}"]


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_can_be_registered_and_is_described(name: str) -> None:
    application, problems = read(preset=name, root=f"/var/www/{name}")
    rows = [line for line in DOCUMENT.read_text().splitlines() if line.startswith(f"| `{name}` |")]

    assert problems == []
    assert len(rows) == 1
    for pattern in (*PRESETS[name].exclude, *PRESETS[name].data, *PRESETS[name].data_exclude):
        assert f"`{pattern}`" in rows[0]
    assert application.sources
