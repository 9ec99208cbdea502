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

case $1 in
  web.*)
    make_site /var/www/portal
    make_site /var/www/agenda
    ;;
  data.*)
    make_database /srv/antrean/data/antrean.db
    echo 'print("antrean")' >/srv/antrean/main.py
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
