"""Scores as piano rolls."""
