#include "passthrough/driver.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <csignal>
#include <thread>

#include "base/frame.hpp"
#include "base/unix_socket.hpp"
#include "passthrough/serial_lines.hpp"
#include "tests/passthrough/line.hpp"

namespace bulkhead::passthrough {
namespace {

using namespace std::chrono_literals;
using namespace testing_support;

class Driver : public testing::Test {
  protected:
    Driver() {
        layout_.run = line_.folder / "run";
        driver_ = make_driver();
    }
    ~Driver() override { owners_.clear(); }

    std::unique_ptr<DeviceDriver> make_driver() {
        lines_ = std::make_unique<SerialLines>(layout_, [this](std::vector<std::string> argv) -> Result<> {
            EXPECT_EQ(argv.front(), "bulkhead-serial");
            argv.front() = program("BULKHEAD_SERIAL");
            owners_.push_back(std::make_unique<Child>(argv));
            return {};
        });
        return std::make_unique<DeviceDriver>(std::vector<Mode*>{lines_.get()});
    }
    model::Assignment assignment(std::uint64_t token, const std::string& line = "9600 8N1") const {
        return {device_, model::PartitionName("robot-cell"), token, line_.device(),
                *model::parse_serial_line(line)};
    }
    Result<> assign(std::uint64_t token, const std::string& line = "9600 8N1") {
        return driver_->execute(model::AssignDevice{assignment(token, line)});
    }
    Result<> release(std::uint64_t token) {
        return driver_->execute(model::ReleaseDevice{device_, model::PartitionName("robot-cell"), token});
    }
    std::map<model::DeviceName, model::ObservedAssignment> observe() {
        model::Observed observed;
        EXPECT_TRUE(driver_->observe(observed));
        return observed.assignments;
    }
    void expect_serving(const model::Assignment& wanted) {
        const auto seen = observe();
        ASSERT_EQ(seen.size(), 1U);
        EXPECT_EQ(seen.at(device_), (model::ObservedAssignment{wanted, true}));
    }
    void expect_dead(const model::Assignment& wanted) {
        const auto seen = observe();
        ASSERT_EQ(seen.size(), 1U);
        EXPECT_EQ(seen.at(device_), (model::ObservedAssignment{wanted, false}));
    }

