"""A small catalog file in a temporary folder, read."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from duomo.catalog.read import Catalog, read_catalog


@pytest.fixture
def catalog_of(tmp_path: Path) -> Callable[..., Catalog]:
    """Write one file and read it: catalog_of(text) or catalog_of(text, "feed.xml", format="google")."""

    def read(content: str | bytes, name: str = "products.csv", **options: Any) -> Catalog:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_catalog(path, **options)

    return read


@pytest.fixture
def folder_of(tmp_path: Path) -> Callable[..., Catalog]:
    """Write several files into a folder and read the folder: folder_of(products=..., variants=...)."""

    def read(**files: str) -> Catalog:
        for name, content in files.items():
            (tmp_path / f"{name}.csv").write_text(content, encoding="utf-8")
        return read_catalog(tmp_path)

    return read
