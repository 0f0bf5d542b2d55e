"""What is collected: the workshop only where PyTorch is installed (`make test` does without)."""

from importlib.util import find_spec

collect_ignore_glob = [] if find_spec("torch") else ["src/duomo/train/*", "tests/train/*"]
