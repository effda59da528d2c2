"""The catalogue record names every dump with its size and checksum, as DCAT-AP wants it."""

from __future__ import annotations

import warnings
from pathlib import Path

import pyshacl
import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Store

from lignee.build.catalogue import DUMPS
from lignee.release import Release, open_store, sha256_of
from lignee.vocabulary import DCAT, DCTERMS, SPDX


@pytest.fixture(scope="module")
def record(tiny_release: Release) -> Store:
    store = Store()
    path = str(tiny_release.folder / "dcat.ttl")
    store.bulk_load(path=path, format=RdfFormat.TURTLE)
    return store


def values(store: Store, subject: NamedNode, predicate: str) -> list[NamedNode | Literal]:
    found = [quad.object for quad in store.quads_for_pattern(subject, NamedNode(predicate), None)]
    return [value for value in found if isinstance(value, NamedNode | Literal)]


def one(store: Store, subject: NamedNode, predicate: str) -> NamedNode | Literal:
    (value,) = values(store, subject, predicate)
    return value


@pytest.fixture(scope="module")
def of_release(tiny_release: Release) -> NamedNode:
    return NamedNode(f"https://example.org/tiny/releases/{tiny_release.version}")


def test_record_is_of_this_version(
    record: Store, of_release: NamedNode, tiny_release: Release
) -> None:
    assert one(record, of_release, DCAT + "version").value == tiny_release.version
    assert one(record, of_release, DCTERMS + "issued").value == "2024-02-01"
    assert one(record, of_release, DCAT + "isVersionOf").value == tiny_release.manifest.dataset


@pytest.mark.parametrize("name", DUMPS)
def test_dump_has_its_size_checksum_and_address(
    record: Store, of_release: NamedNode, tiny_release: Release, name: str
) -> None:
    part, file = NamedNode(f"{of_release.value}#{name}"), tiny_release.folder / name
    checksum = one(record, part, SPDX + "checksum")
    assert isinstance(checksum, NamedNode)
    assert one(record, part, DCAT + "byteSize").value == str(file.stat().st_size)
    assert one(record, checksum, SPDX + "checksumValue").value == sha256_of(file)
    assert one(record, part, DCAT + "downloadURL").value == f"{of_release.value}/{name}"
    assert bool(values(record, part, DCAT + "compressFormat")) == name.endswith(".gz")


def test_record_is_in_the_store_and_not_in_the_default_graph(
    tiny_release: Release, of_release: NamedNode
) -> None:
    store = open_store(tiny_release, in_memory=False)
    graphs = {quad.graph_name for quad in store.quads_for_pattern(of_release, None, None)}
    assert graphs == {NamedNode(tiny_release.namespaces.graph("release"))}


@pytest.mark.parametrize("which", ["tiny_release", "shipped"])
def test_record_conforms_to_dcat_ap(
    request: pytest.FixtureRequest, shared: Path, which: str
) -> None:
    release: Release = request.getfixturevalue(which)
    shapes = shared / "schemas" / "dcat-ap-3.0.1" / "dcat-ap-SHACL.ttl"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the shapes file makes rdflib warn; it is not ours
        conforms, _, text = pyshacl.validate(
            str(release.folder / "dcat.ttl"), shacl_graph=str(shapes), inference="none"
        )
    assert conforms, text
