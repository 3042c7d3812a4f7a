#!/usr/bin/env python3
"""Start everything: `python3 manage.py demo`, `test`, `lint`, `migrate`, ... (docs/running.md).

Only the standard library is imported here, so that a bare Python can read this far and be told what it lacks.
"""

import sys

if sys.version_info < (3, 11):
    sys.exit(
        "需要 Python 3.11 或更新版本，当前是 %d.%d。请安装后用它运行，例如：python3.11 manage.py demo\n"
        "Takt needs Python 3.11 or newer, this is %d.%d. Install one and run: python3.11 manage.py demo"
        % (sys.version_info[:2] * 2)
    )

from jit.config.boot.commands import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
