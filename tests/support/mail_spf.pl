# Mail::SPF beside ours: reads lines "client TAB helo TAB sender", and answers each with the result. The argument is the
# port of the DNS server on loopback.
use strict;
use warnings;
use Mail::SPF;
use Mail::SPF::Mod::Redirect;
use Net::DNS::Resolver;

# It counts redirect= as a lookup even if a mechanism has matched, in which case RFC 7208 (section 6.1) does not look at it.
{
    no warnings 'redefine';
    my $process = Mail::SPF::Mod::Redirect->can('process');
    *Mail::SPF::Mod::Redirect::process = sub {
        return $_[3]->isa('Mail::SPF::Result::NeutralByDefault') ? $process->(@_) : ();
    };
}

$| = 1;
my $resolver = Net::DNS::Resolver->new(nameservers => ['127.0.0.1'], port => $ARGV[0], searchlist => [], defnames => 0,
                                       dnsrch => 0, retry => 2, udp_timeout => 20, tcp_timeout => 20);
my $server = Mail::SPF::Server->new(dns_resolver => $resolver, query_rr_types => Mail::SPF::Server->query_rr_type_txt);
while (my $line = <STDIN>) {
    chomp $line;
    my ($client, $helo, $sender) = split /\t/, $line;
    my $code = eval {
        my $request = Mail::SPF::Request->new(versions => [1], scope => 'mfrom', identity => $sender,
                                              ip_address => $client, helo_identity => $helo);
        $server->process($request)->code;
    };
    print defined $code ? $code : "error $@", "\n";
}
