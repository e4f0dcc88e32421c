"""A Debian of its own to install packages in: a root directory that debootstrap has made, with its own processes,
network and mounts, with SysV's way of starting services (no systemd) and a syslog. Needs root."""

import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import zlib

from support import policy

LIMIT = 120
HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
PLACE = os.path.join(TOP, "build", "package")
# What Debian's sqlgrey depends on, with all its databases, and what the tests look with. debootstrap does not know what
# a package "provides", so those are named too.
ALSO = ("lsb-base perl perl-openssl-defaults libnet-server-perl libdate-calc-perl libdbd-pg-perl libdbd-mysql-perl "
        "libdbd-sqlite3-perl procps iproute2 sqlite3").split()


def output_of(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def text_of(name):
    """Of a file in the clone."""
    with open(os.path.join(TOP, name), encoding="utf-8") as file:
        return file.read()


def depends(deb):
    """The names of the packages that it needs."""
    text = output_of("dpkg-deb", "--field", deb, "Depends")
    return [each.split("|")[0].split("(")[0].strip() for each in text.split(",")]


def base_for(deb):
    """The root directory that machines are copies of; made once, from where this machine gets its own packages."""
    packages = ",".join([*depends(deb), *ALSO])
    base = os.path.join(PLACE, f"root-{zlib.crc32(packages.encode()):08x}")
    if os.path.isdir(base):
        return base
    release = output_of("sh", "-c", ". /etc/os-release && echo $VERSION_CODENAME").strip()
    uris = output_of("apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages",
                     f"Codename: {release}").split()
    unfinished = base + ".unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    os.makedirs(PLACE, exist_ok=True)
    subprocess.run(["debootstrap", "--variant=minbase", f"--include={packages}", release, unfinished, uris[0]],
                   stdout=subprocess.DEVNULL, check=True)
    os.rename(unfinished, base)
    return base


# Enables units and notes its arguments, but starts nothing.
SYSTEMCTL = r"""#!/bin/sh
echo "$*" >>/var/log/systemctl
for unit; do :; done
link=/etc/systemd/system/$(sed -n 's/^WantedBy=//p' "/lib/systemd/system/$unit" 2>/dev/null).wants/$unit
case " $* " in
    *" preset "*) mkdir -p "${link%/*}" && ln -sf "/lib/systemd/system/$unit" "$link" ;;
    *" is-enabled "*) [ -L "$link" ] && echo enabled || { echo disabled; exit 1; } ;;
esac
"""


class Machine:
    def __init__(self, base):
        self.directory = tempfile.mkdtemp(prefix="machine-", dir=PLACE)
        self.root = os.path.join(self.directory, "root")
        os.mkdir(self.root)
        # What packages replace there are new files, so that /usr, which is most of it, can be shared.
        for name in os.listdir(base):
            subprocess.run(["cp", "-al" if name == "usr" else "-a", os.path.join(base, name), self.root], check=True)
        self.write("/usr/sbin/runlevel", "#!/bin/sh\necho N 2\n", 0o755)
        os.symlink("/bin/true", self.root + "/usr/sbin/init")
        self.write("/etc/dpkg/dpkg.cfg.d/tests", "force-unsafe-io\n")  # nobody pulls the plug
        self.process = subprocess.Popen(
            ["unshare", "--mount", "--pid", "--net", "--fork", "--kill-child", "--mount-proc", sys.executable,
             os.path.join(HERE, "machine_init.py"), self.root], stdout=subprocess.PIPE, text=True)
        if self.process.stdout.readline() != "ready\n":
            raise AssertionError("the machine did not start")
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children", encoding="ascii") as file:
            self.first = file.read().split()[0]

    def close(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()
        shutil.rmtree(self.directory, ignore_errors=True)

    # -- files ----------------------------------------------------------------------------------

    def write(self, name, text, mode=0o644):
        os.makedirs(os.path.dirname(self.root + name), exist_ok=True)
        with open(self.root + name, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(self.root + name, mode)

    def read(self, name):
        with open(self.root + name, encoding="utf-8") as file:
            return file.read()

    def exists(self, name):
        return os.path.lexists(self.root + name)

    def put(self, path):
        """Copies a file into the machine; returns its name there."""
        shutil.copy(path, self.root + "/root/")
        return "/root/" + os.path.basename(path)

    def pretend_systemd(self):
        """From now on packages see systemd, and a stand-in for systemctl."""
        os.makedirs(self.root + "/run/systemd/system")
        self.write("/usr/bin/systemctl", SYSTEMCTL, 0o755)

    def told_systemd(self):
        """What systemctl was told to do since the last call, without options, questions and repetitions."""
        if not self.exists("/var/log/systemctl"):
            return []
        lines = [" ".join(word for word in line.split() if not word.startswith("--"))
                 for line in self.read("/var/log/systemctl").splitlines()]
        os.unlink(self.root + "/var/log/systemctl")
        orders = [line for line in lines if line.split()[0] in ("daemon-reload", "start", "stop", "restart")]
        return [order for order, before in zip(orders, [None, *orders]) if order != before]

    # -- commands -------------------------------------------------------------------------------

    def run(self, *command, status=0, standard_input=""):
        """Runs the command in the machine; returns what it printed. `status`: what it must end with, None: anything."""
        place = f"/proc/{self.first}/root"
        there = ["nsenter", "--target", self.first, "--mount", "--pid", "--net", f"--root={place}", f"--wd={place}"]
        environment = ["env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8",
                       "DEBIAN_FRONTEND=noninteractive"]
        done = subprocess.run([*there, *environment, *command], input=standard_input, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False, timeout=LIMIT)
        if status is not None and done.returncode != status:
            raise AssertionError(f"{command} ended with {done.returncode}:\n{done.stdout}")
        return done.stdout

    def sh(self, script, **more):
        return self.run("bash", "-c", script, **more)

    def sql(self, statement):
        return self.run("sqlite3", "-cmd", ".timeout 10000", "/var/lib/sqlgrey/sqlgrey", statement)

    def install(self, deb, *options, **more):
        """As an administrator who keeps each changed file."""
        return self.run("dpkg", "--force-confdef", "--force-confold", *options, "--install", self.put(deb), **more)

    def ask(self, **attributes):
        """The reply to one request, or "refused"."""
        reply = self.sh("exec 3<>/dev/tcp/127.0.0.1/2501 || { echo action=refused; exit; }; cat >&3; "
                        "read -r -t 60 -u 3 line; echo \"$line\"",
                        standard_input=policy.request(**attributes).decode())
        return reply.rsplit("action=", 1)[-1].strip()

    def master(self):
        """The process of the daemon that its pid file names; None without one."""
        return int(self.read("/run/sqlgrey.pid")) if self.exists("/run/sqlgrey.pid") else None

    def owner(self, name):
        return self.run("stat", "--format", "%U:%G %a", name).strip()


class Relay:
    """A server that listens on TCP outside, seen inside a machine as a Unix socket: it has no other network."""

    def __init__(self, there, name, port):
        path = there.root + name
        os.makedirs(os.path.dirname(path), exist_ok=True)
        self.port = port
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        os.chmod(path, 0o666)
        self.listener.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def _accept(self):
        while True:
            try:
                inside = self.listener.accept()[0]
            except OSError:
                return
            threading.Thread(target=self._carry, args=(inside,), daemon=True).start()

    def _carry(self, inside):
        with inside, socket.create_connection(("127.0.0.1", self.port)) as outside:
            other = {inside: outside, outside: inside}
            while True:
                for source in select.select(other, [], [])[0]:
                    try:
                        data = source.recv(65536)
                        other[source].sendall(data)
                    except OSError:
                        return
                    if not data:
                        return
