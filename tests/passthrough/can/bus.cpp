#include "tests/passthrough/can/bus.hpp"

#include <linux/can/raw.h>
#include <net/if.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "passthrough/can/can_socket.hpp"

namespace bulkhead::testing_support {

namespace can = passthrough::can;

std::string no_can_because() {
    if (::geteuid() != 0) return "only root makes CAN interfaces";
    if (auto socket = can::open_can_socket(); !socket) return socket.error().what;
    can::KernelLinks links;
    if (auto made = links.make_virtual("bht-trial"); !made) return made.error().text();
    const auto link = links.find("bht-trial");
    if (link && *link) [[maybe_unused]]
        const auto removed = links.remove(**link);
    return {};
}

Bus::Bus(std::string name) : name_(std::move(name)) {
    remove();  // of a test that was killed
    make();
}

Bus::~Bus() {
    remove();
}

void Bus::make() {
    const auto made = links_.make_virtual(name_);
    ASSERT_TRUE(made) << made.error().text();
    set_up(true);
}

void Bus::set_up(bool up) {
    const auto link = links_.find(name_);
    ASSERT_TRUE(link && *link);
    ASSERT_TRUE(links_.set_up(**link, up));
}

void Bus::remove() {
    const auto link = links_.find(name_);
    if (link && *link) {
        EXPECT_TRUE(links_.remove(**link));
    }
}

Speaker::Speaker(const std::string& interface) {
    auto socket = can::open_can_socket();
    EXPECT_TRUE(socket) << socket.error().text();
    if (!socket) return;
    EXPECT_TRUE(can::hear_only(socket->get(), model::everything_on_the_bus()));
    EXPECT_TRUE(can::bind_to(socket->get(), ::if_nametoindex(interface.c_str()))) << interface;
    socket_ = std::move(*socket);
}

void Speaker::say(canid_t id) const {
    can_frame frame{};
    frame.can_id = id;
    frame.len = 8;
    EXPECT_EQ(::send(socket_.get(), &frame, sizeof frame, 0), static_cast<ssize_t>(sizeof frame));
}

std::vector<canid_t> Speaker::hear(std::chrono::milliseconds silence) const {
    std::vector<canid_t> ids;
    pollfd ready{socket_.get(), POLLIN, 0};
    while (::poll(&ready, 1, static_cast<int>(silence.count())) > 0) {
        can_frame frame{};
        if (::recv(socket_.get(), &frame, sizeof frame, 0) != static_cast<ssize_t>(sizeof frame)) break;
        ids.push_back(frame.can_id);
    }
    return ids;
}

std::optional<canid_t> Speaker::next() const {
    pollfd ready{socket_.get(), POLLIN, 0};
    can_frame frame{};
    if (::poll(&ready, 1, 5000) <= 0 ||
        ::recv(socket_.get(), &frame, sizeof frame, 0) != static_cast<ssize_t>(sizeof frame))
        return std::nullopt;
    return frame.can_id;
}

}  // namespace bulkhead::testing_support
