"""How many workers there are where nobody says: what the machine is good for."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from handmade import chosen
from lignee.engines import machine
from lignee.engines.embedded import EmbeddedEngine
from lignee.engines.tally import Tally
from lignee.release import Release

GIB = 2**30
Machine = Callable[[int, int], None]


@pytest.fixture
def has(monkeypatch: pytest.MonkeyPatch) -> Machine:
    """Let the machine have other processors and memory than it has."""

    def given(processors: int, gibibytes: int) -> None:
        monkeypatch.setattr(machine, "processors", lambda: processors)
        monkeypatch.setattr(machine, "memory_bytes", lambda: gibibytes * GIB)

    return given


def workers(*, on_disk: bool, **settings: float) -> int:
    return machine.with_workers(chosen(**settings), on_disk=on_disk).workers


def test_a_store_in_memory_has_one_worker_more_than_processors(has: Machine) -> None:
    has(8, 64)
    assert workers(on_disk=False) == 9


def test_a_store_on_disk_has_four_workers_for_each_processor(has: Machine) -> None:
    has(8, 64)
    assert workers(on_disk=True) == 32


@pytest.mark.parametrize("on_disk", [False, True])
def test_there_are_no_more_workers_than_may_fill_the_memory(has: Machine, on_disk: bool) -> None:
    has(64, 24)
    assert workers(on_disk=on_disk, memory_megabytes=2048) == 12


@pytest.mark.parametrize("on_disk", [False, True])
def test_there_are_three_workers_at_least(has: Machine, on_disk: bool) -> None:
    has(1, 1)
    assert workers(on_disk=on_disk, memory_megabytes=2048) == 3


def test_a_number_that_is_given_holds(has: Machine) -> None:
    has(8, 64)
    assert workers(on_disk=True, workers=2) == 2


def test_an_engine_has_as_many_workers_as_the_machine_is_good_for(
    has: Machine, tiny_release: Release
) -> None:
    has(2, 64)
    for most, number in ((2_000_000, 3), (0, 8)):
        tally = Tally()
        with EmbeddedEngine(tiny_release, chosen(memory_store_max_quads=most), tally):
            assert tally.workers == number
