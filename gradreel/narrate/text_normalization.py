"""Text normalization for speech: symbols, formulas and names of code written out as words.

normalize("f(x) is −4 at h = 1×10⁻⁷")     # "f of x is minus 4 at h equals 10 to the minus 7"
normalize("f(x) ist −4,5", "de")          # "f von x ist minus 4 Komma 5"
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache

from gradreel.narrate.spoken_words import SPOKEN_WORDS, SpokenWords

SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")

Rule = tuple[str, str | Callable[[re.Match[str]], str]]


def normalize(words: str, language: str = "en") -> str:
    """`words` without symbols that a voice of `language` would read wrongly or skip.

    Of a language without a table, only the minus sign is replaced.
    """
    if language not in SPOKEN_WORDS:
        return words.replace("−", "-")
    for pattern, replacement in _rules(language):
        before = None
        while words != before:  # nested brackets are replaced from the inside out
            before, words = words, re.sub(pattern, replacement, words)
    respellings = SPOKEN_WORDS[language].respellings
    return re.sub(r"\w+", lambda match: respellings.get(match[0].lower(), match[0]), words)


@cache
def _rules(language: str) -> tuple[Rule, ...]:
    """The replacements of a language, in an order that matters: what contains others is first."""
    w = SPOKEN_WORDS[language]
    return (*_sign_rules(w), *_formula_rules(w), *_code_rules(w), *_space_rules(w))


def _sign_rules(w: SpokenWords) -> list[Rule]:
    """Signs of several characters, numbers and powers."""

    def signed(number: str) -> str:
        return number.lstrip("+").replace("-", f"{w.minus} ")

    def power(match: re.Match[str]) -> str:
        exponent = match.group().translate(SUPERSCRIPTS)
        return " " + w.powers.get(exponent, f"{w.to_the} {signed(exponent)}")

    def scientific(match: re.Match[str]) -> str:
        digits, exponent = match.group(1), match.group(2).translate(SUPERSCRIPTS)
        first = "" if digits == "1" else f"{digits} {w.times} "
        return f"{first}10 {w.to_the} {signed(str(int(exponent)))}"

    def decimals(match: re.Match[str]) -> str:
        return f"{match[1]} {w.decimal} {' '.join(match[2])}"

    return [
        (r"\.\.\.|…|[`“”„\"]", " "),
        (r"\s+[–—]\s+", ", "),
        (r"(?<=\d)[–-](?=\d)", f" {w.to} "),
        (r"[₀₁₂₃₄₅₆₇₈₉]+", lambda match: " " + match.group().translate(SUBSCRIPTS)),
        (rf"(?<=\d )(?:{'|'.join(w.units)})\b", lambda match: w.units[match.group()]),
        (_any_of(s for s in w.symbols if len(s) > 1), lambda m: f" {w.symbols[m.group()]} "),
        (r"\b(\d+(?:[.,]\d+)?)(?:×10|[eE])([⁻⁺+-]?[\d⁰¹²³⁴⁵⁶⁷⁸⁹]+)", scientific),
        (r"[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+", power),
        *([(r"\b(\d+),(\d+)\b", decimals)] if w.decimal else []),
        (r"(?<![\w)])[-−](?=[\d.\w])", f"{w.minus} "),
        (r"−|(?<=\s)-(?=\s)", f" {w.minus} "),
    ]


def _formula_rules(w: SpokenWords) -> list[Rule]:
    """Functions, their derivatives and arguments, products and powers in code."""
    functions, primes = "|".join(w.functions.values()), f"(?: {w.double_prime}| {w.prime})?"
    squared, cubed = (w.powers.get(n, f"{w.to_the} {n}") for n in "23")
    return [
        (r"(?<=\w)\(\)", ""),
        (r"\b([A-Za-z])(?:''|′′|″)", rf"\1 {w.double_prime}"),
        (r"\b([A-Za-z])['′](?![a-z])", rf"\1 {w.prime}"),
        (rf"\b(?:{'|'.join(w.functions)})\b", lambda match: w.functions[match.group()]),
        (rf"\b([A-Za-z]{primes}|{functions}|[a-z]\w+)\(([^()]*)\)", rf"\1 {w.of} \2"),
        (r"\b([A-Za-z])\[(\d+)\]", r"\1 \2"),
        (r"(?:\*\*|\^)2\b", f" {squared}"),
        (r"(?:\*\*|\^)3\b", f" {cubed}"),
        (r"(?:\*\*|\^)(?=[\d\w(])", f" {w.to_the_power} "),
        (r"(?<=[\w)]) ?\* ?(?=[\w(])", f" {w.times} "),
        (r"(?<=[\w)]) @ (?=[\w(])", " at "),
    ]


def _code_rules(w: SpokenWords) -> list[Rule]:
    """Names of code, fractions, limits and single signs."""
    letter_a = r"(?:^|(?<=[.?!] ))a(?= [a-z])|\ba(?=[,.;:=]| (?:becomes|was|and b)\b)"
    return [
        (r"[()\[\]{}]", ", "),
        (r"\bgrad_fn\b", "grad f n"),
        (r"(?<=\w)\.(?=[A-Za-z])|(?<!\S)\.(?=[A-Za-z])", f" {w.dot} "),
        (r"_", " "),
        (r"(?<=\bd[a-z])/(?=d[a-z]\b)|(?<=∂[A-Za-z])/(?=∂)", f" {w.with_respect_to} "),
        (r"(?<=\d)/(?=\d)|(?<=\b[a-z])/(?=\d|[a-z]\b)| / ", f" {w.over} "),
        (r"\blim (\w+) (?:→|->) ", w.limit),
        (r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z]{2})(?=[a-z]{2})|(?<=[a-z])(?=\d)", " "),
        (r"(?<=\d)(?=[a-z]\b)", " "),
        *([(letter_a, w.letter_a)] if w.letter_a else []),
        (_any_of(w.symbols), lambda match: f" {w.symbols[match.group()]} "),
    ]


def _space_rules(w: SpokenWords) -> list[Rule]:
    """What the other rules leave behind: spaces, and commas in rows."""
    signs = "|".join((w.symbols["="], w.symbols["+"], w.minus, w.times, "[,;:]"))
    return [
        (r"\s+(?=[,.;:?!])", ""),
        (rf"({signs}),", r"\1"),
        (r",(?=[.;:?!])", ""),
        (r"^[\s,]+|[\s,]+$", ""),
        (r"\s+", " "),
    ]


def _any_of(signs: Iterable[str]) -> str:
    return "|".join(map(re.escape, signs))
