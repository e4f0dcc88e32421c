"""Dovecot's authentication service as Postfix uses it (smtpd_sasl_type = dovecot): whoever comes has logged in.

The protocol is Dovecot's "Authentication Protocol": lines of words with tabs between."""

import socketserver
import threading

GREETING = b"VERSION\t1\t1\nMECH\tPLAIN\tplaintext\nSPID\t1\nCUID\t1\nCOOKIE\t00\nDONE\n"


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(GREETING)
        for line in self.rfile:
            words = line.rstrip(b"\n").split(b"\t")
            if words[0] == b"AUTH":
                self.wfile.write(b"OK\t" + words[1] + b"\tuser=alice\n")


class SaslServer:
    def __init__(self):
        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.place = f"inet:127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
