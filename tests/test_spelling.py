import pytest
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store

from lignee.canonical import canonical_lines, to_nquads
from lignee.spelling import Spellings
from lignee.vocabulary import XSD

GRAPH = NamedNode("https://example.org/g")


def quad(value: str, datatype: str) -> Quad:
    node = NamedNode("https://example.org/a")
    return Quad(node, node, Literal(value, datatype=NamedNode(XSD + datatype)), node)


def stored_lines(quads: list[Quad]) -> list[bytes]:
    store = Store()
    store.extend(quads)
    nquads = store.dump(format=RdfFormat.N_QUADS)
    assert nquads is not None
    return canonical_lines(nquads)


@pytest.mark.parametrize(
    ("value", "datatype"),
    [
        ("12", "positiveInteger"),
        ("007", "integer"),
        ("12", "integer"),
        ("1.50", "decimal"),
        ("1e0", "double"),
        ("1", "boolean"),
        ("2020-01-01T00:00:00.000Z", "dateTime"),
        ("P60M", "duration"),
        ("2019-09", "gYearMonth"),
        ("text", "string"),
    ],
)
def test_literal_is_dumped_as_its_file_spells_it(value: str, datatype: str) -> None:
    said = [quad(value, datatype)]
    spellings = Spellings()
    spellings.note(to_nquads(said).strip(), GRAPH)
    assert spellings.restored(stored_lines(said)) == canonical_lines(to_nquads(said))


def test_two_spellings_of_one_value_are_both_kept() -> None:
    said = [quad("1", "integer"), quad("01", "integer")]
    spellings = Spellings()
    for one in said:
        spellings.note(to_nquads([one]).strip(), GRAPH)
    assert len(stored_lines(said)) == 1
    assert spellings.restored(stored_lines(said)) == canonical_lines(to_nquads(said))
