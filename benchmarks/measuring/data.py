"""Made-up data of any size, the same in every run: what a town's applications hold, more or less."""

from __future__ import annotations

import os
import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

SEED = 20_26
POOL_CHARACTERS = 4_000_000
BYTES_PER_POST = 3_500
"""What a row of each table takes together, indexes included, as measured."""

SCHEMA = """
PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;
CREATE TABLE posts (id INTEGER PRIMARY KEY, author INTEGER, title TEXT, body TEXT);
CREATE TABLE attributes (post INTEGER, name TEXT, value TEXT);
CREATE TABLE images (id INTEGER PRIMARY KEY, content BLOB);
CREATE INDEX posts_author ON posts (author);
CREATE INDEX attributes_post ON attributes (post);
"""


@contextmanager
def workshop() -> Iterator[Path]:
    """A folder for everything that is made and measured; BENCHMARK_FOLDER names another place than the usual one."""
    with TemporaryDirectory(prefix="benchmark-", dir=os.environ.get("BENCHMARK_FOLDER")) as name:
        yield Path(name)


def make_text(size: int) -> str:
    """Words of a made-up language, as often repeated as words are."""
    source = random.Random(SEED)
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = ["".join(source.choices(letters, k=source.randint(2, 11))) for _unused in range(20_000)]
    weights = [1 / rank for rank in range(1, len(words) + 1)]
    return " ".join(source.choices(words, weights, k=size // 6))[:size]


def make_database(path: Path, size_bytes: int) -> None:
    """Posts with text, their attributes with two indexes, and some images: about `size_bytes`, in WAL mode and idle."""
    posts = size_bytes // BYTES_PER_POST
    pool = make_text(POOL_CHARACTERS)
    source = random.Random(SEED)

    def cut(step: int, number: int, size: int) -> str:
        start = step * number % (POOL_CHARACTERS - 4_000)
        return pool[start : start + size]

    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.executescript(SCHEMA)
        connection.execute("BEGIN")
        connection.executemany(
            "INSERT INTO posts VALUES (?, ?, ?, ?)",
            ((n, n * 7919 % 997, cut(104_729, n, 40), cut(15_485_863, n, 200 + n * 6151 % 3400)) for n in range(posts)),
        )
        connection.executemany(
            "INSERT INTO attributes VALUES (?, ?, ?)",
            ((n // 4, cut(49_157, n, 8), cut(24_593, n, 30)) for n in range(posts * 4)),
        )
        images = ((n, source.randbytes(20_000)) for n in range(posts // 40))
        connection.executemany("INSERT INTO images VALUES (?, ?)", images)
        connection.execute("COMMIT")


def make_tree(root: Path, files: int, scale: int = 1) -> int:
    """A vendor folder with many small sources, and one upload for every fifty of them; the bytes it holds.

    `scale`: every file is that many times as large.
    """
    source = random.Random(SEED)
    text = make_text(POOL_CHARACTERS).encode()
    total = 0
    for number in range(files):
        folder = root / f"app{number % 20}" / "vendor" / f"package{number // 20 % 97}" / f"src{number // 2000 % 7}"
        folder.mkdir(parents=True, exist_ok=True)
        if number % 50:
            size = scale * min(200_000, int(source.lognormvariate(8.2, 1.2)))
            start = source.randrange(len(text))
            name, content = f"Class{number}.php", (text[start:] + text * (size // len(text) + 1))[:size]
        else:
            name, content = f"foto-{number}.jpg", source.randbytes(scale * source.randint(200_000, 900_000))
        (folder / name).write_bytes(content)
        total += len(content)
    return total
