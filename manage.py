#!/usr/bin/env python3
# -*- coding: utf-8 -*- (Python 2 must read this far too)  # noqa: UP009
"""Start everything: `python3 manage.py demo`, `test`, `lint`, `migrate`, ... (docs/running.md).

Only the standard library is imported here, so that a bare Python can read this far and be told what it lacks.
"""

import sys

TOO_OLD = (
    "需要 Python 3.11 或更新版本，当前是 {0}.{1}。请安装后用它运行：python3.11 manage.py demo\n"
    "Takt needs Python 3.11 or newer, this is {0}.{1}. Install one and run: python3.11 manage.py demo"
)

if sys.version_info < (3, 11):  # noqa: UP036 - an older Python must get this far to be told
    sys.exit(TOO_OLD.format(*sys.version_info))

from jit.config.boot.commands import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
