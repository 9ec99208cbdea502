"""A made-up office on one machine, below a temporary folder: applications with content, and the command."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ansible_collections.diskominfo.backup.plugins.module_utils.engine import cli
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.wire import hash_bytes, write_json

CHECKOUT = Path(__file__).resolve().parent.parent
COLLECTIONS = CHECKOUT / "collections"
ENTRY = """
import sys
from pathlib import Path
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.cli import main
raise SystemExit(main(sys.argv[1:]))
"""


@dataclass
class Answer:
    """What one use of the command came to."""

    status: int
    stdout: str
    stderr: str

    @property
    def data(self) -> dict[str, Any]:
        return dict(json.loads(self.stdout))

    @property
    def receipts(self) -> list[dict[str, Any]]:
        return list(self.data["receipts"])

    @property
    def receipt(self) -> dict[str, Any]:
        (only,) = self.receipts
        return only


@dataclass
class Office:
    """Everything of one server lies below `root`."""

    root: Path
    applications: list[dict[str, Any]] = field(default_factory=list)
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def store(self) -> Path:
        return self.root / "store"

    @property
    def state(self) -> Path:
        return self.root / "state"

    @property
    def config(self) -> Path:
        return self.root / "config.json"

    def add_application(self, name: str = "sippn", rows: int = 100, files: int = 5, **settings: Any) -> dict[str, Any]:
        """A database with a view and a trigger, and a tree with some files."""
        home = self.root / "www" / name
        make_database(home / "data" / "app.db", rows)
        make_tree(home / "site", files)
        database, source = {"engine": "sqlite", "path": str(home / "data" / "app.db")}, {"path": str(home / "site")}
        application = {"name": name, "databases": [database], "sources": [source], **settings}
        self.applications.append(application)
        return application

    def database(self, name: str = "sippn") -> Path:
        return self.root / "www" / name / "data" / "app.db"

    def site(self, name: str = "sippn") -> Path:
        return self.root / "www" / name / "site"

    def write_config(self) -> Path:
        data = {
            "schema": "diskominfo.backup/config/1",
            "server": "web",
            "applications": self.applications,
            "store": {"type": "directory", "path": str(self.store)},
            "state": str(self.state),
            **self.settings,
        }
        text = json.dumps(data)
        if not self.config.exists() or self.config.read_text() != text:
            self.config.write_text(text)
        return self.config

    def argv(self, word: str, *words: str) -> list[str]:
        return [word, "--config", str(self.write_config()), "--json", "--quiet", *words]

    def call(self, word: str, *words: str) -> Answer:
        """Uses the command within this process."""
        stdout, stderr = io.TextIOWrapper(io.BytesIO(), encoding="utf-8"), io.StringIO()
        with contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(stderr):
            status = cli.main(self.argv(word, *words))
        stdout.seek(0)
        return Answer(status, stdout.read(), stderr.getvalue())

    def start(self, word: str, *words: str, **options: Any) -> subprocess.Popen[str]:
        """Starts the command as a process of its own."""
        environment = {**os.environ, "PYTHONPATH": str(COLLECTIONS)}
        argv = [sys.executable, "-c", ENTRY, *self.argv(word, *words)]
        pipe = subprocess.PIPE
        return subprocess.Popen(argv, stdout=pipe, stderr=pipe, text=True, env=environment, **options)

    def run(self, word: str, *words: str, **options: Any) -> Answer:
        """Uses the command as a process of its own."""
        process = self.start(word, *words, **options)
        stdout, stderr = process.communicate(timeout=120)
        return Answer(process.returncode, stdout, stderr)

    def stored_runs(self, name: str = "sippn") -> list[Path]:
        folder = self.store / name
        return sorted(entry for entry in folder.iterdir() if entry.is_dir()) if folder.is_dir() else []

    def receipts_of(self, name: str = "sippn") -> list[dict[str, Any]]:
        folder = self.state / "receipts" / name
        return [json.loads(path.read_bytes()) for path in sorted(folder.glob("2*.json"))]

    def make_hashes_right(self, run: Path) -> None:
        """What an attacker with all rights does at the end: sums, receipts in both places, the chain that follows."""
        receipt = json.loads((run / "receipt.json").read_bytes())
        for part in receipt["parts"]:
            for stored in [part["file"], *part.get("asides", [])]:
                content = (run / stored["name"]).read_bytes()
                stored.update(size_bytes=len(content), sha256=hash_bytes(content))
        lines = [f"{hash_bytes(path.read_bytes())}  {path.name}\n" for path in sorted(run.glob("*.zst"))]
        (run / "SHA256SUMS").write_text("".join(lines))
        folder = self.state / "receipts" / run.parent.name
        (folder / f"{receipt['id']}.json").write_bytes(write_json(receipt))
        previous = ""
        for path in sorted(folder.glob("2*.json")):
            link = json.loads(path.read_bytes())
            link.pop("previous", None)
            path.write_bytes(write_json({**link, "previous": previous} if previous else link))
            previous = hash_bytes(path.read_bytes())
        (run / "receipt.json").write_bytes((folder / f"{receipt['id']}.json").read_bytes())
        (folder / "head").unlink(missing_ok=True)

    def leftovers(self) -> list[str]:
        """Whatever lies where work is done and should be gone when nobody works."""
        found: list[str] = []
        for folder in (self.store / ".partial", self.store / ".deleted", self.state / "scratch"):
            found += [str(path) for path in walk(folder) if not path.is_dir()]
        locks = self.state / "locks"
        found += [str(path) for path in walk(locks) if path.stat().st_size > 0]
        return found


def walk(folder: Path) -> Iterator[Path]:
    """Everything below a folder; nothing when there is none."""
    yield from sorted(folder.rglob("*")) if folder.is_dir() else ()


@contextlib.contextmanager
def change_database(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection whose changes are kept, and which is closed."""
    connection = sqlite3.connect(path)
    with contextlib.closing(connection):
        yield connection
        connection.commit()


def make_database(path: Path, rows: int) -> None:
    """A small database as an application would have one: tables, an index, a view and a trigger."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with change_database(path) as connection:
        connection.executescript(
            """
            CREATE TABLE layanan (id INTEGER PRIMARY KEY, nama TEXT NOT NULL, biaya REAL);
            CREATE TABLE riwayat (id INTEGER PRIMARY KEY, layanan INTEGER REFERENCES layanan, isi BLOB);
            CREATE INDEX riwayat_layanan ON riwayat (layanan);
            CREATE VIEW ringkasan AS SELECT nama, count(*) AS jumlah FROM layanan GROUP BY nama;
            CREATE TRIGGER catat AFTER INSERT ON layanan BEGIN
                INSERT INTO riwayat (layanan, isi) VALUES (new.id, x'00ff');
            END;
            """
        )
        content = ((f"Layanan {number} \N{SLIGHTLY SMILING FACE}", number / 3) for number in range(rows))
        connection.executemany("INSERT INTO layanan (nama, biaya) VALUES (?, ?)", content)


def make_tree(folder: Path, files: int) -> None:
    """A folder as an application would have one."""
    (folder / "uploads").mkdir(parents=True, exist_ok=True)
    (folder / ".env").write_text("APP_ENV=production\n")
    (folder / "index.php").write_text("<?php echo 'Selamat datang';\n")
    (folder / "uploads" / "lampiran").symlink_to("../index.php")
    for number in range(files):
        (folder / "uploads" / f"berkas {number}.txt").write_text(f"isi berkas {number}\n" * 50)
