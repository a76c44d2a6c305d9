#include "tests/vnet/lab.hpp"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "base/file.hpp"
#include "vnet/link.hpp"
#include "vnet/tap.hpp"

namespace bulkhead::vnet::test {
namespace {

// The kernel turns a tap's queue on some time after its first descriptor was opened: it says so by the
// state, and has done it when it answers a call that needs the same lock.
void wait_until_up(const std::string& name) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    const auto state = "/sys/class/net/" + name + "/operstate";
    while (read_file(state, 4096).value_or("") != "up\n") {
        ASSERT_LT(std::chrono::steady_clock::now(), deadline) << name << " never came up";
        std::this_thread::yield();
    }
    auto links = Links::open();
    ASSERT_TRUE(links->set_up(links->find(name).value().value(), true));
}

}  // namespace

Guest::Guest(const model::PortName& port) {
    auto tap = open_tap(port.str());
    if (!tap) {
        ADD_FAILURE() << tap.error().text();
        return;
    }
    tap_ = std::move(*tap);
    wait_until_up(port.str());
}

void Guest::send(const Bytes& frame, const VirtioHeader& header) {
    ASSERT_TRUE(try_send(frame, header)) << std::strerror(errno);
}

bool Guest::try_send(const Bytes& frame, const VirtioHeader& header) {
    VirtioHeader head = header;
    Bytes body = frame;
    std::array<iovec, 2> parts{iovec{&head, sizeof head}, iovec{body.data(), body.size()}};
    return ::writev(tap_.get(), parts.data(), 2) == static_cast<ssize_t>(sizeof head + frame.size());
}

std::optional<Bytes> Guest::receive() {
    Bytes frame(70000);
    std::array<iovec, 2> parts{iovec{&last_header_, sizeof last_header_}, iovec{frame.data(), frame.size()}};
    const ssize_t got = ::readv(tap_.get(), parts.data(), 2);
    if (got < static_cast<ssize_t>(sizeof last_header_)) return std::nullopt;
    frame.resize(static_cast<std::size_t>(got) - sizeof last_header_);
    return frame;
}

void Guest::offload() {
    ASSERT_EQ(::ioctl(tap_.get(), TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4), 0) << std::strerror(errno);
}

Station::Station(const std::string& interface) {
    socket_ = Fd(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const int yes = 1;
    sockaddr_ll here{};
    here.sll_family = AF_PACKET;
    here.sll_protocol = ::htons(ETH_P_ALL);
    here.sll_ifindex = static_cast<int>(::if_nametoindex(interface.c_str()));
    EXPECT_EQ(::setsockopt(socket_.get(), SOL_PACKET, PACKET_AUXDATA, &yes, sizeof yes), 0);
    EXPECT_EQ(::setsockopt(socket_.get(), SOL_PACKET, PACKET_IGNORE_OUTGOING, &yes, sizeof yes), 0);
    EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&here), sizeof here), 0) << interface;
}

void Station::send(const Bytes& frame) {
    ASSERT_EQ(::send(socket_.get(), frame.data(), frame.size(), 0), static_cast<ssize_t>(frame.size()))
        << std::strerror(errno);
}

std::optional<Bytes> Station::receive() {
    Bytes frame(70000);
    iovec part{frame.data(), frame.size()};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(tpacket_auxdata))> control{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t got = ::recvmsg(socket_.get(), &message, 0);
    if (got < 0) return std::nullopt;
    frame.resize(static_cast<std::size_t>(got));
    for (cmsghdr* each = CMSG_FIRSTHDR(&message); each != nullptr; each = CMSG_NXTHDR(&message, each)) {
        tpacket_auxdata data{};
        std::memcpy(&data, CMSG_DATA(each), sizeof data);
        if ((data.tp_status & TP_STATUS_VLAN_VALID) != 0)
            return tagged(frame, data.tp_vlan_tpid, data.tp_vlan_tci);
    }
    return frame;
}

const model::Layout Lab::layout = [] {
    model::Layout made;
    made.bpf = "/sys/fs/bpf/vnet-test";
    made.owner = "vnet-test";
    return made;
}();

void Lab::SetUpTestSuite() {
    static bool entered = false;
    if (entered) return;
    ASSERT_EQ(::geteuid(), 0U) << "component tests run as root";
    ASSERT_EQ(::unshare(CLONE_NEWNET | CLONE_NEWNS), 0) << std::strerror(errno);
    ASSERT_EQ(::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr), 0) << std::strerror(errno);
    // This network's interfaces, and no bpffs: the driver mounts one.
    ASSERT_EQ(::mount("sysfs", "/sys", "sysfs", 0, nullptr), 0) << std::strerror(errno);
    entered = true;
}

