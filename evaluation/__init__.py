"""How good a model and its pieces are."""
