"""Generated tapes: JSON and back without a loss; damaged JSON is one error that names the place."""

from __future__ import annotations

import copy
import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradreel.errors import GradreelError, RecordingError
from gradreel.record import record
from gradreel.tape import Edge, LeafGrad, Op, Step, Tape
from tests.fuzz.generated import examples, no_hang

NUMBERS = st.floats(allow_nan=True, allow_infinity=True)
TEXTS = st.text("abcxyz@._0127 '\\\"\n\x00√é中🙂", max_size=8)  # a whole alphabet is slow to build
COUNTS = st.integers(0, 99)


@st.composite
def values(draw: st.DrawFn, shape: tuple[int, ...]) -> Any:
    """The numbers of a tensor of this shape."""
    if not shape:
        return draw(NUMBERS)
    return tuple(draw(values(shape[1:])) for _ in range(shape[0]))


SHAPES = st.lists(st.integers(0, 2), max_size=2).map(tuple)
TENSORS = st.one_of(st.none(), SHAPES.flatmap(values))


@st.composite
def tapes(draw: st.DrawFn) -> Tape:
    """A tape with any content that the schema allows."""
    ids = draw(st.lists(TEXTS, min_size=1, max_size=4, unique=True))
    known = st.sampled_from(ids)
    ops = []
    for name in ids:
        shape = draw(SHAPES)
        ops.append(
            Op(
                name, draw(TEXTS), draw(TEXTS), tuple(draw(st.lists(known, max_size=2))), shape,
                draw(st.one_of(st.none(), values(shape))), draw(st.booleans()),
                draw(st.booleans()), draw(st.one_of(st.none(), TEXTS)), draw(TEXTS), draw(TEXTS),
                draw(st.one_of(st.none(), COUNTS)), draw(TEXTS),
            )
        )  # fmt: skip
    optional_number, passes = st.one_of(st.none(), NUMBERS), st.one_of(st.none(), COUNTS)
    edges = st.builds(Edge, known, known, COUNTS, optional_number, TENSORS, passes)
    steps = st.builds(Step, COUNTS, COUNTS, known, TEXTS, TEXTS, TENSORS)
    grads = st.builds(LeafGrad, COUNTS, known, TENSORS, TENSORS)
    return Tape(
        draw(TEXTS), draw(st.dictionaries(TEXTS, SHAPES.flatmap(values), max_size=2)), tuple(ops),
        *(tuple(draw(st.lists(rows, max_size=3))) for rows in (edges, steps, grads)),
    )  # fmt: skip


@examples(20)
@given(tapes())
def test_json_and_back_loses_nothing(tape: Tape) -> None:
    def reject(text: str) -> float:
        raise AssertionError(f"{text} is not JSON")

    text = tape.to_json()
    json.loads(text, parse_constant=reject)
    assert repr(Tape.from_json(text)) == repr(tape)  # by repr, since NaN is not equal to itself


def _program(x, w):
    hidden = (x * w).tanh()
    return (hidden - 1).square().sum()


ORIGINAL = record(_program, x=[1.0, 2.0], w=0.5).to_dict()
ODD = st.one_of(
    st.sampled_from(
        [None, True, 0, -1, 1.5, 10**400, math.nan, "", "x", "NaN", "nan", [], [[]], {}, [None],
         [1, [2]], {"from": 1}, "\ud800", [0.0] * 3, b"x", {1, 2}, object()]
    ),
    st.recursive(st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS), lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)), max_leaves=5),
)  # fmt: skip


@st.composite
def damaged(draw: st.DrawFn) -> Any:
    """The document of a recording in which one or two places were replaced, removed or added."""
    document: Any = {"": copy.deepcopy(ORIGINAL)}
    for _ in range(draw(st.integers(1, 2))):
        parent, key = document, ""
        for _ in range(draw(st.integers(0, 4))):
            inner = parent[key]
            if not isinstance(inner, (dict, list)) or not inner:
                break
            keys = list(inner) if isinstance(inner, dict) else list(range(len(inner)))
            parent, key = inner, draw(st.sampled_from(keys))
        match draw(st.sampled_from(["replace", "remove", "add"])):
            case "remove" if parent is not document:
                del parent[key]
            case "add" if isinstance(parent, dict):
                parent[draw(st.one_of(TEXTS, st.just(3)))] = copy.deepcopy(draw(ODD))
            case _:
                parent[key] = copy.deepcopy(draw(ODD))
    return document[""]


@examples(60)
@given(damaged())
def test_a_damaged_document_is_a_tape_or_one_error_of_our_own(document: Any) -> None:
    with no_hang():
        try:
            tape = Tape.from_dict(document)
        except RecordingError as error:
            assert "this is not a tape: " in str(error) or "schema version" in str(error)
            return
    _use(tape)


def _use(tape: Tape) -> None:
    """Ask a tape for everything that it answers; only errors of our own are allowed."""
    assert repr(Tape.from_dict(tape.to_dict())) == repr(tape)
    for number in (*tape.backwards, 1):
        for op in tape:
            questions = (tape.value, tape.gradient, tape.grad)
            for ask in questions:
                try:
                    ask(op.id) if ask == tape.value else ask(op.id, number)
                except GradreelError:
                    continue
            tape.incoming(op.id, number), tape.outgoing(op.id, number)
    for edge in tape.arrows():
        for question in (tape.local, tape.contribution):
            try:
                question(edge)
            except GradreelError:
                continue


JSON_TEXTS = st.text('{}[],:"0123456789.eE-+tfnulras \\', max_size=12)


@examples(40)
@given(st.one_of(JSON_TEXTS, st.data()))
def test_damaged_text_is_a_tape_or_one_error_of_our_own(text: Any) -> None:
    if not isinstance(text, str):
        original = json.dumps(ORIGINAL)
        start = text.draw(st.integers(0, len(original)))
        text = original[:start] + text.draw(JSON_TEXTS) + original[start + 2 :]
    try:
        Tape.from_json(text)
    except RecordingError:
        return


def test_a_deeply_nested_document_is_one_error() -> None:
    nested: Any = 1.0
    for _ in range(100_000):
        nested = [nested]
    for key in ("inputs", "version", "ops"):
        with pytest.raises(RecordingError):
            Tape.from_dict({**ORIGINAL, key: {"x": nested} if key == "inputs" else nested})
