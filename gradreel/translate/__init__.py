"""Catalogues that replace the sentences of scenes: other wordings, other languages."""
