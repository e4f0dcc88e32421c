"""PgBouncer in front of a PostgreSQL of support.servers, on loopback, with its own directory, stopped by pid."""

import os

from support.servers import Server, wait_until

PROGRAM = "/usr/sbin/pgbouncer"


class PgBouncer(Server):
    account = "postgres"

    def __init__(self, server, pool_mode, **settings):
        super().__init__()
        self.server = server
        self.settings = {"pool_mode": pool_mode, "default_pool_size": 3, **settings}
        self.file = os.path.join(self.dir, "pgbouncer.ini")

    def prepare(self):
        users = os.path.join(self.dir, "users.txt")
        with open(users, "w", encoding="ascii") as file:
            file.write(f'"{self.server.user}" ""\n')
        fixed = {"listen_addr": "127.0.0.1", "listen_port": self.port, "unix_socket_dir": "", "auth_type": "trust",
                 "auth_file": users}
        lines = [f"{name} = {value}" for name, value in {**fixed, **self.settings}.items()]
        with open(self.file, "w", encoding="ascii") as file:
            file.write(f"[databases]\n{self.server.name} = host=127.0.0.1 port={self.server.port}\n[pgbouncer]\n")
            file.write("\n".join(lines) + "\n")
        self._own(self.dir)

    def start(self):
        self._spawn(PROGRAM, "-q", self.file)
        wait_until(self.listening, 30, "PgBouncer")

    def query(self, sql):
        """As a client of the pooler other than sqlgrey."""
        return self.run("psql", "-X", "-q", "-A", "-t", "-h", "127.0.0.1", "-p", str(self.port), "-U", self.server.user,
                        "-d", self.server.name, "-c", sql).strip()
