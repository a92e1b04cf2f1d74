"""The syllabus: the scenes of "Autograd Basics" in the order of the lecture.

A scene's class lives in its chapter's folder, in the file of the same name in snake case:
TangentLine in slopes/tangent_line.py. This file imports nothing heavy, so that the lecture is
listed at once. The folder is imported as `gradreel.scenes`.
"""

from __future__ import annotations

from typing import NamedTuple


class Chapter(NamedTuple):
    """A chapter: its folder beside this file, its title, and its scenes in order."""

    folder: str
    title: str
    scenes: tuple[str, ...]


TITLE = "Autograd Basics"

SYLLABUS = (
    Chapter(
        "slopes",
        "Why derivatives",
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
        ("ChainRule", "WalkChainByHand", "WalkChainAutograd", "ChainCompositions", "DeepChain"),
    ),
    Chapter(
        "graphs",
        "Computation graphs",
        ("GraphBuild", "WalkGraph", "BackwardFlow", "ForwardOrReverse"),
    ),
    Chapter(
        "autograd_api",
        "The autograd API",
        ("GraphRecords", "ThreePillars", "WalkThreePillars", "GradientVector"),
    ),
    Chapter(
        "control",
        "Traps and control",
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
        ("GradientDescent", "WalkDescent", "LearningRates", "LossSurface", "OptimizerRace"),
    ),
    Chapter(
        "whole_machine",
        "Beyond",
        ("DeadEnds", "TensorGraph", "Recap"),
    ),
)
