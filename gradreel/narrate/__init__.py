"""Speech synthesis for captions: text normalization, voices, and WAV files of one loudness."""
