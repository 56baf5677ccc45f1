"""Many pieces in one run: prompt files in, a folder of pieces and its record out."""
