"""What is asked: requests, presets, schedules, words."""
