from __future__ import annotations

import email.policy
import json
import socket
from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.books.deliveries import read_deliveries
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.channels.base import Message
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.deliver import (
    deliver_report,
    deliver_start,
    find_failures,
    judge_settings,
    note_failed,
    note_refused,
    sort_settings,
)
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.errors import ConfigurationError, NotRecorded
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.publish import publish_report
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.fields import Unresolved
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.record.finding import Finding
from ansible_collections.diskominfo.backup.plugins.module_utils.engine.report import (
    make_recent_period,
    make_report,
    tell_undelivered,
)
from ansible_collections.diskominfo.backup.tests.evidence import (
    DAY,
    NOW,
    OFFICE,
    SOP,
    KeptEvidence,
    make_application,
    make_city,
    make_failed_run,
    make_run,
)
from ansible_collections.diskominfo.backup.tests.servers import (
    HOST,
    PASSWORD,
    Post,
    Web,
    find_port,
    make_certificate,
    serve_drops,
    serve_mail,
    serve_web,
)

TOKEN = "123456:rahasia-bot"
MAIL = {"channel": "mail", "host": HOST, "sender": "backup@kota.example", "recipients": ["kepala@kota.example"]}
SUBJECT_BAD = "Backup: 4 dari 8 perlu tindakan - 22 Nov 2026"


def publish(folder: Path, evidence: KeptEvidence, language: str = "id") -> None:
    report = make_report(evidence, make_recent_period(NOW, 24), NOW, OFFICE, SOP)
    publish_report(report, folder, ("html", "json", "txt"), language)


def make_well() -> KeptEvidence:
    city = KeptEvidence()
    city.add(make_application(), make_run(NOW - DAY / 4))
    return city


@pytest.fixture
def evidence(tmp_path: Path) -> Path:
    publish(tmp_path / "evidence", make_city())
    return tmp_path / "evidence"


@pytest.fixture
def web() -> Iterator[Web]:
    with serve_web() as serving:
        yield serving


@pytest.fixture
def post() -> Iterator[Post]:
    with serve_mail() as serving:
        yield serving


def read_letter(post: Post) -> EmailMessage:
    (envelope,) = post.letters
    assert isinstance(envelope.content, bytes)
    letter = email.message_from_bytes(envelope.content, policy=email.policy.default)
    assert isinstance(letter, EmailMessage)
    return letter


def deliver(evidence: Path, *settings: dict[str, Any]) -> list[tuple[str, str]]:
    """Name and what failed (empty: nothing), of each channel that was told."""
    made = deliver_report(settings, evidence, NOW)
    return [(delivery.name, delivery.failure.message if delivery.failure else "") for delivery in made]


def plain(post: Post, **changes: Any) -> dict[str, Any]:
    return {**MAIL, "port": post.port, "security": "none", **changes}


def test_mail_has_the_counts_in_its_subject_and_the_failures_first(evidence: Path, post: Post) -> None:
    assert deliver(evidence, plain(post)) == [("mail", "")]
    letter = read_letter(post)
    assert letter["Subject"] == f"{SUBJECT_BAD} - {OFFICE['name']}"
    assert (letter["From"], letter["To"]) == ("backup@kota.example", "kepala@kota.example")
    assert letter["Auto-Submitted"] == "auto-generated"
    assert [part.get_content_type() for part in letter.iter_parts()] == ["text/plain", "text/html"]
    text = letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert text.index("ppid") < text.index("ulas")
    page = letter.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert page.encode().replace(b"\r\n", b"\n") == (evidence / "reports" / "latest" / "report.html").read_bytes()


def test_mail_carries_the_letter_where_there_is_one(evidence: Path, post: Post) -> None:
    (evidence / "reports" / "latest" / "report.pdf").write_bytes(b"%PDF-1.7 letter")
    deliver(evidence, plain(post))
    (letter,) = read_letter(post).iter_attachments()
    assert (letter.get_filename(), letter.get_content()) == ("report.pdf", b"%PDF-1.7 letter")


def test_mail_is_sent_too_when_all_is_well(tmp_path: Path, post: Post) -> None:
    publish(tmp_path, make_well(), "en")
    assert deliver(tmp_path, plain(post)) == [("mail", "")]
    assert read_letter(post)["Subject"].startswith("Backup: all 1 are well - 22 Nov 2026")


