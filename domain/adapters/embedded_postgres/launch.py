"""Turns into a program of PostgreSQL that accepts its user and does not outlive its supervisor.

Run as a script, `python -I -S launch.py PARENT LIFE FOLDER COMMAND…`, with the standard library only:

- PARENT is the supervisor's process id; the command is interrupted when that process ends.
- LIFE is the read end of a pipe that ends with the supervisor, for systems where the kernel does not
  signal a parent's death, or -1.
- FOLDER is what the command works on and must own.

PostgreSQL refuses root, and users without a name. Such a user gets nobody's name in a user namespace of
its own: files stay the user's, nothing is changed on disk. Where namespaces are forbidden (Docker forbids
them by default), root becomes nobody for real and FOLDER is handed over. Root on somebody else's FOLDER
becomes its owner.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import signal
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG = 1
PR_SET_KEEPCAPS = 8
PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 47, 2
CLONE_NEWUSER = 0x10000000
CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 1, 2
LINUX_CAPABILITY_VERSION_3 = 0x20080522

libc = ctypes.CDLL(None, use_errno=True)


def main(parent: int, life: int, folder: str, command: list[str]) -> None:
    be_somebody_postgres_accepts(folder, command[0])
    # After the change of user, which would clear the request.
    end_with(parent, life)
    os.execv(command[0], command)  # noqa: S606  that is what this script is for


def be_somebody_postgres_accepts(folder: str, program: str) -> None:
    uid, owner = os.geteuid(), os.stat(folder)
    if uid == 0 and owner.st_uid != 0:
        become(owner.st_uid, owner.st_gid)
        return
    if uid != 0 and has_name(uid):
        return
    nobody = pwd.getpwnam("nobody")
    if works_in_a_child(lambda: enter_user_namespace(nobody, [folder, program])):
        enter_user_namespace(nobody, [folder, program])
    elif uid == 0:
        try:
            hand_over(folder, nobody.pw_uid, nobody.pw_gid)
            become(nobody.pw_uid, nobody.pw_gid)
        except PermissionError:
            raise OSError(
                "PostgreSQL refuses root, which cannot become another user here: run as an ordinary user"
            ) from None
    else:
        raise OSError(f"PostgreSQL needs a user with a name, and /etc/passwd has none for {uid}")


def has_name(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def works_in_a_child(step: Callable[[], None]) -> bool:
    """Whether `step` succeeds; tried in a child, since half of it could not be undone."""
    child = os.fork()
    if child == 0:
        try:
            step()
        except OSError:
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


def enter_user_namespace(nobody: pwd.struct_passwd, needed: list[str]) -> None:
    """Raises `OSError` where that is forbidden, or would put one of `needed` out of reach."""
    uid, gid = os.geteuid(), os.getegid()
    if sys.platform != "linux":
        raise OSError("user namespaces are Linux's")
    check(libc.unshare(CLONE_NEWUSER), "unshare")
    for name, line in (
        ("setgroups", "deny"),
        ("uid_map", f"{nobody.pw_uid} {uid} 1"),
        ("gid_map", f"{nobody.pw_gid} {gid} 1"),
    ):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(line)
    for path in needed:
        os.stat(path)


def become(uid: int, gid: int) -> None:
    """Become that user for good, who can still walk through root's folders: the home is commonly in one."""
    if sys.platform == "linux":
        check(libc.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0), "prctl")
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)
    if sys.platform == "linux":
        # Containers commonly have the second only; without either, the folders themselves decide.
        any(keep_capability(capability) for capability in (CAP_DAC_READ_SEARCH, CAP_DAC_OVERRIDE))


def keep_capability(capability: int) -> bool:
    header = (ctypes.c_uint32 * 2)(LINUX_CAPABILITY_VERSION_3, 0)
    low_then_high = (ctypes.c_uint32 * 6)(*[1 << capability] * 3, 0, 0, 0)
    if libc.capset(header, low_then_high) != 0:
        return False
    return bool(libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0) == 0)


def hand_over(folder: str, uid: int, gid: int) -> None:
    """Make `uid` the owner of all of `folder`; the folder itself comes last and so tells that it is done."""
    for parent, folders, files in os.walk(folder, topdown=False):
        for name in folders + files:
            os.chown(os.path.join(parent, name), uid, gid, follow_symlinks=False)
    os.chown(folder, uid, gid)


def end_with(parent: int, life: int) -> None:
    if life >= 0:
        watch(life)
    elif sys.platform == "linux":
        check(libc.prctl(PR_SET_PDEATHSIG, signal.SIGINT, 0, 0, 0), "prctl")
    if os.getppid() != parent:
        raise OSError("the supervisor has ended")


def watch(life: int) -> None:
    """Leave a child behind that interrupts the command when the pipe ends."""
    watched = os.getpid()
    if os.fork():
        os.close(life)
        return
    os.setsid()
    os.closerange(0, life)
    os.closerange(life + 1, 65536)
    os.read(life, 1)
    # Once the command has ended, this is somebody else's child, and the number may be somebody else's.
    if os.getppid() == watched:
        os.kill(watched, signal.SIGINT)
    os._exit(0)


def check(result: int, call: str) -> None:
    if result != 0:
        raise OSError(ctypes.get_errno(), f"{call}: {os.strerror(ctypes.get_errno())}")


if __name__ == "__main__":
    try:
        main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4:])
    except KeyError:
        sys.exit("launch: error: PostgreSQL does not run as root, and there is no user nobody to run it as")
    except OSError as error:
        sys.exit(f"launch: error: {error}")
