"""Servers on this machine that speak the real protocols: HTTP, SMTP, and TLS with a certificate of the test's own."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "127.0.0.1"
PASSWORD = "rahasia-surat"


@dataclass
class Asked:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Web:
    """What a server was asked, and what it answers."""

    url: str = ""
    status: int = 200
    answer: bytes = b'{"ok": true}'
    location: str = ""
    asked: list[Asked] = field(default_factory=list)
    silence: threading.Event | None = None
    """While this is given and not set, no answer comes."""


@contextmanager
def serve_web(certificate: Path | None = None) -> Iterator[Web]:
    """A server for HTTP, or HTTPS with the certificate, until the block ends."""
    web = Web()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            web.asked.append(Asked(self.path, dict(self.headers), body))
            if web.silence:
                web.silence.wait(60)
            self.send_response(web.status)
            if web.location:
                self.send_header("Location", web.location)
            self.send_header("Content-Length", str(len(web.answer)))
            self.end_headers()
            self.wfile.write(web.answer)

        def log_message(self, *_arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer((HOST, 0), Handler)
    server.daemon_threads = True
    if certificate:
        server.socket = _serve_tls(certificate).wrap_socket(server.socket, server_side=True)
    web.url = f"{'https' if certificate else 'http'}://{HOST}:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield web
    finally:
        if web.silence:
            web.silence.set()
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def serve_drops() -> Iterator[str]:
    """The address of a server that answers byte by byte, without end, until the block ends."""
    is_over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.end_headers()
            with suppress(OSError):
                while not is_over.wait(0.05):
                    self.wfile.write(b" ")

        def log_message(self, *_arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer((HOST, 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://{HOST}:{server.server_port}"
    finally:
        is_over.set()
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class Post:
    """A mail server's letters, and whom it refuses."""

    port: int = 0
    letters: list[Envelope] = field(default_factory=list)
    refused: tuple[str, ...] = ()
    failure: str = ""

    async def handle_RCPT(  # noqa: N802
        self, _server: Any, _session: Any, envelope: Envelope, address: str, _options: Any
    ) -> str:
        """Takes an address, or refuses it."""
        if address in self.refused:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:  # noqa: N802
        """Takes a letter."""
        if self.failure:
            return self.failure
        self.letters.append(envelope)
        return "250 taken"


@contextmanager
def serve_mail(certificate: Path | None = None) -> Iterator[Post]:
    """A mail server; with a certificate it wants STARTTLS and the account `backup` with PASSWORD."""
    post = Post(find_port())
    options: dict[str, Any] = {}
    if certificate:

        def authenticate(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
            is_right = (data.login, data.password) == (b"backup", PASSWORD.encode())
            return AuthResult(success=is_right, handled=False)

        options = {"tls_context": _serve_tls(certificate), "require_starttls": True, "auth_required": True}
        options["authenticator"] = authenticate
    controller = Controller(post, hostname=HOST, port=post.port, **options)
    controller.start()
    try:
        yield post
    finally:
        controller.stop()


def find_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _serve_tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def make_certificate(folder: Path) -> Path:
    """A file with a key and the certificate of this machine, which is its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.datetime.now(datetime.timezone.utc)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(
        now + datetime.timedelta(days=1)
    )
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    address = x509.IPAddress(ipaddress.ip_address(HOST))
    built = builder.add_extension(x509.SubjectAlternativeName([address]), critical=False).sign(key, hashes.SHA256())
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / "server.pem"
    path.write_bytes(private + built.public_bytes(serialization.Encoding.PEM))
    return path
