"""Text normalization for speech: symbols, formulas and names of code written out as words.

normalize("f(x) is −4 at h = 1×10⁻⁷")     # "f of x is minus 4 at h equals 10 to the minus 7"
"""

from __future__ import annotations

import re
from collections.abc import Callable

SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
SYMBOL_WORDS = {
    "←": "becomes", "+=": "grows by", "-=": "shrinks by", "−=": "shrinks by",
    "==": "equals", "!=": "is not", "<=": "is at most", ">=": "is at least",
    "±": "plus or minus", "∑": "the sum of", "Σ": "the sum of", "∏": "the product of",
    "°": "degrees", "&": "and", "≪": "is much less than", "≫": "is much more than",
    "≈": "is about", "≠": "is not", "≤": "is at most", "≥": "is at least", "=": "equals",
    "<": "is less than", ">": "is more than", "+": "plus", "×": "times", "·": "times",
    "÷": "divided by", "→": "to", "%": "percent", "∇": "nabla", "∂": "partial", "√": "the root of",
    "∞": "infinity", "½": "one half", "α": "alpha", "β": "beta", "ε": "epsilon", "η": "eta",
    "μ": "mu", "σ": "sigma", "θ": "theta", "Δ": "delta",
}  # fmt: skip
FUNCTION_WORDS = {
    "ReLU": "relu", "sin": "sine", "cos": "cosine", "tan": "tangent", "sinh": "hyperbolic sine",
    "cosh": "hyperbolic cosine", "tanh": "hyperbolic tangent", "sqrt": "square root",
    "exp": "exp", "log": "log", "ln": "natural log", "sigmoid": "sigmoid", "softmax": "softmax",
}  # fmt: skip
UNIT_WORDS = {
    "KiB": "kibibytes", "MiB": "mebibytes", "GiB": "gibibytes", "kB": "kilobytes",
    "MB": "megabytes", "GB": "gigabytes", "TB": "terabytes", "ms": "milliseconds",
}  # fmt: skip
_POWER_WORDS = {"2": "squared", "3": "cubed"}
_FUNCTIONS = "|".join(FUNCTION_WORDS.values())


def _say_power(match: re.Match[str]) -> str:
    exponent = match.group().translate(SUPERSCRIPTS)
    return " " + _POWER_WORDS.get(exponent, f"to the {_say_signed(exponent)}")


def _say_scientific(match: re.Match[str]) -> str:
    digits, exponent = match.group(1), match.group(2).translate(SUPERSCRIPTS)
    first = "" if digits == "1" else f"{digits} times "
    return f"{first}10 to the {_say_signed(str(int(exponent)))}"


def _say_signed(number: str) -> str:
    return number.lstrip("+").replace("-", "minus ")


def _say_function(match: re.Match[str]) -> str:
    return FUNCTION_WORDS[match.group()]


def _say_unit(match: re.Match[str]) -> str:
    return UNIT_WORDS[match.group()]


def _say_subscript(match: re.Match[str]) -> str:
    return " " + match.group().translate(SUBSCRIPTS)


def _say_symbol(match: re.Match[str]) -> str:
    return f" {SYMBOL_WORDS[match.group()]} "


# The order matters: patterns that contain others come first.
_REPLACEMENTS: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    (r"\.\.\.|…|[`“”\"]", " "),
    (r"\s+[–—]\s+", ", "),
    (r"(?<=\d)[–-](?=\d)", " to "),
    (r"[₀₁₂₃₄₅₆₇₈₉]+", _say_subscript),
    (rf"(?<=\d )(?:{'|'.join(UNIT_WORDS)})\b", _say_unit),
    ("|".join(re.escape(s) for s in SYMBOL_WORDS if len(s) > 1), _say_symbol),
    (r"\b(\d+(?:\.\d+)?)(?:×10|[eE])([⁻⁺+-]?[\d⁰¹²³⁴⁵⁶⁷⁸⁹]+)", _say_scientific),
    (r"[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+", _say_power),
    (r"(?<![\w)])[-−](?=[\d.\w])", "minus "),
    (r"−|(?<=\s)-(?=\s)", " minus "),
    (r"(?<=\w)\(\)", ""),
    (r"\b([A-Za-z])(?:''|′′|″)", r"\1 double prime"),
    (r"\b([A-Za-z])['′](?![a-z])", r"\1 prime"),
    (rf"\b(?:{'|'.join(FUNCTION_WORDS)})\b", _say_function),
    (rf"\b([A-Za-z](?:(?: double)? prime)?|{_FUNCTIONS}|[a-z]\w+)\(([^()]*)\)", r"\1 of \2"),
    (r"\b([A-Za-z])\[(\d+)\]", r"\1 \2"),
    (r"(?:\*\*|\^)2\b", " squared"),
    (r"(?:\*\*|\^)3\b", " cubed"),
    (r"(?:\*\*|\^)(?=[\d\w(])", " to the power "),
    (r"(?<=[\w)]) ?\* ?(?=[\w(])", " times "),
    (r"(?<=[\w)]) @ (?=[\w(])", " at "),
    (r"[()\[\]{}]", ", "),
    (r"\bgrad_fn\b", "grad f n"),
    (r"(?<=\w)\.(?=[A-Za-z])|(?<!\S)\.(?=[A-Za-z])", " dot "),
    (r"_", " "),
    (r"(?<=\d)/(?=\d)|(?<=\b[a-z])/(?=\d|[a-z]\b)|(?<=\bd[a-z])/(?=d[a-z]\b)", " over "),
    (r"(?<=∂[A-Za-z])/(?=∂)| / ", " over "),
    (r"\blim (\w+) (?:→|->) ", r"the limit, as \1 goes to "),
    (r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z]{2})(?=[a-z]{2})|(?<=[a-z])(?=\d)", " "),
    (r"(?<=\d)(?=[a-z]\b)", " "),
    (r"(?:^|(?<=[.?!] ))a(?= [a-z])|\ba(?=[,.;:=]| (?:becomes|was|and b)\b)", "ay"),
    ("|".join(map(re.escape, SYMBOL_WORDS)), _say_symbol),
    (r"\s+(?=[,.;:?!])", ""),
    (r"(equals|plus|minus|times|[,;:]),", r"\1"),
    (r",(?=[.;:?!])", ""),
    (r"^[\s,]+|[\s,]+$", ""),
    (r"\s+", " "),
)


def normalize(words: str) -> str:
    """`words` without symbols that a voice would read wrongly or skip."""
    for pattern, replacement in _REPLACEMENTS:
        before = None
        while words != before:  # nested brackets are replaced from the inside out
            before, words = words, re.sub(pattern, replacement, words)
    return words
