#include "sqlgrey/net/pool.hpp"

#include <fstream>
#include <sstream>

#include <catch2/catch.hpp>

using namespace sqlgrey::net;

namespace {

// The shipped files.
const PoolRules& shipped() {
    static const PoolFiles files = read_pool_rules(SOURCE_DIR "/conf", "");
    return files.rules;
}

Pool pool(std::string_view name, std::string_view address,
          std::string_view sender_domain = "sender.example") {
    const auto parsed = parse_address(address);
    REQUIRE(parsed);
    return pool_of(shipped(), name, *parsed, sender_domain);
}

struct Client {
    const char* name;
    const char* address;
};
// `organisation`: the one it is a member of.
struct Member {
    Client client;
    const char* organisation;
};

}  // namespace

TEST_CASE("the servers of large senders join one pool, wherever they are") {
    const std::vector<Member> members{
        {{"mail-wr1-f41.google.com", "209.85.221.41"}, "google.com"},
        {{"mail-lf1-x12e.google.com", "2a00:1450:4864:20::12e"}, "google.com"},
        {{"mail-yb1-xb2a.google.com", "2607:f8b0:4864:20::b2a"}, "google.com"},
        {{"mail-sor-f69.google.com", "209.85.220.69"}, "google.com"},
        {{"mail-am6eur05on2060.outbound.protection.outlook.com", "40.107.22.60"}, "outlook.com"},
        {{"mail-he1eur04on060f.outbound.protection.outlook.com", "2a01:111:f400:fe0d::60f"}, "outlook.com"},
        {{"sonic302-20.consmr.mail.ne1.yahoo.com", "66.163.186.146"}, "yahoo.com"},
        {{"nm25-vm8.bullet.mail.ne1.yahoo.com", "98.138.91.127"}, "yahoo.com"},
        {{"mout.gmx.net", "212.227.15.19"}, "gmx.net"},
        {{"mout.web.de", "217.72.192.78"}, "web.de"},
        {{"mout.kundenserver.de", "212.227.126.187"}, "kundenserver.de"},
        {{"out5-smtp.messagingengine.com", "66.111.4.29"}, "messagingengine.com"},
        {{"mail-40131.protonmail.ch", "185.70.40.131"}, "protonmail.ch"},
        {{"pv50p00im-ztdg10011301.me.com", "17.58.6.40"}, "me.com"},
        {{"outbound.mr.icloud.com", "17.57.156.3"}, "icloud.com"},
        {{"f194.i.mail.ru", "217.69.138.194"}, "mail.ru"},
        {{"fallback2.mail.ru", "94.100.179.22"}, "mail.ru"},
        {{"forward102o.mail.yandex.net", "37.140.190.182"}, "yandex.net"},
        {{"a8-29.smtp-out.amazonses.com", "54.240.8.29"}, "amazonses.com"},
        {{"a27-12.smtp-out.us-west-2.amazonses.com", "54.240.27.12"}, "amazonses.com"},
        {{"mail132-5.atl131.mandrillapp.com", "198.2.132.5"}, "mandrillapp.com"},
        {{"wrqvbvnx.outbound-mail.sendgrid.net", "149.72.32.11"}, "sendgrid.net"},
        {{"mx0a-001b2d01.pphosted.com", "148.163.156.1"}, "pphosted.com"},
        {{"eu-smtp-delivery-151.mimecast.com", "185.58.85.151"}, "mimecast.com"},
        {{"mo4-p00-ob.smtp.rzone.de", "85.215.255.24"}, "rzone.de"},
        {{"mailout03.t-online.de", "194.25.134.81"}, "t-online.de"},
        {{"smtp-31.italiaonline.it", "213.209.10.31"}, "italiaonline.it"},
        {{"smtp4-g21.free.fr", "212.27.42.4"}, "free.fr"},
        {{"smtp-42.smtpout.orange.fr", "80.12.242.42"}, "orange.fr"},
        {{"resqmta-h2p-567564.sys.comcast.net", "96.102.200.4"}, "comcast.net"},
        {{"sender4-op-o15.zoho.com", "136.143.188.15"}, "zoho.com"},
        {{"mx.mail.seznam.cz", "77.75.78.42"}, "seznam.cz"},
        {{"smtpout6.mo532.mail-out.ovh.net", "46.105.50.107"}, "ovh.net"},
        {{"smtp08-ia4-sp3.mta.salesforce.com", "13.110.14.168"}, "salesforce.com"},
        {{"mail-pp1-f100.zdsys.co.uk", "192.0.2.100"}, "zdsys.co.uk"},
        {{"smtp.home.pl", "79.96.1.2"}, "home.pl"},
    };
    for (const Member& member : members) {
        CAPTURE(member.client.name);
        const Pool found = pool(member.client.name, member.client.address);
        CHECK(found.membership == Membership::member);
        CHECK(found.organisation == member.organisation);
    }
}

