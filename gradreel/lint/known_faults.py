"""The kinds of faults in motion that scenes of the lecture still have.

The list only shrinks: a scene that is told anew loses its entry, and `lint` then holds it to all
checks. `lint --known` lists the faults themselves, with the seconds.
"""

from __future__ import annotations

from collections.abc import Mapping

OUTSIDE = "outside"
OVERLAP = "overlap"
COVERED = "covered"
SUDDEN = "sudden"
STILL = "still"
NUMBER = "number not shown"

KNOWN_FAULTS: Mapping[str, tuple[str, ...]] = {
    "WalkNumerical": (SUDDEN, NUMBER),
    "WalkAutograd": (SUDDEN, NUMBER),
    "ThreeWays": (OVERLAP, NUMBER),
    "ChainRule": (OVERLAP, COVERED, NUMBER),
    "ChainCompositions": (OVERLAP, COVERED, NUMBER),
    "DeepChain": (NUMBER,),
    "WalkChainByHand": (SUDDEN, NUMBER),
    "WalkChainAutograd": (SUDDEN, NUMBER),
    "GraphBuild": (COVERED, NUMBER),
    "BackwardFlow": (OVERLAP, COVERED, NUMBER),
    "WalkGraph": (SUDDEN, NUMBER),
    "WalkThreePillars": (SUDDEN, NUMBER),
    "GradientVector": (NUMBER,),
    "WalkAccumulation": (SUDDEN, NUMBER),
    "TrainingLoop": (OVERLAP, COVERED, NUMBER),
    "CuttingTheGraph": (OVERLAP, COVERED, SUDDEN, NUMBER),
    "WalkCutting": (SUDDEN,),
    "WalkDescent": (SUDDEN,),
    "LearningRates": (SUDDEN, NUMBER),
    "LossSurface": (SUDDEN, NUMBER),
    "OptimizerRace": (NUMBER,),
    "ForwardOrReverse": (COVERED, SUDDEN, NUMBER),
    "DeadEnds": (OVERLAP, COVERED, NUMBER),
    "Recap": (OVERLAP, COVERED, SUDDEN, STILL, NUMBER),
}
