"""Sources: where DICOM and reports come from. Read only; what they yield is typed and bounded."""
