#!/bin/sh
# Make what a city hosts: make_hosting.sh HOST. Passwords are made up, and must appear nowhere else.
set -eu

put() {
  mkdir -p "$(dirname "$1")"
  cat >"$1"
}

serve_nginx() {
  put "/etc/nginx/sites-enabled/$1" <<S
server {
    listen 80;
    server_name $1.kota.example;
    root $2;
    index index.php index.html;
    location ~ \.php\$ { fastcgi_pass unix:/run/php/php8.2-fpm.sock; }
}
S
  mkdir -p "$(dirname "$2")"
}

make_laravel() {
  put "/var/www/$1/.env" <<S
APP_NAME="$1"
DB_CONNECTION=mysql
DB_HOST=127.0.0.1
DB_PORT=3306
DB_DATABASE=$1
DB_USERNAME=$1
DB_PASSWORD="rahasia # sekali"
S
  put "/var/www/$1/.env.example" <<S
DB_CONNECTION=mysql
DB_HOST=127.0.0.1
DB_DATABASE=contoh
S
  put "/var/www/$1/artisan" </dev/null
  put "/var/www/$1/public/index.php" </dev/null
  put "/var/www/$1/storage/app/public/berkas.pdf" </dev/null
  serve_nginx "$1" "/var/www/$1/public"
}

make_wordpress() {
  put /var/www/portal/wp-config.php <<'S'
<?php
// define('DB_NAME', 'lama');
define( 'DB_NAME', 'portal_wp' );
define( 'DB_USER', 'portal' );
define( 'DB_PASSWORD', 'rahasia;//sekali' );
define( 'DB_HOST', 'localhost:/run/mysqld/mysqld.sock' );
$table_prefix = 'wp_';
S
  put /var/www/portal/wp-content/uploads/2026/11/foto.jpg </dev/null
  put /var/www/portal/index.php </dev/null
  put /etc/apache2/sites-enabled/portal.conf <<'S'
<VirtualHost *:8080>
    ServerName portal.kota.example
    DocumentRoot /var/www/portal
</VirtualHost>
S
}

make_moodle() {
  put /var/www/elearning/config.php <<'S'
<?php
unset($CFG);
global $CFG;
$CFG = new stdClass();
$CFG->dbtype    = 'pgsql';
$CFG->dblibrary = 'native';
$CFG->dbhost    = 'data.kota.example';
$CFG->dbname    = 'moodle';
$CFG->dbuser    = 'moodle';
$CFG->dbpass    = 'rahasia';
$CFG->prefix    = 'mdl_';
$CFG->dboptions = array('dbport' => 5432);
$CFG->wwwroot   = 'http://elearning.kota.example';
$CFG->dataroot  = '/var/moodledata';
require_once(__DIR__ . '/lib/setup.php');
S
  put /var/www/elearning/version.php </dev/null
  put /var/www/elearning/lib/setup.php </dev/null
  put /var/moodledata/filedir/aa/bb/aabb </dev/null
  serve_nginx elearning /var/www/elearning
}

make_opensid() {
  put /var/www/desa/desa/config/database.php <<'S'
<?php
$db['default']['hostname'] = 'data';
$db['default']['username'] = 'desa';
$db['default']['password'] = 'rahasia';
$db['default']['database'] = 'opensid';
$db['default']['dbdriver'] = 'mysqli';
S
  put /var/www/desa/index.php </dev/null
  put /var/www/desa/donjo-app/config/config.php </dev/null
  put /var/www/desa/desa/upload/foto.jpg </dev/null
  serve_nginx desa /var/www/desa
}

make_codeigniter() {
  put /srv/izin/releases/20261101/.env <<'S'
CI_ENVIRONMENT = production
database.default.hostname = localhost
database.default.database = izin
database.default.username = izin
database.default.password = rahasia
database.default.DBDriver = MySQLi
S
  put /srv/izin/releases/20261101/spark </dev/null
  put /srv/izin/releases/20261101/app/Config/Database.php </dev/null
  put /srv/izin/releases/20261101/public/index.php </dev/null
  ln -s releases/20261101 /srv/izin/current
  serve_nginx izin /srv/izin/current/public
}

