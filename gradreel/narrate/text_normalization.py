"""A caption as it is to be read aloud: signs and names of code turned into words.

spoken("f(x) is −4 at h = 1×10⁻⁷")     # "f of x is minus 4 at h equals 10 to the minus 7"
"""

from __future__ import annotations

import re
from collections.abc import Callable

HIGH = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
SIGNS = {
    "≈": "is about", "≠": "is not", "≤": "is at most", "≥": "is at least", "=": "equals",
    "<": "is less than", ">": "is more than", "+": "plus", "×": "times", "·": "times",
    "÷": "divided by", "→": "to", "%": "percent", "∇": "nabla", "∂": "partial", "√": "the root of",
    "∞": "infinity", "½": "one half", "α": "alpha", "β": "beta", "ε": "epsilon", "η": "eta",
    "μ": "mu", "σ": "sigma", "θ": "theta", "Δ": "delta",
}  # fmt: skip
NAMES = {
    "ReLU": "relu", "sin": "sine", "cos": "cosine", "tan": "tangent", "sinh": "hyperbolic sine",
    "cosh": "hyperbolic cosine", "tanh": "hyperbolic tangent", "sqrt": "square root",
    "exp": "exp", "log": "log", "ln": "natural log", "sigmoid": "sigmoid", "softmax": "softmax",
}  # fmt: skip
_POWERS = {"2": "squared", "3": "cubed"}
_FUNCTIONS = "|".join(NAMES.values())


def _power(found: re.Match[str]) -> str:
    exponent = found.group().translate(HIGH)
    return " " + _POWERS.get(exponent, f"to the {_signed(exponent)}")


def _scientific(found: re.Match[str]) -> str:
    digits, exponent = found.group(1), found.group(2).translate(HIGH)
    first = "" if digits == "1" else f"{digits} times "
    return f"{first}10 to the {_signed(str(int(exponent)))}"


def _signed(number: str) -> str:
    return number.lstrip("+").replace("-", "minus ")


def _name(found: re.Match[str]) -> str:
    return NAMES[found.group()]


def _sign(found: re.Match[str]) -> str:
    return f" {SIGNS[found.group()]} "


# In this order: what later ones would tear apart comes first.
_RULES: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    (r"\.\.\.|…", " "),
    (r"\b(\d+(?:\.\d+)?)(?:×10|e)([⁻⁺+-]?[\d⁰¹²³⁴⁵⁶⁷⁸⁹]+)", _scientific),
    (r"[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+", _power),
    (r"(?<![\w)])[-−](?=[\d.\w])", "minus "),
    (r"−|(?<=\s)-(?=\s)", " minus "),
    (r"(?<=\w)\(\)", ""),
    (r"\b([A-Za-z])['′]", r"\1 prime"),
    (rf"\b(?:{'|'.join(NAMES)})\b", _name),
    (rf"\b([A-Za-z](?: prime)?|{_FUNCTIONS})\(([^()]*)\)", r"\1 of \2"),
    (r"\b([A-Za-z])\[(\d+)\]", r"\1 \2"),
    (r"\*\*(?=[\d\w(])", " to the power "),
    (r"(?<=[\w)]) ?\* ?(?=[\w(])", " times "),
    (r"(?<=[\w)]) @ (?=[\w(])", " at "),
    (r"[()\[\]{}]", ", "),
    (r"\bgrad_fn\b", "grad f n"),
    (r"(?<=\w)\.(?=[A-Za-z])|(?<!\S)\.(?=[A-Za-z])", " dot "),
    (r"_", " "),
    (r"(?<=\d)/(?=\d)|(?<=\b[a-z])/(?=\d|[a-z]\b)|(?<=\bd[a-z])/(?=d[a-z]\b)", " over "),
    (r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z]{2})(?=[a-z]{2})|(?<=[a-z])(?=\d)", " "),
    (r"(?<=\d)(?=[a-z]\b)", " "),
    (r"(?:^|(?<=[.?!] ))a(?= [a-z])|\ba(?=[,.;:=]| (?:becomes|was|and b)\b)", "ay"),
    ("|".join(map(re.escape, SIGNS)), _sign),
    (r"\s+(?=[,.;:?!])", ""),
    (r"(equals|plus|minus|times|[,;:]),", r"\1"),
    (r",(?=[.;:?!])", ""),
    (r"^[\s,]+|\s+$", ""),
    (r"\s+", " "),
)


def normalize(words: str) -> str:
    """`words` without signs that a voice would read wrongly or not at all."""
    for pattern, said in _RULES:
        before = None
        while words != before:  # brackets within brackets open one by one
            before, words = words, re.sub(pattern, said, words)
    return words
