#include "tests/vnet/lab.hpp"

#include <linux/if_tun.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
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
    VirtioHeader head = header;
    Bytes body = frame;
    std::array<iovec, 2> parts{iovec{&head, sizeof head}, iovec{body.data(), body.size()}};
    const auto size = static_cast<ssize_t>(sizeof head + frame.size());
    ASSERT_EQ(::writev(tap_.get(), parts.data(), 2), size) << std::strerror(errno);
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

std::unique_ptr<SwitchDriver> Lab::open() {
    auto opened = SwitchDriver::open(layout);
    EXPECT_TRUE(opened) << opened.error().text();
    return opened ? std::move(*opened) : nullptr;
}

model::Port Lab::port(const std::string& partition, const std::string& zone, const std::string& address) {
    const model::PartitionName name(partition);
    return {model::port_name(name, 0),
            name,
            0,
            model::ZoneName(zone),
            model::port_mac(model::GatewayName("gateway"), name, 0),
            *model::parse_ipv4(address)};
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

void Lab::execute(const model::Action& action) {
    const auto done = driver->execute(action);
    ASSERT_TRUE(done) << done.error().text();
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

void Furnished::expect_passes(Guest& sender, Guest& receiver, const Bytes& frame) {
    sender.send(frame);
    EXPECT_EQ(receiver.receive(), frame);
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

}  // namespace bulkhead::vnet::test