void Lab::SetUp() {
    driver = open();
    ASSERT_NE(driver, nullptr);
}

void Lab::TearDown() {
    driver.reset();
    const auto destroyed = destroy_switch(layout);
    EXPECT_TRUE(destroyed) << destroyed.error().text();
}

std::unique_ptr<SwitchDriver> Lab::open() const {
    auto opened = SwitchDriver::open(layout, means());
    EXPECT_TRUE(opened) << opened.error().text();
    return opened ? std::move(*opened) : nullptr;
}

std::unique_ptr<Program> Lab::open_maps() {
    auto opened = Program::open(pins());
    EXPECT_TRUE(opened) << opened.error().text();
    return opened ? std::move(*opened) : nullptr;
}

model::Port Lab::port(const std::string& partition, const std::string& zone, const std::string& address) {
    const model::PartitionName name(partition);
    model::Port made;
    made.name = model::port_name(name, 0);
    made.partition = name;
    made.zone = model::ZoneName(zone);
    made.tenant = model::TenantName(zone.substr(0, zone.find('-')));
    made.mac = model::port_mac(model::GatewayName("gateway"), name, 0);
    made.address = *model::parse_ipv4(address);
    // 10.20.1.10 has fd20:1::10 beside it.
    const auto last = address.rfind('.');
    const auto third = address.rfind('.', last - 1);
    made.address6 = address6(
        ("fd20:" + address.substr(third + 1, last - third - 1) + "::" + address.substr(last + 1)).c_str());
    return made;
}

model::Rule Lab::rule(const model::Port& from, const model::Port& to, model::Transport transport,
                      unsigned number, const std::string& conduit) {
    return {from.name,
            to.name,
            {transport, static_cast<std::uint16_t>(number)},
            model::conduit_id(model::ConduitName(conduit))};
}

model::Observed Lab::observe() {
    model::Observed observed;
    const auto seen = driver->observe(observed);
    EXPECT_TRUE(seen) << seen.error().text();
    return observed;
}

void run(const std::string& command) {
    ASSERT_EQ(std::system(command.c_str()), 0) << command;
}

void Lab::execute(const model::Action& action) {
    const auto done = driver->execute(action);
    ASSERT_TRUE(done) << done.error().text();
}

namespace {

// Up, and silent by itself.
void raise_far_end(const std::string& name) {
    run("echo 1 > /proc/sys/net/ipv6/conf/" + name + "/disable_ipv6 && ip link set " + name + " arp off up");
}

}  // namespace

model::Port Lab::make_guard() {
    model::Port guard;
    guard.name = model::guard_port_name(robot.tenant);
    guard.kind = model::PortKind::guard;
    guard.tenant = robot.tenant;
    guard.mac = model::guard_mac(model::GatewayName("gateway"), robot.tenant);
    execute(model::CreatePort{guard});
    raise_far_end(model::guard_leg_name(robot.tenant).str());
    return guard;
}

void Lab::furnish() {
    for (const model::Port& each : {robot, press, admin}) execute(model::CreatePort{each});
    execute(model::OpenConduit{model::ConduitName("readings"), {readings}});
    execute(model::OpenConduit{model::ConduitName("pings"), {pings}});
    execute(model::OpenConduit{model::ConduitName("logs"), {logs}});
}

std::uint64_t Lab::dropped(const model::Port& port, const std::string& reason) {
    const auto traffic = driver->traffic();
    EXPECT_TRUE(traffic) << traffic.error().text();
    const auto& reasons = traffic->ports.at(port.name).dropped;
    const auto found = reasons.find(reason);
    return found == reasons.end() ? 0 : found->second;
}

std::uint64_t Lab::dropped(const model::Port& port) {
    const auto traffic = driver->traffic();
    EXPECT_TRUE(traffic) << traffic.error().text();
    std::uint64_t total = 0;
    for (const auto& [reason, count] : traffic->ports.at(port.name).dropped) total += count;
    return total;
}

void Furnished::SetUp() {
    Lab::SetUp();
    furnish();
    robot_guest.emplace(robot.name);
    press_guest.emplace(press.name);
    admin_guest.emplace(admin.name);
}

void Furnished::expect_silence() {
    for (auto* guest : {&robot_guest, &press_guest, &admin_guest})
        EXPECT_FALSE((*guest)->receive()) << "a frame arrived where none should";
}

bool Furnished::kernel_hides_checksums() {
    VirtioHeader header;
    header.flags = needs_checksum;
    header.csum_start = offset::transport;
    header.csum_offset = 6;
    press_guest->send(udp(press, admin, 5001, 514), header);
    const bool arrived = admin_guest->receive().has_value();
    EXPECT_EQ(dropped(press, "offload"), arrived ? 0U : 1U);
    return !arrived;
}

