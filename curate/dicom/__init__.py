"""DICOM instances: read within bounds, de-identified by the tables of PS3.15 Annex E, written again."""
