"""Integrity queries: SELECT queries over the whole dataset whose every solution is a fault.

A query binds ?focus, and ?path and ?value where a statement is at fault; any of its variables may
be named in its messages, as in SHACL: {?other} (https://www.w3.org/TR/shacl/#sparql-constraints).
They say what SHACL Core cannot (named graphs, order, counting), and run in the store's own engine.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, QuerySolution, QuerySolutions

from lignee.build.evaluation import evaluate
from lignee.build.report import SEVERITIES, Term, ValidationResult
from lignee.dataset import Dataset
from lignee.errors import Place, UnparsableInput
from lignee.query_files import QueryFile
from lignee.vocabulary import SH

FOCUS: Final = "focus"
_CONSTRAINT: Final = NamedNode(SH + "SPARQLConstraintComponent")
_PLACEHOLDER: Final = re.compile(r"\{[?$](\w+)\}")


def faults(dataset: Dataset, query: QueryFile) -> Iterator[ValidationResult]:
    """Yield a result for each solution over the dataset, whose default graph must be written.

    Raises UnparsableInput for a file that holds no such query.
    """
    shape = NamedNode(dataset.namespaces.resource("query", query.name))
    severity = NamedNode(SH + query.severity)
    if severity.value not in SEVERITIES:
        raise UnparsableInput(
            f"the severity is {query.severity!r}; it must be Violation, Warning or Info",
            place=Place(query.file),
        )
    for solution in _solutions(dataset, query):
        focus, path, value = (_binding(solution, name) for name in (FOCUS, "path", "value"))
        if focus is None:
            raise UnparsableInput("a solution binds no ?focus", place=Place(query.file))
        yield ValidationResult(
            focus_node=focus,
            path=path if isinstance(path, NamedNode) else None,
            value=value,
            severity=severity,
            messages={
                language: _filled(text, solution, dataset)
                for language, text in query.questions.items()
            },
            shape=shape,
            constraint=_CONSTRAINT,
        )


def _solutions(dataset: Dataset, query: QueryFile) -> QuerySolutions:
    solutions = evaluate(dataset.store, query)
    if not isinstance(solutions, QuerySolutions) or FOCUS not in _names(solutions):
        raise UnparsableInput(
            "an integrity query is a SELECT of ?focus, and of ?path and ?value where they apply",
            place=Place(query.file),
        )
    return solutions


def _names(solutions: QuerySolutions) -> list[str]:
    return [variable.value for variable in solutions.variables]


def _binding(solution: QuerySolution, name: str) -> Term | None:
    try:
        term = solution[name]
    except KeyError:
        return None
    return term if isinstance(term, NamedNode | BlankNode | Literal) else None


def _filled(text: str, solution: QuerySolution, dataset: Dataset) -> str:
    def term_of(placeholder: re.Match[str]) -> str:
        term = _binding(solution, placeholder[1])
        if isinstance(term, NamedNode):
            return dataset.prefixes.shorten(term.value) or f"<{term.value}>"
        return term.value if term is not None else placeholder[0]

    return _PLACEHOLDER.sub(term_of, text)
