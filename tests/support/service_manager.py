"""systemd in small: the manager of one service, with a descriptor store (sd_notify(3), FDSTORE=1) that outlives
restarts, and the sockets of a socket unit (sd_listen_fds(3))."""

import array
import os
import signal
import socket
import threading

from support.daemon import LIMIT, give_to_daemon, wait_until


class ServiceManager:
    def __init__(self, daemon, sockets=(), room=4096):
        """`sockets`: pairs of a name and a listening socket. `room`: FileDescriptorStoreMax=."""
        self.daemon, self.sockets, self.room = daemon, list(sockets), room
        self.store = []  # pairs of a name and a descriptor
        self.said = []   # all messages but those of the store
        self.lock = threading.Lock()
        path = os.path.join(daemon.directory, "manager")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(path)
        give_to_daemon(path)
        daemon.extra_environment.update({"NOTIFY_SOCKET": path, "FDSTORE": str(room)})
        self.thread = threading.Thread(target=self._listen, daemon=True)
        self.thread.start()

    def _listen(self):
        while True:
            data, ancillary, _, _ = self.socket.recvmsg(8192, socket.CMSG_SPACE(16))
            descriptors = array.array("i")
            for _, _, part in ancillary:
                descriptors.frombytes(part)
            lines = dict(line.split("=", 1) for line in data.decode().splitlines() if "=" in line)
            with self.lock:
                self._handle(lines, list(descriptors))
            if "END" in lines:
                return

    def _handle(self, lines, descriptors):
        if lines.get("FDSTORE") == "1":
            for each in descriptors:
                known = any(os.path.sameopenfile(each, other) for _, other in self.store)
                if known or len(self.store) >= self.room:
                    os.close(each)
                else:
                    self.store.append((lines["FDNAME"], each))
            return
        for each in descriptors:  # of a BARRIER: all before it has been handled
            os.close(each)
        if lines.get("FDSTOREREMOVE") == "1":
            for name, each in self.store:
                if name == lines["FDNAME"]:
                    os.close(each)
            self.store = [pair for pair in self.store if pair[0] != lines["FDNAME"]]
        elif lines:
            self.said.append(lines)

    def names(self):
        with self.lock:
            return [name for name, _ in self.store]

    def start(self):
        """Waits until it has said that it is ready."""
        with self.lock:
            self.said.clear()
            stored = [(name, _Descriptor(each)) for name, each in self.store]
            self.daemon.sockets = self.sockets + stored
        self.daemon.start(wait=False)
        wait_until(self.is_ready, lambda: "ready; it said:\n" + self.daemon.log())
        return self.daemon

    def is_ready(self):
        self.daemon.still_runs()
        with self.lock:
            return any(lines.get("READY") == "1" for lines in self.said)

    def end_process(self):
        process, self.daemon.process = self.daemon.process, None
        process.send_signal(signal.SIGTERM)
        return process.wait(LIMIT)

    def restart(self):
        status = self.end_process()
        self.start()
        return status

    def forget(self):
        """What a stop does that is no restart."""
        with self.lock:
            for _, each in self.store:
                os.close(each)
            self.store = []

    def close(self):
        self.forget()
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
            end.sendto(b"END=1", self.socket.getsockname())
        self.thread.join()
        self.socket.close()
        for _, each in self.sockets:
            each.close()


class _Descriptor:
    def __init__(self, number):
        self.number = number

    def fileno(self):
        return self.number
