"""MIDI files: events, reading, writing."""
