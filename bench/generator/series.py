"""A series: its sessions in order, what its pages state of them, and how they build on themes."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Final

from generator.concepts import Concept
from generator.pages import Page, World
from generator.papers import Papers
from generator.sessions import Session, dated, figure, interpret, report, state_attendance
from generator.wording import Text
from generator.writing import Description, Statements, literal, typed

_THEMES_OF_SERIES: Final = 4
_LONGEST: Final = 30
_MEAN_BEYOND_THREE: Final = 9
"""Sessions of a series: three, and some more, exponentially fewer the more they are."""
_BUILDS_ON_THEMES: Final = ((0, 1, 2, 3), (60, 23, 12, 5))
"""Themes of earlier dialogues that a session builds on, and how often in a hundred sessions."""
_MOST_EARLIER_SESSIONS: Final = 4
"""A theme that more earlier sessions are about is not built on: lineage branches, boundedly."""
_SMALLEST_SERIES: Final = 250
"""Quads; when fewer are wanted the series before goes on instead."""
QUADS_OF_A_SESSION: Final = 70
"""Quads that one more session takes, roughly."""


class Series:
    """Writes one series with everything that belongs to it."""

    def __init__(self, world: World, number: int) -> None:
        self._world, self._slug = world, f"dialogue-{number}"
        self._number = number
        self._rng = world.rng
        self._themes = world.popular["theme"].draw_some(_THEMES_OF_SERIES)
        theme = self._themes[0].text.lowered()
        self._label = Text(f"Dialogue {number} on {theme.en}", f"Dialogue {number} : {theme.fr}")
        self._organizer = self._rng.choice(world.organizations)
        self._sessions: list[Session] = []
        self._page = Page(
            world,
            f"{self._slug}-page",
            Text(f"Page of dialogue {number}", f"Page du dialogue {number}"),
        )
        self._papers = Papers(world, self._slug, self._label, self._page, self._organizer)

    def write(self, target_quads: int) -> None:
        """Write the series, up to about that many quads in the whole graph."""
        self._state_series()
        length = 3 + int(self._rng.expovariate(1 / _MEAN_BEYOND_THREE))
        length = min(length, _LONGEST)
        start = date(1980, 1, 15) + timedelta(days=self._rng.randrange(11_000))
        while True:
            session = self._plan(start)
            self._state_session(session)
            self._sessions.append(session)
            self._papers.after(session.number, session.start)
            left = target_quads - self._world.tally.quads
            if left < QUADS_OF_A_SESSION or (
                len(self._sessions) >= length and left > _SMALLEST_SERIES
            ):
                break
            start += timedelta(days=self._rng.randrange(120, 420))
        self._state_total()
        self._page.close(self._organizer)

    def _state_series(self) -> None:
        world, name = self._world, f"series:{self._slug}"
        world.resource("series", self._slug, self._label)
        first, *others = (theme.name for theme in self._themes)
        self._page.state(
            f"{self._label.fr}.",
            [
                (
                    name,
                    [
                        ("schema:name", literal(self._label.fr, "fr")),
                        ("schema:about", first),
                        ("schema:organizer", self._organizer),
                        ("lig:hasAim", world.popular["aim"].draw().name),
                        ("lig:hasCharacteristic", world.popular["characteristic"].draw().name),
                        *(
                            ("lig:involvesStakeholder", concept.name)
                            for concept in world.popular["stakeholder"].draw_some(2)
                        ),
                    ],
                )
            ],
        )
        for theme in (self._themes[0], self._rng.choice(self._themes)):
            self._page.state(f"À propos de {theme.text.fr}.", [self._of_theme(theme)])
        if others and self._rng.random() < 0.5:
            earlier = f"Dialogue {self._number} bis"
            self._page.state(
                f"Ce dialogue s’appelait {earlier}.",
                [(name, [("schema:alternateName", literal(earlier, "fr"))])],
            )

    def _of_theme(self, theme: Concept) -> Description:
        popular = self._world.popular
        return theme.name, [
            ("schema:name", literal(theme.text.fr, "fr")),
            ("lig:usesTechnology", popular["technology"].draw().name),
            ("lig:raisesIssue", popular["issue"].draw().name),
            ("lig:opensOpportunityIn", popular["field"].draw().name),
            ("lig:reproducesAttribute", popular["attribute"].draw().name),
            ("lig:coversContentType", popular["content-type"].draw().name),
        ]

    def _plan(self, start: date) -> Session:
        number = len(self._sessions) + 1
        main = self._rng.choice(self._themes)
        label = Text(
            f"{self._label.en}, session {number}: {main.text.lowered().en}",
            f"{self._label.fr}, session {number} : {main.text.lowered().fr}",
        )
        slug = f"{self._slug}-{number}"
        in_series = [("schema:superEvent", f"series:{self._slug}")]
        self._world.resource("session", slug, label, in_series)
        about = self._world.popular["theme"].draw_some(self._rng.randrange(3))
        precision = self._precision(start)
        return Session(slug, self._number, number, label, start, precision, main, about)

    def _precision(self, start: date) -> str:
        """Return how exactly the page dates a session: a year only where it says the order."""
        drawn = self._rng.choices(("date", "gYearMonth", "gYear"), (50, 35, 15))[0]
        shares_year = bool(self._sessions) and self._sessions[-1].start.year == start.year
        return "gYearMonth" if drawn == "gYear" and shares_year else drawn

    def _state_session(self, session: Session) -> None:
        clause = f"La session {session.number} porte sur {session.main.text.lowered().fr}."
        if self._rng.random() < 0.05:
            self._state_postponed(session)
        else:
            session.passages.append(self._page.state(clause, [self._held(session)]))
        session.passages.append(
            self._page.state(
                f"Elle traite aussi de {len(session.about)} autres sujets et s’en inspire.",
                [(session.name, self._subjects(session))],
            )
        )
        if self._rng.random() < 0.4:
            state_attendance(self._world, session, self._page)
        if session.number == 1 or self._rng.random() < 0.3:
            report(self._world, session, self._organizer)
        if session.number == 1 or self._rng.random() < 0.15:
            interpret(self._world, session)

    def _held(self, session: Session) -> Description:
        return session.name, [
            ("lig:ordinal", typed(session.number, "positiveInteger")),
            ("lig:mainTheme", session.main.name),
            ("lig:status", "lig:held"),
            ("schema:organizer", self._organizer),
            ("schema:startDate", dated(session.start, session.precision)),
        ]

    def _state_postponed(self, session: Session) -> None:
        planned = session.start - timedelta(days=60)
        earlier = self._page.state(
            f"La session {session.number} est prévue pour {planned.year}.",
            [
                (
                    session.name,
                    [
                        ("schema:startDate", dated(planned, "gYearMonth")),
                        ("lig:status", "lig:planned"),
                    ],
                )
            ],
        )
        later = self._page.state(
            f"La session {session.number} a été reportée et a eu lieu.", [self._held(session)]
        )
        self._page.supersede(earlier, later)
        session.passages.append(later)

    def _subjects(self, session: Session) -> Statements:
        popular = self._world.popular
        statements = [("schema:about", concept.name) for concept in session.about]
        statements += [
            ("schema:about", popular["technology"].draw().name),
            ("lig:raisesIssue", popular["issue"].draw().name),
            ("lig:hasAim", popular["aim"].draw().name),
            ("lig:concernsStakeholder", popular["stakeholder"].draw().name),
        ]
        statements += [("lig:buildsOnTheme", name) for name in self._built_on()]
        if paper := self._papers.to_discuss():
            statements.append(("lig:discusses", paper))
        return statements

    def _built_on(self) -> list[str]:
        """Draw themes that a few of the earlier sessions are about."""
        counts, weights = _BUILDS_ON_THEMES
        count = self._rng.choices(counts, weights)[0]
        about = Counter(
            theme.name for session in self._sessions for theme in (session.main, *session.about)
        )
        themes = [theme for theme, times in about.items() if times <= _MOST_EARLIER_SESSIONS]
        return self._rng.sample(themes, min(count, len(themes)))

    def _state_total(self) -> None:
        """State how many took part in all; the count is of people, the period of years."""
        years = max(1, self._sessions[-1].start.year - self._sessions[0].start.year)
        count = len(self._sessions) * 900
        label = Text(f"Participants of {self._label.en}", f"Participants, {self._label.fr}")
        name, statements = figure(
            self._world,
            f"{self._slug}-participants",
            label,
            f"series:{self._slug}",
            "participants",
            count,
        )
        statements.append(("lig:period", typed(f"P{years}Y", "duration")))
        self._page.state(
            f"Le dialogue a réuni {count} personnes en {years} ans.", [(name, statements)]
        )
