"""One size from beginning to end: generate, build, start the peers, measure, keep each part."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

from generator.graph import generate
from measures import export, floors, latency, runaway, throughput
from measures.latency import FIRST, Effort
from measures.steady import steady
from measures.throughput import Round
from peers import PEERS, lignee, oxigraph
from peers.peer import Asker, Data, Peer, PeerUnavailable, command
from runner import field, mix, queries, shelf
from runner.field import Field, memory
from runner.parts import Graph, measure
from runner.results import Results

REPOSITORY: Final = Path(__file__).resolve().parents[2]
OTHER: Final = oxigraph.MEMORY.name
"""The peer that most targets are ratios to."""
_LARGEST_VALIDATED: Final = 200_000
"""Quads; SHACL over larger graphs takes minutes and is measured with --full only."""
_DISK_BYTES: Final = 5_000
"""For each quad stated: sources, dumps, and three stores of peers."""
_LOADED: Final = (FIRST, OTHER, "virtuoso", "pyoxigraph", "floor", "lignee-remote")
"""Peers that are still measured after the cold queries where measuring all takes too long."""
_SMALL: Final = 300_000
_ON_DISK: Final = (*_LOADED, "oxigraph-disk")
"""The same where Lignée's own store is on disk: that is the peer to set it beside."""
_LARGE_EFFORT: Final = (Effort(5, 0.5, 60), Round(10.0, 1, rest_seconds=180))
"""For sizes that are kept on the shelf: one answer may take half a minute there."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure, and how long."""

    peers: Sequence[Peer]
    home: Path
    seed: int
    full: bool
    old_build: bool
    latency: Effort
    load: Round
    told: Callable[[str], object]

    def at(self, quads: int) -> Plan:
        """Return the plan for a size: large ones are measured in fewer rounds."""
        if quads < shelf.SMALLEST:
            return self
        effort, rounds = _LARGE_EFFORT
        return replace(self, latency=effort, load=rounds)


def measure_size(quads: int, plan: Plan, kept: Results) -> None:
    """Measure everything at one size; raises PeerUnavailable where the machine is too small.

    Without peers, only its build.
    """
    cache, plan = REPOSITORY / ".cache", plan.at(quads)
    cache.mkdir(exist_ok=True)
    _require_disk(cache, quads)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=cache) as name:
        scratch = Path(name)
        data = _built(quads, plan, kept, scratch)
        if plan.peers:
            kept.add(quads, "effort", {"latency": asdict(plan.latency), "load": asdict(plan.load)})
            _measure_peers(quads, data, plan, kept, scratch)
            _measure_runaways(quads, data, plan, kept, scratch)


def measure_shipped(kept: Results) -> None:
    """Measure the memory of a server of the graph that this repository ships."""
    cache = REPOSITORY / ".cache"
    cache.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=cache) as name:
        folder = Path(name)
        releases = folder / "releases"
        flags = ["--releases", str(releases), "--without-validation"]
        command([lignee.program(), "build", "--kg", str(REPOSITORY), *flags])
        with lignee.serve(Data(releases, 0), folder) as running:
            ready = memory(running)
            asker = running.connection()
            for file in sorted((REPOSITORY / "queries" / "competency").glob("*.rq")):
                for number in range(6):  # each worker meets each query about twice
                    asker.ask(f"{file.read_text(encoding='utf-8')}# {number}\n")
            asker.close()
            kept.add_shipped({"memory_ready": ready, "memory_after_queries": memory(running)})


def _built(quads: int, plan: Plan, kept: Results, scratch: Path) -> Data:
    """Build, or take what was built by the same code from the shelf."""
    if quads < shelf.SMALLEST:
        return _build(quads, plan, kept, scratch)
    place = shelf.Shelf(plan.home, REPOSITORY, quads, plan.seed)
    if not plan.full and (found := place.found(is_old_welcome=plan.old_build)):
        releases, part = found
        measured = part["measured"]
        plan.told(f"built on {measured['started']} at commit {measured['commit']}, and kept")
        kept.add(quads, "build", part)
        return Data(releases, part["release_quads"])
    data = _build(quads, plan, kept, place.emptied())
    place.record(kept.part(quads, "build"), kept.origin)
    return data


