"""How the tagger's model is made: reports composed from grammars, a short training, an export. Not used at run time.

`python -m curate.text.training.fit` does all of it; docs/model-card.md says with which seed and how long.
"""
