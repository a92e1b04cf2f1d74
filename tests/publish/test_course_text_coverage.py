"""The page on what the lecture covers: every item of the course text, and every term."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gradreel.errors import UsageError
from gradreel.publish.course_text_coverage import (
    SourceItem,
    SourceText,
    coverage_page,
    read_items,
    read_script,
    says,
)
from gradreel.publish.script import script_page
from tests.publish.test_script import LECTURE, MANIFESTS

ROOT = Path(__file__).parents[2]
DOCS, GOLDEN = ROOT / "docs", ROOT / "tests" / "golden"
SCRIPT = read_script(script_page(LECTURE, MANIFESTS))

# The course text of the lecture, by one word of each item.
ITEMS = (
    "blindfolded", "central idea", "limit", "approaches", "n-fold", "layer and a loss", "cures",
    "computational graph", "several paths", "grad_fn", "pillars", "update rule", "partial",
    "mini-batches", "four lines", "when to use which", "memory", "table of the descent",
    "elongated valley", "other optimizers", "nine concepts", "bridge",
)  # fmt: skip


def source() -> SourceText:
    return read_items(DOCS / "coverage.toml")


def test_no_item_of_the_course_text_is_missing() -> None:
    texts = [item.text for item in source().items]
    assert [word for word in ITEMS if not any(word in text for text in texts)] == []


def test_every_item_is_taught_in_a_beat_that_exists() -> None:
    for item in source().items:
        assert item.places, item.text
        for scene, beat in item.places:
            values = json.loads((GOLDEN / f"{scene}.json").read_text(encoding="utf-8"))
            assert beat in [row["name"] for row in values["beats"]], f"{item.text}: {scene}"


def test_the_page_is_made_of_the_script_which_says_every_term() -> None:
    script = read_script((DOCS / "script.md").read_text(encoding="utf-8"))
    # After a change of what is said, `make golden` rewrites the script and the page.
    assert (DOCS / "coverage.md").read_text(encoding="utf-8") == coverage_page(source(), script)


def test_a_row_names_the_scene_and_the_time() -> None:
    item = SourceItem("an item", (("One", "first"), ("Two", "first")))
    page = coverage_page(SourceText((item,), ("so",)), SCRIPT)
    assert "| an item | One 0:00, Two 0:00 |" in page
    assert "| so | One 1:01 |" in page


@pytest.mark.parametrize(
    ("item", "term", "message"),
    [
        (SourceItem("an item", ()), "so", "no beat teaches 'an item'"),
        (SourceItem("an item", (("One", "silent"),)), "so", "no beat is called 'silent'"),
        (SourceItem("an item", (("Three", "first"),)), "so", "no scene is called 'Three'"),
        (SourceItem("an item", (("One", "first"),)), "secant", "never says 'secant'"),
    ],
)
def test_what_is_missing_is_named(item: SourceItem, term: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        coverage_page(SourceText((item,), (term,)), SCRIPT)


@pytest.mark.parametrize(
    ("sentence", "term", "said"),
    [
        ("Slopes multiply.", "slope", True),
        ("They accumulated.", "accumulate", True),
        ("Two mini batches.", "mini-batch", True),
        ("The downslope.", "slope", False),
        ("zero_grad empties it.", "zero_grad", True),
    ],
)
def test_a_term_counts_in_any_form_of_its_word(sentence: str, term: str, said: bool) -> None:
    assert says(sentence, term) == said


@pytest.mark.parametrize("raw", ["[", "glossary = []", '[[item]]\ntext = "a"\nplaces = [["One"]]'])
def test_another_file_is_wrong_use(tmp_path: Path, raw: str) -> None:
    (tmp_path / "c.toml").write_text(raw)
    with pytest.raises(UsageError, match="not a list of items"):
        read_items(tmp_path / "c.toml")