def _build(quads: int, plan: Plan, kept: Results, scratch: Path) -> Data:
    begun = time.perf_counter()
    plan.told(f"generating {quads:,} quads")
    folder = scratch / "kg"
    count = generate(REPOSITORY, folder, quads=quads, seed=plan.seed, progress=lambda _done: None)
    graph = Graph(folder, quads, count, time.perf_counter() - begun)
    with_shacl = plan.full or quads <= _LARGEST_VALIDATED
    for validated in (True, False) if with_shacl else (False,):
        plan.told(f"building {count:,} quads {'with' if validated else 'without'} SHACL")
        releases = scratch / ("releases-validated" if validated else "releases")
        part = measure(graph, releases, validated=validated, told=plan.told)
        if part.build.status:
            raise PeerUnavailable(f"lignee build failed: {' '.join(part.build.last_words)}")
        kept.add(quads, "build with SHACL" if validated else "build", asdict(part))
    if quads < shelf.SMALLEST:
        plan.told("what a build cannot do without")
        kept.add(quads, "build floor", floors.build(folder, releases))
    return Data(scratch / "releases", part.release_quads)


def _measure_peers(quads: int, data: Data, plan: Plan, kept: Results, scratch: Path) -> None:
    every, told = queries.read(), plan.told
    entrants = Field(data, plan.home, scratch, told)
    try:
        entrants.start(plan.peers)
        kept.add(quads, "store", "disk" if data.is_on_disk else "memory")
        kept.add(quads, "peers", field.record(entrants.loadings))
        if FIRST not in entrants:
            raise PeerUnavailable(f"lignee did not start: {entrants.loadings[FIRST].reason}")
        asked = queries.bound(every, lambda choice: mix.found(choice, _chooser(entrants))[0])
        cold: dict[str, object] = {}
        for name, found in latency.cold(queries.cold(asked), entrants, plan.latency, told):
            cold[name] = found
            kept.add(quads, "cold", cold)
        kept.add(quads, "warm", latency.warm(queries.cold(asked), entrants[FIRST], 21))
        kept.add(quads, "steady", steady(asked["point"], entrants))
        if OTHER in entrants:
            known = latency.known(every, entrants, OTHER, plan.latency)
            kept.add(quads, "known", known)
            kept.add(quads, "search floor", floors.search(every.values(), data.releases))
        if data.quads > _SMALL:
            left = _ON_DISK if data.is_on_disk else _LOADED
            entrants.end_others(left)
        texts = mix.texts(every, _chooser(entrants), plan.seed)
        kept.add(quads, "throughput", throughput.mixes(texts, entrants, plan.load, told))
        if OTHER in entrants:
            kept.add(quads, "smallest", throughput.smallest(entrants, OTHER, plan.load, told))
        kept.add(quads, "memory", {e.peer.name: memory(e.running) for e in entrants})
        # Last, since Virtuoso may still be busy with it: its JSON takes the square of the rows.
        kept.add(quads, "export", export.exports(every["export"], entrants, plan.latency, told))
    finally:
        entrants.close()


def _chooser(entrants: Field) -> Asker:
    """Return whom to ask what queries may be about: a peer without a deadline, if there is one."""
    for name in (OTHER, FIRST):
        if name in entrants:
            return entrants[name].asker
    raise PeerUnavailable(
        "no server is left that can be asked: Lignée and `oxigraph serve` took longer for an "
        "answer than they are given; finished parts are kept"
    )


def _measure_runaways(quads: int, data: Data, plan: Plan, kept: Results, scratch: Path) -> None:
    every, found = queries.read(), {}
    point, endless = every["point"], every["runaway"]
    deadline = f"--timeout-seconds={runaway.DEADLINE_SECONDS:g}"
    for name, ends in ((FIRST, True), (OTHER, False)):
        is_left_out = name != FIRST and quads >= shelf.SMALLEST  # it would be loaded once more
        if is_left_out or name not in {peer.name for peer in plan.peers}:
            continue
        with tempfile.TemporaryDirectory(prefix="runaway-", dir=scratch) as own:
            folder = Path(own)
            server = (
                lignee.serve(data, folder, deadline)
                if ends
                else PEERS[name].start(data, folder, plan.home)
            )
            try:
                found[name] = runaway.beside_runaway(server, point, endless, ends=ends)
            except PeerUnavailable as error:
                found[name] = {"reason": str(error)}
        plan.told(f"runaway beside 8 clients of {name}: {found[name]}")
    kept.add(quads, "runaway", found)


def _require_disk(cache: Path, quads: int) -> None:
    free, wanted = shutil.disk_usage(cache).free, quads * _DISK_BYTES
    if free < wanted:
        raise PeerUnavailable(
            f"the machine is too small: {quads:,} quads want about {wanted / 1e9:.0f} GB of disk "
            f"below {cache.name}/, and {free / 1e9:.0f} GB are free; measure a smaller size"
        )
