"""Catalogues: PO files, sentences and numbers in another language, scenes that use them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from manim import tempconfig

from gradreel.draw.caption import Caption
from gradreel.draw.formula import Formula
from gradreel.draw.glyphs import number_outline
from gradreel.draw.labels import (
    forget_labels,
    is_translatable,
    label,
    localize_math,
    used_labels,
)
from gradreel.draw.text import text
from gradreel.errors import UsageError
from gradreel.lecture import LectureScene
from gradreel.lecture_environment import LANGUAGE_VARIABLE
from gradreel.lecture_settings import LectureSettings
from gradreel.publish.title_card import TitleCard
from gradreel.tape import Quantity
from gradreel.translate.catalogue import find_catalogue, load_catalogue, require_catalogue
from gradreel.translate.po_file import Message, format_po, parse_po
from gradreel.translate.scene_texts import untranslated, untranslated_notes

GERMAN = r"""# A translator's remark
msgid ""
msgstr ""
"Language: de\n"
"X-Decimal-Separator: ,\n"

#. TangentLine, "the slope"
#: scene.py:12
msgid "Here the slope is {slope}."
msgstr ""
"Hier ist die "
"\"Steigung\" {slope}."

msgid "A claim"
msgstr "Eine Behauptung"

msgid "Part {number}"
msgstr "Teil {number}"

#, fuzzy
msgid "Nobody knows."
msgstr "Jemand weiß es."

msgid "Not yet."
msgstr ""

