"""Reports: what in a text identifies a person, what stands there instead, and which section a sentence belongs to."""
