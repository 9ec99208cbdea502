"""What was noticed about an application or a server, in Indonesian, in the words of the procedure where it has any."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "finding.damaged_run": "Simpanan dari pelaksanaan terakhir rusak",
    "finding.damaged_run.hint": "Segera jalankan backup baru, cek, dan periksa disk tempat penyimpanan.",
    "finding.never_good": "Belum ada satu pun backup yang baik",
    "finding.never_good.hint": "Atasi alasan kegagalannya, lalu jalankan backup.",
    "finding.stale": "Backup baik terakhir sudah berumur {age}",
    "finding.stale.hint": "Atasi alasan kegagalannya, lalu jalankan backup.",
    "finding.broken_chain": "Catatan pelaksanaannya diubah atau tidak lengkap",
    "finding.broken_chain.hint": "Cocokkan bukti dengan catatan di server; cari tahu siapa yang dapat mengubahnya.",
    "finding.failing": "Gagal {count} kali berturut-turut",
    "finding.failing.hint": "Kegagalan yang berulang tidak akan sembuh sendiri: ikuti tindakan yang disarankan.",
    "finding.shrunk": "Ukuran turun {change} dari biasanya",
    "finding.shrunk.hint": "Pastikan tidak ada yang terhapus atau belum terpasang sebelum backup lama dihapus.",
    "finding.shrunk_acknowledged": "Ukuran turun {change} dari biasanya, sudah diketahui dan diterima",
    "finding.shrunk_acknowledged.hint": "Lihat catatannya dan pastikan memang itu yang dimaksud.",
    "finding.part_dropped": "{count} bagian dari pelaksanaan terakhir tidak ada lagi dalam daftar aplikasi",
    "finding.part_dropped.hint": "Pastikan memang disengaja; bila tidak, cantumkan kembali dalam daftar.",
    "finding.damaged_older_run": "{count} simpanan yang lebih lama rusak",
    "finding.damaged_older_run.hint": "Periksa disk tempat penyimpanan; jangan andalkan simpanan itu.",
    "finding.never_proved": "Belum pernah dipulihkan dan dibandingkan",
    "finding.never_proved.hint": "Jalankan diskominfo-backup check; bila tidak bisa, buktinya menyebut alasannya.",
    "finding.unproved": "Terakhir dipulihkan dan dibandingkan {age} lalu",
    "finding.unproved.hint": "Jalankan diskominfo-backup check; bila tidak bisa, buktinya menyebut alasannya.",
    "finding.grown": "Ukuran naik {change} dari biasanya",
    "finding.grown.hint": "Periksa apakah log, cache, atau salinan backup ikut terbawa, lalu kecualikan.",
    "finding.unchanged": "Isi database tidak berubah selama {age}",
    "finding.unchanged.hint": "Pastikan aplikasi masih memakai database itu, atau sesuaikan check.unchanged_days.",
    "finding.unchanged_counts": "Ukuran dan jumlah baris database tidak berubah selama {age}",
    "finding.unchanged_counts.hint": (
        "Isinya tidak dibandingkan. Pastikan aplikasi masih memakai database itu, atau sesuaikan check.unchanged_days."
    ),
    "finding.chain_restarted": "Rantai bukti backup dimulai dari awal lagi",
    "finding.chain_restarted.hint": "Wajar bila server dibangun ulang; bila tidak, cari siapa yang menghapus buktinya.",
    "finding.future_receipts": "{count} bukti bertanggal di masa depan dan tidak dihitung",
    "finding.future_receipts.hint": "Betulkan jam server (timedatectl).",
    "finding.same_disk": "Semua salinan berada di disk yang sama dengan sumbernya",
    "finding.same_disk.hint": "Simpan salinan di disk atau server lain: satu disk rusak menghilangkan keduanya.",
    "finding.low_room": "Sisa ruang {free} tidak cukup untuk beberapa putaran backup ({round} per putaran)",
    "finding.low_room.hint": "Perbesar tempat penyimpanan, atau kurangi retensi aplikasi terbesar.",
    "finding.delivery_failed": "Pesan terakhir lewat saluran ini tidak sampai",
    "finding.delivery_failed.hint": "Lihat pesannya; perbaiki setelan backup_delivery, lalu buat laporan lagi.",
    "finding.note_refused": "Sebuah catatan tidak dapat dibaca dan tidak dipakai",
    "finding.note_refused.hint": "Periksa asalnya: notes/ dalam folder bukti.",
}
