"""A wire with a delay, for kernels without netem: two tap devices, and every frame handed on after some milliseconds.

    wire.py <namespace of the one end> <name> <namespace of the other end> <name> <milliseconds each way>

Prints "ready" once both ends are in their namespaces. The order of frames is kept.
"""

import collections
import fcntl
import os
import select
import struct
import subprocess
import sys
import time

TUNSETIFF = 0x400454CA
IFF_TAP, IFF_NO_PI = 0x0002, 0x1000
LARGEST_FRAME = 65_600


def tap(name: str) -> int:
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TAP | IFF_NO_PI))
    return device


def move(name: str, namespace: str, wanted: str) -> None:
    subprocess.check_call(["ip", "link", "set", name, "netns", namespace])
    subprocess.check_call(["ip", "-n", namespace, "link", "set", name, "name", wanted])


def main() -> None:
    one, one_name, other, other_name, delay = sys.argv[1:6]
    seconds = float(delay) / 1000
    names = [f"mcw{os.getpid()}a", f"mcw{os.getpid()}b"]
    ends = [tap(name) for name in names]
    move(names[0], one, one_name)
    move(names[1], other, other_name)
    print("ready", flush=True)
    waiting = collections.deque()
    while True:
        now = time.monotonic()
        while waiting and waiting[0][0] <= now:
            _, end, frame = waiting.popleft()
            try:
                os.write(end, frame)
            except OSError:
                pass  # The other end is down: a wire loses what nobody takes.
        patience = None if not waiting else max(0, waiting[0][0] - time.monotonic())
        for end in select.select(ends, [], [], patience)[0]:
            try:
                while True:
                    frame = os.read(end, LARGEST_FRAME)
                    waiting.append((time.monotonic() + seconds, ends[1 - ends.index(end)], frame))
            except (BlockingIOError, OSError):
                pass


main()
