from __future__ import annotations

from ansible_collections.diskominfo.backup.plugins.module_utils.engine.rules.order import (
    SMALL_BYTES,
    Lanes,
    Order,
    Past,
    choose_lanes,
    order_applications,
)


def test_one_dump_and_its_compression_fill_two_cores_and_what_is_light_goes_beside() -> None:
    assert choose_lanes(0, 1) == choose_lanes(0, 2) == Lanes(heavy=1, light=1, small=2)
    assert choose_lanes(0, 8) == Lanes(heavy=4, light=1, small=2)
    assert choose_lanes(0, 8).slots == 5


def test_a_number_of_the_office_is_taken_as_it_is() -> None:
    assert choose_lanes(3, 8) == Lanes(heavy=3, light=0, small=0)
    assert choose_lanes(1, 8).slots == 1


def test_the_longest_begin_first_and_what_nobody_knows_before_them() -> None:
    order = order_applications([Past(20.0), Past(3600.0), None, Past(90.0)], Lanes(1, 1))

    assert order == Order(heavy=(2, 1, 3, 0), light=())


def test_short_ones_have_a_lane_of_their_own() -> None:
    order = order_applications([Past(0.5), Past(3600.0), Past(2.0), Past(0.1)], Lanes(1, 1))

    assert order == Order(heavy=(1,), light=(2, 0, 3))


def test_without_a_lane_for_them_short_ones_come_last() -> None:
    assert order_applications([Past(0.5), Past(3600.0), Past(2.0)], Lanes(2, 0)) == Order(heavy=(1, 2, 0), light=())


def test_small_ones_of_files_alone_go_several_at_a_time_however_long_they_took_on_a_busy_machine() -> None:
    small, slow = Past(0.2, SMALL_BYTES, is_plain=True), Past(30.0, 4096, is_plain=True)
    others = [Past(0.2, SMALL_BYTES + 1, is_plain=True), Past(0.2, 4096, is_plain=False)]

    assert order_applications([small, *others, slow], Lanes(1, 1, 2)) == Order(heavy=(), light=(1, 2), small=(3, 0))
    assert order_applications([small, slow], Lanes(1, 1)) == Order(heavy=(1,), light=(0,))
    assert order_applications([small, slow], Lanes(2, 0)) == Order(heavy=(1, 0), light=())


def test_equals_keep_the_order_of_the_register() -> None:
    assert order_applications([None, None, None], Lanes(1, 1)).heavy == (0, 1, 2)
