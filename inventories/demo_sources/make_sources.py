"""Makes the applications of the demo, which serve a city that does not exist: make_sources.py FOLDER

The same files and rows each time. FOLDER appears as a whole or not at all, and is left alone where it is.
"""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import sqlite3
import sys
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

CHANCE = random.Random(28)  # noqa: S311  the same bytes each time are the point
FIRST_DAY = date(2026, 1, 5)
VILLAGES = ("Kelurahan Melati", "Kelurahan Kenanga", "Kelurahan Cempaka", "Kelurahan Dahlia", "Kelurahan Flamboyan")
TRADES = ("warung makan", "toko kelontong", "jasa jahit", "bengkel sepeda", "kerajinan batik", "percetakan")


def make_sources(folder: Path) -> None:
    """Makes all applications beside `folder`, then gives them its name."""
    beside = folder.with_name(folder.name + ".partial")
    shutil.rmtree(beside, ignore_errors=True)
    for make in (make_portal, make_agenda, make_perizinan, make_arsip):
        make(beside / make.__name__.removeprefix("make_"))
    beside.rename(folder)


def make_portal(root: Path) -> None:
    """A site with a content management system."""
    write(
        root / "index.php", '<?php\nrequire __DIR__ . "/core/bootstrap.php";\nserve(load_config("config/site.ini"));\n'
    )
    for name in ("bootstrap", "router", "template", "comments", "search"):
        write(
            root / f"core/{name}.php",
            f"<?php\n// {name} of the portal\nfunction {name}_version() {{ return '2.4'; }}\n",
        )
    write(root / "config/site.ini", "[site]\ntitle = Portal Berita Kota Contoh\ndatabase = data/portal.sqlite\n", 0o640)
    write(root / "cache/page-1.html", "<p>can be made again</p>\n")
    write(root / "error.log", "2026-01-05 08:00:00 started\n")
    pictures = [f"uploads/2026/{number // 10 + 1:02d}/foto-kegiatan-{number:03d}.jpg" for number in range(60)]
    for name in pictures:
        write_bytes(root / name, b"\xff\xd8\xff\xe0" + CHANCE.randbytes(CHANCE.randrange(8_000, 60_000)))
    (root / "uploads/terbaru.jpg").symlink_to("2026/06/foto-kegiatan-059.jpg")
    make_database(
        root / "data/portal.sqlite",
        """
        CREATE TABLE penulis (id INTEGER PRIMARY KEY, nama TEXT NOT NULL);
        CREATE TABLE berita (id INTEGER PRIMARY KEY, judul TEXT NOT NULL, isi TEXT, gambar TEXT, terbit TEXT,
                             penulis_id INTEGER REFERENCES penulis (id));
        CREATE TABLE komentar (id INTEGER PRIMARY KEY, berita_id INTEGER REFERENCES berita (id), isi TEXT);
        CREATE INDEX berita_terbit ON berita (terbit);
        CREATE VIEW berita_terbaru AS SELECT * FROM berita ORDER BY terbit DESC LIMIT 10;
        CREATE TRIGGER hapus_komentar AFTER DELETE ON berita
          BEGIN DELETE FROM komentar WHERE berita_id = old.id; END;
        """,
        {
            "penulis": [(number, f"Penulis Contoh {number}") for number in range(1, 6)],
            "berita": [
                (
                    number,
                    f"Kerja bakti di {pick(VILLAGES)}",
                    f"Isi berita ke-{number}. " * 40,
                    pick(pictures),
                    day(number),
                    number % 5 + 1,
                )
                for number in range(1, 401)
            ],
            "komentar": [(number, CHANCE.randrange(1, 401), f"Komentar {number}") for number in range(1, 2501)],
        },
    )


def make_agenda(root: Path) -> None:
    """A static site."""
    items = [f"<li>{day(number)} Rapat koordinasi di {pick(VILLAGES)}</li>" for number in range(80)]
    write(root / "index.html", "<!doctype html>\n<title>Agenda</title>\n<ul>\n" + "\n".join(items) + "\n</ul>\n")
    write(root / "style.css", "body { font: 1rem/1.5 sans-serif; max-width: 60rem; margin: auto; }\n")
    for number, item in enumerate(items):
        write(root / f"rapat/{number:03d}.html", f"<!doctype html>\n<title>Rapat {number}</title>\n<p>{item}</p>\n")
    write(
        root / "unduhan/Jadwal Rapat Triwulan I.csv",
        "tanggal;tempat\n" + "\n".join(f"{day(n)};Aula" for n in range(90)),
    )
    (root / "unduhan/terbaru.csv").symlink_to("Jadwal Rapat Triwulan I.csv")


