"""Run the browser modules' own tests (`node --test`) as part of the suite."""

import pathlib
import subprocess

from jit.config.boot.frontend import node_find

ROOT = pathlib.Path(__file__).parent.parent.parent


def test_the_tests_of_the_browser_modules_pass():
    scripts = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "tests/js").glob("*.test.*js"))
    node, _ = node_find()
    done = subprocess.run(
        [*node, "--test", *scripts], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout[-4000:]
    assert len(scripts) > 3
