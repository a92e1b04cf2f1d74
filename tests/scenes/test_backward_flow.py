"""BackwardFlow of programs of every size: folded where needed, legible, with true numbers."""

from __future__ import annotations

from pathlib import Path

PROGRAMS = Path(__file__).parents[1] / "record" / "programs"

LARGE = {
    "large.py:unrolled": "w=0.9, u=0.3, b=0.1",
    "large.py:fixed_point": "a=0.8",
    "large.py:learned_rate": "rate=0.05",
    "large.py:two_arms": "x=0.5, y=0.3",
    "large.py:without_a_pattern": "x=0.4",
    "large.py:Tower": "x=randn(3, 2)",
    "large.py:Transformer": "words=int([0, 3, 1, 4])",
    "tricks.py:newton": "x=2.0",
}
SMALL = {
    "regression.py:line_fit": "slope=0.5, intercept=0",
    "regression.py:logistic": "w=[0.1, -0.2], b=0.3",
    "regression.py:softmax_regression": "weights=randn(2, 3)",
    "regression.py:three_epochs": "w=[0.5, 0.5]",
    "networks.py:Perceptron": "x=randn(4, 2)",
    "networks.py:Residual": "x=randn(2, 3)",
    "networks.py:Vision": "image=randn(1, 1, 4, 4)",
    "networks.py:Words": "ids=int([0, 3, 1, 4])",
    "sequences.py:rnn": "w=randn(2, 2), u=randn(2, 2), b=[0.1, 0.2]",
    "sequences.py:attention": "q=randn(3, 2), k=randn(3, 2), v=fixed(randn(3, 2))",
    "sequences.py:two_heads": "x=randn(3, 2), w=randn(2, 4)",
    "tricks.py:vae": "mean=[0.5, -1], log_var=[0.1, 0.2]",
    "tricks.py:penalty": "x=[0.3, 0.4], w=1.5",
    "tricks.py:straight_through": "x=[0.3, 0.4]",
    "tricks.py:momentum": "x=1.0, y=0.5",
    "tricks.py:clipped": "w=[1.0, 2.0]",
    "tricks.py:rows_filled": "x=[0.3, 0.4]",
}
