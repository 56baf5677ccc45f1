"""Scores as notes on staves: rhythm, voices, spelling."""
