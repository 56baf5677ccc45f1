"""The network: knows token ids and tensors, not MIDI."""
