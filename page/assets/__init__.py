"""Markup, style and script of the page."""
