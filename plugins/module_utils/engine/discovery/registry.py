"""Every reader there is, in the order in which they are asked; to be imported from the floor above only."""

from __future__ import annotations

from collections.abc import Mapping

from .base import FrameworkReader, ServiceReader
from .frameworks import (
    ckan,
    codeigniter,
    compose,
    django,
    dotnet,
    drupal,
    environment,
    java,
    joomla,
    moodle,
    nextcloud,
    odoo,
    ojs,
    slims,
    wordpress,
    yii,
)
from .services import addresses, apache, containers, cron, listeners, nginx, pools, units

FRAMEWORKS: tuple[FrameworkReader, ...] = (
    *ckan.READERS,
    *codeigniter.READERS,
    *compose.READERS,
    *django.READERS,
    *dotnet.READERS,
    *drupal.READERS,
    *environment.READERS,
    *java.READERS,
    *joomla.READERS,
    *moodle.READERS,
    *nextcloud.READERS,
    *odoo.READERS,
    *ojs.READERS,
    *slims.READERS,
    *wordpress.READERS,
    *yii.READERS,
)
"""What reads the configurations of applications."""

SERVICES: Mapping[str, ServiceReader] = {
    "addresses": addresses.read_addresses,
    "apache": apache.read_apache,
    "containers": containers.read_containers,
    "cron": cron.read_cron,
    "listeners": listeners.read_listeners,
    "nginx": nginx.read_nginx,
    "pools": pools.read_pools,
    "units": units.read_units,
}
"""What reads the services of a server, by the word that unreadable things are told under."""
