"""What the process that parses a document may do: compute, within bounds, and answer. Nothing else.

The limits stand on every platform. System calls are filtered on Linux where the kernel and the container
permit it; `RLIMIT_NOFILE` of nought keeps all files and sockets closed where they are not.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

try:  # before the limits: it looks for libseccomp by starting programs
    import pyseccomp
except (ImportError, RuntimeError, OSError):  # not Linux, or no libseccomp
    pyseccomp = None

# Apple's frameworks, which pdfium draws with there, do not survive a fork.
CAN_FORK = sys.platform != "darwin"

# No files, no network, no processes, no signals to others.
_PIPES = ("read", "write", "close", "lseek", "fstat", "newfstatat", "poll", "ppoll", "select", "pselect6")
_MEMORY = ("brk", "munmap", "mremap", "madvise", "membarrier", "futex", "futex_waitv", "rseq", "arch_prctl")
_SIGNALS = ("rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack", "restart_syscall")
_CLOCKS = ("clock_gettime", "clock_getres", "clock_nanosleep", "nanosleep", "gettimeofday", "time", "times")
_ITSELF = ("getpid", "gettid", "getppid", "getrusage", "getrandom", "sched_yield", "sched_getaffinity")
_OTHERS = ("sysinfo", "uname", "exit", "exit_group")
_ALLOWED_CALLS = (*_PIPES, *_MEMORY, *_SIGNALS, *_CLOCKS, *_ITSELF, *_OTHERS)
_MAY_NOT_EXECUTE = ("mmap", "mprotect")  # allowed, but not for memory that holds code
_PROT_EXEC = 0x4
_PR_SET_PDEATHSIG = 1
_PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 22, 38
_SECCOMP_MODE_FILTER = 2
_LIBC = ctypes.CDLL(None)
_NICENESS = 5


def die_with(parent: int) -> None:
    """Have the kernel end this process when `parent` ends, however that ends; Linux only."""
    if sys.platform == "linux":
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def stand_back() -> None:
    """Leave the processor to whoever else wants it; what is forked from now on does too."""
    os.nice(_NICENESS)
    # Linux weighs sessions before processes, and this process leads one of its own.
    with contextlib.suppress(OSError):
        Path("/proc/self/autogroup").write_text(str(_NICENESS))


def limit(memory_bytes: int, cpu_seconds: int) -> None:
    """Bound this process for good. macOS has no limit on address space that it keeps."""
    bounds = {
        resource.RLIMIT_AS: memory_bytes,
        resource.RLIMIT_CPU: cpu_seconds,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NOFILE: 0,
        resource.RLIMIT_NPROC: 0,
    }
    for what, bound in bounds.items():
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(what, (bound, bound))


def filter_system_calls() -> bool:
    """Refuse all system calls but those that computing needs; tells whether the filter is in place."""
    program = _program()
    return (
        program is not None
        and _prctl(_PR_SET_NO_NEW_PRIVS, 1)
        and _prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.addressof(program))
    )


def _prctl(option: int, *arguments: int) -> bool:
    """Whether the kernel does as it is asked; it wants nought for what an option does not take."""
    words = (ctypes.c_ulong(word) for word in (*arguments, 0, 0, 0, 0)[:4])
    return int(_LIBC.prctl(option, *words)) == 0


class _Program(ctypes.Structure):
    """The kernel's `struct sock_fprog`: how many instructions of 8 bytes, and where they stand."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


@cache
def _program() -> _Program | None:
    """The filter, compiled once (it takes a millisecond) for each fork to load; None where there is none."""
    if pyseccomp is None:
        return None
    with contextlib.suppress(OSError, RuntimeError), TemporaryFile() as compiled:
        _rules().export_bpf(compiled)
        compiled.seek(0)
        instructions = compiled.read()
        return _Program(len(instructions) // 8, instructions)
    return None


def _rules() -> Any:
    rules = pyseccomp.SyscallFilter(pyseccomp.ERRNO(1))
    for name in _ALLOWED_CALLS:
        with contextlib.suppress(OSError, ValueError):  # not every architecture has every call
            rules.add_rule(pyseccomp.ALLOW, name)
    for name in _MAY_NOT_EXECUTE:
        not_code = pyseccomp.Arg(2, pyseccomp.MASKED_EQ, _PROT_EXEC, 0)
        rules.add_rule(pyseccomp.ALLOW, name, not_code)
    return rules


def can_filter() -> bool:
    """Try the filter on a process of its own, after which every fork has it at hand."""
    _program()
    child = os.fork()
    if child == 0:
        os._exit(0 if filter_system_calls() else 1)
    return os.waitpid(child, 0)[1] == 0
