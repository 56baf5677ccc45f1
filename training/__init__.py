"""Corpus, batches, optimiser, loop and evaluation."""