TEST_CASE("customers of hosting firms and access providers are kept apart") {
    const std::vector<Client> customers{
        {"static.88-198-32-14.clients.your-server.de", "88.198.32.14"},
        {"static.14.32.198.88.clients.your-server.de", "88.198.32.14"},
        {"vmi1234567.contaboserver.net", "173.212.200.1"},
        {"ns3012345.ip-51-75-12.eu", "51.75.12.34"},
        {"vps-1a2b3c4d.vps.ovh.net", "51.178.1.2"},
        {"ks301234.kimsufi.com", "94.23.1.2"},
        {"45.76.1.2.vultrusercontent.com", "45.76.1.2"},
        {"1.2.76.45.vultr.example.com", "45.76.2.1"},
        {"34.98.76.54.bc.googleusercontent.com", "54.76.98.34"},
        {"ip-160-153-1-2.ip.secureserver.net", "160.153.1.2"},
        {"li1234-56.members.linode.com", "45.33.1.56"},
        {"45-33-1-56.ip.linodeusercontent.com", "45.33.1.56"},
        {"ec2-3-120-1-2.eu-central-1.compute.amazonaws.com", "3.120.1.2"},
        {"h2901234.stratoserver.net", "85.214.1.2"},
        {"s12345678.onlinehome-server.info", "87.106.1.2"},
        {"v2202001112345678.supersrv.de", "185.244.1.2"},
        {"163-172-1-2.rev.poneytelecom.eu", "163.172.1.2"},
        {"sd-12345.dedibox.fr", "88.190.1.2"},
        {"hosted-by.leaseweb.com", "85.17.1.2"},
        {"srv123456.hstgr.cloud", "31.97.1.2"},
        {"host12-1-110-95.serverdedicati.aruba.it", "95.110.1.12"},
        {"192-3-1-2-host.colocrossing.com", "192.3.1.2"},
        {"myvm.westeurope.cloudapp.azure.com", "20.50.1.2"},
        {"instance-20230101-1234.vcn.example.com", "140.238.1.2"},
        {"node12.cluster.hoster.example.org", "203.0.113.9"},
        {"kvm4711.hoster.example.org", "203.0.113.9"},
        {"p5483b2a1.dip0.t-ipconnect.de", "84.131.178.161"},
        {"ip5f5bd1c5.dynamic.kabel-deutschland.de", "95.91.209.197"},
        {"c-73-12-34-56.hsd1.ca.comcast.net", "73.12.34.56"},
        {"pool-71-12-34-56.nycmny.fios.verizon.net", "71.12.34.56"},
        {"cpc141234-sotn16-2-0-cust123.15-1.cable.virginm.net", "82.30.1.2"},
        {"modemcable014.30-81-70.mc.videotron.ca", "70.81.30.14"},
        {"modemcable123.45-67-89.mc.videotron.ca", "69.70.1.2"},
        {"s01060011223344ff.vc.shawcable.net", "24.80.1.2"},
        {"softbank126012034056.bbtec.net", "126.12.34.56"},
        {"kd106012034056.ppp-bb.dion.ne.jp", "106.12.34.56"},
        {"host86-12-34-56.range86-12.btcentralplus.com", "86.12.34.56"},
        {"host250.21067181.gcn.net.tw", "210.67.181.250"},
        {"aputeaux-655-1-12-34.w86-12.abo.wanadoo.fr", "86.12.34.56"},
        {"bl12-34-56.dsl.telepac.pt", "85.240.34.56"},
        {"xdsl-78-35-1-2.nc.de", "78.35.1.2"},
        {"mail-192-0-2-1.provider.example.org", "192.0.2.1"},
        {"3221225985.provider.example.org", "192.0.2.1"},
        {"h-c0-00-02-01.provider.example.org", "192.0.2.1"},
        {"2a02-8388-1801-2c00-1-2-3-4.cable.dynamic.v6.surfer.at", "2a02:8388:1801:2c00:1:2:3:4"},
        {"2001-0db8-0000-000a.provider.example.org", "2001:db8:0:a::1"},
        {"8.b.d.0.1.0.0.2.provider.example.org", "2001:db8::1"},
        {"x20010db80001.provider.example.org", "2001:db8:1::1"},
        {"lns-bzn-12-34-56-78.adsl.proxad.net", "82.64.1.2"},
        {"o16789112x30.outbound-mail.sendgrid.net", "167.89.112.30"},
        {"unn-149-12-34-56.datapacket.com", "149.12.34.56"},
    };
    for (const Client& client : customers) {
        CAPTURE(client.name);
        CHECK_FALSE(pool(client.name, client.address).membership == Membership::member);
    }
}

TEST_CASE("a client is in no pool without a verified name below a public suffix") {
    for (const char* name : {"unknown", "UNKNOWN", "", "localhost", "."})
        CHECK(pool(name, "192.0.2.1").membership == Membership::unverified);
    for (const char* name :
         {"co.uk", "github.io", "192.0.2.1", "a..com", "ec2-3-1-1-2.compute-1.amazonaws.com"})
        CHECK(pool(name, "192.0.2.1") == Pool{Membership::no_organisation, {}});
}

