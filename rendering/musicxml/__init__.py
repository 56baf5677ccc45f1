"""Notation as MusicXML."""
