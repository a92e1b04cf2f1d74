"""The scene classes of a lecture: named beats with captions, walkthroughs, backward passes."""
