"""sqlgreyctl import maillog: which files it reads, and its messages about files without deliveries, unknown formats,
and compressed, damaged or other files."""

import bz2
import gzip
import lzma
import os
import re
import subprocess
import time
import zlib

from support import case, ctl


def stamp(hours_ago=1, pattern="%b %e %H:%M:%S"):
    return time.strftime(pattern, time.localtime(time.time() - 3600 * hours_ago))


def delivery(sender, queue_id="4F2A1B3C", front=None):
    """The lines of Postfix for a mail, as bytes."""
    front = f"{stamp()} mx" if front is None else front
    return "".join(f"{front} postfix/{line}\n" for line in (
        "smtpd[12]: connect from mx1.example.org[192.0.2.10]",
        f"smtpd[12]: {queue_id}: client=mx1.example.org[192.0.2.10]",
        f"qmgr[13]: {queue_id}: from=<{sender}>, size=500, nrcpt=1 (queue active)",
        f"qmgr[13]: {queue_id}: removed")).encode()


OTHERS = f"{stamp()} mx dovecot: imap-login: Login: user=<bob>\n".encode()
DAMAGE = b"Jxx 1 nonsense\n"


class ImportMailLog(case.DaemonCase):
    def setUp(self):
        super().setUp()
        self.server = self.daemon()

    def file(self, content, name="mail.log"):
        path = os.path.join(self.directory, name)
        with open(path, "wb") as file:
            file.write(content)
        return path

    def run_import(self, *files, stdin=None):
        done = ctl.run(self.server, "import", "maillog", *files, stdin=stdin)
        return done, ctl.counts(done.stdout)

    def senders(self):
        return sorted(row[0] for row in self.server.tables.keys("from_awl"))

    def test_lines_of_others_and_lines_not_understood_are_counted_separately(self):
        log = self.file(delivery("alice@example.org") + OTHERS * 3 + DAMAGE * 2 + b"\n")
        done, counts = self.run_import(log)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual((counts["Postfix"], counts["others"], counts["unreadable"]), (4, 4, 2))
        self.assertRegex(done.stdout, rf"(?m)^  unreadable +2  not understood: {log}:8, {log}:9$")
        self.assertEqual(done.stderr, f"sqlgreyctl: {log}: warning: not understood: 2 of 10 lines, the first is line 8\n")
        self.assertEqual(self.senders(), ["alice"])

    def test_a_log_without_deliveries_causes_no_warning(self):
        done, counts = self.run_import(self.file(f"{stamp()} mx postfix/smtpd[1]: connect from a[192.0.2.1]\n".encode()))
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual((counts["Postfix"], counts["trusted"]), (1, 0))

    def test_a_file_without_a_line_of_postfix_is_an_error(self):
        greek = "Απρ 15 12:20:28 mx postfix/smtpd[1]: connect from a[192.0.2.1]\n".encode()
        for content, word in ((b"root:x:0:0:root:/root:/bin/bash\n", "not understood: 1 of 1 lines, the first is line 1"),
                              (os.urandom(100_000), "not understood"), (OTHERS, "no line in it is one of Postfix"),
                              (greek, "English names of months"), (b"\0" * 1000, "no line"), (b"", "empty"),
                              (gzip.compress(b""), "no line"), (b'{"MESSAGE":"x"}\n', "not understood")):
            path = self.file(content)
            done, counts = self.run_import(path)
            self.assertEqual(done.returncode, 1, content[:40])
            self.assertRegex(done.stderr, rf"^sqlgreyctl: {path}: .*{word}.*\n$")
            self.assertEqual(counts["Postfix"], 0)

    def test_such_a_file_does_not_prevent_reading_the_others(self):
        wrong = self.file(b"root:x:0:0\n", "passwd")
        right = self.file(delivery("alice@example.org"))
        done, _ = self.run_import(wrong, right)
        self.assertEqual(done.returncode, 1)
        self.assertIn(wrong, done.stderr)
        self.assertEqual(self.senders(), ["alice"])

    def test_an_empty_file_among_others_is_no_error(self):
        done, _ = self.run_import(self.file(delivery("alice@example.org"), "mail.log.1"), self.file(b"", "mail.log"))
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stderr, r"warning: it is empty\n$")

    def test_gzip_with_one_member_or_several(self):
        one, two = delivery("one@example.org"), delivery("two@example.org", "5A5A5A5A5A")
        done, counts = self.run_import(self.file(gzip.compress(one) + gzip.compress(two), "mail.log.2.gz"))
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual((counts["Postfix"], counts["trusted"]), (8, 2))
        done, counts = self.run_import("-", stdin=gzip.compress(one))
        self.assertEqual((done.returncode, counts["trusted"]), (0, 1))

    def test_of_a_truncated_or_damaged_gzip_file_the_readable_part_is_imported(self):
        text = b"".join(delivery(f"s{i}@example.org", f"4F2A1B{i:04}") for i in range(2000))
        whole = gzip.compress(text)
        broken = bytearray(whole)
        broken[len(whole) // 2] ^= 0xFF
        for content, word in ((whole[:len(whole) // 2], "the rest is missing"), (bytes(broken), "damaged"),
                              (whole + b"more\n", "not packed")):
            path = self.file(content, "mail.log.gz")
            done, counts = self.run_import(path)
            self.assertEqual(done.returncode, 1)
            self.assertRegex(done.stderr, f"{path}: .*{word}")
            self.assertGreater(counts["trusted"], 200)

    def test_for_other_compression_the_command_to_type_is_shown(self):
        log = delivery("alice@example.org")
        for name, content, unpack in (("a.xz", lzma.compress(log), "xz -dc"), ("a.bz2", bz2.compress(log), "bzip2 -dc"),
                                      ("a.utf16", log.decode().encode("utf-16"), "iconv -f UTF-16 -t UTF-8")):
            path = self.file(content, name)
            done, _ = self.run_import(path)
            self.assertEqual(done.returncode, 1)
            command = re.search(r"type: (.*) \| sqlgreyctl import maillog -$", done.stderr.strip())[1]
            self.assertEqual(command, f"{unpack} {path}")
            self.need(unpack.split()[0], "xz-utils, bzip2")
            text = subprocess.run(command.split(), capture_output=True, check=True).stdout
            done, counts = self.run_import("-", stdin=text)
            self.assertEqual((done.returncode, counts["trusted"]), (0, 1), name)
        done, _ = self.run_import(self.file(b"\x28\xb5\x2f\xfd" + log, "a.zst"))
        self.assertIn("zstd -dc", done.stderr)

    def test_files_that_cannot_be_read_import_nothing(self):
        right = self.file(delivery("alice@example.org"))
        for path, word in ((os.path.join(self.directory, "absent"), "No such file"), (self.directory, "directory")):
            done, _ = self.run_import(right, path)
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            self.assertRegex(done.stderr, f"{path}: .*{word}")
        directory = os.open(self.directory, os.O_RDONLY)
        self.addCleanup(os.close, directory)
        done = subprocess.run([ctl.program(self.binary), "-f", self.server.config_file, "import", "maillog", "-"],
                              stdin=directory, capture_output=True, text=True, check=False, timeout=60)
        self.assertEqual(done.returncode, 1)
        self.assertIn("standard input: it is a directory", done.stderr)

    def test_crlf_zeros_and_a_line_of_ten_megabytes(self):
        log = delivery("alice@example.org").replace(b"\n", b"\r\n")
        long = f"{stamp()} mx postfix/smtpd[1]: ".encode() + b"x" * 10_000_000 + b"\r\n"
        done, counts = self.run_import(self.file(b"\0" * 4096 + log + long + OTHERS))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual((counts["Postfix"], counts["others"], counts["unreadable"]), (4, 1, 1))
        self.assertEqual(self.senders(), ["alice"])

    def test_a_decompression_bomb_takes_time_and_no_memory(self):
        pack = zlib.compressobj(9, zlib.DEFLATED, 31)
        bomb = b"".join(pack.compress(bytes(1 << 20)) for _ in range(500)) + pack.flush()
        self.assertLess(len(bomb), 1 << 20)
        path = self.file(bomb, "bomb.gz")
        self.need("prlimit", "util-linux")
        done = subprocess.run(["prlimit", f"--as={256 << 20}", ctl.program(self.binary), "-f", self.server.config_file,
                               "import", "maillog", path], capture_output=True, text=True, check=False, timeout=60)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("not understood", done.stderr)

    def test_rotated_files_in_any_order_make_the_same_rows(self):
        now = time.time()
        made = []
        for week in range(4):
            front = stamp(24 * 7 * week + 1) + " mx"
            content = delivery(f"w{week}@example.org", front=front) + delivery("always@example.org", "5B5B5B5B", front)
            name = "mail.log" if week == 0 else f"mail.log.{week}" if week == 1 else f"mail.log.{week}.gz"
            path = self.file(gzip.compress(content) if name.endswith("gz") else content, name)
            os.utime(path, (now, now - 86400 * 7 * week))
            made.append(path)
        results = []
        for order in (made, made[::-1], [made[2], made[0], made[3], made[1]]):
            done, counts = self.run_import(*order)
            self.assertEqual((done.returncode, done.stderr, counts["trusted"]), (0, "", 8))
            results.append(self.server.tables.rows("from_awl"))
            os.unlink(self.server.tables.path)
        self.assertEqual(results[0], results[1])
        self.assertEqual(results[0], results[2])
        self.assertEqual(len(results[0]), 5)

    def test_months_in_the_language_of_the_session_are_understood(self):
        self.need("localedef", "libc-bin")
        if not os.path.exists("/usr/share/i18n/locales/el_GR"):
            self.skipTest("/usr/share/i18n is missing (package locales)")
        subprocess.run(["localedef", "-i", "el_GR", "-f", "UTF-8", os.path.join(self.directory, "el_GR.UTF-8")],
                       check=True, timeout=60)
        greek = {**os.environ, "LOCPATH": self.directory, "LC_ALL": "el_GR.UTF-8"}
        front = subprocess.run(["date", "-d", "1 hour ago", "+%b %e %H:%M:%S mx"], env=greek, capture_output=True,
                               text=True, check=True).stdout.strip()
        self.assertFalse(front.isascii(), front)
        path = self.file(delivery("alice@example.org", front=front) + delivery("bob@example.org", "5A5A5A5A5A"))
        command = [ctl.program(self.binary), "-f", self.server.config_file, "--dry-run", "import", "maillog", path]
        for environment, trusted in ((greek, 2), ({**greek, "LC_ALL": "C"}, 1), ({**greek, "LC_ALL": "xx_XX"}, 1)):
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=60)
            self.assertEqual(ctl.counts(done.stdout)["trusted"], trusted)

    def test_prefixes_of_other_programs_are_skipped(self):
        fronts = (f"<22>{stamp()} mx", f"mail    | {stamp()} mx", f"{stamp(pattern='%Y-%m-%dT%H:%M:%S%z')} mx",
                  f"<22>1 {stamp(pattern='%Y-%m-%dT%H:%M:%S%z')} mx", f"{stamp(pattern='%Y-%m-%dT%H:%M:%SZ')} {stamp()} mx")
        for number, front in enumerate(fronts):
            content = delivery(f"s{number}@example.org", front=front)
            if front.startswith("<22>1"):
                content = re.sub(rb"(/\w+)\[(\d+)\]: ", rb"\1 \2 - - ", content)
            done, counts = self.run_import(self.file(content))
            self.assertEqual((done.returncode, done.stderr, counts["trusted"]), (0, "", 1), front)
        self.assertEqual(len(self.senders()), len(fronts))


if __name__ == "__main__":
    case.main()
