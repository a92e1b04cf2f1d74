"""From rendered scenes to what a lecturer takes into the room: film, slides, gallery."""
