"""IRIs: one dataset's namespaces, the prefix table, IRI ↔ request path, IRI ↔ prefixed name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from lignee.errors import UnknownPrefix

_LOCAL_NAME: Final = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?")
_ABSOLUTE_IRI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|^`\\]*")


def is_absolute_iri(text: str) -> bool:
    """Tell whether the text has a scheme and no character that an IRI may not hold (RFC 3987)."""
    return _ABSOLUTE_IRI.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Namespaces:
    """Where a dataset's own IRIs lie: `base` is the dataset's IRI without its last segment."""

    base: str

    @classmethod
    def of_dataset(cls, dataset_iri: str) -> Namespaces:
        """Return the namespaces of the dataset named by that IRI."""
        return cls(dataset_iri[: dataset_iri.rstrip("/#").rindex("/") + 1])

    @property
    def resources(self) -> str:
        """What every resource's IRI starts with."""
        return self.base + "id/"

    @property
    def graphs(self) -> str:
        """What the IRI of every graph that is no passage starts with."""
        return self.base + "graph/"

    def graph(self, name: str) -> str:
        """Return the IRI of the graph of that name."""
        return self.graphs + name

    def resource(self, kind: str, slug: str) -> str:
        """Return the IRI of a resource."""
        return f"{self.resources}{kind}/{slug}"

    def path_of(self, iri: str) -> str | None:
        """Return the request path (`/id/…`) of one of our own IRIs, or None."""
        return iri[len(self.base) - 1 :] if iri.startswith(self.resources) else None

    def iri_of(self, path: str) -> str:
        """Return the IRI that a request path such as `/id/session/1` stands for."""
        return self.base + path.removeprefix("/")


@dataclass(frozen=True, slots=True)
class PrefixTable:
    """The prefixes of a dataset; longest namespace wins when an IRI is shortened."""

    namespaces: Mapping[str, str] = field(default_factory=dict)

    def expand(self, name: str) -> str:
        """Return the IRI of a prefixed name; raises UnknownPrefix."""
        prefix, _, local = name.partition(":")
        if prefix not in self.namespaces:
            raise UnknownPrefix(
                f"unknown prefix `{prefix}:`; prefixes are declared in ontology/prefixes.ttl"
            )
        return self.namespaces[prefix] + local

    def shorten(self, iri: str) -> str | None:
        """Return the prefixed name of an IRI that can be written in Turtle, or None."""
        best: tuple[int, str] | None = None
        for prefix, namespace in self.namespaces.items():
            if not iri.startswith(namespace) or (best and len(namespace) <= best[0]):
                continue
            if _LOCAL_NAME.fullmatch(iri[len(namespace) :]):
                best = (len(namespace), f"{prefix}:{iri[len(namespace) :]}")
        return best[1] if best else None
