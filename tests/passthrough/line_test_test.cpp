// The self-test of a line, by the owner process itself; the far side of the line is ours.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <functional>
#include <stop_token>
#include <thread>

#include "examples/simulators/pty.hpp"
#include "passthrough/owner_connection.hpp"
#include "tests/passthrough/line.hpp"

namespace bulkhead::passthrough {
namespace {

using namespace std::chrono_literals;
using namespace testing_support;
using simulators::Pty;

// What is plugged in: says to the line what it makes of the n-th byte that it hears, or nothing.
class Plug {
  public:
    using Answer = std::function<std::optional<char>(std::size_t n, char heard)>;

    Plug(int fd, Answer answer)
        : thread_([fd, answer = std::move(answer)](const std::stop_token& stop) {
              std::size_t n = 0;
              std::array<char, 64> bytes{};
              while (!stop.stop_requested()) {
                  pollfd ready{fd, POLLIN, 0};
                  if (::poll(&ready, 1, 50) <= 0) continue;
                  const ssize_t got = ::read(fd, bytes.data(), bytes.size());
                  for (ssize_t i = 0; i < got; ++i)
                      if (const auto said = answer(n++, bytes.at(static_cast<std::size_t>(i))))
                          send_all(fd, std::string(1, *said));
              }
          }) {}

  private:
    std::jthread thread_;
};

class TestedLine : public testing::Test {
  protected:
    void SetUp() override {
        ASSERT_TRUE(device_);
        owner_ = line_.start_owner(1, "115200 8N1");
        ASSERT_NE(owner_->line_with("\"serving\""), "");
        ASSERT_TRUE(state_when(line_.control(), [](const auto& state) { return state.present; }));
    }
    Result<LineTestResult> test(std::uint32_t bytes = 256, std::uint32_t number = 7) const {
        auto owner = OwnerConnection::open(line_.control());
        if (!owner) return std::unexpected(owner.error());
        return owner->test({number, bytes}, 20s);
    }

    Line line_;
    Result<Pty> device_ = Pty::open(line_.device());
    std::unique_ptr<Child> owner_;
};

TEST_F(TestedLine, all_comes_back_over_a_plug_that_joins_sending_to_receiving) {
    const Plug plug(device_->fd(), [](std::size_t, char heard) { return heard; });
    for (const std::uint32_t bytes : {1U, 256U, 4096U}) {
        const auto result = test(bytes, bytes);
        ASSERT_TRUE(result) << result.error().text();
        EXPECT_EQ(result->number, bytes);
        EXPECT_EQ(result->refused, "");
        EXPECT_EQ(result->sent, bytes);
        EXPECT_EQ(result->heard, bytes);
        EXPECT_EQ(result->wrong, 0U);
        EXPECT_TRUE(result->passed());
        // Ten bits a character, rounded up.
        EXPECT_EQ(result->line_time, std::chrono::milliseconds((bytes * 10'000 + 115'199) / 115'200));
    }
}

TEST_F(TestedLine, what_is_not_plugged_in_says_nothing) {
    const Plug plug(device_->fd(), [](std::size_t, char) { return std::nullopt; });
    const auto result = test();
    ASSERT_TRUE(result) << result.error().text();
    EXPECT_EQ(result->sent, 256U);
    EXPECT_EQ(result->heard, 0U);
    EXPECT_FALSE(result->passed());
}

TEST_F(TestedLine, bytes_that_come_back_as_others_are_counted) {
    const Plug plug(device_->fd(), [](std::size_t n, char heard) {
        return static_cast<char>(n % 16 == 3 ? heard ^ 0x20 : heard);
    });
    const auto result = test();
    ASSERT_TRUE(result) << result.error().text();
    EXPECT_EQ(result->heard, 256U);
    EXPECT_EQ(result->wrong, 16U);
    EXPECT_FALSE(result->passed());
}

TEST_F(TestedLine, bytes_that_do_not_come_back_are_missed) {
    const Plug plug(device_->fd(),
                    [](std::size_t n, char heard) { return n < 200 ? std::optional(heard) : std::nullopt; });
    const auto result = test();
    ASSERT_TRUE(result) << result.error().text();
    EXPECT_EQ(result->sent, 256U);
    EXPECT_EQ(result->heard, 200U);
    EXPECT_EQ(result->wrong, 0U);
    EXPECT_FALSE(result->passed());
}

TEST_F(TestedLine, a_machine_that_has_the_line_is_not_disturbed) {
    const Fd guest = connect_guest(line_.socket());
    ASSERT_TRUE(state_when(line_.control(), [](const auto& state) { return state.connected; }));
    const auto result = test();
    ASSERT_TRUE(result) << result.error().text();
    EXPECT_EQ(result->refused, "a virtual machine has the line");
    EXPECT_EQ(result->sent, 0U);
    send_all(guest.get(), "undisturbed");
    EXPECT_EQ(receive(device_->fd(), 11), "undisturbed") << "and nothing was on the line before";
}

TEST_F(TestedLine, whoever_comes_after_a_test_hears_nothing_of_it) {
    {
        const Plug plug(device_->fd(), [](std::size_t, char heard) { return heard; });
        ASSERT_TRUE(test()->passed());
    }
    const Fd guest = connect_guest(line_.socket());
    ASSERT_TRUE(state_when(line_.control(), [](const auto& state) { return state.connected; }));
    send_all(guest.get(), "to the device");
    EXPECT_EQ(receive(device_->fd(), 13), "to the device");
    send_all(device_->fd(), "to the guest");
    EXPECT_EQ(receive(guest.get(), 12), "to the guest");
}

TEST_F(TestedLine, one_test_runs_at_a_time) {
    // Nothing comes back, so that the first one waits for its end.
    // As many bytes as a test may have: it goes on for long enough that the second one meets it.
    std::jthread first([&] { EXPECT_EQ(test(4096, 1)->refused, ""); });
    ASSERT_EQ(receive(device_->fd(), 256).size(), 256U);
    EXPECT_EQ(test(256, 2)->refused, "a test runs already");
}

TEST_F(TestedLine, a_line_that_is_not_there_says_why) {
    device_ = fail(Code::not_found, "pulled out");
    ASSERT_TRUE(state_when(line_.control(), [](const auto& state) { return !state.present; }));
    const auto result = test();
    ASSERT_TRUE(result) << result.error().text();
    EXPECT_NE(result->refused.find("no device"), std::string::npos) << result->refused;
}

}  // namespace
}  // namespace bulkhead::passthrough
