"""Keys, surrogates, known identifiers and the residue search: what every stage shares about identity."""
