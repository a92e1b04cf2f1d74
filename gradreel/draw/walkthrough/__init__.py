"""The pieces of the CodeWalk scene."""
