"""WordPress: constants of wp-config.php and the prefix that tells several sites in one database apart."""

from __future__ import annotations

from ...record.discovered import Configuration
from ..base import FrameworkReader, Place
from ..languages.address import make_reference
from ..languages.literal import dig_text
from ..languages.php import read_php

UPLOADS = "wp-content/uploads"


def read_wordpress(text: str, place: Place) -> Configuration | None:
    """`wp-config.php`, which may also lie one folder above the site."""
    values = read_php(text)
    root = place.root if place.files.is_folder(place.join("wp-content")) else _find_site(place)
    here = Place(place.files, place.file, root)
    content, uploads = dig_text(values, "WP_CONTENT_DIR"), dig_text(values, "UPLOADS")
    folders = here.keep(uploads or UPLOADS, f"{content}/uploads" if content else UPLOADS)
    name, user = dig_text(values, "DB_NAME"), dig_text(values, "DB_USER")
    prefix = dig_text(values, "$table_prefix") or "wp_"
    reference = make_reference("mysql", name, dig_text(values, "DB_HOST"), user=user, prefix=prefix) if name else None
    return here.make("wordpress", [reference], folders, dig_text(values, "WP_HOME") or dig_text(values, "WP_SITEURL"))


def _find_site(place: Place) -> str:
    """The one folder below that holds the site, else the folder of the file itself."""
    below = [place.join(entry.name) for entry in place.files.entries(place.root) if entry.is_dir()]
    sites = [folder for folder in below if place.files.is_folder(f"{folder}/wp-content")]
    return sites[0] if len(sites) == 1 else place.root


READERS = (FrameworkReader("wordpress", read_wordpress, ("wp-config.php",)),)