void Furnished::expect_passes(Guest& sender, Guest& receiver, const Bytes& frame) {
    expect_passes(sender, receiver, frame, frame);
}

void Furnished::expect_passes(Guest& sender, Guest& receiver, const Bytes& frame, const Bytes& arrives) {
    sender.send(frame);
    EXPECT_EQ(receiver.receive(), arrives);
    expect_silence();
}

void Furnished::expect_drops(Guest& sender, const model::Port& port, const Bytes& frame,
                             const std::string& reason) {
    const auto before = dropped(port, reason);
    const auto before_total = dropped(port);
    sender.send(frame);
    EXPECT_EQ(dropped(port, reason), before + 1) << reason;
    EXPECT_EQ(dropped(port), before_total + 1) << "counted under another reason than " << reason;
    expect_silence();
}

void Plant::SetUp() {
    Lab::SetUp();
    model::Port with_dhcp = robot;
    with_dhcp.dhcp = true;
    for (const model::Port& each : {with_dhcp, press, admin}) execute(model::CreatePort{each});

    router = port("", "acme-cell", "10.20.1.1");
    router.kind = model::PortKind::router;
    router.name = model::router_port_name(router.zone);
    router.mac = model::router_mac(model::GatewayName("gateway"), router.zone);
    router.tenant = robot.tenant;
    router.address6 = address6("fd20:1::1");
    router.prefixes = {*model::parse_prefix("10.20.1.0/24")};
    router.prefixes6 = {*model::parse_prefix6("fd20:1::/64")};
    outside.name = model::end_port_name(model::EndName("internet"));
    outside.kind = model::PortKind::outside;
    outside.prefixes = {*model::parse_prefix("203.0.113.0/24")};
    outside.prefixes6 = {*model::parse_prefix6("2001:db8:f::/48")};
    beyond = router;
    beyond.address = *model::parse_ipv4("203.0.113.7");
    beyond.address6 = address6("2001:db8:f::7");
    wire.name = model::PortName("field0");
    wire.kind = model::PortKind::wire;
    plc = port("plc", "borealis-cell", "10.20.2.77");
    plc.partition = {};
    plc.name = model::end_port_name(model::EndName("plc"));
    plc.kind = model::PortKind::host;
    plc.tenant = press.tenant;
    plc.wire = wire.name;
    plc.vlan = 10;
    mirror = port("monitor", "management", "0.0.0.0");
    mirror.kind = model::PortKind::mirror;
    mirror.address6.reset();

    run("ip link add field0 type veth peer name field0far");
    run("ip link add " + router.name.str() + " type veth peer name " +
        model::router_leg_name(router.zone).str());
    for (const model::Port& each : {router, outside, wire, plc, mirror}) execute(model::CreatePort{each});
    const std::string far = model::router_leg_name(router.zone).str();
    raise_far_end(far);
    raise_far_end("field0far");
    model::Rule mirrored = readings;
    mirrored.mirror = mirror.name;
    for (const model::Rule& each : {mirrored, pings, logs}) open(each);
    open(rule(robot, outside, model::Transport::tcp, 443, "surf"));
    open(rule(robot, router, model::Transport::udp, 53, "names"));
    open(rule(robot, plc, model::Transport::tcp, 502, "poll"));
    open(rule(press, robot, model::Transport::layer2, 0x8892, "profinet"));
    robot_guest.emplace(robot.name);
    press_guest.emplace(press.name);
    admin_guest.emplace(admin.name);
    monitor.emplace(mirror.name);
    leg.emplace(far);
    field.emplace("field0far");
}

void Plant::TearDown() {
    Furnished::TearDown();
    run("ip link del field0");
}

void Plant::open(const model::Rule& each) {
    execute(model::OpenConduit{model::ConduitName("c" + std::to_string(each.conduit)), {each}});
}

void Plant::expect_silence() {
    Furnished::expect_silence();
    for (auto* station : {&leg, &field})
        EXPECT_FALSE((*station)->receive()) << "a frame arrived behind an interface where none should";
    EXPECT_FALSE(monitor->receive()) << "the mirror got a frame";
}

void Plant::expect_drops_of(Station& sender, const model::Port& port, const Bytes& frame,
                            const std::string& reason) {
    const auto before = dropped(port, reason);
    const auto before_total = dropped(port);
    sender.send(frame);
    EXPECT_EQ(dropped(port, reason), before + 1) << reason;
    EXPECT_EQ(dropped(port), before_total + 1) << "counted under another reason than " << reason;
    expect_silence();
}

}  // namespace bulkhead::vnet::test
