"""From a score to what people hear, see and open."""