def make_perizinan(root: Path) -> None:
    """A Python application; its database is in WAL mode, with rows that only the log holds as yet."""
    write(root / "app.py", "from flask import Flask\n\napp = Flask(__name__, instance_path=None)\n")
    write(root / "requirements.txt", "flask==3.1.0\n")
    write(root / "instance/settings.cfg", "SECRET_KEY = 'made-up-for-the-demo'\n", 0o600)
    write(root / "templates/izin.html", "<h1>Izin usaha {{ izin.nomor }}</h1>\n")
    write(root / "__pycache__/app.cpython-311.pyc", "can be made again\n")
    path = root / "instance/perizinan.db"
    permits = [
        (
            number,
            f"503/{number:04d}/2026",
            pick(TRADES),
            pick(VILLAGES),
            day(number),
            CHANCE.choice(("terbit", "proses")),
        )
        for number in range(1, 3001)
    ]
    make_database(
        path,
        """
        PRAGMA journal_mode = WAL;
        CREATE TABLE izin (id INTEGER PRIMARY KEY AUTOINCREMENT, nomor TEXT UNIQUE NOT NULL, usaha TEXT, kelurahan TEXT,
                           diajukan TEXT, status TEXT CHECK (status IN ('terbit', 'proses', 'ditolak')));
        CREATE TABLE lampiran (id INTEGER PRIMARY KEY, izin_id INTEGER REFERENCES izin (id), berkas BLOB);
        """,
        {"izin": permits, "lampiran": [(n, n * 7, CHANCE.randbytes(600)) for n in range(1, 401)]},
    )
    add_rows_to_log(path, [(f"503/{number}/2026", pick(TRADES)) for number in range(3001, 3041)])


def make_arsip(root: Path) -> None:
    """Two databases and the scans that their rows name."""
    scans = [f"2026/surat-{number:04d}.pdf" for number in range(1, 121)]
    hashes = []
    for name in scans:
        content = b"%PDF-1.4\n" + CHANCE.randbytes(CHANCE.randrange(2_000, 20_000)) + b"\n%%EOF\n"
        write_bytes(root / "pindaian" / name, content)
        hashes.append(hashlib.sha256(content).hexdigest())
    make_database(
        root / "surat.db",
        "CREATE TABLE surat (nomor TEXT PRIMARY KEY, perihal TEXT, tanggal TEXT, pindaian TEXT, sha256 TEXT) "
        "WITHOUT ROWID;",
        {
            "surat": [
                (f"005/{number + 1}", f"Undangan rapat di {pick(VILLAGES)}", day(number), scans[number], hashes[number])
                for number in range(120)
            ]
        },
    )
    make_database(
        root / "disposisi.db",
        "CREATE TABLE disposisi (id INTEGER PRIMARY KEY, nomor TEXT, kepada TEXT, selesai INTEGER DEFAULT 0);",
        {"disposisi": [(n, f"005/{n % 120 + 1}", f"Subbagian Contoh {n % 4 + 1}", n % 3 == 0) for n in range(1, 301)]},
    )


def make_database(path: Path, schema: str, tables: dict[str, list[tuple[object, ...]]]) -> None:
    """A database of this schema with these rows."""
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path)
    connection.executescript(schema)
    for table, rows in tables.items():
        marks = ", ".join("?" * len(rows[0]))
        connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608  names of ours
    connection.commit()
    connection.close()


def add_rows_to_log(path: Path, rows: Iterable[tuple[str, str]]) -> None:
    """Adds permits and ends without closing, as a process that still runs: the rows stay in the write-ahead log."""
    child = os.fork()
    if child == 0:
        connection = sqlite3.connect(path)
        connection.executemany("INSERT INTO izin (nomor, usaha, status) VALUES (?, ?, 'proses')", rows)
        connection.commit()
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    if status:
        raise RuntimeError(f"the rows of {path} could not be added")


def write(path: Path, text: str, mode: int = 0o644) -> None:
    """A text file."""
    write_bytes(path, text.encode(), mode)


def write_bytes(path: Path, content: bytes, mode: int = 0o644) -> None:
    """A file of that morning."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.chmod(mode)


def day(number: int) -> str:
    """The date so many days after the first, within one year."""
    return (FIRST_DAY + timedelta(days=number % 300)).isoformat()


def pick(words: tuple[str, ...] | list[str]) -> str:
    """Any of the words, the same one each time."""
    return CHANCE.choice(words)


if __name__ == "__main__":
    goal = Path(sys.argv[1])
    if not goal.exists():
        make_sources(goal)
