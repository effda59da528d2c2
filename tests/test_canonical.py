from lignee.canonical import canonical_lines, digest

LINES = [b'<http://e/a> <http://e/p> "z" <http://e/g> .', b'<http://e/a> <http://e/p> "\xc3\xa9" .']


def test_order_of_statements_does_not_matter() -> None:
    assert canonical_lines(b"\n".join(LINES)) == canonical_lines(b"\n".join(LINES[::-1]))


def test_statement_said_twice_counts_once() -> None:
    assert len(canonical_lines(b"\n".join(LINES + LINES))) == 2


def test_labels_of_blank_nodes_do_not_matter() -> None:
    one = b"_:x <http://e/p> _:y .\n_:y <http://e/p> _:x .\n_:x <http://e/q> <http://e/o> .\n"
    other = one.replace(b"_:x", b"_:n1").replace(b"_:y", b"_:n0")
    assert digest(canonical_lines(one)) == digest(canonical_lines(other))


def test_one_changed_character_changes_the_digest() -> None:
    assert digest(canonical_lines(LINES[0])) != digest(canonical_lines(LINES[1]))
