"""Real measurements by torch; what they give is frozen dataclasses of Quantities, free of torch."""
