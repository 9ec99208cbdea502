"""The schedule in Indonesian."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "schedule.title": "Jadwal Backup",
    "schedule.subtitle": "Backup Database dan Aplikasi",
    "schedule.made": "Disusun {made}; waktu menurut {zone}",
    "schedule.zone": "Zona waktu",
    "schedule.id": "Nomor jadwal",
    "schedule.server": "Server",
    "schedule.category": "Kategori",
    "schedule.moment": "Waktu mulai",
    "schedule.expected": "Perkiraan",
    "schedule.applications": "Aplikasi",
    "schedule.next": "Berikutnya",
    "schedule.clock": ".",
    "schedule.every.daily": "setiap hari pukul {clock}",
    "schedule.every.weekly": "setiap {day} pukul {clock}",
    "schedule.every.monthly": "setiap tanggal {day} pukul {clock}",
    "schedule.event": "Backup {category} {server}",
    "schedule.picture": "Pekan ini",
    "schedule.entries": "Semua server",
    "schedule.notes": "Catatan",
    "schedule.load": "paling banyak {count} server sekaligus",
    "schedule.summary": "{applications} aplikasi di {servers} server; {count} waktu mulai",
    "schedule.quiet": "Hari tanpa backup: {days}",
    "schedule.retired": "Sudah keluar dari register, backup yang ada tetap disimpan: {names}",
    "weekday.1": "Senin",
    "weekday.2": "Selasa",
    "weekday.3": "Rabu",
    "weekday.4": "Kamis",
    "weekday.5": "Jumat",
    "weekday.6": "Sabtu",
    "weekday.7": "Minggu",
    "finding.window_overfull": "Backup selama {needed} menit tidak muat dalam jendela {window} menit",
    "finding.window_overfull.hint": "Perlebar jendela, atau pindahkan aplikasi ke kategori atau server lain.",
    "finding.servers_at_once": "Sampai {peak} server bekerja sekaligus; selama {minutes} menit melebihi izin",
    "finding.servers_at_once.hint": "Perlebar jendela, pindahkan kategori ke jam lain, atau naikkan at_once.",
    "finding.schedule_drift": "Jadwal yang terpasang bukan jadwal yang ditetapkan",
    "finding.schedule_drift.hint": "Jalankan playbook schedule untuk server ini; cari tahu siapa yang mengubahnya.",
}
