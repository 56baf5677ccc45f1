"""Errors of the tokenizer; each message is one line that names the thing and the remedy."""


class MidiError(ValueError):
    """A file that cannot be read as music."""