def test_a_redacted_mail_holds_no_document(evidence: Path, post: Post) -> None:
    deliver(evidence, plain(post, redaction="counts"))
    letter = read_letter(post)
    assert letter["Subject"] == SUBJECT_BAD
    assert letter.get_content().strip() == SUBJECT_BAD
    assert not letter.is_multipart()


def test_a_page_that_is_too_large_for_mail_is_left_out(
    evidence: Path, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ansible_collections.diskominfo.backup.plugins.module_utils.engine import deliver as verb
    from ansible_collections.diskominfo.backup.plugins.module_utils.engine.channels import mail

    monkeypatch.setattr(mail, "PAGE_LIMIT_BYTES", 10)
    monkeypatch.setattr(verb, "FILE_LIMIT_BYTES", 50_000)
    (evidence / "reports" / "latest" / "report.pdf").write_bytes(b"%" * 50_001)
    deliver(evidence, plain(post))
    assert read_letter(post).get_content_type() == "text/plain"


def make_secret(folder: Path, text: str = PASSWORD, mode: int = 0o600) -> str:
    path = folder / "secret"
    path.write_text(text)
    path.chmod(mode)
    return str(path)


def test_mail_by_starttls_with_a_password_out_of_a_file(evidence: Path, tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)
    account = {"user": "backup", "password_file": make_secret(tmp_path), "ca_file": str(certificate)}
    with serve_mail(certificate) as post:
        assert deliver(evidence, {**MAIL, "port": post.port, **account}) == [("mail", "")]
        wrong = {**MAIL, "port": post.port, "user": "backup", "password": "salah", "ca_file": str(certificate)}
        ((_name, told),) = deliver(evidence, wrong)
        assert told.endswith("it answered 535")
        untrusted = {key: value for key, value in account.items() if key != "ca_file"}
        ((_name, told),) = deliver(evidence, {**MAIL, "port": post.port, **untrusted})
    assert "CERTIFICATE_VERIFY_FAILED" in told
    assert len(post.letters) == 1


def test_mail_by_tls_from_the_first_byte(evidence: Path, tmp_path: Path) -> None:
    """aiosmtpd is given a socket that speaks TLS."""
    from aiosmtpd.controller import Controller

    from ansible_collections.diskominfo.backup.tests.servers import _serve_tls

    certificate, post = make_certificate(tmp_path), Post(find_port())
    controller = Controller(post, hostname=HOST, port=post.port, ssl_context=_serve_tls(certificate))
    controller.start()
    try:
        settings = {**MAIL, "port": post.port, "security": "tls", "ca_file": str(certificate)}
        assert deliver(evidence, settings) == [("mail", "")]
    finally:
        controller.stop()
    assert len(post.letters) == 1


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"refused": ("kepala@kota.example",)}, "refused: kepala@kota.example"),
        ({"failure": "552 mailbox is full"}, "it answered 552"),
        ({"failure": "451 try again"}, "it answered 451"),
    ],
)
def test_what_a_mail_server_says_against_it_is_told(
    evidence: Path, post: Post, changes: dict[str, Any], told: str
) -> None:
    for name, value in changes.items():
        setattr(post, name, value)
    assert deliver(evidence, plain(post)) == [("mail", f"smtp://{HOST}:{post.port} did not take the message: {told}")]


def test_a_recipient_who_is_refused_costs_the_others_nothing(evidence: Path, post: Post) -> None:
    post.refused = ("keluar@kota.example",)
    ((_name, told),) = deliver(evidence, plain(post, recipients=["kepala@kota.example", "keluar@kota.example"]))
    assert told.endswith("refused: keluar@kota.example; the others were reached")
    assert len(post.letters) == 1


@pytest.mark.parametrize("channel", ["mail", "telegram"])
def test_nobody_listening_and_no_answer_are_told_in_time(evidence: Path, channel: str) -> None:
    def settings(port: int, timeout: str = "0.2s") -> dict[str, Any]:
        if channel == "mail":
            return {**MAIL, "port": port, "security": "none", "timeout": timeout}
        return {"channel": channel, "token": TOKEN, "chat": "1", "url": f"http://{HOST}:{port}", "timeout": timeout}

    ((_name, told),) = deliver(evidence, settings(find_port(), "60s"))
    assert "Connection refused" in told
    with socket.create_server((HOST, 0)) as silent:
        ((_name, told),) = deliver(evidence, settings(silent.getsockname()[1]))
    assert "timed out" in told or "TimeoutError" in told


