"""Write Turtle and TriG files statement by statement, counting quads."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TextIO

from generator.wording import Text

BASE: Final = "https://w3id.org/lignee/"
Statements = list[tuple[str, str]]
"""Predicates and objects of one subject, in Turtle's syntax."""
Description = tuple[str, Statements]
"""A subject and what is said of it."""


def literal(text: str, tag: str = "") -> str:
    """Return the text as a literal, with a language tag if one is given."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"@{tag}' if tag else f'"{escaped}"'


def typed(text: object, datatype: str) -> str:
    """Return a literal of that XSD datatype."""
    return f'"{text}"^^xsd:{datatype}'


def in_both(predicate: str, text: Text) -> Statements:
    """Return the text stated in English and in French."""
    return [(predicate, literal(text.en, "en")), (predicate, literal(text.fr, "fr"))]


class Tally:
    """Counts the quads written so far."""

    def __init__(self) -> None:
        self.quads = 0


class RdfText:
    """The paragraphs of a file, not yet written; every statement is counted once."""

    def __init__(self, tally: Tally) -> None:
        self.tally = tally
        self.parts: list[str] = []

    def describe(self, subject: str, statements: Statements, indent: str = "") -> None:
        """Add a paragraph on the subject; a statement given twice is written once."""
        lines = [f"{predicate} {value}" for predicate, value in dict.fromkeys(statements)]
        self.tally.quads += len(lines)
        between = f" ;\n{indent}    "
        self.parts.append(f"{indent}{subject}\n{indent}    {between.join(lines)} .\n\n")

    def graph(self, name: str, descriptions: Iterable[Description]) -> None:
        """Add a named graph; subjects must differ."""
        self.parts.append(f"GRAPH {name} {{\n")
        for subject, statements in descriptions:
            self.describe(subject, statements, "    ")
        self.parts[-1] = self.parts[-1][:-1]
        self.parts.append("}\n\n")


class RdfFile(RdfText):
    """A file that is written as it grows, so that memory stays flat."""

    def __init__(
        self, path: Path, prefixes: dict[str, str], names: Iterable[str], tally: Tally
    ) -> None:
        super().__init__(tally)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file: TextIO = path.open("w", encoding="utf-8", newline="\n")
        for name in sorted(names):
            self._file.write(f"@prefix {name}: <{prefixes[name]}> .\n")
        self._file.write("\n")

    def flush(self) -> None:
        """Write the paragraphs added since the last time."""
        self._file.writelines(self.parts)
        self.parts.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.flush()
        self._file.close()
