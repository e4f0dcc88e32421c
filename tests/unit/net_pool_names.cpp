// Host names of real providers with real or likely addresses: whose servers are one pool, and whose lines and
// machines stay apart. With the files that are shipped.
#include "sqlgrey/net/pool.hpp"

#include <set>

#include <catch2/catch.hpp>

using namespace sqlgrey::net;

namespace {

const PoolRules& shipped() {
    static const PoolFiles files = read_pool_rules(SOURCE_DIR "/conf", "");
    return files.rules;
}

Pool pool(std::string_view name, std::string_view address) {
    const auto parsed = parse_address(address);
    REQUIRE(parsed);
    return pool_of(shipped(), name, *parsed, "sender.example");
}

struct Server {
    const char* name;
    const char* address;
    const char* organisation;  // whose pool it is in
};
const std::vector<Server> mail_servers{
    {"mail-wr1-f41.google.com", "209.85.221.41", "google.com"},
    {"mail-lf1-x12e.google.com", "2a00:1450:4864:20::12e", "google.com"},
    {"mail-yb1-xb2a.google.com", "2607:f8b0:4864:20::b2a", "google.com"},
    {"mail-sor-f69.google.com", "209.85.220.69", "google.com"},
    {"mail-am6eur05on2060.outbound.protection.outlook.com", "40.107.22.60", "outlook.com"},
    {"mail-he1eur04on060f.outbound.protection.outlook.com", "2a01:111:f400:fe0d::60f", "outlook.com"},
    {"sonic302-20.consmr.mail.ne1.yahoo.com", "66.163.186.146", "yahoo.com"},
    {"nm25-vm8.bullet.mail.ne1.yahoo.com", "98.138.91.127", "yahoo.com"},
    {"mout.gmx.net", "212.227.15.19", "gmx.net"},
    {"mout.web.de", "217.72.192.78", "web.de"},
    {"mout.kundenserver.de", "212.227.126.187", "kundenserver.de"},
    {"out5-smtp.messagingengine.com", "66.111.4.29", "messagingengine.com"},
    {"mail-40131.protonmail.ch", "185.70.40.131", "protonmail.ch"},
    {"pv50p00im-ztdg10011301.me.com", "17.58.6.40", "me.com"},
    {"outbound.mr.icloud.com", "17.57.156.3", "icloud.com"},
    {"f194.i.mail.ru", "217.69.138.194", "mail.ru"},
    {"fallback2.mail.ru", "94.100.179.22", "mail.ru"},
    {"forward102o.mail.yandex.net", "37.140.190.182", "yandex.net"},
    {"a8-29.smtp-out.amazonses.com", "54.240.8.29", "amazonses.com"},
    {"a27-12.smtp-out.us-west-2.amazonses.com", "54.240.27.12", "amazonses.com"},
    {"mail132-5.atl131.mandrillapp.com", "198.2.132.5", "mandrillapp.com"},
    {"wrqvbvnx.outbound-mail.sendgrid.net", "149.72.32.11", "sendgrid.net"},
    {"mx0a-001b2d01.pphosted.com", "148.163.156.1", "pphosted.com"},
    {"eu-smtp-delivery-151.mimecast.com", "185.58.85.151", "mimecast.com"},
    {"mo4-p00-ob.smtp.rzone.de", "85.215.255.24", "rzone.de"},
    {"mailout03.t-online.de", "194.25.134.81", "t-online.de"},
    {"smtp-31.italiaonline.it", "213.209.10.31", "italiaonline.it"},
    {"smtp4-g21.free.fr", "212.27.42.4", "free.fr"},
    {"smtp-42.smtpout.orange.fr", "80.12.242.42", "orange.fr"},
    {"resqmta-h2p-567564.sys.comcast.net", "96.102.200.4", "comcast.net"},
    {"sender4-op-o15.zoho.com", "136.143.188.15", "zoho.com"},
    {"mx.mail.seznam.cz", "77.75.78.42", "seznam.cz"},
    {"smtpout6.mo532.mail-out.ovh.net", "46.105.50.107", "ovh.net"},
    {"smtp08-ia4-sp3.mta.salesforce.com", "13.110.14.168", "salesforce.com"},
    {"smtp.home.pl", "79.96.1.2", "home.pl"},
    {"smtpbg500.qq.com", "203.205.250.10", "qq.com"},
    {"mout01.posteo.de", "185.67.36.65", "posteo.de"},
    {"mout-p-201.mailbox.org", "80.241.56.171", "mailbox.org"},
    {"relay5-d.mail.gandi.net", "217.70.183.197", "gandi.net"},
    {"smtp-190d.mail.infomaniak.ch", "185.125.25.13", "infomaniak.ch"},
    {"mail.w13.tutanota.de", "185.205.69.213", "tutanota.de"},
    {"rs227.mailgun.us", "209.61.151.227", "mailgun.us"},
    {"out1.migadu.com", "91.121.223.63", "migadu.com"},
    {"lists.sourceforge.net", "216.105.38.7", "sourceforge.net"},
    {"bounce2.smtp2go.com", "103.47.204.5", "smtp2go.com"},
    {"eggs.gnu.org", "209.51.188.92", "gnu.org"},
    {"out-33.smtp.github.com", "192.30.252.196", "github.com"},
    {"mx2.suse.de", "195.135.220.15", "suse.de"},
    {"a43-242.smtp-out.eu-west-1.amazonses.com", "54.240.43.242", "amazonses.com"},
    {"mta-out1.inet.fi", "62.71.2.227", "inet.fi"},
};

struct Customer {
    const char* name;
    const char* address;
};
// Of hosting firms, and of providers of access.
const std::vector<Customer> customers{
    {"slkcdslgw14PoolD234.slkc.uswest.net", "65.103.229.17"},
    {"usereu27.uk.uudial.com", "62.188.17.111"},
    {"pf129.minsk-mazowiecki.sdi.tpnet.pl", "80.49.3.130"},
    {"vccomp.colo.hosteurope.com", "217.199.168.242"},
    {"static.88-198-32-14.clients.your-server.de", "88.198.32.14"},
    {"static.14.32.198.88.clients.your-server.de", "88.198.32.14"},
    {"vmi1234567.contaboserver.net", "173.212.200.1"},
    {"ns3012345.ip-51-75-12.eu", "51.75.12.34"},
    {"vps-1a2b3c4d.vps.ovh.net", "51.178.1.2"},
    {"ks301234.kimsufi.com", "94.23.1.2"},
    {"45.76.1.2.vultrusercontent.com", "45.76.1.2"},
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
    {"2a02-8388-1801-2c00-1-2-3-4.cable.dynamic.v6.surfer.at", "2a02:8388:1801:2c00:1:2:3:4"},
    {"lns-bzn-12-34-56-78.adsl.proxad.net", "82.64.1.2"},
    {"o16789112x30.outbound-mail.sendgrid.net", "167.89.112.30"},
    {"unn-149-12-34-56.datapacket.com", "149.12.34.56"},
};

}  // namespace

