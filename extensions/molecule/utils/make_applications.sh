#!/bin/sh
# Make the applications that inventories/example registers on one server: make_applications.sh HOST
set -eu

make_site() {
  mkdir -p "$1/cache" "$1/uploads"
  echo '<h1>Kota Contoh</h1>' >"$1/index.html"
  echo 'not wanted' >"$1/cache/page"
  head -c 300000 /dev/urandom >"$1/uploads/foto.jpg"
  ln -s uploads/foto.jpg "$1/terbaru"
  chown -R www-data:www-data "$1"
}

make_database() {
  mkdir -p "$(dirname "$1")"
  python3 - "$1" <<'P'
import sqlite3
import sys

with sqlite3.connect(sys.argv[1]) as database:
    database.execute("PRAGMA journal_mode=wal")
    database.execute("CREATE TABLE entri (id INTEGER PRIMARY KEY, isi TEXT)")
    database.executemany("INSERT INTO entri (isi) VALUES (?)", [(f"baris {number}",) for number in range(500)])
P
  chown -R www-data:www-data "$(dirname "$1")"
}

make_mariadb() {
  systemctl enable --now --quiet mariadb
  mariadb <<'S'
CREATE DATABASE portal;
USE portal;
CREATE TABLE berita (id INT PRIMARY KEY AUTO_INCREMENT, judul VARCHAR(200), isi TEXT) CHARACTER SET utf8mb4;
INSERT INTO berita (judul, isi) SELECT CONCAT('Berita ', seq), REPEAT('isi ', 50) FROM seq_1_to_400;
CREATE VIEW terbaru AS SELECT judul FROM berita ORDER BY id DESC LIMIT 10;
CREATE TABLE catatan (pada TIMESTAMP DEFAULT CURRENT_TIMESTAMP, berita INT);
CREATE TRIGGER catat AFTER INSERT ON berita FOR EACH ROW INSERT INTO catatan (berita) VALUES (NEW.id);
S
}

make_postgresql() {
  systemctl enable --now --quiet postgresql
  runuser -u postgres -- psql --quiet -v ON_ERROR_STOP=1 <<'S'
CREATE ROLE perizinan LOGIN;
CREATE DATABASE perizinan OWNER perizinan;
\connect perizinan
SET ROLE perizinan;
CREATE TABLE izin (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, usaha text, terbit date DEFAULT current_date);
INSERT INTO izin (usaha) SELECT 'Usaha ' || n FROM generate_series(1, 600) AS n;
CREATE VIEW hari_ini AS SELECT usaha FROM izin WHERE terbit = current_date;
S
}

# What the hooks of the register stop and start around a backup.
make_worker() {
  printf '[Unit]\nDescription=Work off the queue of %s\n[Service]\nExecStart=sleep infinity\n' "$1" \
    >"/etc/systemd/system/antrean-$1.service"
  systemctl daemon-reload
  systemctl start "antrean-$1.service"
}

case $1 in
  web.*)
    make_site /var/www/portal
    make_site /var/www/agenda
    make_mariadb
    ;;
  data.*)
    make_database /srv/antrean/data/antrean.db
    echo 'print("antrean")' >/srv/antrean/main.py
    make_postgresql
    make_worker perizinan
    ;;
  baru.*)
    make_database /srv/arsip/surat.db
    make_site /srv/arsip/pindaian
    make_site /srv/kios
    ;;
  lama.*)
    make_site /var/www/situs
    ;;
esac
