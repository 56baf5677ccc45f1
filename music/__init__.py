"""What music is, without tokens: scores, MIDI files, time, pitch, harmony, instruments."""
