"""Tells forkscope at which line a Python program is.

Python imports a module of this name when it starts. It writes line, file and function into this process's slot of
a shared file, and, when asked to by a byte there, also the variables, and stops itself with SIGTRAP, which the
tracer sees and takes away. Without the file it does nothing. The layout is that of src/trace/python.rs.
"""


def _begin():
    import mmap
    import os
    import signal
    import struct
    import sys

    SLOTS, SIZE, TEXT = 4096, 2048, 24
    WANTED = 12
    path = os.environ.get("FORKSCOPE_LINES")
    if not path:
        return
    try:
        with open(path, "r+b") as file:
            memory = mmap.mmap(file.fileno(), SLOTS * SIZE)
    except (OSError, ValueError):
        return

    slot = 0
    last = None
    user = {}
    root = None

    def claim():
        nonlocal slot, last
        pid = os.getpid()
        slot, last = pid % SLOTS * SIZE, None
        struct.pack_into("<I", memory, slot, pid)

    def counts(code):
        """Whether a line of this code is the user's: in a file below the script's folder, or given with -c."""
        nonlocal root
        name = code.co_filename
        if name.startswith("<") and name != "<string>":
            return False
        if root is None:
            root = os.environ.get("FORKSCOPE_ROOT")
        if root is None:
            # Until the script begins, Python's own start-up runs.
            script = getattr(sys.modules.get("__main__"), "__file__", None)
            if script is None:
                return name == "<string>"
            root = os.environ["FORKSCOPE_ROOT"] = os.path.dirname(os.path.abspath(script))
        name = os.path.abspath(name)
        return name.startswith(root + os.sep) and "site-packages" not in name

    def show(value):
        if value is None or isinstance(value, (bool, int, float, str, bytes, list, tuple, dict, set)):
            text = repr(value)
        else:
            text = "<" + type(value).__name__ + ">"
        return text if len(text) <= 60 else text[:59] + "…"

    def variables(frame):
        hidden = (type(os), type(show), type(print), type)
        for name, value in list(frame.f_locals.items()):
            if not name.startswith("__") and not isinstance(value, hidden):
                yield (name + "\0" + show(value) + "\0").encode("utf-8", "replace")

    def note(code, line):
        nonlocal last
        if code is not last:
            last = code
            file = os.path.abspath(code.co_filename).encode("utf-8", "replace")[:1000]
            function = code.co_name.encode("utf-8", "replace")[:200]
            memory[slot + TEXT : slot + TEXT + len(file) + len(function)] = file + function
            struct.pack_into("<HHH", memory, slot + 16, len(file), len(function), 0)
        struct.pack_into("<I", memory, slot + 8, line)

    def at_line(frame, line):
        note(frame.f_code, line)
        if memory[slot + WANTED]:
            begin = TEXT + sum(struct.unpack_from("<HH", memory, slot + 16))
            end = begin
            for each in variables(frame):
                if end + len(each) > SIZE:
                    break
                memory[slot + end : slot + end + len(each)] = each
                end += len(each)
            struct.pack_into("<H", memory, slot + 20, end - begin)
            signal.raise_signal(signal.SIGTRAP)

    def at_return(frame):
        """The caller goes on in the middle of its line, which is told to nobody again."""
        caller = frame.f_back
        if caller is not None and counts(caller.f_code):
            note(caller.f_code, caller.f_lineno)

    claim()
    os.register_at_fork(after_in_child=claim)

    if hasattr(sys, "monitoring"):
        monitoring, tool = sys.monitoring, 4
        monitoring.use_tool_id(tool, "forkscope")

        def on_start(code, offset):
            if counts(code):
                events = monitoring.events.LINE | monitoring.events.PY_RETURN
                monitoring.set_local_events(tool, code, events)
            return monitoring.DISABLE

        def on_line(code, line):
            at_line(sys._getframe(1), line)

        def on_return(code, offset, value):
            at_return(sys._getframe(1))

        monitoring.register_callback(tool, monitoring.events.PY_START, on_start)
        monitoring.register_callback(tool, monitoring.events.LINE, on_line)
        monitoring.register_callback(tool, monitoring.events.PY_RETURN, on_return)
        monitoring.set_events(tool, monitoring.events.PY_START)
    else:
        import threading

        def each_event(frame, event, argument):
            if event == "line":
                at_line(frame, frame.f_lineno)
            elif event == "return":
                at_return(frame)
            return each_event

        def each_call(frame, event, argument):
            code = frame.f_code
            mine = user.get(code)
            if mine is None:
                mine = user[code] = counts(code)
            return each_event if mine else None

        sys.settrace(each_call)
        threading.settrace(each_call)


def _pass_on():
    """Runs the sitecustomize that would have been found without this one."""
    import os
    import sys

    here = os.path.dirname(os.path.abspath(__file__))
    this = sys.modules.pop("sitecustomize")
    sys.path[:] = [path for path in sys.path if os.path.abspath(path) != here]
    try:
        import sitecustomize  # noqa: F401
    except ImportError:
        sys.modules["sitecustomize"] = this


_pass_on()
_begin()
