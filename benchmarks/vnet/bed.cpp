#include "benchmarks/vnet/bed.hpp"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <vector>

#include "base/text.hpp"

namespace bulkhead::vnet::bench {
namespace {

Result<> run_command(const std::string& command) {
    if (std::system(command.c_str()) != 0) return fail(Code::io, "failed: " + command);
    return {};
}

model::Port make_port(const std::string& name, std::uint32_t address) {
    model::Port port;
    port.name = model::PortName(name);
    port.partition = model::PartitionName(name);
    port.mac = model::port_mac(model::GatewayName("bench"), port.partition, 0);
    port.address = model::Ipv4{address};
    return port;
}

void put16(std::vector<std::uint8_t>& frame, std::size_t at, unsigned value) {
    frame[at] = static_cast<std::uint8_t>(value >> 8);
    frame[at + 1] = static_cast<std::uint8_t>(value);
}

// 60 bytes, 64 with the checksum that a veth has no use for.
std::vector<std::uint8_t> udp_frame(const model::Port& from, const model::Port& to,
                                    unsigned destination_port) {
    std::vector<std::uint8_t> frame(60);
    std::ranges::copy(to.mac.bytes, frame.begin());
    std::ranges::copy(from.mac.bytes, frame.begin() + 6);
    put16(frame, 12, ETH_P_IP);
    frame[14] = 0x45;
    put16(frame, 16, 46);
    frame[22] = 64;
    frame[23] = IPPROTO_UDP;
    for (std::size_t i = 0; i < 2; ++i) {
        put16(frame, 26 + 2 * i, from.address.bits >> (16 - 16 * i) & 0xffff);
        put16(frame, 30 + 2 * i, to.address.bits >> (16 - 16 * i) & 0xffff);
    }
    put16(frame, 34, 40000);
    put16(frame, 36, destination_port);
    put16(frame, 38, 26);
    return frame;
}

Result<Fd> packet_socket(const std::string& interface) {
    Fd socket(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
    if (!socket) return fail_errno("can't open a packet socket");
    const int yes = 1;
    if (::setsockopt(socket.get(), SOL_PACKET, PACKET_QDISC_BYPASS, &yes, sizeof yes) != 0)
        return fail_errno("can't bypass the qdisc");
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    address.sll_ifindex = static_cast<int>(::if_nametoindex(interface.c_str()));
    if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        return fail_errno("can't bind", interface);
    return socket;
}

}  // namespace

Result<> enter_namespaces() {
    if (::unshare(CLONE_NEWNET | CLONE_NEWNS) != 0) return fail_errno("can't enter namespaces of my own");
    if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("sysfs", "/sys", "sysfs", 0, nullptr) != 0)
        return fail_errno("can't mount /sys");
    // Neither side shall handle frames of IPv6 or pay for a firewall.
    std::ofstream("/proc/sys/net/ipv6/conf/default/disable_ipv6") << 1;
    std::ofstream("/proc/sys/net/bridge/bridge-nf-call-iptables") << 0;
    cpu_set_t first{};
    CPU_SET(0, &first);
    if (::sched_setaffinity(0, sizeof first, &first) != 0) return fail_errno("can't stay on one core");
    return {};
}

// The ends are NAMEa0 and NAMEb0, their peers that get joined NAMEa1 and NAMEb1.
Result<Bed> Bed::with_veths(const std::string& name) {
    Bed bed;
    bed.from_ = make_port(name + "a", 0x0a000001);
    bed.to_ = make_port(name + "b", 0x0a000002);
    for (const auto* port : {&bed.from_, &bed.to_}) {
        const std::string end = port->name.str();
        BULKHEAD_TRY(run_command("ip link add name " + end + "0 address " + to_string(port->mac) +
                                 " type veth peer name " + end + "1"));
        BULKHEAD_TRY(run_command("ip link set " + end + "0 up && ip link set " + end + "1 up"));
    }
    BULKHEAD_TRY_ASSIGN(bed.socket_, packet_socket(bed.from_.name.str() + "0"));
    return bed;
}

Result<Bed> Bed::with_bridge(const std::string& name) {
    BULKHEAD_TRY_ASSIGN(Bed bed, with_veths(name));
    BULKHEAD_TRY(run_command("ip link add name " + name + " type bridge && ip link set " + name + " up"));
    for (const auto* port : {&bed.from_, &bed.to_}) {
        const std::string end = port->name.str();
        BULKHEAD_TRY(run_command("ip link set " + end + "1 master " + name));
        BULKHEAD_TRY(
            run_command("bridge fdb add " + to_string(port->mac) + " dev " + end + "1 master static"));
    }
    return bed;
}

Result<Bed> Bed::with_switch(const std::string& name, unsigned policies) {
    BULKHEAD_TRY_ASSIGN(Bed bed, with_veths(name));
    const std::filesystem::path pins = "/sys/fs/bpf/" + name;
    BULKHEAD_TRY(ensure_bpffs(pins));
    BULKHEAD_TRY_ASSIGN(bed.program_, Program::open(pins));
    PortTable ports(*bed.program_);
    for (const auto* port : {&bed.from_, &bed.to_}) {
        BULKHEAD_TRY_ASSIGN(const PortRecord record, ports.record(*port));
        const unsigned ifindex = ::if_nametoindex((port->name.str() + "1").c_str());
        BULKHEAD_TRY(bed.program_->guard(ifindex));
        BULKHEAD_TRY(ports.admit(record, ifindex));
    }
    std::set<model::Rule> rules;
    for (unsigned i = 1; i <= policies; ++i)
        rules.insert(
            {bed.from_.name, bed.to_.name, {model::Transport::udp, static_cast<std::uint16_t>(i)}, 1});
    bed.destination_port_ = policies;
    BULKHEAD_TRY_ASSIGN(const auto all, ports.all());
    BULKHEAD_TRY(RuleTable(*bed.program_).open(rules, all));
    return bed;
}

Result<std::uint64_t> Bed::arrived() const {
    std::ifstream file("/sys/class/net/" + to_.name.str() + "0/statistics/rx_packets");
    std::uint64_t count = 0;
    if (!(file >> count)) return fail(Code::io, "can't count what arrived", to_.name.str());
    return count;
}

Result<double> Bed::run(unsigned frames) const {
    constexpr unsigned batch = 64;
    auto frame = udp_frame(from_, to_, destination_port_);
    iovec part{frame.data(), frame.size()};
    std::array<mmsghdr, batch> messages{};
    for (auto& message : messages) {
        message.msg_hdr.msg_iov = &part;
        message.msg_hdr.msg_iovlen = 1;
    }
    BULKHEAD_TRY_ASSIGN(const std::uint64_t before, arrived());
    const auto start = std::chrono::steady_clock::now();
    for (unsigned sent = 0; sent < frames;) {
        const int count = ::sendmmsg(socket_.get(), messages.data(), batch, 0);
        if (count < 0 && errno != ENOBUFS && errno != EINTR) return fail_errno("can't send");
        if (count > 0) sent += static_cast<unsigned>(count);
    }
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    BULKHEAD_TRY_ASSIGN(const std::uint64_t after, arrived());
    if (after == before) return fail(Code::internal, "no frame arrived", to_.name.str());
    return static_cast<double>(after - before) / seconds.count();
}

}  // namespace bulkhead::vnet::bench
