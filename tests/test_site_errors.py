"""Errors on pages, in the visitor's language."""

from __future__ import annotations

import ast
import html
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TypeGuard

import httpx
import pytest
from werkzeug import exceptions

import lignee
import serving
from lignee.serve.http.problems import STATUSES
from lignee.serve.site import languages

PACKAGE = Path(lignee.__file__).parent
OF_PAGES = ("serve", "engines", "query_files.py")
NO_PAGES = "serve/reconciliation"
RAISED = {kind.__name__ for kind in STATUSES} | {
    name for name, kind in inspect.getmembers(exceptions, inspect.isclass)
}
MAKERS = RAISED | {"TransferNotImplemented", "unavailable", "kind", "PartialAnswer"}
"""What errors are made by, under the names that the code gives them."""


@pytest.fixture(scope="module")
def client(tiny_releases: Path) -> Iterator[httpx.Client]:
    with serving.serve(tiny_releases, query_bytes=3_000) as server, server.client() as opened:
        yield opened


def template(node: ast.expr) -> str | None:
    """Return a text as it is written, with `{}` for each value, None for what is no text."""
    if isinstance(node, ast.JoinedStr):
        return "".join(template(part) or "{}" for part in node.values)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return None


def trees() -> Iterator[ast.Module]:
    for part in OF_PAGES:
        for file in sorted((PACKAGE / part).rglob("*.py")) or [PACKAGE / part]:
            if NO_PAGES not in file.as_posix():
                yield ast.parse(file.read_text(encoding="utf-8"))


def sentences() -> set[str]:
    """Return what the code gives to errors."""
    calls = (node for tree in trees() for node in ast.walk(tree) if isinstance(node, ast.Call))
    said = {
        template(call.args[0])
        for call in calls
        if call.args and ast.unparse(call.func).rpartition(".")[2] in MAKERS
    }
    return {text for text in said if text}


def test_every_error_is_written_in_french() -> None:
    written = languages.catalogue("errors.fr", "fr")
    assert len(sentences()) > 80
    assert sentences() <= written.keys()


def test_nothing_is_translated_that_the_code_does_not_say() -> None:
    texts = (template(node) for tree in trees() for node in ast.walk(tree) if is_text(node))
    said = " ".join({text for text in texts if text} | sentences())
    for sentence in languages.catalogue("errors.fr", "fr"):
        assert all(piece in said for piece in re.split(r"; |\{\}", sentence)), sentence


def is_text(node: ast.AST) -> TypeGuard[ast.expr]:
    return isinstance(node, ast.JoinedStr | ast.Constant)


def test_a_translation_has_the_values_of_its_sentence() -> None:
    for english, french in languages.catalogue("errors.fr", "fr").items():
        assert english.count("{}") == french.count("{}"), english


@pytest.mark.parametrize("language", languages.LANGUAGES)
def test_every_status_has_a_title(language: str) -> None:
    titles = languages.load().texts[language]
    assert {f"problem.{status.value}" for status in STATUSES.values()} <= titles.keys()


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("/nowhere", "Il n’y a rien à l’adresse /nowhere ; vérifiez-la, ou cherchez par nom"),
        ("/page/session/3", "Cette version ne dit rien de session/3 ; les noms les plus proches"),
        ("/themes?iri=urn:x:y", "Ce n’est pas un schéma de concepts ou un concept de cette"),
        ("/themes?page=0", "`page` vaut '0' ; les pages sont numérotées à partir de 1."),
        ("/sparql?query=SELECT * { ?s }&format=html", "La requête n’a pas pu être lue : `}` n’est"),
        ("/sparql?query=SELECT * { ?x a ex:b }&format=html", "le préfixe `ex:` n’est pas déclaré"),
        ("/sparql?query=ASK {}&release=9", "Il n’y a pas de version 9 ; /releases énumère celles"),
        ("/sparql?query=ASK {}&format=html&view=x", "Le paramètre `view` vaut 'x' ; il doit être"),
        ("/queries/none", "Il n’y a pas de requête publiée none ; /queries énumère celles"),
        ("/queries/who-says-so?a=1", "La requête `who-says-so` n’a pas de paramètre `a` ; elle"),
        ("/queries/sessions-by-theme?theme=x", "il doit être un IRI, ou un nom avec l’un des"),
        ("/search?q=" + "x" * 2999, "compte 3"),
        ("/ontology?format=pdf", "Rien de ce que nomme `Accept` ou `format` ne s’obtient ici"),
    ],
    ids=lambda value: value[:24],
)
def test_page_tells_an_error_in_french(client: httpx.Client, path: str, sentence: str) -> None:
    answer = client.get(path, headers={"Accept": "text/html", "Accept-Language": "fr"})
    assert answer.status_code >= 400
    found = re.search(r'<p class="\w+"([^>]*role="alert"[^>]*)>(.*?)</p>', answer.text)
    assert found
    assert 'lang="fr"' in found[1]
    assert sentence in " ".join(html.unescape(found[2]).split())


def test_address_says_which_methods_it_takes(client: httpx.Client) -> None:
    told = client.post("/themes").json()["detail"]
    assert told == "/themes does not take POST; it takes GET, HEAD, OPTIONS."
    page = client.post("/themes", headers={"Accept": "text/html", "Accept-Language": "fr"}).text
    assert "/themes n’admet pas POST ; cette adresse admet GET, HEAD, OPTIONS." in page


def test_program_is_told_in_english(client: httpx.Client) -> None:
    problem = client.get("/page/session/3", headers={"Accept-Language": "fr"}).json()
    assert problem["title"] == "Not Found"
    assert problem["detail"].startswith("This release says nothing of session/3")


def test_sentence_that_nobody_translated_says_that_it_is_english() -> None:
    told = languages.load().told("fr", "The moon is in the way.")
    assert (told.text, told.language) == ("The moon is in the way.", "en")
