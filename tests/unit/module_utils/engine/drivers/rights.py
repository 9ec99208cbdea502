"""Takes the superuser's rights away for a block, within this process, so that what an ordinary user meets is tried."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NOBODY = 65534


@contextmanager
def ordinary_rights() -> Iterator[Path]:
    """An empty folder of the user that the block runs as: nobody for root, otherwise whoever runs the tests."""
    folder = Path(tempfile.mkdtemp(prefix="ordinary-"))
    is_root, groups = os.geteuid() == 0, os.getgroups()
    if is_root:
        os.chown(folder, NOBODY, NOBODY)
        os.setgroups([])
        os.setegid(NOBODY)
        os.seteuid(NOBODY)
    try:
        yield folder
    finally:
        if is_root:
            os.seteuid(0)
            os.setegid(0)
            os.setgroups(groups)
        for path, folders, _unused in os.walk(folder):
            for name in folders:
                os.chmod(os.path.join(path, name), 0o700)
        shutil.rmtree(folder)
