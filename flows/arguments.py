"""Arguments and options that several commands take."""

import os
from pathlib import Path
from typing import Annotated

import typer

CORES = os.cpu_count() or 1

Source = Annotated[
    str,
    typer.Argument(
        help="Directory or archive (.zip, .tar, .tar.gz), s3://bucket/prefix, https://host/dicom-web, "
        "dimse://CALLING@host:port/CALLED, or spool: for what `curate receive` took; never changed."
    ),
]
Reports = Annotated[
    str | None,
    typer.Option(help="Directory, archive or s3:// of the reports, where they lie elsewhere; read with SOURCE as one."),
]
ReleaseArgument = Annotated[Path, typer.Argument(help="Directory of a release.")]
Workspace = Annotated[
    Path | None,
    typer.Option(help="Directory of mode 0700 with the key and everything that may know an identifier."),
]
PolicyFile = Annotated[Path | None, typer.Option("--policy", help="TOML file; `curate explain` prints the default.")]
Workers = Annotated[int, typer.Option(min=1, help="Processes of this machine.")]
