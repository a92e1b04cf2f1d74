"""The catalogue that is in use: sentences in its words, numbers as its language writes them.

    catalogue = load_catalogue("locale/de.po")
    catalogue.sentence("Here the slope is {slope}.")      # "Hier ist die Steigung {slope}."
    catalogue.decimal_separator                           # ","

A scene takes its catalogue from the variable GRADREEL_LANGUAGE, as it takes its theme.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from gradreel.errors import UsageError, unknown_name
from gradreel.lecture_environment import LANGUAGE_VARIABLE
from gradreel.translate.po_file import Message, parse_po

SOURCE_LANGUAGE = "en"
DECIMAL_FIELD = "X-Decimal-Separator"
# Where a language is looked for by its name: in the working directory first.
PACKAGE_FOLDER = Path(__file__).with_name("locale")
FOLDERS = (Path("locale"), PACKAGE_FOLDER)
SLOT = re.compile(r"\{\w+\}")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Translations by sentence, of which each keeps its `{placeholders}`."""

    language: str = SOURCE_LANGUAGE
    decimal_separator: str = "."
    translations: Mapping[str, str] = field(default_factory=dict)

    def sentence(self, text: str) -> str:
        """The translation of `text`, or `text` itself if there is none."""
        return self.translations.get(text) or text

    @property
    def base_language(self) -> str:
        """The code of its language without a region: `de` for `de_AT`."""
        return re.split("[_-]", self.language.lower())[0]

    @property
    def language_tag(self) -> str:
        """The code of its language as web pages and manifests write it: `de-at`."""
        return self.language.lower().replace("_", "-")

    @property
    def is_english(self) -> bool:
        """Whether its sentences are English, such as those of another wording."""
        return self.base_language == SOURCE_LANGUAGE


def find_catalogue(name: str, folder: Path = Path()) -> Path | None:
    """The file of the catalogue called `name`: a language, or a path relative to `folder`.

    None for English. Raises UsageError, with the known languages, if there is none.
    """
    if name == SOURCE_LANGUAGE:
        return None
    if name.endswith(".po"):
        path = folder / name
        if not path.is_file():
            raise UsageError("there is no such catalogue.", where=str(path))
        return path
    folders = (folder / FOLDERS[0], *FOLDERS)
    for place in folders:
        if (place / f"{name}.po").is_file():
            return place / f"{name}.po"
    known = {path.stem for place in folders for path in place.glob("*.po")}
    raise unknown_name("language", name, [SOURCE_LANGUAGE, *sorted(known), "FILE.po"])


def require_catalogue(name: str, folder: Path = Path()) -> str:
    """The path of the catalogue called `name`, "" for English. Raises UsageError if it is wrong."""
    path = find_catalogue(name, folder) if name else None
    if path is None:
        return ""
    load_catalogue(path)
    return str(path)


def load_catalogue(path: Path) -> Catalogue:
    """The catalogue of a PO file; fuzzy translations are left out.

    Raises UsageError for a file that cannot be read, and for a translation without a placeholder of
    its sentence, or with one that the sentence does not have.
    """
    try:
        raw = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"it cannot be read: {error}.", where=str(path)) from None
    header, messages = parse_po(raw, str(path))
    for message in messages:
        _check_placeholders(message, path)
    return Catalogue(
        header.get("Language") or path.stem,
        header.get(DECIMAL_FIELD) or ".",
        {m.text: m.translation for m in messages if m.translation and not m.fuzzy},
    )


def _check_placeholders(message: Message, path: Path) -> None:
    wanted, found = (set(SLOT.findall(text)) for text in (message.text, message.translation))
    if message.translation and not message.fuzzy and wanted != found:
        raise UsageError(
            f"the translation of {message.text!r} needs other placeholders, not "
            f"{', '.join(sorted(found)) or 'none'}.",
            where=f"{path}, line {message.line}", valid=sorted(wanted) or ("none",),
        )  # fmt: skip


def catalogue_at(path: str) -> Catalogue:
    """The catalogue at `path`; the sentences as they are if it is ""."""
    return load_catalogue(Path(path)) if path else Catalogue()


def language_of(path: str) -> str:
    """The code of the language of a catalogue, such as `de`; "" for English and without one."""
    catalogue = catalogue_at(path)
    return "" if catalogue.is_english else catalogue.language_tag


# ISO 639-2, by which video files name languages.
THREE_LETTERS = {
    "cs": "ces", "da": "dan", "de": "deu", "el": "ell", "en": "eng", "es": "spa", "fi": "fin",
    "fr": "fra", "hu": "hun", "it": "ita", "ja": "jpn", "ko": "kor", "nl": "nld", "no": "nor",
    "pl": "pol", "pt": "por", "ro": "ron", "ru": "rus", "sv": "swe", "tr": "tur", "uk": "ukr",
    "zh": "zho",
}  # fmt: skip


def three_letter_code(path: str) -> str:
    """The language of a catalogue as a video file names it: `deu`, and `und` for one not known."""
    return THREE_LETTERS.get(catalogue_at(path).base_language, "und")


def current_catalogue() -> Catalogue:
    """The catalogue that GRADREEL_LANGUAGE names; the sentences as they are without it."""
    path = os.environ.get(LANGUAGE_VARIABLE, "")
    return _loaded(path, Path(path).stat().st_mtime_ns) if path else Catalogue()


@lru_cache(maxsize=1)
def _loaded(path: str, _: int) -> Catalogue:
    return load_catalogue(Path(path))
