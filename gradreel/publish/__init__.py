"""What lecturers take into the room, made from rendered scenes and their manifests."""