def test_telegram_is_told_names_and_no_reasons(evidence: Path, web: Web) -> None:
    telegram = {"channel": "telegram", "token": TOKEN, "chat": "-100123", "url": web.url}
    assert deliver(evidence, telegram) == [("telegram", "")]
    (asked,) = web.asked
    assert asked.path == f"/bot{TOKEN}/sendMessage"
    sent = json.loads(asked.body)
    assert sent["chat_id"] == "-100123"
    assert sent["text"].splitlines() == [
        f"❌ {SUBJECT_BAD}",
        "ppid: gagal",
        "arsip: rusak",
        "sepi: tak terjangkau",
        "lupa: terlewat",
    ]


@pytest.mark.parametrize(("redaction", "lines"), [("counts", 1), ("names", 5), ("none", 5)])
def test_a_chat_is_told_as_much_as_the_office_allows(evidence: Path, web: Web, redaction: str, lines: int) -> None:
    deliver(evidence, {"channel": "telegram", "token": TOKEN, "chat": "1", "url": web.url, "redaction": redaction})
    text = json.loads(web.asked[0].body)["text"]
    assert len(text.splitlines()) == lines
    assert ("ppid @ db: gagal: source is missing" in text) == (redaction == "none")


@pytest.mark.parametrize(
    ("redaction", "lines"),
    [
        ("counts", []),
        ("names", ["! Jadwal belum terpasang, jadi tidak ada backup yang dimulai (7)"]),
        ("none", [f"! Jadwal belum terpasang, jadi tidak ada backup yang dimulai: web{n}" for n in range(5)]),
    ],
)
def test_what_is_red_about_servers_is_told_though_every_backup_is_well(
    tmp_path: Path, web: Web, redaction: str, lines: list[str]
) -> None:
    absent = [Finding("schedule_absent", "red", f"web{number}", "", "") for number in range(7)]
    yellow = Finding("schedule_drift", "yellow", "web", "", "")
    report = make_report(make_well(), make_recent_period(NOW, 24), NOW, OFFICE, SOP)
    publish_report(replace(report, findings=(yellow, *absent)), tmp_path / "evidence", ("json",), "id")
    telegram = {"channel": "telegram", "token": TOKEN, "chat": "1", "url": web.url, "redaction": redaction}
    assert deliver(tmp_path / "evidence", telegram) == [("telegram", "")]
    told = json.loads(web.asked[0].body)["text"].splitlines()
    assert "semua 1 aplikasi baik" in told[0]
    assert told[1:] == lines


@pytest.mark.parametrize("answer", [b'{"ok": false}', b"<html>", b"[]"])
def test_an_answer_that_is_not_telegrams_is_a_failure(evidence: Path, web: Web, answer: bytes) -> None:
    web.answer = answer
    ((_name, told),) = deliver(evidence, {"channel": "telegram", "token": TOKEN, "chat": "1", "url": web.url})
    assert told == f"{web.url} did not take the message: its answer is not that of Telegram"


def test_ntfy_gets_the_counts_as_title_and_a_priority(evidence: Path, tmp_path: Path, web: Web) -> None:
    settings = {"channel": "ntfy", "url": f"{web.url}/backup", "token_file": make_secret(tmp_path, "tk_1\n")}
    assert deliver(evidence, settings) == [("ntfy", "")]
    (asked,) = web.asked
    sent = json.loads(asked.body)
    assert (asked.path, asked.headers["Authorization"]) == ("", "Bearer tk_1") or asked.path == "/"
    assert (sent["topic"], sent["title"], sent["priority"]) == ("backup", SUBJECT_BAD, 4)
    assert sent["message"].startswith("ppid: gagal\n")


def test_a_webhook_gets_the_summary_and_the_start(evidence: Path, web: Web) -> None:
    settings = {"channel": "webhook", "url": f"{web.url}/hook/rahasia", "token": "t"}
    assert deliver(evidence, settings) == [("webhook", "")]
    assert [made.failure for made in deliver_start([settings], NOW)] == [None]
    report, start = (json.loads(asked.body) for asked in web.asked)
    assert (report["event"], report["is_well"], report["summary"]["attention"]) == ("reported", False, 4)
    assert report["summary"]["id"] == (evidence / "reports" / "latest").readlink().name
    assert start["event"] == "started"


