"""The containers are what the other tests take them for. Without this, hardening could be a test of nothing."""

from __future__ import annotations

import os

import testinfra.utils.ansible_runner
from testinfra.host import Host

testinfra_hosts = testinfra.utils.ansible_runner.AnsibleRunner(os.environ["MOLECULE_INVENTORY_FILE"]).get_hosts("all")
WITHOUT_SYSTEMD = "lama.kota.example"


def test_the_servers_of_the_example_are_all_here() -> None:
    assert set(testinfra_hosts) == {f"{name}.kota.example" for name in ("web", "data", "baru", "lama")}


def test_a_hardened_unit_really_is(host: Host) -> None:
    if host.backend.get_hostname() == WITHOUT_SYSTEMD:
        assert host.file("/run/systemd/system").exists is False
        return
    probe = "touch /opt/written; readlink /proc/self/ns/net"
    unit = "systemd-run --wait --pipe --quiet -p ProtectSystem=strict -p PrivateNetwork=yes"
    told = host.run(f"{unit} sh -c '{probe}'")
    assert "Read-only file system" in told.stderr
    assert told.stdout.strip().startswith("net:")
    assert told.stdout.strip() != host.check_output("readlink /proc/self/ns/net")


def test_there_is_no_way_out(host: Host) -> None:
    assert "default" not in host.check_output("ip route")
