import os

pid = os.getpid()
print(os.getpgid(0) == os.getpgrp(), os.getsid(0) == os.getsid(pid))
if os.fork() == 0:
    os.setpgid(0, 0)
    print(os.getpgrp() == os.getpid())
    print(os.setsid() if os.getpgrp() != os.getpid() else "a leader cannot")
    try:
        os.setsid()
    except PermissionError as error:
        print(error)
    raise SystemExit
os.wait()
if os.fork() == 0:
    os.setsid()
    print(os.getsid(0) == os.getpid() == os.getpgrp())
    raise SystemExit
os.wait()
try:
    os.getpgid(99999999)
except ProcessLookupError as error:
    print(error)
