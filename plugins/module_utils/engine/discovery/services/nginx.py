"""nginx: what `nginx -T` prints, or the files themselves where it cannot."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch

from ...errors import BackupError, ToolMissing
from ...record.discovered import Site
from ..base import Files, Finds, Machine, Unfit

MAIN = "/etc/nginx/nginx.conf"
DEPTH_LIMIT = 20
FILES_LIMIT = 500
DIRECTIVES_LIMIT = 100_000

_PIECE = re.compile(
    r"""(?P<file>\#\ configuration\ file\ (?P<path>[^\n]*):\n)|(?P<space>\s+|\#[^\n]*)
    |(?P<quoted>"(?:[^"\\]|\\[\s\S]?)*(?:"|\Z)|'(?:[^'\\]|\\[\s\S]?)*(?:'|\Z))|(?P<sign>[{};])
    |(?P<word>(?:[^\s{};"'\\$]+|\\[\s\S]?|\$\{\w+\}|\$)+)|(?P<odd>[\s\S])""",
    re.VERBOSE,
)
_PASSES = ("proxy_pass", "fastcgi_pass", "uwsgi_pass", "scgi_pass", "grpc_pass")


@dataclass
class Directive:
    """One directive: its words, what stands in its block, and the file it is written in."""

    words: list[str]
    file: str
    block: list[Directive] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Its first word."""
        return self.words[0] if self.words else ""


def read_nginx(machine: Machine, finds: Finds) -> None:
    """Every virtual host that is enabled."""
    try:
        text = machine.run(["nginx", "-T"])
    except BackupError as error:
        if not machine.files.is_there(MAIN):
            if not isinstance(error, ToolMissing):
                finds.miss("nginx", "nginx -T", error.message)
            return
        text = gather_files(machine.files, finds)
    for site in read_sites(text):
        canonical = machine.files.resolve(site.root) if site.root and "$" not in site.root else ""
        finds.add("sites", Site(**{**vars(site), "canonical": canonical}))


def gather_files(files: Files, finds: Finds) -> str:
    """The same text as `nginx -T` prints, from the main file and what it includes."""
    texts: list[str] = []
    waiting = [MAIN]
    seen: set[str] = set()
    while waiting and len(seen) < FILES_LIMIT:
        path = waiting.pop(0)
        if path in seen:
            continue
        seen.add(path)
        try:
            text = files.read(path) or ""
        except Unfit as error:
            finds.miss("nginx", path, error)
            continue
        texts.append(f"\n# configuration file {path}:\n{text}\n")
        for chunk in _read_chunks(text).values():
            waiting += [found for each in _walk(chunk) for found in files.expand(_name_included(each))]
    return "".join(texts)


def read_sites(text: str) -> list[Site]:
    """The sites of the text of `nginx -T`; `canonical` is not filled yet."""
    chunks = _read_chunks(text)
    main = next(iter(chunks))
    top = _Splicer(chunks).splice(chunks[main], (main,))
    everything = [*_walk(top)]
    upstreams = {
        each.words[1]: [inner.words[1] for inner in each.block if inner.name == "server" and len(inner.words) > 1]
        for each in everything
        if each.name == "upstream" and len(each.words) > 1
    }
    above = next((_find_first(each.block, "root") for each in top if each.name == "http"), "")
    servers = [each for each in everything if each.name == "server" and each.block]
    return [site for server in servers for site in _read_server(server, above, upstreams)]


def _name_included(directive: Directive) -> str:
    """The absolute pattern that an `include` names; empty for any other directive."""
    if directive.name != "include" or len(directive.words) < 2:
        return ""
    return os.path.join(os.path.dirname(MAIN), directive.words[1])


@dataclass
class _Splicer:
    """Puts what files hold in the place of the `include` that names them."""

    chunks: Mapping[str, list[Directive]]
    left: int = DIRECTIVES_LIMIT

    def splice(self, block: Sequence[Directive], above: tuple[str, ...], depth: int = 0) -> list[Directive]:
        """A copy of the block; a file within itself, and what is too deep or too much, is left out."""
        spliced: list[Directive] = []
        for each in block if depth < DEPTH_LIMIT else ():
            self.left -= 1
            if self.left < 0:
                break
            if _name_included(each):
                pattern = _name_included(each)
                for path in [path for path in self.chunks if fnmatch(path, pattern) and path not in above]:
                    spliced += self.splice(self.chunks[path], (*above, path), depth + 1)
            else:
                spliced.append(Directive(each.words, each.file, self.splice(each.block, above, depth + 1)))
        return spliced


def _read_server(server: Directive, above: str, upstreams: Mapping[str, Sequence[str]]) -> Iterator[Site]:
    inner = [*_walk(server.block)]
    names = tuple(word for each in server.block if each.name == "server_name" for word in each.words[1:] if word != "_")
    listens = tuple(each.words[1] for each in server.block if each.name == "listen" and len(each.words) > 1)
    proxies: list[str] = []
    for each in inner:
        if each.name in _PASSES and len(each.words) > 1:
            target = re.sub(r"^\w+://(?:[^/@]*@)?", "", each.words[1])
            target = target if target.startswith("unix:") else target.split("/")[0]
            proxies += upstreams.get(target, [target])
    roots = [_find_first(server.block, "root") or above]
    roots += [each.words[1] for each in inner if each.name in ("root", "alias") and len(each.words) > 1]
    for number, root in enumerate(dict.fromkeys(root.rstrip("/") or root for root in roots)):
        if root or number == 0:
            yield Site("nginx", names, listens, root, "", tuple(dict.fromkeys(proxies)), server.file)


def _find_first(block: Sequence[Directive], name: str) -> str:
    return next((each.words[1] for each in block if each.name == name and len(each.words) > 1), "")


def _walk(block: Sequence[Directive]) -> Iterator[Directive]:
    """No deeper than what was spliced."""
    for each in block:
        yield each
        yield from _walk(each.block)


def _read_chunks(text: str) -> dict[str, list[Directive]]:
    """File -> the directives of its outermost level. A bracket too many is left out."""
    file = MAIN
    chunks: dict[str, list[Directive]] = {file: []}
    levels, words = [chunks[file]], list[str]()
    for match in _PIECE.finditer(text):
        if match["file"]:
            file, words = match["path"], []
            levels = [chunks.setdefault(file, [])]
        elif match["quoted"]:
            words.append(match["quoted"][1:-1])
        elif match["word"] or match["odd"]:
            words.append(match["word"] or match["odd"])
        elif match["sign"] == "}":
            words = []
            del levels[max(1, len(levels) - 1) :]
        elif match["sign"]:
            directive = Directive(words, file)
            levels[-1].append(directive)
            words = []
            if match["sign"] == "{":
                levels.append(directive.block if len(levels) < DEPTH_LIMIT else [])
    return {path: chunk for path, chunk in chunks.items() if chunk} or chunks
