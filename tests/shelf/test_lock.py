"""One writer at a time, also when it dies."""

import subprocess
import sys
from pathlib import Path

import pytest

from duomo.errors import ShopBusy
from duomo.shelf.lock import writing

HOLD = """
import sys, time
from pathlib import Path
from duomo.shelf.lock import writing
with writing(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_writer_is_told_who_the_first_is_and_may_write_once_that_is_dead(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE) as first:
        assert first.stdout
        first.stdout.readline()
        with (
            pytest.raises(ShopBusy, match=rf"process {first.pid} .* is writing to .*Wait until it"),
            writing(tmp_path),
        ):
            pass
        first.kill()  # SIGKILL: no chance to tidy up
        first.wait()
        with writing(tmp_path, wait_s=5):
            pass


def test_the_lock_is_free_after_an_error_inside(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "shop"
    with pytest.raises(ZeroDivisionError), writing(folder):
        _ = 1 / 0
    with writing(folder), pytest.raises(ShopBusy), writing(folder):
        pass
    assert [path.name for path in folder.iterdir() if path.suffix == ".json"] == []
