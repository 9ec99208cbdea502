"""Apache: virtual hosts and document roots from its files, and the names that `apache2ctl -S` knows beyond them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ...errors import BackupError
from ...record.discovered import Site
from ..base import Files, Finds, Machine, Unfit

MAINS = ("/etc/apache2/apache2.conf", "/etc/httpd/conf/httpd.conf")
CONTROLS = ("apache2ctl", "httpd")
FILES_LIMIT = 500
DEPTH_LIMIT = 8

_WORD = re.compile(r"""\"((?:[^"\\]|\\.)*)"|'([^']*)'|(\S+)""")
_VHOST = re.compile(r"port (\d+) namevhost (\S+) \((/[^():]+):\d+\)")


@dataclass
class Block:
    """What one virtual host says, or the server itself."""

    file: str
    listens: tuple[str, ...] = ()
    names: list[str] = field(default_factory=list)
    roots: list[str] = field(default_factory=list)
    proxies: list[str] = field(default_factory=list)


@dataclass
class _Walk:
    files: Files
    finds: Finds
    base: str
    names: dict[str, str]
    seen: list[str] = field(default_factory=list)

    def read(self, path: str, depth: int) -> Iterator[tuple[str, str, list[str]]]:
        """File, directive in lower case and its words, for every line; what is included in its place."""
        if depth > DEPTH_LIMIT or len(self.seen) >= FILES_LIMIT:
            return
        self.seen.append(path)
        try:
            text = self.files.read(path) or ""
        except Unfit as error:
            self.finds.miss("apache", path, error)
            return
        for line in re.sub(r"\\\n", " ", text).splitlines():
            words = [self.fill(a or b or c) for a, b, c in _WORD.findall(line[:4096].rstrip(">")) if a or b or c]
            if not words or words[0].startswith("#"):
                continue
            name, words = words[0].lower(), words[1:]
            if name in ("include", "includeoptional") and words:
                pattern = words[0] if words[0].startswith("/") else f"{self.base}/{words[0]}"
                for included in self.files.expand(pattern):
                    yield from self.read(included, depth + 1)
            elif name == "define" and len(words) == 2:
                self.names[words[0]] = words[1]
            else:
                yield path, name, words

    def fill(self, word: str) -> str:
        """`${NAME}` by what was defined."""
        return re.sub(r"\$\{(\w+)\}", lambda found: self.names.get(found[1], found[0])[:1000], word)


def read_apache(machine: Machine, finds: Finds) -> None:
    """Every virtual host that is enabled."""
    main = next((path for path in MAINS if machine.files.is_there(path)), "")
    if not main:
        return
    known = set()
    for block in read_blocks(machine.files, finds, main):
        for root in dict.fromkeys(block.roots or [""]):
            names, listens, proxies = (tuple(dict.fromkeys(it)) for it in (block.names, block.listens, block.proxies))
            canonical = machine.files.resolve(root) if root else ""
            finds.add("sites", Site("apache", names, listens, root, canonical, proxies, block.file))
        known.update(block.names)
    for site in _ask(machine, finds):
        if site.names[0] not in known:
            finds.add("sites", site)


def _ask(machine: Machine, finds: Finds) -> Iterator[Site]:
    """The virtual hosts that the server itself tells; some are made by macros, which only it understands."""
    problem = ""
    for control in CONTROLS:
        try:
            text = machine.run([control, "-S"])
        except BackupError as error:
            problem = problem or error.message
            continue
        for port, name, file in _VHOST.findall(text):
            yield Site("apache", (name,), (port,), file=file)
        return
    finds.miss("apache", f"{CONTROLS[0]} -S", problem)


def read_blocks(files: Files, finds: Finds, main: str) -> list[Block]:
    """The server itself, if it has a root and no virtual host, and every virtual host, in the order of the files."""
    base = re.sub(r"/conf/httpd\.conf$|/apache2\.conf$", "", main)
    server = Block(main)
    blocks: list[Block] = []
    current = server
    for file, name, words in _Walk(files, finds, base, _read_variables(files)).read(main, 0):
        if name == "<virtualhost":
            current = Block(file, tuple(re.sub(r"^(?:\*|_default_):", "", word) for word in words), roots=[])
            blocks.append(current)
        elif name == "</virtualhost":
            current = server
        elif words:
            _take(current, name, words)
    for block in blocks:
        block.roots = block.roots or ([] if block.proxies else server.roots[:1])
    return blocks if blocks or not server.roots else [server]


def _take(block: Block, name: str, words: list[str]) -> None:
    if name in ("servername", "serveralias"):
        block.names += [re.sub(r"^\w+://|:\d+$", "", word) for word in words]
    elif name == "documentroot":
        block.roots.append(words[0].rstrip("/") or "/")
    elif name == "alias" and len(words) == 2 and not words[1].startswith("/usr/"):
        block.roots.append(words[1].rstrip("/") or "/")
    elif name in ("proxypass", "proxypassmatch") and len(words) > 1 and words[1] != "!":
        block.proxies.append(re.sub(r"^\w+://(?:[^/@]*@)?", "", words[1]).split("/")[0])
    elif name == "sethandler" and words[0].startswith("proxy:"):
        target = words[0][6:].split("|")[0]
        block.proxies.append(target if target.startswith("unix:") else re.sub(r"^\w+://", "", target).split("/")[0])


def _read_variables(files: Files) -> dict[str, str]:
    """Those of Debian's `envvars`."""
    try:
        text = files.read("/etc/apache2/envvars") or ""
    except Unfit:
        text = ""
    return dict(re.findall(r"^\s*(?:export\s+)?(APACHE_\w+)=([^\s$]*)", text, re.MULTILINE))
