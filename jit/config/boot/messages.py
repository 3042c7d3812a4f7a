"""What the bootstrap says: progress lines and the one sentence that ends a failed start."""

import errno
import sys

from jit.config.boot.paths import ROOT, data_folder


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
        return disk_is_full(str(where))
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        if is_of_the_checkout(str(where)):
            return CannotStart(
                f"没有写入权限：{where}。安装需要写入程序目录 {ROOT}："
                "请把它复制到自己的目录再运行，或由该目录的所有者运行。",
                f"No permission to write {where}. The installation writes into {ROOT}: "
                "copy it to a folder of your own, or run as the owner of that folder.",
            )
        return CannotStart(
            f"没有写入权限：{where}。请换到可写的目录，或用 TAKT_DATA=目录 指定数据目录。",
            f"No permission to write {where}. Use a folder of your own, or set TAKT_DATA=FOLDER.",
        )
    return CannotStart(f"系统错误：{error}", f"The operating system refused: {error}")


def is_of_the_checkout(file: str) -> bool:
    """Tell whether a file is one of the program's own folder, which TAKT_DATA does not move."""
    return file.startswith(f"{ROOT}/") and not f"{file}/".startswith(f"{data_folder('demo')}/")


def disk_is_full(where: str = "") -> CannotStart:
    """Return the sentence for a disk that takes nothing more."""
    if is_of_the_checkout(f"{where}/"):
        return CannotStart(
            f"磁盘已满，无法安装到 {where}。请清理该磁盘和临时目录（TMPDIR），"
            "或把程序复制到另一块盘，再运行。",
            f"The disk is full, nothing more can be installed into {where}. Free some space there and in "
            "the temporary folder (TMPDIR), or copy the program to another disk, and run again.",
        )
    return CannotStart(
        f"磁盘已满{f'（{where}）' if where else ''}。请清理空间，或用 TAKT_DATA=目录 换一块盘，再运行。",
        f"The disk is full{f' ({where})' if where else ''}. "
        "Free some space, or set TAKT_DATA=FOLDER on another disk, and run again.",
    )
