"""What is said of one session beside its own page: figures, news, a curator's reading."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from generator.concepts import Concept
from generator.pages import Page, World
from generator.wording import Text
from generator.writing import BASE, Description, Statements, in_both, literal, typed

_MODES: Final = ("Online", "Offline", "Mixed")
_BOUNDS: Final = ("lig:atLeast", "lig:almost", "lig:exact")
_REASON: Final = Text(
    "The clauses name no right; the subject they share implies this one.",
    "Les passages ne nomment aucun droit ; leur sujet commun implique celui-ci.",
)


@dataclass(slots=True)
class Session:
    """A session as far as later ones depend on it."""

    slug: str
    series_number: int
    number: int
    label: Text
    start: date
    precision: str
    main: Concept
    about: list[Concept]
    passages: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Its prefixed name."""
        return f"session:{self.slug}"

    @property
    def meeting_code(self) -> str:
        """A code in the form that the shapes ask for."""
        number = f"{self.series_number}{self.number:02}"
        return f"WIPO/IP/CONV/GE/{number}/{self.start.year % 100:02}"


def dated(day: date, precision: str) -> str:
    """Return the day as a literal of that precision: date, gYearMonth or gYear."""
    length = {"date": 10, "gYearMonth": 7, "gYear": 4}[precision]
    return typed(day.isoformat()[:length], precision)


def figure(world: World, slug: str, label: Text, of: str, measure: str, count: int) -> Description:
    """Write a figure's type and labels; return what a passage states of it."""
    name = world.resource("figure", slug, label)
    return name, [
        ("lig:figureOf", of),
        ("lig:measures", f"measure:{measure}"),
        ("lig:count", str(count)),
        ("lig:bound", world.rng.choice(_BOUNDS)),
    ]


def state_attendance(world: World, session: Session, page: Page) -> None:
    """State on the series' page how many took part, from how many countries."""
    people = Text(f"Participants of {session.label.en}", f"Participants, {session.label.fr}")
    countries = Text(f"Countries at {session.label.en}", f"Pays, {session.label.fr}")
    count, count_of_countries = world.rng.randrange(40, 4000), world.rng.randrange(5, 190)
    slug, name = session.slug, session.name
    page.state(
        f"La session {session.number} a réuni {count} personnes de {count_of_countries} pays.",
        [
            figure(world, f"{slug}-participants", people, name, "participants", count),
            figure(world, f"{slug}-countries", countries, name, "countries", count_of_countries),
        ],
    )


def report(world: World, session: Session, publisher: str) -> None:
    """Write a page of the public record: days, title, code, sometimes the registrants."""
    end = session.start + timedelta(days=world.rng.randrange(3))
    title = Text(f"News of {session.label.en}", f"Actualité de {session.label.fr}")
    page = Page(world, f"{session.slug}-news", title, issued=end + timedelta(days=2))
    mode = world.rng.choice(_MODES)
    statements: Statements = [
        ("schema:startDate", dated(session.start, "date")),
        ("schema:endDate", dated(end, "date")),
        ("schema:eventAttendanceMode", f"schema:{mode}EventAttendanceMode"),
        ("schema:name", literal(session.label.en, "en")),
        ("dcterms:identifier", literal(session.meeting_code)),
        ("lig:status", "lig:held"),
    ]
    statements += [("schema:about", concept.name) for concept in session.about[:1]]
    page.state("", [(session.name, statements)])
    if world.rng.random() < 0.5:
        label = Text(
            f"Registrants of {session.label.en}, by the public record",
            f"Inscrits, {session.label.fr}, selon les archives publiques",
        )
        slug, count = f"{session.slug}-registrants-public-record", world.rng.randrange(100, 6000)
        page.state("", [figure(world, slug, label, session.name, "registrants", count)])
    page.close(publisher)


def interpret(world: World, session: Session) -> None:
    """Write a curator's reading of the session's passages, in a graph of its own."""
    slug = f"right-of-{session.slug}"
    name = f"<{BASE}graph/interpretation/{slug}>"
    reading = Text(f"A reading of {session.label.en}", f"Une lecture de {session.label.fr}")
    with world.file("interpretations", slug) as file:
        file.describe(
            name,
            [
                ("a", "lig:Interpretation"),
                *in_both("rdfs:label", reading),
                *in_both("rdfs:comment", _REASON),
                *(("prov:wasDerivedFrom", passage) for passage in session.passages),
                ("lig:confidence", f"0.{world.rng.randrange(50, 96)}"),
            ],
        )
        right = world.popular["right"].draw().name
        file.graph(name, [(session.name, [("schema:about", right)])])
