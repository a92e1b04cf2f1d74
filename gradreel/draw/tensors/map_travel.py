"""A heat map on its way along an arrow."""

from __future__ import annotations

from gradreel.draw.graph.edge_arrow import Travel

GROWS = 0.3  # the share of the path on which the map grows, and at its end shrinks again
LEAST_SIZE = 0.1


class MapTravel(Travel):
    """Moves a heat map along a path; it is small at both ends, where the letters of cards are."""

    _size = 1.0

    def interpolate_mobject(self, alpha: float) -> None:
        """Move the map, and scale it."""
        super().interpolate_mobject(alpha)
        share = self.rate_func(alpha)
        size = max(min(share / GROWS, (1 - share) / GROWS, 1.0), LEAST_SIZE)
        self.mobject.scale(size / self._size)
        self._size = size
