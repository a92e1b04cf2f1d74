"""The syllabus: the scenes of "Autograd Basics" in the order of the lecture.

A scene's class lives in the file of the same name in snake case: TangentLine in tangent_line.py.
This file imports nothing heavy, so that the lecture can be listed in no time.
"""

from __future__ import annotations

from typing import NamedTuple


class Chapter(NamedTuple):
    """A chapter's title and its scenes."""

    title: str
    scenes: tuple[str, ...]


TITLE = "Autograd Basics"

SYLLABUS = (
    Chapter(
        "Why derivatives",
        (
            "TangentLine",
            "SecantToTangent",
            "HowSmallIsSmall",
            "WalkNumerical",
            "WalkAutograd",
            "ThreeWays",
        ),
    ),
    Chapter(
        "The chain rule",
        ("ChainRule", "ChainCompositions", "DeepChain", "WalkChainByHand", "WalkChainAutograd"),
    ),
    Chapter("Computation graphs", ("GraphBuild", "BackwardFlow", "WalkGraph")),
    Chapter(
        "The autograd API",
        ("GraphRecords", "ThreePillars", "WalkThreePillars", "GradientVector"),
    ),
    Chapter(
        "Traps and control",
        ("AccumulationTrap", "WalkAccumulation", "TrainingLoop", "CuttingTheGraph", "WalkCutting"),
    ),
    Chapter("Descent", ("GradientDescent", "WalkDescent", "LearningRates", "LossSurface")),
    Chapter("Beyond", ("OptimizerRace", "ForwardOrReverse", "DeadEnds", "TensorGraph", "Recap")),
)
