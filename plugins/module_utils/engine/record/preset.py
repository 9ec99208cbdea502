"""What is known of frameworks: which folders of an application are worth nothing, and where it keeps its data."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass

from .source import TreeSource


@dataclass(frozen=True)
class Preset:
    """One framework. `exclude` is anchored at the application's root as in `sources`.

    A pattern that ends with `/*` empties a folder and keeps it: many frameworks do not make it again. `data` are
    folders with what people uploaded outside of the code, relative to the root or absolute; `data_exclude` holds in
    each of them. What a package manager of the language installed stays: a server that is restored may reach nobody.
    """

    exclude: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    data_exclude: tuple[str, ...] = ()


_PYTHON = ("__pycache__", ".venv", "node_modules")

PRESETS: Mapping[str, Preset] = {
    "ckan": Preset(_PYTHON, ("/var/lib/ckan",), ("/webassets/*",)),
    "codeigniter": Preset(
        (
            "/application/cache/*",
            "/application/logs/*",
            "/writable/cache/*",
            "/writable/debugbar/*",
            "/writable/logs/*",
            "/writable/session/*",
        )
    ),
    "django": Preset(_PYTHON),
    "drupal": Preset(
        (
            "node_modules",
            "/sites/*/files/css/*",
            "/sites/*/files/js/*",
            "/sites/*/files/php/*",
            "/web/sites/*/files/css/*",
            "/web/sites/*/files/js/*",
            "/web/sites/*/files/php/*",
        )
    ),
    "joomla": Preset(("/administrator/cache/*", "/administrator/logs/*", "/cache/*", "/tmp/*")),  # noqa: S108
    "laravel": Preset(
        (
            "node_modules",
            "/storage/framework/cache/*",
            "/storage/framework/sessions/*",
            "/storage/framework/views/*",
            "/storage/logs/*",
        )
    ),
    "moodle": Preset(
        ("node_modules",),
        ("../moodledata",),
        ("/cache/*", "/localcache/*", "/lock/*", "/sessions/*", "/temp/*", "/trashdir/*"),
    ),
    "nextcloud": Preset(("/data/appdata_*/preview/*", "/data/updater-*"), ("data",), ("/appdata_*/preview/*",)),
    "odoo": Preset(_PYTHON, ("/var/lib/odoo",), ("/sessions/*",)),
    "ojs": Preset(("/cache/*",), ("../files",)),
    "opensid": Preset(
        (
            "node_modules",
            "/desa/cache/*",
            "/desa/logs/*",
            "/storage/framework/cache/*",
            "/storage/framework/sessions/*",
            "/storage/framework/views/*",
            "/storage/logs/*",
        )
    ),
    "slims": Preset(("/files/cache/*",)),
    "spring": Preset(("/logs/*",)),
    "wordpress": Preset(("/wp-content/cache/*", "/wp-content/upgrade/*")),
    "yii2": Preset(("node_modules", "/runtime/*", "/web/assets/*", "/*/runtime/*", "/*/web/assets/*")),
}
"""Name of a preset, as a register writes it and as a search recognises it -> what it means."""


def place_sources(preset: Preset, root: str, data: tuple[str, ...] = ()) -> tuple[TreeSource, ...]:
    """The folders of an application at `root`; `data`, where given, takes the place of the preset's data folders.

    A data folder within another one that is listed already is not listed again, for it is part of that one.
    """
    placed = [TreeSource(root, preset.exclude)]
    for folder in data or preset.data:
        path = posixpath.normpath(posixpath.join(root, folder))
        if not any(is_within(path, source.path) for source in placed):
            placed.append(TreeSource(path, preset.data_exclude))
    return tuple(placed)


def is_within(path: str, folder: str) -> bool:
    """Whether `path` is `folder` or lies below it, by their names alone."""
    return path == folder or path.startswith(folder.rstrip("/") + "/")
