"""A connection to a server on loopback that can become silent, as with a firewall that loses its state or an address
that moved: bytes are accepted and never answered, and no connection is closed."""

import selectors
import socket
import threading


class Wire:
    """Forwards connections to `port`. A context manager."""

    def __init__(self, target):
        self.target = target
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.silent = False
        self.open = True
        self.dead = []  # pairs on which nothing is forwarded any more
        self.peer = {}
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.listener, selectors.EVENT_READ)
        self.thread = threading.Thread(target=self._run)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.open = False
        self.thread.join()
        for end in (self.listener, *self.peer, *self.dead):
            end.close()
        self.selector.close()

    def fall_silent(self):
        """Existing connections, and new ones, stay silent forever."""
        self.silent = True

    def heal(self):
        """New connections work from now on."""
        self.silent = False

    def _run(self):
        while self.open:
            for key, _ in self.selector.select(0.02):
                if key.fileobj is self.listener:
                    self._accept()
                elif key.fileobj in self.peer:
                    self._pass_on(key.fileobj)
            if self.silent:
                for end in list(self.peer):
                    self._bury(end)

    def _accept(self):
        near, _ = self.listener.accept()
        if self.silent:
            self.dead.append(near)
            return
        try:
            far = socket.create_connection(("127.0.0.1", self.target), 1)
        except OSError:
            near.close()
            return
        for end, other in ((near, far), (far, near)):
            self.peer[end] = other
            self.selector.register(end, selectors.EVENT_READ)

    def _pass_on(self, end):
        if self.silent:
            return
        try:
            data = end.recv(65536)
            if data:
                return self.peer[end].sendall(data)
        except OSError:
            pass
        self._close(end)

    def _take_out(self, end):
        other = self.peer.pop(end)
        del self.peer[other]
        for one in (end, other):
            self.selector.unregister(one)
        return end, other

    def _bury(self, end):
        if end in self.peer:
            self.dead += self._take_out(end)

    def _close(self, end):
        for one in self._take_out(end):
            one.close()
