#include "benchmarks/vnet/wire.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <fstream>

#include "base/file.hpp"

extern "C" unsigned if_nametoindex(const char* name);  // <net/if.h> and <linux/if.h> don't go together

namespace bulkhead::bench {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t virtio_header = 10;  // virtio_net_hdr

Result<> await_frame(const Fd& fd, std::chrono::milliseconds patience) {
    pollfd wanted{fd.get(), POLLIN, 0};
    if (::poll(&wanted, 1, static_cast<int>(patience.count())) < 0)
        return fail_errno("can't wait for a frame");
    return {};
}

// Of one wait, however many frames of others come meanwhile: beside a flood there is always one.
class Deadline {
  public:
    explicit Deadline(std::chrono::milliseconds patience) : at_(Clock::now() + patience) {}
    bool passed() const { return Clock::now() >= at_; }
    std::chrono::milliseconds left() const {
        return std::max(std::chrono::ceil<std::chrono::milliseconds>(at_ - Clock::now()), 0ms);
    }

  private:
    using Clock = std::chrono::steady_clock;
    Clock::time_point at_;
};

}  // namespace

Result<std::unique_ptr<Wire>> VethWire::open(const std::string& name) {
    return std::unique_ptr<Wire>(new VethWire(name));
}

Result<> VethWire::pour(const Frame& frame, unsigned count) {
    if (!injector_) {
        BULKHEAD_TRY_ASSIGN(injector_, Injector::open(name_));
    }
    return injector_->send(frame, count);
}

// Of this thread's network namespace; /sys shows that of whoever mounted it.
Result<std::uint64_t> VethWire::arrived() {
    std::ifstream file("/proc/thread-self/net/dev");
    const std::string wanted = name_ + "-end:";
    for (std::string interface; file >> interface; file.ignore(1024, '\n')) {
        if (interface != wanted) continue;
        std::uint64_t bytes = 0;
        std::uint64_t packets = 0;
        if (file >> bytes >> packets) return packets;
    }
    return fail(Code::io, "can't count what arrived", name_);
}

Result<> VethWire::listen() {
    Fd socket(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket) return fail_errno("can't open a packet socket");
    const int yes = 1;
    if (::setsockopt(socket.get(), SOL_PACKET, PACKET_QDISC_BYPASS, &yes, sizeof yes) != 0 ||
        ::setsockopt(socket.get(), SOL_PACKET, PACKET_IGNORE_OUTGOING, &yes, sizeof yes) != 0)
        return fail_errno("can't set up a packet socket");
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    address.sll_protocol = htons(ETH_P_ALL);
    address.sll_ifindex = static_cast<int>(::if_nametoindex((name_ + "-end").c_str()));
    if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        return fail_errno("can't bind", name_);
    socket_ = std::move(socket);
    return {};
}

Result<> VethWire::send(const Frame& frame) {
    if (::send(socket_.get(), frame.data(), frame.size(), 0) < 0) return fail_errno("can't send", name_);
    return {};
}

Result<bool> VethWire::receive(std::size_t size, std::chrono::milliseconds patience) {
    std::array<std::uint8_t, 2048> room{};
    for (const Deadline deadline(patience); !deadline.passed();) {
        const ssize_t got = ::recv(socket_.get(), room.data(), room.size(), 0);
        if (got >= 0 && static_cast<std::size_t>(got) == size) return true;
        if (got >= 0) continue;
        if (errno != EAGAIN) return fail_errno("can't receive", name_);
        BULKHEAD_TRY(await_frame(socket_, deadline.left()));
    }
    return false;
}

Result<std::unique_ptr<Wire>> TapWire::open(const std::string& name) {
    BULKHEAD_TRY_ASSIGN(Fd tap, open_file("/dev/net/tun", O_RDWR | O_NONBLOCK));
    ifreq request{};
    name.copy(request.ifr_name, sizeof request.ifr_name - 1);
    request.ifr_flags = static_cast<short>(IFF_TAP | IFF_NO_PI | IFF_VNET_HDR);
    if (::ioctl(tap.get(), TUNSETIFF, &request) != 0) return fail_errno("can't hold the tap", name);
    return std::unique_ptr<Wire>(new TapWire(std::move(tap)));
}

Result<> TapWire::send(const Frame& frame) {
    std::array<std::uint8_t, virtio_header> header{};  // nothing left to do
    const std::array<iovec, 2> parts{iovec{header.data(), header.size()},
                                     iovec{const_cast<std::uint8_t*>(frame.data()), frame.size()}};
    if (::writev(tap_.get(), parts.data(), parts.size()) < 0) return fail_errno("can't write to the tap");
    return {};
}

Result<> TapWire::pour(const Frame& frame, unsigned count) {
    for (unsigned i = 0; i < count; ++i) BULKHEAD_TRY(send(frame));
    return {};
}

Result<std::size_t> TapWire::take() {
    std::array<std::uint8_t, 2048> room{};
    const ssize_t got = ::read(tap_.get(), room.data(), room.size());
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EAGAIN) return fail_errno("can't read from the tap");
    return 0;
}

Result<std::uint64_t> TapWire::arrived() {
    for (;;) {
        BULKHEAD_TRY_ASSIGN(const std::size_t one, take());
        if (one == 0) return arrived_;
        ++arrived_;
    }
}

// What came before is none of the frames that are waited for.
Result<> TapWire::listen() {
    BULKHEAD_TRY(arrived());
    return {};
}

Result<bool> TapWire::receive(std::size_t size, std::chrono::milliseconds patience) {
    for (const Deadline deadline(patience); !deadline.passed();) {
        BULKHEAD_TRY_ASSIGN(const std::size_t one, take());
        if (one == size + virtio_header) return true;
        if (one != 0) continue;
        BULKHEAD_TRY(await_frame(tap_, deadline.left()));
    }
    return false;
}

}  // namespace bulkhead::bench
