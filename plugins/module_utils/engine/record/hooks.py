"""What an office has run before and after the acts on an application: commands of its own, each with a time limit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from . import policy
from .fields import Fields, format_duration

BEFORE = "before"
AFTER = "after"
HOOKED = ("run", "check", "restore")
"""The kinds of acts that have hooks."""

HOOK_NAMES: tuple[str, ...] = tuple(f"{moment}_{kind}" for kind in HOOKED for moment in (BEFORE, AFTER))


@dataclass(frozen=True)
class Hook:
    """A command: `argv` begins with a program's name or its absolute path, and no shell reads it."""

    argv: tuple[str, ...]
    time_limit_s: float = policy.HOOK_LIMIT_S


@dataclass(frozen=True)
class Hooks:
    """Name (`before_run`, ...) -> hook, for those that are wanted."""

    wanted: Mapping[str, Hook]

    def find(self, moment: str, kind: str) -> Hook | None:
        """The hook of BEFORE or AFTER an act of this kind, or None."""
        return self.wanted.get(f"{moment}_{kind}")

    def to_data(self) -> dict[str, Any]:
        """The mapping that `read_hooks` reads back to equal hooks."""
        return {
            name: {"argv": list(hook.argv), "time_limit": format_duration(hook.time_limit_s)}
            for name, hook in self.wanted.items()
        }


NO_HOOKS = Hooks({})


def read_hooks(fields: Fields) -> Hooks:
    """The hooks of an application: each a path, a list of arguments, or a mapping of `argv` and `time_limit`."""
    read = {name: _read_hook(fields, name) for name in HOOK_NAMES}
    fields.finish()
    return Hooks({name: hook for name, hook in read.items() if hook})


def _read_hook(fields: Fields, name: str) -> Hook | None:
    value = fields.raw(name)
    if value is None:
        return None
    if not isinstance(value, Mapping):
        return Hook(_read_argv(fields, name, value))
    inner = Fields(value, fields.subject, fields.problems, f"{fields.prefix}.{name}")
    argv = _read_argv(inner, "argv", inner.raw("argv"))
    hook = Hook(argv, inner.duration("time_limit", policy.HOOK_LIMIT_S))
    inner.finish()
    return hook


def _read_argv(fields: Fields, key: str, value: Any) -> tuple[str, ...]:
    argv = value if isinstance(value, (list, tuple)) else [value] if _is_path(value) else []
    is_good = bool(argv) and all(isinstance(item, str) and item and "\0" not in item for item in argv)
    if not is_good or not (_is_path(argv[0]) or "/" not in argv[0]):
        fields.complain(
            key, f"cannot be {value!r}", f"write the path of a script, or a list: {key}: [systemctl, stop, sippn]"
        )
        return ()
    return tuple(argv)


def _is_path(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("/")
