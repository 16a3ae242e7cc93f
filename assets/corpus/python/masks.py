import os
import signal

seen = []
signal.signal(signal.SIGUSR1, lambda number, frame: seen.append("one"))
signal.signal(signal.SIGUSR2, lambda number, frame: seen.append("two"))
old = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
print(len(old))
os.kill(os.getpid(), signal.SIGUSR1)
os.kill(os.getpid(), signal.SIGUSR2)
print(seen, signal.sigpending())
now = signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGUSR1])
print(signal.SIGUSR1 in now, seen)
signal.pthread_sigmask(signal.SIG_SETMASK, [signal.SIGTERM])
os.kill(os.getpid(), signal.SIGTERM)
print(signal.sigwait({signal.SIGTERM}).name)
