"""Speech synthesis for captions: text normalization, voices, and their WAV files."""
