"""Chapter 1, why derivatives: tangents, secants, rounding, three ways to a derivative."""
