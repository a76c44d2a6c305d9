// Frames as datagrams over a pair of sockets: all of the pump but the kernel's CAN, which is in port_test.
#include "passthrough/can/pump.hpp"

#include <gtest/gtest.h>
#include <linux/can/error.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <functional>
#include <memory>
#include <numeric>
#include <vector>

namespace bulkhead::passthrough::can {
namespace {

using namespace std::chrono_literals;

can_frame frame_of(canid_t id, unsigned char data = 0) {
    can_frame frame{};
    frame.can_id = id;
    frame.len = 1;
    frame.data[0] = data;
    return frame;
}

struct Pair {
    Pair() {
        std::array<int, 2> both{};
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, both.data()), 0);
        pumps = Fd(both[0]);
        far = Fd(both[1]);
        EXPECT_TRUE(bound_queue(pumps.get(), 2304));
    }
    void send(const can_frame& frame) const {
        EXPECT_EQ(::send(far.get(), &frame, sizeof frame, 0), static_cast<ssize_t>(sizeof frame));
    }
    // Identifiers of all that has come.
    std::vector<canid_t> received() const {
        std::vector<canid_t> ids;
        can_frame frame{};
        while (::recv(far.get(), &frame, sizeof frame, 0) == static_cast<ssize_t>(sizeof frame))
            ids.push_back(frame.can_id);
        return ids;
    }
    Fd pumps;
    Fd far;
};

class CanPump : public ::testing::Test {
  protected:
    void pump_with(const std::string& rules) {
        pump_ = std::make_unique<Pump>(*loop_, guest_.pumps.get(), bus_.pumps.get(),
                                       model::parse_can_guard(rules).value(),
                                       Pump::Events{[this] { ++downs_; }, [this] { ++changes_; }});
        ASSERT_TRUE(pump_->start());
        pump_->set_bus_up(true);
    }
    // Until it is so; the test fails if it is not in time.
    void run_until(const std::function<bool()>& done) {
        bool late = false;
        const auto deadline = loop_->after(5s, [&] {
            late = true;
            loop_->stop();
        });
        const auto look = loop_->every(1ms, [&] {
            if (done()) loop_->stop();
        });
        ASSERT_TRUE(loop_->run());
        loop_->cancel(deadline);
        loop_->cancel(look);
        EXPECT_FALSE(late);
    }
    std::uint64_t settled() const {
        const auto guard = pump_->guard_counts();
        return pump_->counts().to_bus + pump_->counts().lost_to_bus + guard.refused;
    }

    std::unique_ptr<Loop> loop_ = std::move(*Loop::open());
    Pair guest_;
    Pair bus_;
    int downs_ = 0;
    int changes_ = 0;
    std::unique_ptr<Pump> pump_;
};

TEST_F(CanPump, carries_what_its_guard_allows_and_counts_the_rest) {
    pump_with("send 0x201; receive 0x180/0x7f0");
    for (const canid_t id : {0x201U, 0x202U, 0x201U | CAN_EFF_FLAG, 0x201U | CAN_RTR_FLAG})
        guest_.send(frame_of(id));
    bus_.send(frame_of(0x181));
    run_until([&] { return settled() == 4 && pump_->counts().to_guest == 1; });
    EXPECT_EQ(bus_.received(), (std::vector<canid_t>{0x201, 0x201U | CAN_RTR_FLAG}));
    EXPECT_EQ(guest_.received(), (std::vector<canid_t>{0x181}));
    const auto guard = pump_->guard_counts();
    EXPECT_EQ(guard.passed, 2U);
    EXPECT_EQ(guard.refused, 2U);
    EXPECT_EQ(guard.last, "send 0x00000201: no rule allows it");
    EXPECT_EQ(pump_->counts().lost_to_bus, 0U);
}

