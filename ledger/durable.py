"""What makes a file's name durable: its content may be on the disk, and the folder not know it yet."""

import os
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """On return the names in the folder, new ones and replaced ones, survive loss of power. ``OSError``."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
