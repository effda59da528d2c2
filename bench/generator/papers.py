"""Papers of a series: a draft, the consultation on it, its revisions, and who discusses them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from generator.pages import Page, World
from generator.sessions import dated, figure
from generator.wording import Text
from generator.writing import literal

_SHARE_OF_SESSIONS: Final = 0.2
"""How many sessions beside the first are followed by a paper."""


class Papers:
    """Writes the papers of one series as its sessions pass."""

    def __init__(self, world: World, series: str, label: Text, page: Page, organizer: str) -> None:
        self._world, self._series, self._label = world, series, label
        self._page, self._organizer = page, organizer
        self._count = 0
        self._undiscussed = ""

    def to_discuss(self) -> str:
        """Return the paper that the next session discusses, once, or nothing."""
        paper, self._undiscussed = self._undiscussed, ""
        return paper

    def after(self, session_number: int, start: date) -> None:
        """Write a draft, its consultation and revision, if this session is followed by them."""
        rng = self._world.rng
        if session_number > 1 and rng.random() >= _SHARE_OF_SESSIONS:
            return
        self._count += 1
        draft = self._draft(start + timedelta(days=20))
        consultation = self._consult(draft, start + timedelta(days=30))
        revised = self._revise(draft, 1, start + timedelta(days=80), consultation)
        if rng.random() < 0.3:
            revised = self._revise(revised, 2, start + timedelta(days=100), "")
        self._undiscussed = revised

    def _draft(self, issued: date) -> str:
        slug = f"{self._series}-paper-{self._count}-draft"
        label = Text(
            f"Draft paper {self._count} of {self._label.en}",
            f"Projet de document {self._count}, {self._label.fr}",
        )
        name = self._world.resource("document", slug, label)
        themes = self._world.popular["theme"].draw_some(2)
        statements = [
            ("schema:name", literal(label.fr, "fr")),
            ("schema:publisher", self._organizer),
            *(("schema:about", theme.name) for theme in themes),
            ("dcterms:issued", dated(issued, "gYearMonth")),
            ("lig:status", "lig:draft"),
        ]
        self._page.state(f"Un projet de document a paru en {issued:%m/%Y}.", [(name, statements)])
        return name

    def _consult(self, draft: str, start: date) -> str:
        slug = f"{self._series}-paper-{self._count}"
        label = Text(
            f"Consultation on draft paper {self._count} of {self._label.en}",
            f"Consultation sur le projet de document {self._count}, {self._label.fr}",
        )
        name = self._world.resource("consultation", slug, label)
        statements = [
            ("lig:consultsOn", draft),
            ("schema:organizer", self._organizer),
            ("schema:startDate", dated(start, "date")),
            ("schema:endDate", dated(start + timedelta(days=40), "date")),
            ("lig:hasAim", self._world.popular["aim"].draw().name),
        ]
        counted = Text(f"Contributions to {label.en}", f"Contributions, {label.fr}")
        count = self._world.rng.randrange(10, 900)
        contributions = figure(
            self._world, f"{slug}-contributions", counted, name, "contributions", count
        )
        self._page.state(
            f"Il a été soumis à commentaires et a reçu {count} contributions.",
            [(name, statements), contributions],
        )
        return name

    def _revise(self, earlier: str, number: int, issued: date, consultation: str) -> str:
        slug = f"{self._series}-paper-{self._count}-revised-{number}"
        label = Text(
            f"Paper {self._count} of {self._label.en}, revision {number}",
            f"Document {self._count}, {self._label.fr}, révision {number}",
        )
        name = self._world.resource("document", slug, label)
        statements = [
            ("lig:revises", earlier),
            ("schema:publisher", self._organizer),
            ("dcterms:issued", dated(issued, "date")),
            ("lig:status", "lig:published"),
        ]
        if consultation:
            statements.append(("lig:takesIntoAccount", consultation))
        self._page.state(f"Une révision a paru le {issued:%d/%m/%Y}.", [(name, statements)])
        return name
