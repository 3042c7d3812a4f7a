#!/usr/bin/env python3
# -*- coding: utf-8 -*- (Python 2 must read this far too)  # noqa: UP009
"""Start everything: `python3 manage.py demo`, `test`, `lint`, `migrate`, ... (docs/running.md).

Only the standard library is imported here, so that a bare Python can read this far and be told what it lacks.
"""

import platform
import sys

TOO_OLD = (
    "需要 Python 3.11 或更新版本，当前是 {0}.{1}。请安装后用它运行：python3.11 manage.py demo\n"
    "Takt needs Python 3.11 or newer, this is {0}.{1}. Install one and run: python3.11 manage.py demo"
)
NO_WINDOWS = (
    "Takt 运行于 Linux 和 macOS；在 Windows 上请用 WSL 2（wsl --install）后在其中运行。\n"
    "Takt runs on Linux and macOS; on Windows install WSL 2 (wsl --install) and run it in there."
)
NO_INTEL_MAC = (
    "计划引擎所用 numba 不再支持 Intel Mac：请用 Apple 芯片的 Mac（及其 arm64 Python）或 Linux。\n"
    "The planner's compiler, numba, is no longer made for Intel Macs: use a Mac with Apple silicon (and its\n"
    "arm64 Python) or Linux."
)

if sys.version_info < (3, 11):  # noqa: UP036 - an older Python must get this far to be told
    sys.exit(TOO_OLD.format(*sys.version_info))
if sys.platform == "win32":
    sys.exit(NO_WINDOWS)
if sys.platform == "darwin" and platform.machine() == "x86_64":
    sys.exit(NO_INTEL_MAC)

from jit.config.boot.commands import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