#~ msgid "Gone."
#~ msgstr "Weg."
"""


@pytest.fixture
def german(tmp_path, monkeypatch) -> Path:
    """A catalogue in German, which is in use."""
    path = tmp_path / "de.po"
    path.write_text(GERMAN)
    monkeypatch.setenv(LANGUAGE_VARIABLE, str(path))
    return path


def test_a_catalogue_is_read_as_gettext_reads_it(german):
    header, messages = parse_po(GERMAN, "de.po")
    assert header == {"Language": "de", "X-Decimal-Separator": ","}
    assert [m.text for m in messages][:2] == ["Here the slope is {slope}.", "A claim"]
    assert messages[0].translation == 'Hier ist die "Steigung" {slope}.'
    assert [m.fuzzy for m in messages] == [False, False, False, True, False]
    catalogue = load_catalogue(german)
    assert catalogue.sentence("A claim") == "Eine Behauptung"
    # What is fuzzy, empty or unknown stays English.
    for words in ("Nobody knows.", "Not yet.", "Gone.", "Something else."):
        assert catalogue.sentence(words) == words
    assert not catalogue.is_english


def test_what_is_written_is_read_again_the_same(tmp_path):
    texts = ['A "quote" and a \\ backslash', "two\nlines\tand a tab", "Ü ∂ −4 {x}"]
    messages = [Message(t, t[::-1], ("Scene, beat",), fuzzy=k == 1) for k, t in enumerate(texts)]
    raw = format_po({"Language": "de"}, messages)
    header, again = parse_po(raw, "")
    assert header["Language"] == "de"
    assert [(m.text, m.translation, m.fuzzy) for m in again] == [
        (m.text, m.translation, m.fuzzy) for m in messages
    ]
    if shutil.which("msgfmt"):
        (tmp_path / "a.po").write_text(raw)
        subprocess.run(["msgfmt", "-o", "/dev/null", str(tmp_path / "a.po")], check=True)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ('msgid "{a} and {b}"\nmsgstr "{a} und {c}"\n', r"line 1.*\{a\}, \{c\}[\s\S]*\{a\}, \{b\}"),
        ('msgid "None."\nmsgstr "{a}"\n', "Valid: none"),
        ('msgid "a"\nmsgid_plural "b"\n', "line 2: this is not understood"),
        ('msgid "a\nmsgstr "b"\n', "line 1: this is not understood"),
        ("nothing\n", "line 1: this is not understood"),
    ],
)
def test_a_wrong_catalogue_is_an_error_with_its_line(tmp_path, raw, message):
    (tmp_path / "wrong.po").write_text(raw)
    with pytest.raises(UsageError, match=message):
        require_catalogue(str(tmp_path / "wrong.po"))


def test_a_language_is_found_by_its_name(tmp_path):
    (tmp_path / "locale").mkdir()
    (tmp_path / "locale" / "de.po").write_text(GERMAN)
    assert find_catalogue("de", tmp_path) == tmp_path / "locale" / "de.po"
    assert find_catalogue("en", tmp_path) is None
    with pytest.raises(UsageError, match="Valid: en, de, FILE.po"):
        find_catalogue("fr", tmp_path)
    with pytest.raises(UsageError, match="no such catalogue"):
        find_catalogue("fr.po", tmp_path)


def test_a_caption_is_in_the_words_and_numbers_of_the_catalogue(german):
    slope = Quantity(-0.5, "test")
    caption = Caption("Here the slope is {slope}. Nobody knows.", {"slope": slope})
    assert caption.sentences == ('Hier ist die "Steigung" −0,5.', "Nobody knows.")
    assert caption.templates == ("Here the slope is {slope}.", "Nobody knows.")
    assert Caption("{tiny}", {"tiny": Quantity(8.3e-8, "test")}).words == "8,3×10⁻⁸"
    german.write_text(GERMAN.replace("Hier ist", "Da ist"))
    assert Caption("Here the slope is {slope}.", {"slope": slope}).words.startswith("Da ist")


class Scene(LectureScene):
    """A claim."""

    def construct(self) -> None:
        with self.beat("one", "Here the slope is {slope}.", slope=Quantity(-0.5, "test")):
            pass


def test_a_manifest_has_the_translation_and_what_was_translated(german):
    Scene.__module__ = "nowhere"  # the claim is the first line of the class's docstring
    with tempconfig({"quality": "low_quality", "disable_caching": True}):
        scene = Scene(skip_animations=True)
        scene.setup()
        scene.construct()
    manifest = scene.manifest()
    assert (manifest["claim"], manifest["summary"]) == ("Eine Behauptung", "A claim")
    assert manifest["language"] == "de"
    (beat,) = manifest["beats"]
    (sentence,) = beat["sentences"]
    assert beat["say"] == sentence["text"] == 'Hier ist die "Steigung" −0,5.'
    assert sentence["template"] == "Here the slope is {slope}."
    # Data stay as they are: their readers are programs.
    assert beat["numbers"][-1]["text"] == "-0.5"


def test_words_and_numbers_in_pictures_are_translated_but_code_is_not(german):
    german.write_text(GERMAN + '\nmsgid "slope"\nmsgstr "Steigung"\n')
    forget_labels()
    assert label(" slope ") == " Steigung "
    assert localize_math('"slope" = 0.5 x') == '"Steigung" = 0class("normal", ",")5 x'
    # What stands beside a fraction bar or in an exponent stays one number.
    assert localize_math("10^2.5") == '10^(2class("normal", ",")5)'
    # Names of code: in a string with #, in the monospaced font, or by their look.
    assert localize_math('#"slope" = {v}') == '#"slope" = {v}'
    assert text("slope", mono=True).typst_code == "slope"
    assert [w for w in ("x", "d.fill_", "MulBackward0", "grad_fn") if is_translatable(w)] == []
    assert used_labels() == ["slope"]
    # A number has a comma, in the place of the point.
    number = Formula("{x}", x=Quantity(2.5, "test"))
    assert len(number) == 3 and "," in number.typst_code
    comma, point = number_outline("2.5"), number_outline("2 5")
    assert len(comma) > len(point)


def test_what_stays_english_is_named(german):
    beat = {"name": "one", "sentences": [{"template": "Not yet."}, {"template": "{x}"}]}
    manifest = {"scene": "S", "summary": "A claim", "beats": [beat], "labels": ["Nobody knows."]}
    assert untranslated([manifest], str(german)) == ["Not yet.", "Nobody knows."]
    (note,) = untranslated_notes([manifest], str(german))
    assert note.startswith("2 texts have no translation") and note.endswith("\n  Nobody knows.")
    assert untranslated_notes([manifest], "") == ()


def test_the_number_of_a_part_is_translated(german):
    card = TitleCard.with_params({"heading": "A claim", "number": "2"})
    assert (card.heading.fget(card), card.beneath.fget(card)) == ("Eine Behauptung", "Teil 2")


def test_pictures_of_each_language_have_a_folder_of_their_own(german):
    settings = LectureSettings.of("l", language=str(german))
    assert settings.name == "480p15-de"
    assert (LANGUAGE_VARIABLE, str(german)) in settings.environment