def test_a_monitor_is_told_start_success_and_failure(evidence: Path, tmp_path: Path, web: Web) -> None:
    settings = {"channel": "ping", "url_file": make_secret(tmp_path, f"{web.url}/uuid/")}
    quiet = [{"channel": "telegram", "token": TOKEN, "chat": "1"}, {"channel": "ntfy", "url": f"{web.url}/backup"}]
    assert [made.name for made in deliver_start([settings, MAIL, *quiet], NOW)] == ["ping"]
    deliver(evidence, settings)
    publish(tmp_path / "well", make_well())
    deliver(tmp_path / "well", settings)
    assert [asked.path for asked in web.asked] == ["/uuid/start", "/uuid/fail", "/uuid"]
    assert web.asked[1].body.decode().startswith(SUBJECT_BAD)


def test_an_empty_register_is_not_well(tmp_path: Path, web: Web) -> None:
    publish(tmp_path, KeptEvidence())
    deliver(tmp_path, {"channel": "ping", "url": f"{web.url}/uuid"})
    assert web.asked[0].path == "/uuid/fail"


@pytest.mark.parametrize("status", [400, 404, 500, 503])
def test_a_status_that_is_no_success_is_told_without_the_secret(evidence: Path, web: Web, status: int) -> None:
    web.status = status
    ((_name, told),) = deliver(evidence, {"channel": "telegram", "token": TOKEN, "chat": "1", "url": web.url})
    assert told == f"{web.url} did not take the message: status {status}"


def test_a_token_does_not_follow_a_redirect(evidence: Path, web: Web) -> None:
    with serve_web() as elsewhere:
        web.status, web.location = 302, elsewhere.url
        ((_name, told),) = deliver(evidence, {"channel": "webhook", "url": web.url, "token": "t"})
    assert told.endswith("status 302")
    assert elsewhere.asked == []


def test_https_is_trusted_by_its_authority_only(evidence: Path, tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)
    with serve_web(certificate) as web:
        settings = {"channel": "webhook", "url": f"{web.url}/hook"}
        assert deliver(evidence, {**settings, "ca_file": str(certificate)}) == [("webhook", "")]
        ((_name, told),) = deliver(evidence, settings)
        assert "CERTIFICATE_VERIFY_FAILED" in told
        ((_name, told),) = deliver(evidence, {**settings, "ca_file": "/nowhere.pem"})
        assert told == f"{web.url} did not take the message: FileNotFoundError"


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://host/x"])
def test_no_file_is_sent_for_an_address(evidence: Path, url: str) -> None:
    ((_name, told),) = deliver(evidence, {"channel": "webhook", "url": url})
    assert told == "the address did not take the message: it does not begin with http:// or https://"


def test_one_channel_that_fails_stops_no_other_and_is_a_finding_of_the_next_report(evidence: Path, web: Web) -> None:
    dead = {"channel": "webhook", "name": "dead", "url": f"http://{HOST}:{find_port()}"}
    good = {"channel": "webhook", "name": "good", "url": web.url}
    assert [name for name, told in deliver(evidence, dead, good) if not told] == ["good"]
    assert [name for name, _at, _failure in find_failures(evidence)] == ["dead"]
    report = make_report(make_well(), make_recent_period(NOW, 24), NOW, OFFICE, SOP)
    (finding,) = tell_undelivered(report, find_failures(evidence)).findings
    assert (finding.slug, finding.subject) == ("delivery_failed", "dead")
    assert "Connection refused" in finding.message
    assert tell_undelivered(report, find_failures(evidence)).id != report.id
    assert tell_undelivered(report, []) == report
    deliver(evidence, good)
    assert find_failures(evidence) == [], "a channel that is no longer used is forgotten"


@pytest.mark.parametrize("url", ["http://{host}:rahasia/hook", "http://{host}:99999/rahasia", "http://[rahasia/hook"])
def test_an_address_that_is_none_tells_no_secret_and_the_others_are_told(evidence: Path, web: Web, url: str) -> None:
    bad = {"channel": "webhook", "name": "bad", "url": url.format(host=HOST)}
    good = {"channel": "webhook", "name": "good", "url": web.url}
    ((_bad, told), reached) = deliver(evidence, bad, good)
    assert told.startswith("the address did not take the message")
    assert "rahasia" not in told
    assert "rahasia" not in str(find_failures(evidence))
    assert reached == ("good", "")
    assert len(web.asked) == 1


@pytest.mark.parametrize("spoiled", [b"", b"{", b'{"dead": 1}', b'{"dead": {"at": "x"}}'])
def test_a_spoiled_record_of_deliveries_is_none(evidence: Path, spoiled: bytes) -> None:
    (evidence / "deliveries.json").write_bytes(spoiled)
    assert read_deliveries(evidence) == {}


