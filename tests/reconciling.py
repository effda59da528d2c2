"""What tests of reconciliation share: the specification's JSON Schemas, the list of terms."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jsonschema import Draft7Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT7

from conftest import ROOT

TERMS = ROOT / "tests" / "reconciliation" / "termes.csv"
ID = "https://w3id.org/lignee/id/"
EUROVOC = f"{ID}linkset/eurovoc"


@dataclass(frozen=True)
class Term:
    """A term of a list, the entity that it means, and EuroVoc's equivalent where there is one."""

    text: str
    entity: str
    eurovoc: str


def terms() -> list[Term]:
    with TERMS.open(encoding="utf-8", newline="") as lines:
        _, *rows = csv.reader(lines)
    return [
        Term(text, ID + name.replace(":", "/"), f"http://eurovoc.europa.eu/{code}" if code else "")
        for text, name, code in rows
    ]


class Schemas:
    """The schemas in a folder, by the names of their files."""

    def __init__(self, folder: Path) -> None:
        self._schemas = {
            file.stem: json.loads(file.read_text(encoding="utf-8"))
            for file in folder.glob("*.json")
        }
        resources = [
            (schema["$id"], Resource.from_contents(schema, default_specification=DRAFT7))
            for schema in self._schemas.values()
        ]
        self._registry = Registry().with_resources(resources)

    def check(self, name: str, content: object) -> None:
        Draft7Validator(self._schemas[name], registry=self._registry).validate(content)


@cache
def schemas_in(shared: Path) -> Schemas:
    return Schemas(shared / "schemas" / "reconciliation-0.2")