TEST_CASE("letter case and a dot at the end of a name do not matter") {
    CHECK(pool("Mail-WR1-f41.Google.COM.", "209.85.221.41") == Pool{Membership::member, "google.com"});
    CHECK(pool("MAIL-192-0-2-1.Example.ORG.", "192.0.2.1") == Pool{Membership::holds_address, "example.org"});
}

TEST_CASE("a provider's own mail comes from its own machines, whatever their names") {
    const char* name = "static-relay.nyc.provider.com";
    CHECK(pool(name, "192.0.2.1", "else.example").membership == Membership::customer_by_shape);
    for (const char* domain :
         {"provider.com", "Provider.com", "mail.provider.com", "provider.net", "provider.co.uk"})
        CHECK(pool(name, "192.0.2.1", domain) == Pool{Membership::member, "provider.com"});
    for (const char* domain : {"", "-undef-", "com", "provider.com.example.org", "notprovider.com"})
        CHECK(pool(name, "192.0.2.1", domain).membership == Membership::customer_by_shape);
}

TEST_CASE("the address in a name keeps a client apart in its provider's own mail too") {
    CHECK(pool("dsl-192-0-2-1.provider.com", "192.0.2.1", "provider.com").membership ==
          Membership::holds_address);
    CHECK(pool("c-2-1.provider.com", "192.0.2.1", "provider.com").membership == Membership::holds_address);
}

TEST_CASE("two octets of the address are those of a customer, but of a server's name") {
    CHECK(pool("h-2-1.example.org", "192.0.2.1").membership == Membership::holds_address);
    CHECK(pool("mta-2-1.example.org", "192.0.2.1").membership == Membership::member);
    CHECK(pool("m0163.163.com", "192.0.2.163").membership == Membership::member);
    CHECK(pool("relay1.example.org", "192.0.2.1").membership == Membership::member);
}

TEST_CASE("the cache keeps clients apart, whatever was asked before and whoever sends") {
    const PoolFinder finder(shipped());
    const Address one = parse_address("192.0.2.1").value(), other = parse_address("198.51.100.7").value();
    for (int round = 0; round < 3; ++round) {
        CHECK(finder.pool_of("mail-192-0-2-1.provider.com", one, "").membership == Membership::holds_address);
        CHECK(finder.pool_of("mail-192-0-2-1.provider.com", other, "").membership == Membership::member);
        CHECK(finder.pool_of("static-relay.nyc.provider.com", one, "provider.net").membership ==
              Membership::member);
        CHECK(finder.pool_of("static-relay.nyc.provider.com", one, "else.example").membership ==
              Membership::customer_by_shape);
        CHECK(finder.pool_of("unknown", one, "").membership == Membership::unverified);
        CHECK(finder.pool_of("", Address{}, "").membership == Membership::unverified);
    }
    for (int i = 0; i < 5000; ++i) {
        const std::string domain = "d" + std::to_string(i) + ".example";
        CHECK(finder.pool_of("mx." + domain, one, "").organisation == domain);
    }
}

TEST_CASE("where the patterns' files are missing, servers are not known and the shipped customers are") {
    const PoolFiles files = read_pool_rules("/nonexistent", "");
    REQUIRE(files.problems.size() == 1);
    CHECK_THAT(files.problems[0].text, Catch::Contains("/nonexistent/pool_customers.regexp") &&
                                           Catch::Contains("the expression that is shipped counts"));
    CHECK_FALSE(files.problems[0].is_error);
    const Address address = parse_address("192.0.2.1").value();
    CHECK(pool_of(files.rules, "mta-2-1.example.org", address, "").membership == Membership::holds_address);
    CHECK(pool_of(files.rules, "vps-4711.example.org", address, "").membership ==
          Membership::customer_by_shape);
    CHECK(pool_of(files.rules, "mx.example.org", address, "").membership == Membership::member);
}

TEST_CASE("a pool's identity fits the column, and no two domains share one") {
    CHECK(pool_identity("google.com") == "@google.com");
    CHECK(pool_identity("abcdefghijklmnopqrstuvwxyz-0123456.org") ==
          "@abcdefghijklmnopqrstuvwxyz-0123456.org");
    const std::string one = pool_identity("abcdefghijklmnopqrstuvwxyz-01234567.org");
    CHECK(one.size() == 39);
    CHECK_THAT(one, Catch::StartsWith("@abcdefghijklmnopq#"));
    CHECK(one == pool_identity("abcdefghijklmnopqrstuvwxyz-01234567.org"));
    CHECK(one != pool_identity("abcdefghijklmnopqrstuvwxyz-01234568.org"));
    const sqlgrey::base::KeyedHash hash("a key that is long enough");
    CHECK(hashed_identity(hash, one) == "@" + hash.of("client", one));
    CHECK(hashed_identity(hash, "192.0.2") == hash.of("client", "192.0.2"));
}

TEST_CASE("the network that is remembered as a pool's is a /24, of IPv6 a /64") {
    CHECK(pool_network(parse_address("192.0.2.1").value()) == "192.0.2");
    CHECK(pool_network(parse_address("2001:db8::1").value()) == "2001:0db8:0000:0000");
}