    Line line_;
    model::DeviceName device_{"rs485-1"};
    model::Layout layout_;
    std::vector<std::unique_ptr<Child>> owners_;
    std::unique_ptr<SerialLines> lines_;
    std::unique_ptr<DeviceDriver> driver_;
};

TEST_F(Driver, an_assignment_made_twice_starts_one_owner) {
    EXPECT_TRUE(observe().empty());
    ASSERT_TRUE(assign(1));
    expect_serving(assignment(1));
    ASSERT_TRUE(assign(1));
    EXPECT_EQ(owners_.size(), 1U);
}

TEST_F(Driver, a_new_driver_adopts_what_the_last_one_left) {
    ASSERT_TRUE(assign(1));
    driver_ = make_driver();
    expect_serving(assignment(1));
    ASSERT_TRUE(assign(1));
    EXPECT_EQ(owners_.size(), 1U);
}

TEST_F(Driver, other_settings_or_a_newer_token_replace_the_owner) {
    ASSERT_TRUE(assign(1));
    ASSERT_TRUE(assign(1, "19200 8E1"));
    expect_serving(assignment(1, "19200 8E1"));
    EXPECT_EQ(owners_.at(0)->wait(), 0);
    ASSERT_TRUE(assign(2, "19200 8E1"));
    expect_serving(assignment(2, "19200 8E1"));
}

TEST_F(Driver, an_older_token_is_refused_and_the_owner_goes_on) {
    ASSERT_TRUE(assign(5));
    const auto older = assign(4);
    ASSERT_FALSE(older);
    EXPECT_EQ(older.error().code, Code::refused);
    EXPECT_EQ(owners_.size(), 1U);
    expect_serving(assignment(5));
}

TEST_F(Driver, a_killed_owner_is_seen_as_not_serving_and_is_made_anew) {
    ASSERT_TRUE(assign(1));
    owners_.at(0)->signal(SIGKILL);
    owners_.at(0)->wait();
    expect_dead(assignment(1));
    EXPECT_EQ(driver_->holds().at(device_).present, false);
    EXPECT_NE(driver_->holds().at(device_).error, "");
    ASSERT_TRUE(assign(1));
    expect_serving(assignment(1));
}

TEST_F(Driver, a_hung_owner_is_seen_in_time_and_replaced_by_force) {
    ASSERT_TRUE(assign(1));
    owners_.at(0)->signal(SIGSTOP);
    const auto start = std::chrono::steady_clock::now();
    expect_dead(assignment(1));
    EXPECT_LT(std::chrono::steady_clock::now() - start, 3s);
    ASSERT_TRUE(assign(2));
    EXPECT_EQ(owners_.at(0)->wait(), -SIGKILL);
    expect_serving(assignment(2));
}

// As on a gateway that is starved. To end it would cut a line in use.
TEST_F(Driver, an_owner_that_is_late_is_left_where_it_is) {
    ASSERT_TRUE(assign(1));
    owners_.at(0)->signal(SIGSTOP);
    expect_dead(assignment(1));
    const std::jthread later([&] {
        std::this_thread::sleep_for(1500ms);  // longer than a look
        owners_.at(0)->signal(SIGCONT);
    });
    ASSERT_TRUE(assign(1));
    EXPECT_EQ(owners_.size(), 1U);
    expect_serving(assignment(1));
}

TEST_F(Driver, an_owner_whose_socket_was_removed_is_not_serving_and_is_made_anew) {
    ASSERT_TRUE(assign(1));
    std::filesystem::remove(layout_.serial_socket(device_));
    expect_dead(assignment(1));
    ASSERT_TRUE(assign(1));
    expect_serving(assignment(1));
}

TEST_F(Driver, a_release_leaves_nothing_and_may_be_repeated) {
    ASSERT_TRUE(assign(1));
    ASSERT_TRUE(release(1));
    EXPECT_EQ(owners_.at(0)->wait(), 0);
    EXPECT_TRUE(std::filesystem::is_empty(layout_.run / "serial"));
    EXPECT_TRUE(observe().empty());
    EXPECT_TRUE(release(1));
}

std::ptrdiff_t open_descriptors() {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
}

TEST_F(Driver, five_hundred_assignments_leave_nothing) {
    std::ptrdiff_t after_the_first = 0;
    for (std::uint64_t token = 1; token <= 500; ++token) {
        ASSERT_TRUE(assign(token));
        ASSERT_TRUE(release(token));
        ASSERT_EQ(owners_.back()->wait(), 0);
        owners_.clear();
        if (token == 1) after_the_first = open_descriptors();
        ASSERT_EQ(open_descriptors(), after_the_first) << "after " << token << " assignments";
    }
    EXPECT_TRUE(std::filesystem::is_empty(layout_.run / "serial"));
    EXPECT_TRUE(observe().empty());
}

TEST_F(Driver, a_release_of_an_assignment_of_the_past_disturbs_nothing) {
    ASSERT_TRUE(assign(3));
    ASSERT_TRUE(release(2));
    expect_serving(assignment(3));
}

TEST_F(Driver, what_the_launcher_refuses_is_told) {
    SerialLines lines(layout_, [](const auto&) -> Result<> { return fail(Code::io, "no launcher"); });
    const auto failed = lines.assign(assignment(1));
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().what, "no launcher");
}

// What answers on the control socket may be anything that took the owner over.
class HostileOwner : public Driver, public testing::WithParamInterface<std::string> {};

TEST_P(HostileOwner, can_not_hold_up_or_mislead_the_driver) {
    std::filesystem::create_directories(layout_.run / "serial");
    const auto listener = listen_unix(layout_.serial_control(device_), 0600);
    ASSERT_TRUE(listener);
    std::jthread liar([&](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            pollfd ready{listener->get(), POLLIN, 0};
            if (::poll(&ready, 1, 100) <= 0) continue;
            const Fd client(::accept(listener->get(), nullptr, nullptr));
            if (client) send_all(client.get(), GetParam());
            if (client && GetParam().empty()) hangs_up(client.get());
        }
    });
    const auto start = std::chrono::steady_clock::now();
    const auto seen = observe();
    EXPECT_LT(std::chrono::steady_clock::now() - start, 3s);
    EXPECT_FALSE(seen.at(device_).serving);
    EXPECT_EQ(seen.at(device_).assignment.device, device_);
}

INSTANTIATE_TEST_SUITE_P(
    , HostileOwner,
    testing::Values(
        std::string(), std::string(4 << 20, 'x'), std::string("BHF1\xFF\xFF\xFF\xFF"), encode_frame(0, ""),
        encode_frame(0, std::string(1000, '\x0A')),
        encode_frame(0, encode(OwnerState{
                            {model::DeviceName("can-1"), model::PartitionName("press"), 99, "/dev/ttyS9", {}},
                            true}))));

}  // namespace
}  // namespace bulkhead::passthrough