@pytest.mark.parametrize(
    ("text", "mode", "told"),
    [("x", 0o640, "others may read it (mode 0640)"), ("", 0o600, "it is empty"), ("\udcff", 0o600, "it is not text")],
)
def test_a_secret_that_others_may_read_or_that_is_none_is_not_used(
    evidence: Path, tmp_path: Path, text: str, mode: int, told: str
) -> None:
    path = tmp_path / "secret"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    path.chmod(mode)
    settings = {"channel": "webhook", "url_file": str(path)}
    assert deliver(evidence, settings) == [("webhook", f"the secret in {path} cannot be used: {told}")]
    path.unlink()
    ((_name, missing),) = deliver(evidence, settings)
    assert missing.endswith("No such file or directory")


def test_all_that_is_wrong_with_the_settings_is_told_at_once() -> None:
    settings = [
        {"channel": "pigeon"},
        {**MAIL, "recipients": [], "sender": "nobody", "host": "a b", "port": 0},
        {**MAIL, "user": "backup"},
        {**MAIL, "name": "open", "user": "backup", "password": "x", "password_file": "/x", "security": "none"},
        {"channel": "telegram", "chat": "hello", "colour": "red"},
        {"channel": "ntfy", "url": "https://host"},
        {"channel": "ping", "timeout": "soon"},
        "mail",
    ]
    with pytest.raises(ConfigurationError) as caught:
        judge_settings(settings)
    told = caught.value.message + caught.value.hint
    for expected in (
        "delivery 1: channel: is not known; use one of: apprise, mail, ntfy, ping, telegram, webhook",
        "delivery mail: recipients: is missing",
        "delivery mail: sender: cannot be the given value; for example sender: ",
        "delivery mail: host: cannot be the given value",
        "delivery mail: port: cannot be the given value",
        "delivery mail: user: goes with a password",
        "delivery mail: name: stands twice",
        "delivery open: password: is given twice",
        "delivery open: security: none would tell the password",
        "delivery telegram: token: is missing",
        "delivery telegram: chat: cannot be the given value",
        "delivery telegram: colour: is not known",
        "delivery ntfy: url: cannot be the given value",
        "delivery ping: timeout: cannot be the given value",
        "delivery ping: url: is missing",
        "delivery 8: configuration: must be a mapping",
    ):
        assert expected in told, expected


SECRET = "tgram://123:RAHASIA/chat"


@pytest.mark.parametrize(
    "settings",
    [
        {"channel": SECRET},
        {"channel": SECRET, "name": "kepala"},
        {"channel": "apprise", "url_file": SECRET},
        {"channel": "apprise", "url": "json://host", SECRET: None},
        {"channel": "apprise", "url": "json://host", "name": SECRET},
        {"channel": "apprise", "url": "json://host", "redaction": SECRET},
        {"channel": "apprise", "url": "json://host", "timeout": SECRET},
        {"channel": "apprise", "url": [SECRET]},
        {"channel": "webhook", "url": "http://host", "ca_file": SECRET},
        {"channel": "ntfy", "url": SECRET},
        {"channel": "telegram", "token": "x", "url": SECRET, "chat": SECRET},
        {**MAIL, "host": SECRET, "port": SECRET, "security": SECRET, "sender": SECRET, "recipients": [SECRET]},
        {**MAIL, "user": SECRET, "password_file": SECRET, "recipients": SECRET},
        SECRET,
        [SECRET],
    ],
)
def test_what_is_wrong_is_told_without_what_was_given(settings: Any) -> None:
    usable, refused = sort_settings([settings])
    assert usable == []
    assert len(refused) == 1
    assert "RAHASIA" not in str(refused)


def test_a_channel_keeps_its_name_whatever_is_wrong_with_it() -> None:
    given = [
        {"channel": "fax", "name": "kepala"},
        {"channel": "fax"},
        {"channel": "mail", "name": "Kepala Dinas"},
        {"name": "polisi"},
        {"channel": "ntfy", "token": Unresolved("it is gone")},
        {"channel": Unresolved("it is gone"), "name": "walikota"},
        Unresolved("it is gone"),
        {"channel": "ntfy", "name": Unresolved("it is gone")},
    ]
    _usable, refused = sort_settings(given)
    assert [*refused] == ["kepala", "2", "mail", "polisi", "ntfy", "walikota", "7", "ntfy-8"]
    assert refused["kepala"].startswith("delivery kepala: channel: is not known; use one of")
    assert refused["ntfy"] == "delivery ntfy: token: cannot be resolved: it is gone; correct it, or what it refers to"
    assert refused["7"].startswith("delivery 7: configuration: cannot be resolved: it is gone")


