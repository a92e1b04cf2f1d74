"""The syllabus: the scenes of "Autograd Basics" in the order of the lecture.

A scene's class lives in its chapter's folder, in the file of the same name in snake case:
TangentLine in slopes/tangent_line.py. This file imports nothing heavy, so that the lecture is
listed at once. The folder is imported as `gradreel.scenes`.
"""

from __future__ import annotations

from typing import NamedTuple


class Chapter(NamedTuple):
    """A chapter: its folder beside this file, its title, what is said under it, and its scenes.

    The sentence leads from the chapter before to this one.
    """

    folder: str
    title: str
    says: str
    scenes: tuple[str, ...]


TITLE = "Autograd Basics"

SYLLABUS = (
    Chapter(
        "slopes",
        "Why derivatives",
        "To learn is to walk downhill in the dark.",
        (
            "TangentLine",
            "SecantToTangent",
            "WalkNumerical",
            "HowSmallIsSmall",
            "ThreeWays",
            "WalkAutograd",
        ),
    ),
    Chapter(
        "chain_rule",
        "The chain rule",
        "A network is a function of functions.",
        ("ChainRule", "WalkChainByHand", "WalkChainAutograd", "ChainCompositions", "DeepChain"),
    ),
    Chapter(
        "graphs",
        "Computation graphs",
        "PyTorch remembers which slopes to multiply.",
        ("GraphBuild", "WalkGraph", "BackwardFlow", "ForwardOrReverse"),
    ),
    Chapter(
        "autograd_api",
        "The autograd API",
        "Every tensor of the graph can tell us.",
        ("GraphRecords", "ThreePillars", "WalkThreePillars", "GradientVector"),
    ),
    Chapter(
        "control",
        "Traps and control",
        "Now the traps, and how to steer.",
        (
            "AccumulationTrap",
            "WalkAccumulation",
            "TrainingLoop",
            "CuttingTheGraph",
            "WalkCutting",
            "SavedTensors",
        ),
    ),
    Chapter(
        "descent",
        "Descent",
        "We have the slope. Now let us walk.",
        ("GradientDescent", "WalkDescent", "LearningRates", "LossSurface", "OptimizerRace"),
    ),
    Chapter(
        "whole_machine",
        "Beyond",
        "From a single x to a whole network.",
        ("DeadEnds", "TensorGraph", "Recap"),
    ),
)
