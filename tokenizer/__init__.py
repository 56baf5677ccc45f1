"""Scores, MIDI files and the 384 tokens; knows no tensors."""
