"""The results of one play become evidence, silence included: what a report of this play is made from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import RecordRefused, Unreachable
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.application import make_stand_in
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.finding import RED, Finding
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.note import Note
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.reading import read_receipt
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.receipt import RUN, Receipt
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.register import (
    Register,
    Server,
    read_register,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.schedule import Schedule
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.search import NOT_SEARCHED, Search
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.wire import find_excess

COLLECTION = "diskominfo.backup."
REGISTER_FACT = "backup_register"
BACKING_UP = ("run", "dump", "archive")


class PlayEvidence:
    """What is known of the servers of a play; see record/evidence.py. Filled while the play goes on.

    Of a server that answered to `run`, the applications are those of its receipts. Of one that is registered and gave
    no answer, they are all that the register holds, and they are silent. A server that was only probed is left out.
    """

    def __init__(self) -> None:
        self.hosts: dict[str, None] = {}
        self.report: Mapping[str, Any] | None = None
        self.findings: list[Finding] = []
        self.modules: set[str] = set()
        self._registered: tuple[Server, ...] = ()
        self._receipts: dict[tuple[str, str], list[Receipt]] = {}
        self._answered: set[str] = set()
        self._probed: set[str] = set()
        self._silent: dict[str, Receipt] = {}

    def take_host(self, host: str) -> None:
        """This host takes part in the play."""
        self.hosts[host] = None

    def take_facts(self, facts: Any) -> None:
        """The facts that a task set: the register may be among them."""
        values = facts.get(REGISTER_FACT) if isinstance(facts, Mapping) else None
        if isinstance(values, list):
            self._registered = read_register(values).servers

    def take_result(self, host: str, module: str, result: Mapping[str, Any], now: datetime) -> None:
        """The result of one module of the collection, with all rounds of a loop."""
        self.modules.add(module)
        rounds = result["results"] if isinstance(result.get("results"), list) else [result]
        for one in rounds:
            if module == "report" and isinstance(one.get("report"), Mapping):
                self.report = one["report"]
            receipts = one.get("receipts") or [value for value in [one.get("receipt")] if value]
            if module in (*BACKING_UP, "check", "restore", "prune"):
                self._take_receipts(host, receipts)
            if module in BACKING_UP and ("receipts" in one or "receipt" in one):
                self._answered.add(host)
            elif module in BACKING_UP and "findings" in one:
                self._probed.add(host)
            elif module in BACKING_UP:
                self.take_silence(host, str(one.get("msg", "")), now)

    def _take_receipts(self, host: str, receipts: Iterable[Any]) -> None:
        for data in receipts:
            try:
                if find_excess(data):
                    raise RecordRefused.malformed(f"a receipt of {host}", find_excess(data))
                receipt = replace(read_receipt(data, f"a receipt of {host}"), server=host)
            except RecordRefused as error:
                self.findings.append(Finding(error.slug, RED, host, error.message, error.hint))
                continue
            self._receipts.setdefault((host, receipt.application), []).append(receipt)

    def take_silence(self, host: str, detail: str, now: datetime) -> None:
        """This host could not be asked; `detail` is what was said instead."""
        # What collects receipts reads the evidence, which few plays need: most servers answer.
        from ansible_collections.diskominfo.backup.plugins.module_utils.engine.collect import make_contact

        self._silent[host] = make_contact(host, " ".join(detail.split()), now)

    @property
    def has_backups(self) -> bool:
        """Whether there is anything to make a report from: a run, or a silence where one was asked for."""
        return bool(self.modules & {*BACKING_UP}) and bool(self._answered or self._silent or self.register.servers)

    @property
    def register(self) -> Register:
        """Every application that this play should have receipts of."""
        registered = {server.name: server for server in self._registered if server.name in self.hosts}
        servers = []
        for host in self.hosts:
            if host in self._answered:
                servers.append(self._describe_answered(host, registered.get(host)))
            elif host in registered and host not in self._probed:
                servers.append(registered[host])
        return Register(tuple(servers))

    def _describe_answered(self, host: str, registered: Server | None) -> Server:
        applications = []
        for (server, name), receipts in self._receipts.items():
            if server == host and any(receipt.kind == RUN for receipt in receipts):
                first = receipts[0]
                known = registered.find(name) if registered else None
                stand_in = replace(
                    make_stand_in(name), title=first.title, owner=first.owner, category=first.category or "daily"
                )
                applications.append(known or stand_in)
        base = registered or Server(host, ())
        return replace(base, applications=tuple(applications))

    def receipts(self, server: str, application: str, _breaks: list[str]) -> Iterable[Receipt]:
        """See Evidence; what came in this play was taken from one server's answer, and forms no chain."""
        return iter(self._receipts.get((server, application), ()))

    def contacts(self, server: str) -> Iterable[Receipt]:
        """See Evidence."""
        return iter([self._silent[server]] if server in self._silent else [])

    def unregistered(self) -> Iterable[tuple[str, str]]:
        """See Evidence; what was not asked for in this play is not told of."""
        return iter(())

    def notes(self, _refused: list[str]) -> Iterable[Note]:
        """See Evidence; a play hears of none."""
        return iter(())

    def registered_since(self, _server: str, _application: str) -> datetime | None:
        """Nobody noted it in a play, so silence is `missed` at once."""
        return None

    def schedule(self, _server: str) -> Schedule | None:
        """See Evidence; only the evidence folder knows what was accepted."""
        return None

    def installed(self) -> None:
        """See Evidence; a play looks at no timers."""

    def search(self) -> Search:
        """See Evidence; only the evidence folder knows what was there before."""
        return NOT_SEARCHED

    def tell_strangers(self) -> list[Finding]:
        """Servers that gave no answer and of which no register told this play anything."""
        known = {server.name for server in self.register.servers}
        return [
            Finding(
                Unreachable.slug,
                RED,
                host,
                f"{host} gave no answer, and this play knows no application of it",
                "see whether it is up; a play that reads the register knows more",
            )
            for host in self._silent
            if host not in known
        ]

    @property
    def moments(self) -> list[datetime]:
        """When anything that is known of began or ended."""
        receipts = [receipt for group in self._receipts.values() for receipt in group]
        return [moment for receipt in receipts for moment in (receipt.began, receipt.ended)]

    @property
    def all_receipts(self) -> list[Receipt]:
        """Every receipt, in the order in which they came."""
        return [receipt for group in self._receipts.values() for receipt in group]
