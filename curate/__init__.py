"""radcurate: raw DICOM and radiology reports in, de-identified and validated image-text shards out.

Read `curate.study` first: it shows every stage in order.
"""

__version__ = "0.1.0"
