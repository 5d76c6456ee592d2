"""A JSON document read thing by thing is the document that it is read whole, wherever the pieces are cut."""

from __future__ import annotations

import io
import json
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.catalogue.importers import Builder, Feed, FeedError, Found, Refusal, json_stream
from bot.catalogue.importers.json_ld import JsonLdImporter
from bot.catalogue.importers.json_stream import HOLDERS, pieces
from bot.catalogue.subjects import Subjects
from bot.knowledge.figures import Figures
from bot.places import Gazetteer

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from([*HOLDERS, "a", "é\n", ""]), inner),
    max_leaves=12,
)


def read(content: bytes, megabytes: int = 1) -> list[tuple[int, Any]]:
    return [tuple(piece) for piece in pieces(io.BufferedReader(io.BytesIO(content)), megabytes)]  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_stream, "_CHUNK", 3)


def whole(document: Any) -> list[Any]:
    """What the pieces of a document are together."""
    if isinstance(document, list):
        return document
    if not isinstance(document, dict):
        return [document]
    held = [name for name in document if name in HOLDERS and isinstance(document[name], list)]
    rest = {name: value for name, value in document.items() if name not in held}
    return [*(item for name in held for item in document[name]), rest]


@settings(deadline=None)
@given(VALUES, st.sampled_from([None, 1]), st.booleans())
def test_pieces_are_the_document(document: Any, indent: int | None, ascii_only: bool) -> None:
    content = json.dumps(document, indent=indent, ensure_ascii=ascii_only).encode()
    assert [value for _, value in read(content)] == whole(document)


@settings(deadline=None)
@given(VALUES, st.data())
def test_a_document_that_is_damaged_is_refused_as_the_standard_library_does(document: Any, data: st.DataObject) -> None:
    content = json.dumps(document).encode()
    cut = data.draw(st.integers(0, len(content)))
    damaged = (
        content[:cut] + data.draw(st.sampled_from([b"", b",", b"]", b"}", b'"', b" 1", b"\xff"])) + content[cut + 1 :]
    )
    try:
        expected = json.loads(damaged.decode())
    except ValueError:
        with pytest.raises(FeedError):
            read(damaged)
    else:
        if not isinstance(expected, dict) or len(whole(expected)) == 1:
            assert [value for _, value in read(damaged)] == whole(expected)


def test_each_piece_knows_its_line() -> None:
    assert read(b'\xef\xbb\xbf{"@graph": [\n{"a":\n1},\n\n{"a": 2}],\n"x": 3}') == [
        (2, {"a": 1}),
        (5, {"a": 2}),
        (1, {"x": 3}),
    ]
    with pytest.raises(FeedError, match="regel 3, teken 6"):
        read(b'[\n{"a": 1},\n{"b" 1}]')


def test_one_thing_may_not_fill_memory() -> None:
    with pytest.raises(FeedError, match="regel 2: één onderdeel is groter dan 1 MB"):
        read(b'[\n{"a": "' + b"x" * 1_100_000)
    with pytest.raises(FeedError, match="één onderdeel is groter dan 1 MB"):
        read(b'{"a": "' + b"x" * 600_000 + b'", "b": "' + b"x" * 600_000 + b'"}')


# -- as a feed


@pytest.fixture
def results(tmp_path: Path, subjects: Subjects, gazetteer: Gazetteer, figures: Figures) -> Any:
    builder = Builder("bron", gazetteer, subjects, figures)

    def results(content: bytes) -> Iterator[Found | Refusal]:
        path = tmp_path / "feed.jsonld"
        path.write_bytes(content)
        return JsonLdImporter().read(Feed(path, "feed"), builder)

    return results


def graph(*things: dict[str, Any]) -> bytes:
    return json.dumps({"@context": "https://schema.org", "@graph": things}, indent=1).encode()


def test_things_may_refer_to_each_other_both_ways(results: Any) -> None:
    found = results(
        graph(
            {"@type": "CourseInstance", "@id": "#i", "startDate": "2027-02-01", "location": {"@id": "#p"}},
            {
                "@type": "Course",
                "@id": "#c",
                "name": "Lassen",
                "provider": {"@id": "#cvo"},
                "hasCourseInstance": [{"@id": "#i"}],
                "hasPart": [{"@id": "#m"}],
            },
            {"@type": "Course", "@id": "#m", "name": "Lassen met de hand"},
            {"@type": "Place", "@id": "#p", "address": {"addressLocality": "Gent", "postalCode": "9000"}},
            {"@type": "Organization", "@id": "#cvo", "name": "CVO Ergens"},
        )
    )
    [only] = found
    offering = only.offering
    assert (offering.title, offering.provider.name, offering.place_name) == ("Lassen", "CVO Ergens", "Gent")
    assert [module.title for module in offering.modules] == ["Lassen met de hand"]
    assert str(offering.start) == "2027-02-01"


def test_a_course_that_is_refused_names_its_line(results: Any) -> None:
    [refusal] = results(graph({"@type": "Course", "name": "Lassen", "provider": "CVO"}))
    assert (refusal.file, refusal.line, refusal.field) == ("feed", 4, "identifier")


def test_a_large_document_takes_no_more_memory_than_a_small_one(results: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_stream, "_CHUNK", 64 * 1024)
    course = {
        "@type": "Course",
        "name": "Lassen",
        "provider": {"@id": "#cvo"},
        "location": "9000 Gent",
        "x": "y" * 2000,
    }

    def peak(count: int) -> int:
        content = graph(
            *({**course, "@id": f"#{number}"} for number in range(count)), {"@id": "#cvo", "name": "CVO Ergens"}
        )
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        assert sum(1 for _ in results(content)) == count
        taken = tracemalloc.get_traced_memory()[1] - before - len(content)
        tracemalloc.stop()
        return taken

    peak(10)
    assert peak(4000) < peak(400) + 2_000_000
