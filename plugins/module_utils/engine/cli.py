"""The runner's command line: words, options and exit statuses. What a word does is imported when it is used."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from .errors import BackupError
from .flow.process import Supervisor
from .flow.signals import end_on_signals
from .version import VERSION

CONFIG_PATH = "/etc/diskominfo-backup/config.json"
USAGE_STATUS = 2

DESCRIPTION = """\
Back up the databases and the source code of this server's applications, prove each backup by restoring it,
and keep a receipt of every attempt."""

EPILOG = """\
exit status: 0 done (also: nothing due)  1 an application failed, the others were done  2 configuration or usage
             3 nothing could be recorded  128+n ended by signal n

examples:
  diskominfo-backup run --category daily         back up what is due every day
  diskominfo-backup check --runs latest          restore and compare the newest backups
  diskominfo-backup list sippn                   what is stored of one application
  diskominfo-backup restore sippn --target /srv/restored
"""


def main(argv: Sequence[str], program: Path | None = None) -> int:
    """Runs one word; the exit status. `program` is the runner's own file, if it is one."""
    try:
        options = make_parser().parse_args(argv)
    except _UsageError as error:
        sys.stderr.write(f"{error}\n")
        return USAGE_STATUS
    except _Done:
        return 0
    supervisor = Supervisor()
    restore_signals = end_on_signals(supervisor)
    try:
        status = _run_word(options, supervisor, program)
    finally:
        restore_signals()
    return supervisor.ended_by.exit_status if supervisor.ended_by else status


def _run_word(options: argparse.Namespace, supervisor: Supervisor, program: Path | None) -> int:
    from .words.call import Call, tell_error

    call = Call(options, supervisor, program, sys.stdout, sys.stderr)
    try:
        return _find_word(options.word)(call)
    except BackupError as error:
        return tell_error(call, error)
    except BrokenPipeError:
        return 1


def _find_word(name: str) -> Callable[[Any], int]:
    """What a word does. `version` is answered before all that backs up, proves and tells has been read."""
    if name == "version":
        from .words.program import version

        return version
    from .words.registry import WORDS

    return WORDS[name]


class _UsageError(Exception):
    """The command line cannot be understood; the text says why."""


class _Done(Exception):
    """The command line asked for help, which was printed."""


class _Parser(argparse.ArgumentParser):
    """Raises instead of ending the program, so that one place gives exit statuses."""

    def error(self, message: str) -> NoReturn:
        raise _UsageError(f"{self.prog}: {message}\ntry: {self.prog} --help")

    def exit(self, *_ending: object) -> NoReturn:
        raise _Done


def make_parser() -> _Parser:
    """The whole command line; docs/runner.md is held against it by a test."""
    form = argparse.RawDescriptionHelpFormatter
    parser = _Parser("diskominfo-backup", description=DESCRIPTION, epilog=EPILOG, formatter_class=form)
    words = parser.add_subparsers(dest="word", metavar="WORD", required=True)
    common = _Parser(add_help=False)
    common.add_argument("--config", default=CONFIG_PATH, metavar="FILE", help="configuration (default: %(default)s)")
    common.add_argument("--json", action="store_true", help="print the result as one JSON object")
    common.add_argument("--quiet", action="store_true", help="no progress on standard error")
    common.add_argument("--timer", action="store_true", help=argparse.SUPPRESS)

    def add(word: str, explanation: str) -> _Parser:
        return words.add_parser(word, help=explanation, description=explanation, parents=[common])

    _add_acts(add)
    _add_views(add)
    return parser


def _add_acts(add: Any) -> None:
    run = add("run", "back up applications, all or those of a category or name")
    _add_selection(run)
    check = add("check", "prove stored backups: read them, restore them, compare them with the source")
    _add_selection(check)
    check.add_argument("--runs", default="due", help="due, latest, all, or a run id (default: %(default)s)")
    check.add_argument("--depth", default="compared", choices=["readable", "compared"], help="default: %(default)s")
    _add_selection(add("repair", "repeat what failed, and nothing else"))
    restore = add("restore", "restore a backup: into a new folder, as a new database, or over the original")
    restore.add_argument("application", help="name in the register")
    restore.add_argument("--run", default="latest", help="latest, proved, a date or a run id (default: %(default)s)")
    restore.add_argument("--from", dest="source", type=Path, metavar="DIR", help="a run's folder from elsewhere")
    way = restore.add_mutually_exclusive_group(required=True)
    way.add_argument("--target", type=Path, metavar="DIR", help="a new or an empty folder; nothing else is touched")
    way.add_argument("--database", metavar="NAME", help="a new database of this name on the running server")
    way.add_argument("--in-place", action="store_true", help="over the original; needs --confirm, keeps what is there")
    restore.add_argument("--confirm", default="", metavar="NAME", help="the application's name, typed")
    restore.add_argument("--dry-run", action="store_true", help="only say every step and the room needed")
    restore.add_argument("--part", action="append", default=[], metavar="NAME", help="only this part; may be repeated")
    prune = add("prune", "remove old runs by each application's retention")
    _add_selection(prune)
    prune.add_argument("--dry-run", action="store_true", help="only say what would be removed, and why")
    night = add("night", "what a timer does: run, then check what is due, then prune what went well")
    _add_selection(night)
    night.add_argument("--entry", default="", metavar="NAME", help="what this entry of the schedule names")
    night.add_argument("--due", action="store_true", help="what the schedule has let come since it was begun last")


def _add_selection(parser: _Parser) -> None:
    parser.add_argument("applications", nargs="*", metavar="APPLICATION", help="names in the register (default: all)")
    parser.add_argument("--category", default="", metavar="WORD", help="daily, weekly or monthly")


def _add_views(add: Any) -> None:
    listing = add("list", "list stored runs with their evidence level")
    listing.add_argument("applications", nargs="*", metavar="APPLICATION", help="names (default: all)")
    show = add("show", "show one receipt, with the commands to restore it by hand")
    show.add_argument("application", help="name")
    show.add_argument("id", nargs="?", default="latest", help="latest, or the id of any receipt (default: %(default)s)")
    send = add("send", "write a stored run to standard output as a tar: what a copy on another machine is made from")
    send.add_argument("application", help="name")
    send.add_argument("id", help="the id of a run")
    probe = add("probe", "look whether a backup would begin well; changes nothing")
    _add_selection(probe)
    discover = add("discover", "look at what this server holds, read-only: sites, databases, configurations")
    discover.add_argument("--server", default="", metavar="NAME", help="its name in the register")
    discover.add_argument("--time-limit", type=float, default=60.0, metavar="S", help="seconds (default: %(default)g)")
    add("config", "validate the configuration and print it as it is understood")
    report = add("report", "the report of this server over the last hours")
    report.add_argument("--hours", type=float, default=24.0, help="length of the period (default: %(default)g)")
    report.add_argument("--period", default="", help="instead of --hours: 2026-11-22, 2026-W47, 2026-11, last-week ...")
    report.add_argument("--format", default="txt", help="html, json, txt, csv ... (default: %(default)s)")
    report.add_argument("--language", default="", choices=["id", "en"], help="default: that of the configuration")
    status = add("status", "how every backup of this server stands: ages against limits, copies, time to restore")
    status.set_defaults(hours=24.0, format="status")
    status.add_argument("--period", default="", help="as of the end of this period; see report")
    status.add_argument("--language", default="", choices=["id", "en"], help="default: that of the configuration")
    add("version", f"print the version ({VERSION}) and the hash of this program")
