"""Pieces that are edited: some bars or lines written anew, everything else as it is."""