TEST_F(CanPump, keeps_the_order_over_more_than_a_batch_and_makes_room_wait) {
    pump_with("send 0x0/0x0");
    // More than the bus's end of the pair takes unread: what waits goes on when somebody reads there.
    constexpr canid_t count = 200;
    std::vector<canid_t> got;
    canid_t said = 0;
    run_until([&] {
        for (can_frame frame = frame_of(said); said < count; frame = frame_of(++said))
            if (::send(guest_.far.get(), &frame, sizeof frame, 0) < 0) break;
        for (const auto id : bus_.received()) got.push_back(id);
        return got.size() == count;
    });
    std::vector<canid_t> all(count);
    std::iota(all.begin(), all.end(), 0U);
    EXPECT_EQ(got, all);
    EXPECT_EQ(pump_->counts().lost_to_bus, 0U);
}

TEST_F(CanPump, loses_what_finds_no_room_in_time_and_is_itself_again_when_there_is_some) {
    pump_with("send 0x0/0x0");
    // Nobody reads the bus: its queue fills up, and what does not fit must not wait for ever.
    canid_t said = 0;
    run_until([&] {
        for (can_frame frame = frame_of(said); said < 100; frame = frame_of(++said))
            if (::send(guest_.far.get(), &frame, sizeof frame, 0) < 0) break;
        return said == 100 && settled() == 100;
    });
    const auto lost = pump_->counts().lost_to_bus;
    EXPECT_GT(lost, 0U);
    EXPECT_EQ(bus_.received().size() + lost, 100U);
    guest_.send(frame_of(0x7ff));
    run_until([&] { return settled() == 101; });
    EXPECT_EQ(bus_.received(), (std::vector<canid_t>{0x7ff}));
    EXPECT_EQ(pump_->counts().lost_to_bus, lost);
}

TEST_F(CanPump, loses_at_once_what_is_sent_while_the_bus_is_down) {
    pump_with("send 0x201");
    pump_->set_bus_up(false);
    guest_.send(frame_of(0x201));
    run_until([&] { return settled() == 1; });
    EXPECT_EQ(pump_->counts().lost_to_bus, 1U);
    EXPECT_TRUE(bus_.received().empty());
}

TEST_F(CanPump, counts_what_the_controller_tells_and_gives_none_of_it_to_the_guest) {
    pump_with("receive 0x0/0x0");
    auto passive = frame_of(CAN_ERR_FLAG | CAN_ERR_CRTL);
    passive.data[1] = CAN_ERR_CRTL_TX_PASSIVE;
    bus_.send(passive);
    bus_.send(passive);
    bus_.send(frame_of(CAN_ERR_FLAG | CAN_ERR_BUSOFF));
    bus_.send(frame_of(CAN_ERR_FLAG | CAN_ERR_RESTARTED));
    bus_.send(frame_of(CAN_ERR_FLAG | CAN_ERR_ACK));
    bus_.send(frame_of(0x123));
    run_until([&] { return pump_->counts().to_guest == 1; });
    const auto& errors = pump_->errors();
    EXPECT_EQ(errors.frames, 5U);
    EXPECT_EQ(errors.passive, 1U);
    EXPECT_EQ(errors.bus_off, 1U);
    EXPECT_EQ(errors.restarts, 1U);
    EXPECT_EQ(errors.state, BusErrors::State::active);
    EXPECT_EQ(to_string(errors.state), "error active");
    EXPECT_GE(changes_, 1);
    EXPECT_EQ(guest_.received(), (std::vector<canid_t>{0x123}));
}

TEST(CanBatch, leaves_out_what_is_no_whole_frame) {
    const Pair pair;
    pair.send(frame_of(1));
    ASSERT_EQ(::send(pair.far.get(), "short", 5, 0), 5);
    pair.send(frame_of(2));
    const auto batch = std::make_unique<Batch>();
    ASSERT_EQ(batch->receive(pair.pumps.get()), 0);
    ASSERT_EQ(batch->frames().size(), 2U);
    EXPECT_EQ(batch->frames()[1].can_id, 2U);
    EXPECT_EQ(batch->receive(pair.pumps.get()), EAGAIN);
    EXPECT_TRUE(batch->frames().empty());
}

}  // namespace
}  // namespace bulkhead::passthrough::can
