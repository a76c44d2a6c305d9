// What a capture sees of a switch that runs: a frame before it is judged, and what is delivered after.
#include <gtest/gtest.h>

#include "tests/vnet/lab.hpp"
#include "vnet/capture/packet_socket.hpp"

namespace bulkhead::vnet::capture {
namespace {

using test::Bytes;

class Capture : public test::Furnished {
  protected:
    static PacketSocket socket_on(const model::Port& port) {
        auto socket = PacketSocket::open(port.name.str(), 1 << 20);
        EXPECT_TRUE(socket) << socket.error().text();
        return std::move(*socket);
    }
    // "out" or "in" and the frame, of all that wait.
    static std::vector<std::pair<std::string, Bytes>> seen(PacketSocket& socket) {
        std::vector<std::pair<std::string, Bytes>> frames;
        for (;;) {
            const auto frame = socket.next();
            EXPECT_TRUE(frame) << frame.error().text();
            if (!frame || !*frame) return frames;
            EXPECT_EQ((*frame)->whole, (*frame)->bytes.size());
            EXPECT_GT((*frame)->time.count(), 0);
            frames.emplace_back((*frame)->outgoing ? "out" : "in",
                                Bytes((*frame)->bytes.begin(), (*frame)->bytes.end()));
        }
    }
    using Frames = std::vector<std::pair<std::string, Bytes>>;
};

TEST_F(Capture, a_frame_that_passes_is_seen_going_in_and_coming_out) {
    auto here = socket_on(robot);
    auto there = socket_on(admin);
    const Bytes frame = test::opening(robot, admin, 40000, 8883);
    robot_guest->send(frame);
    EXPECT_EQ(seen(here), (Frames{{"in", frame}}));
    EXPECT_EQ(seen(there), (Frames{{"out", frame}}));
}

TEST_F(Capture, a_frame_that_is_dropped_is_seen_going_in_alone) {
    auto here = socket_on(robot);
    auto there = socket_on(press);
    const Bytes frame = test::opening(robot, press, 40000, 22);
    robot_guest->send(frame);
    EXPECT_EQ(seen(here), (Frames{{"in", frame}}));
    EXPECT_TRUE(seen(there).empty());
}

TEST_F(Capture, an_interface_that_is_not_there) {
    const auto socket = PacketSocket::open("bhnobody-0", 1 << 20);
    ASSERT_FALSE(socket);
    EXPECT_NE(socket.error().text().find("bhnobody-0"), std::string::npos);
}

}  // namespace
}  // namespace bulkhead::vnet::capture