def test_telling_that_failed_as_a_whole_is_kept_until_people_are_told(evidence: Path, web: Web) -> None:
    hook = {"channel": "webhook", "url": web.url}
    deliver(evidence, hook)
    note_failed(evidence, {"backup_delivery": "the module broke"}, NOW)
    assert note_refused(evidence, {}, NOW) == []
    ((name, _at, failure),) = find_failures(evidence)
    assert (name, failure.slug, failure.message) == ("backup_delivery", "delivery_failed", "the module broke")
    assert {*read_deliveries(evidence)} == {"webhook", "backup_delivery"}
    deliver(evidence, hook)
    assert find_failures(evidence) == []


def test_a_report_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotRecorded, match=r"summary\.json"):
        deliver_report([], tmp_path, NOW)


def test_what_came_of_it_must_be_recorded(evidence: Path) -> None:
    (evidence / "deliveries.json").mkdir()
    (evidence / "deliveries.json" / "x").touch()
    with pytest.raises(NotRecorded, match=r"deliveries\.json"):
        deliver_report([], evidence, NOW)


def test_texts_of_servers_stay_one_line_each(tmp_path: Path, web: Web) -> None:
    city = KeptEvidence()
    message = "lost\r\nBcc: all@kota.example\x1b[31m"
    for number in range(30):
        name = f"app{number:02}"
        city.add(make_application(name), make_failed_run(NOW - DAY / 4, "source_missing", message, name=name))
    publish(tmp_path, city)
    with serve_mail() as post:
        hook = {"channel": "webhook", "url": web.url}
        assert deliver(tmp_path, hook, plain(post)) == [("webhook", ""), ("mail", "")]
    lines = json.loads(web.asked[0].body)["lines"]
    assert len(lines) == 21
    assert lines[-1] == "dan 10 lagi"
    assert not any("\n" in line or "\x1b" in line for line in lines)
    assert read_letter(post)["Bcc"] is None


def test_a_service_that_needs_a_library_is_told_as_much_as_a_chat(evidence: Path) -> None:
    told: list[tuple[str, Message, float]] = []
    settings = {"channel": "apprise", "url": "json://kota.example/rahasia", "timeout": "7s"}

    def take(*notice: Any) -> None:
        told.append(notice)

    (made,) = deliver_report([settings], evidence, NOW, notify=take)
    assert made.failure is None
    ((url, message, timeout_s),) = told
    assert (url, message.subject, timeout_s) == ("json://kota.example/rahasia", SUBJECT_BAD, 7.0)
    assert message.lines[0] == "ppid: gagal"
    assert message.files == {}
    assert deliver_start([settings], NOW, notify=take) == []


@pytest.mark.parametrize("channel", ["ntfy", "webhook"])
def test_a_server_that_never_ends_its_answer_holds_nobody_and_the_others_are_told(
    evidence: Path, web: Web, channel: str
) -> None:
    """Every byte comes in time, but there is always one more."""
    with serve_drops() as url:
        slow = {"channel": channel, "name": "slow", "url": f"{url}/hook", "timeout": "0.5s"}
        ((_slow, told), reached) = deliver(evidence, slow, {"channel": "ping", "url": f"{web.url}/uuid"})
    assert told == ("slow did not take the message: it timed out, not done within 0.5 s, and may arrive all the same")
    assert reached == ("ping", "")


def test_a_fault_of_a_library_is_told_by_its_kind_and_the_others_are_told(evidence: Path, web: Web) -> None:
    def break_down(url: str, *_rest: Any) -> None:
        raise ZeroDivisionError(url)

    settings = {"channel": "apprise", "url": "json://kota.example/rahasia"}, {"channel": "webhook", "url": web.url}
    (broken, reached) = deliver_report(settings, evidence, NOW, notify=break_down)
    assert broken.failure
    assert broken.failure.message == "apprise did not take the message: ZeroDivisionError"
    assert reached.failure is None


def test_where_the_library_was_not_handed_in_the_remedy_is_told(evidence: Path) -> None:
    ((name, told),) = deliver(evidence, {"channel": "apprise", "url": "json://kota.example"})
    assert (name, told) == ("apprise", "the Python library apprise is not installed, which the channel apprise needs")
