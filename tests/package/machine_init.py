"""Process 1 of a machine of machine.py: mounts what programs expect, is its syslog, and reaps. Run inside the machine's
namespaces with the root directory as argument; prints "ready" when commands may be run."""

import os
import select
import socket
import stat
import subprocess
import sys

DEVICES = {"null": (1, 3), "zero": (1, 5), "full": (1, 7), "random": (1, 8), "urandom": (1, 9), "tty": (5, 0)}


def mount(root):
    run = lambda *command: subprocess.run(command, check=True)
    run("mount", "--make-rprivate", "/")
    run("mount", "--bind", root, root)
    run("mount", "-t", "proc", "proc", root + "/proc")
    run("mount", "-t", "tmpfs", "tmpfs", root + "/dev")
    run("ip", "link", "set", "lo", "up")
    for name, numbers in DEVICES.items():
        os.mknod(f"{root}/dev/{name}", stat.S_IFCHR, os.makedev(*numbers))
        os.chmod(f"{root}/dev/{name}", 0o666)
    os.symlink("/proc/self/fd", root + "/dev/fd")


def reap():
    try:
        while os.waitpid(-1, os.WNOHANG) != (0, 0):
            pass
    except ChildProcessError:
        pass


def main(root):
    mount(root)
    os.chroot(root)
    os.chdir("/")
    syslog = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    syslog.bind("/dev/log")
    os.chmod("/dev/log", 0o666)
    print("ready", flush=True)
    with open("/var/log/mail.log", "ab", buffering=0) as log:
        while True:
            if select.select([syslog], [], [], 0.1)[0]:
                log.write(syslog.recv(65536).rstrip(b"\n\0") + b"\n")
            reap()


main(sys.argv[1])