make_django() {
  put /opt/antrean/manage.py </dev/null
  put /opt/antrean/antrean/settings.py <<'S'
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": BASE_DIR / "data" / "antrean.sqlite3"}}
S
  mkdir -p /opt/antrean/data
  python3 -c 'import sqlite3; sqlite3.connect("/opt/antrean/data/antrean.sqlite3").executescript("CREATE TABLE a (b);")'
  put /etc/systemd/system/antrean.service <<'S'
[Service]
WorkingDirectory=/opt/antrean
ExecStart=/usr/bin/python3 -m http.server 8001 --bind 127.0.0.1
S
}

make_node() {
  put /srv/arsip/.env <<'S'
NODE_ENV=production
DATABASE_URL="postgresql://arsip:rahasia%23@data:5433/arsip?sslmode=disable"
S
  put /srv/arsip/package.json <<'S'
{"name": "arsip"}
S
  put /srv/arsip/unggahan/surat.pdf </dev/null
}

make_container() {
  put /srv/kasir/docker-compose.yml <<'S'
services:
  app:
    image: localhost/kasir:1
    environment:
      DB_CONNECTION: mysql
      DB_HOST: db
      DB_DATABASE: kasir
      DB_USERNAME: kasir
      DB_PASSWORD: rahasia
    volumes: ["./unggahan:/unggahan"]
  db:
    image: localhost/mariadb:10.11
    environment:
      MARIADB_DATABASE: kasir
    volumes: ["/srv/kasir-db:/var/lib/mysql"]
S
  mkdir -p /srv/kasir/unggahan
  # A container within a container: no file system on top of another one, no cgroups and no network of its own.
  put /etc/containers/storage.conf <<'S'
[storage]
driver = "vfs"
runroot = "/run/containers/storage"
graphroot = "/var/lib/containers/storage"
S
  put /etc/containers/containers.conf <<'S'
[containers]
cgroups = "disabled"
default_sysctls = []
netns = "none"
[engine]
runtime = "crun"
events_logger = "none"
S
  # An image of nothing but the server of this very system: no registry is asked.
  mkdir -p /srv/kasir-db
  mariadb-install-db --user=root --datadir=/srv/kasir-db >/dev/null
  {
    echo /usr/sbin/mariadbd
    echo /usr/share/mysql
    ldd /usr/sbin/mariadbd | grep -o '/[^ ]*'
  } | tar --create --dereference --files-from=- --exclude='*test*' 2>/dev/null |
    podman import --quiet - localhost/mariadb:10.11 >/dev/null
  podman run --detach --name kasir_db_1 --env MARIADB_DATABASE=kasir --env MARIADB_ROOT_PASSWORD=rahasia \
    --label com.docker.compose.project=kasir --label com.docker.compose.service=db \
    --label com.docker.compose.project.working_dir=/srv/kasir --volume /srv/kasir-db:/var/lib/mysql \
    localhost/mariadb:10.11 /usr/sbin/mariadbd --no-defaults --user=root --skip-networking --skip-grant-tables \
    --datadir=/var/lib/mysql --tmpdir=/var/lib/mysql --socket=/var/lib/mysql/own.sock --lc-messages-dir=/usr/share/mysql >/dev/null
  until mariadb --socket=/srv/kasir-db/own.sock -e 'CREATE DATABASE IF NOT EXISTS kasir' 2>/dev/null; do
    podman ps --format '{{.Names}} {{.Status}}' | grep -q 'kasir_db_1 Up'
    sleep 1
  done
}

case $1 in
  web.*)
    rm -f /etc/nginx/sites-enabled/default /etc/apache2/sites-enabled/*
    echo 'Listen 8080' >/etc/apache2/ports.conf
    make_laravel sippn
    make_wordpress
    make_moodle
    make_opensid
    make_codeigniter
    make_django
    make_node
    put /var/www/brosur/index.html </dev/null
    serve_nginx brosur /var/www/brosur
    pg_dropcluster 15 main # comes with the package; a cluster that does not run would be unknown
    systemctl enable --now --quiet mariadb nginx apache2 antrean
    mariadb -e 'CREATE DATABASE sippn; CREATE DATABASE portal_wp; CREATE DATABASE izin'
    make_container
    ;;
  data.*)
    systemctl enable --now --quiet mariadb
    mariadb -e 'CREATE DATABASE opensid'
    systemctl enable --now --quiet postgresql
    pg_createcluster 15 kedua --port 5433 --start >/dev/null
    for name in moodle statistik latihan; do
      runuser -u postgres -- createdb "$name"
    done
    runuser -u postgres -- createdb --port 5433 arsip
    ;;
esac
