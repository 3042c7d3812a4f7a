"""What the bootstrap says: progress lines and the one sentence that ends a failed start."""

import errno
import sys


class CannotStart(Exception):
    """A reason not to go on, in Chinese and English, each naming the mend."""

    def __init__(self, chinese: str, english: str) -> None:
        super().__init__(english)
        self.chinese = chinese
        self.english = english

    def __str__(self) -> str:
        return f"{self.chinese}\n{self.english}"


def say(text: str) -> None:
    """Print one progress line at once, on stderr so that a command's own output stays clean."""
    print(f"[takt] {text}", file=sys.stderr, flush=True)


def explain(error: OSError) -> CannotStart:
    """Turn an operating-system error into a sentence with its mend."""
    where = error.filename or ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return CannotStart(
            f"磁盘已满{f'（{where}）' if where else ''}。请清理空间，或用 TAKT_DATA=目录 换一块盘，再运行。",
            f"The disk is full{f' ({where})' if where else ''}. "
            "Free some space, or set TAKT_DATA=FOLDER on another disk, and run again.",
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return CannotStart(
            f"没有写入权限：{where}。请换到可写的目录，或用 TAKT_DATA=目录 指定数据目录。",
            f"No permission to write {where}. Use a folder of your own, or set TAKT_DATA=FOLDER.",
        )
    return CannotStart(f"系统错误：{error}", f"The operating system refused: {error}")
