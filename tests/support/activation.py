"""Starts programs as systemd does for a socket unit: with sockets as descriptors from 3 on, and three variables that
announce them. The sockets stay open here, as they do in systemd."""

# Arguments: names, descriptors, the program and its arguments. Via high numbers: the descriptors may be 3, 4 ...
# themselves. In Perl, which starts in a few milliseconds: that time counts where restarts are measured.
_EXEC = """
use POSIX qw(dup2);
my ($names, $descriptors, @command) = @ARGV;
my @given = split /,/, $descriptors;
my $high = 3 + @given;
for (@given) { $high = $_ + 1 if $_ >= $high }
dup2($given[$_], $high + $_) // die "dup2: $!" for 0 .. $#given;
POSIX::close($_) for @given;
for (0 .. $#given) { dup2($high + $_, 3 + $_) // die "dup2: $!"; POSIX::close($high + $_) }
@ENV{qw(LISTEN_PID LISTEN_FDS LISTEN_FDNAMES)} = ($$, scalar @given, $names);
exec { $command[0] } @command;
die "exec: $!";
"""


def with_sockets(command, sockets):
    """The command that execs `command` with `sockets`, pairs of a name and a socket; and the descriptors that it needs
    open (pass_fds)."""
    if not sockets:
        return command, ()
    descriptors = tuple(each.fileno() for _, each in sockets)
    names = ":".join(name for name, _ in sockets)
    return ["perl", "-e", _EXEC, names, ",".join(map(str, descriptors)), *command], descriptors
