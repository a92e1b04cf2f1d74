"""What a voice says for signs, formulas and names of code: one table per language.

A language is added by a table here. Without one, a voice reads signs in its own way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SpokenWords:
    """The words of a language.

    `powers` are exponents that have a word of their own. `respellings` are words of other
    languages, in lower case, as a voice of this one has to read them. With `decimal`, the word for
    a decimal comma, digits after it are said one by one.
    """

    symbols: Mapping[str, str]
    functions: Mapping[str, str]
    units: Mapping[str, str]
    powers: Mapping[str, str]
    to_the: str
    to_the_power: str
    minus: str
    times: str
    to: str
    of: str
    over: str
    with_respect_to: str
    dot: str
    prime: str
    double_prime: str
    limit: str
    respellings: Mapping[str, str] = field(default_factory=dict)
    decimal: str = ""
    letter_a: str = ""


ENGLISH = SpokenWords(
    symbols={
        "←": "becomes", "+=": "grows by", "-=": "shrinks by", "−=": "shrinks by",
        "==": "equals", "!=": "is not", "<=": "is at most", ">=": "is at least",
        "±": "plus or minus", "∑": "the sum of", "Σ": "the sum of", "∏": "the product of",
        "°": "degrees", "&": "and", "≪": "is much less than", "≫": "is much more than",
        "≈": "is about", "≠": "is not", "≤": "is at most", "≥": "is at least", "=": "equals",
        "<": "is less than", ">": "is more than", "+": "plus", "×": "times", "·": "times",
        "÷": "divided by", "→": "to", "%": "percent", "∇": "nabla", "∂": "partial",
        "√": "the root of", "∞": "infinity", "½": "one half", "α": "alpha", "β": "beta",
        "ε": "epsilon", "η": "eta", "μ": "mu", "σ": "sigma", "θ": "theta", "Δ": "delta",
    },
    functions={
        "ReLU": "relu", "sin": "sine", "cos": "cosine", "tan": "tangent",
        "sinh": "hyperbolic sine", "cosh": "hyperbolic cosine", "tanh": "hyperbolic tangent",
        "sqrt": "square root", "exp": "exp", "log": "log", "ln": "natural log",
        "sigmoid": "sigmoid", "softmax": "softmax",
    },
    units={
        "KiB": "kibibytes", "MiB": "mebibytes", "GiB": "gibibytes", "kB": "kilobytes",
        "MB": "megabytes", "GB": "gigabytes", "TB": "terabytes", "ms": "milliseconds",
    },
    powers={"2": "squared", "3": "cubed"},
    to_the="to the", to_the_power="to the power", minus="minus", times="times", to="to", of="of",
    over="over", with_respect_to="over", dot="dot", prime="prime", double_prime="double prime",
    limit=r"the limit, as \1 goes to ",
    letter_a="ay",
)  # fmt: skip

GERMAN = SpokenWords(
    symbols={
        "←": "wird", "+=": "wächst um", "-=": "sinkt um", "−=": "sinkt um",
        "==": "gleich", "!=": "ungleich", "<=": "höchstens", ">=": "mindestens",
        "±": "plus minus", "∑": "die Summe über", "Σ": "die Summe über",
        "∏": "das Produkt über", "°": "Grad", "&": "und", "≪": "viel kleiner als",
        "≫": "viel größer als", "≈": "ungefähr", "≠": "ungleich", "≤": "höchstens",
        "≥": "mindestens", "=": "gleich", "<": "kleiner als", ">": "größer als", "+": "plus",
        "×": "mal", "·": "mal", "÷": "geteilt durch", "→": "gegen", "%": "Prozent",
        "∇": "Nabla", "∂": "d", "√": "Wurzel aus", "∞": "unendlich", "½": "ein halb",
        "α": "Alpha", "β": "Beta", "ε": "Epsilon", "η": "Eta", "μ": "Mü", "σ": "Sigma",
        "θ": "Theta", "Δ": "Delta",
    },
    functions={
        "ReLU": "Relu", "sin": "Sinus", "cos": "Kosinus", "tan": "Tangens",
        "sinh": "Sinus hyperbolicus", "cosh": "Kosinus hyperbolicus",
        "tanh": "Tangens hyperbolicus", "sqrt": "Wurzel", "exp": "exp", "log": "Logarithmus",
        "ln": "natürlicher Logarithmus", "sigmoid": "Sigmoid", "softmax": "Softmax",
    },
    units={
        "KiB": "Kibibyte", "MiB": "Mebibyte", "GiB": "Gibibyte", "kB": "Kilobyte",
        "MB": "Megabyte", "GB": "Gigabyte", "TB": "Terabyte", "ms": "Millisekunden",
    },
    powers={"2": "Quadrat"},
    to_the="hoch", to_the_power="hoch", minus="minus", times="mal", to="bis", of="von",
    over="durch", with_respect_to="nach", dot="Punkt", prime="Strich", double_prime="zwei Strich",
    limit=r"der Grenzwert für \1 gegen ",
    respellings={
        "backward": "Bäckwörd", "backpropagation": "Bäck-Propagäischn", "batch": "Bätsch",
        "batches": "Bätsches", "bias": "Baies", "criterion": "Kreitierion", "detach": "Ditätsch",
        "float": "Floht", "module": "Modjul", "none": "Nann",
        "optimizer": "Optimaiser", "pytorch": "Peitortsch", "requires": "riquaiers",
        "retain": "ritäin", "step": "Stepp", "torch": "Tortsch", "true": "truh", "zero": "siero",
    },
    decimal="Komma",
)  # fmt: skip

SPOKEN_WORDS: Mapping[str, SpokenWords] = {"en": ENGLISH, "de": GERMAN}
"""The tables by the code of their language."""