TEST_CASE("the servers of large senders are in one pool, wherever they are") {
    for (const Server& server : mail_servers) {
        CAPTURE(server.name);
        const Pool found = pool(server.name, server.address);
        CHECK(found.membership == Membership::member);
        CHECK(found.organisation == server.organisation);
    }
}

TEST_CASE("what hosting firms and access providers let to customers stays apart") {
    for (const Customer& customer : customers) {
        CAPTURE(customer.name);
        CHECK_FALSE(pool(customer.name, customer.address).membership == Membership::member);
    }
}

TEST_CASE("the tables have the names of many providers") {
    std::set<std::string> names, senders, providers;
    for (const Server& server : mail_servers) {
        names.insert(server.name);
        senders.insert(server.organisation);
    }
    for (const Customer& customer : customers) {
        names.insert(customer.name);
        const std::string organisation = shipped().suffixes.organisation_of(customer.name);
        // Those of Amazon's machines and the like are public suffixes themselves.
        providers.insert(organisation.empty() ? customer.name : organisation);
    }
    CHECK(names.size() >= 60);
    CHECK(senders.size() >= 20);
    CHECK(providers.size() >= 12);
}

TEST_CASE("hostile names are in no pool, or in that of the domain they are below") {
    const std::string long_label(256, 'a'), label(63, 'a');
    const std::string longest = label + "." + label + "." + label + "." + std::string(59, 'b') + ".com";
    struct Case {
        std::string name;
        Membership membership;
        std::string organisation;
    };
    const std::vector<Case> cases{
        {long_label, Membership::unverified, ""},
        {long_label + ".com", Membership::no_organisation, ""},
        {longest, Membership::member, std::string(59, 'b') + ".com"},
        {"a" + longest, Membership::no_organisation, ""},  // 256 bytes
        {"mx.xn--mnchen-3ya.de", Membership::member, "xn--mnchen-3ya.de"},
        {"mx.m\xc3\xbcnchen.de", Membership::no_organisation, ""},  // not in its form for DNS
        {"xn--p1ai", Membership::unverified, ""},
        {"mail.xn--80aswg.xn--p1ai", Membership::member, "xn--80aswg.xn--p1ai"},
        {"mx.google.com.", Membership::member, "google.com"},
        {"mx.google.com..", Membership::no_organisation, ""},
        {".google.com", Membership::no_organisation, ""},
        {"..", Membership::no_organisation, ""},
        {"MX.GOOGLE.COM", Membership::member, "google.com"},
        {"mx_1.google.com", Membership::member, "google.com"},
        {"_dmarc.google.com", Membership::member, "google.com"},
        {"unknown", Membership::unverified, ""},
        {"Unknown.", Membership::unverified, ""},
        {"unknown.google.com", Membership::member, "google.com"},
        {"google.com.unknown", Membership::member, "com.unknown"},
        {"google.com.evil.example", Membership::member, "evil.example"},
        {"google-com.example", Membership::member, "google-com.example"},
        {"com", Membership::unverified, ""},
        {"co.uk", Membership::no_organisation, ""},
        {"github.io", Membership::no_organisation, ""},
        {"a.github.io", Membership::member, "a.github.io"},
        {"192.0.2.1", Membership::no_organisation, ""},
        {"[192.0.2.1]", Membership::no_organisation, ""},
        {"2001:db8::1", Membership::unverified, ""},
        {"@google.com", Membership::no_organisation, ""},
        {"mx google.com", Membership::no_organisation, ""},
        {"mx.google.com\n", Membership::no_organisation, ""},
        {std::string("mx.google.com\0.evil.example", 27), Membership::no_organisation, ""},
        {"*.google.com", Membership::no_organisation, ""},
        {"%.google.com", Membership::no_organisation, ""},
        {"mx.google.com' or '1'='1", Membership::no_organisation, ""},
    };
    for (const Case& one : cases) {
        CAPTURE(one.name);
        CHECK(pool(one.name, "198.51.100.7") == Pool{one.membership, one.organisation});
    }
}

TEST_CASE("a name that is nothing but numbers or dots takes no long time and names nobody else's pool") {
    for (const std::string_view part : {"1.", "-", "9", "a.", "0-", "198-51-100-7."}) {
        std::string name;
        while (name.size() < 500) name += part;
        CHECK(pool(name + "example.com", "198.51.100.7").membership != Membership::member);
    }
}
