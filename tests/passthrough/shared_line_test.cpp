// Several partitions at one line: the processes of ours as they are, libmodbus at both ends.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <termios.h>

#include <csignal>
#include <fstream>

#include "passthrough/driver.hpp"
#include "passthrough/serial_lines.hpp"
#include "tests/passthrough/line.hpp"
#include "tests/passthrough/modbus/field.hpp"

namespace bulkhead::passthrough {
namespace {

using namespace std::chrono_literals;
using namespace testing_support;

constexpr const char* settings = "115200 8N1; in turns of 10000 ms";

class SharedLine : public testing::Test {
  protected:
    SharedLine() {
        layout_.run = line_.folder / "run";
        make_driver();
    }
    ~SharedLine() override { started_.clear(); }

    void make_driver() {
        lines_ = std::make_unique<SerialLines>(layout_, [this](std::vector<std::string> argv) -> Result<> {
            const bool arbiter = argv.front() == "bulkhead-line";
            EXPECT_TRUE(arbiter || argv.front() == "bulkhead-serial") << argv.front();
            argv.front() = program(arbiter ? "BULKHEAD_LINE" : "BULKHEAD_SERIAL");
            auto& of_its_kind = started_[arbiter ? "arbiter" : argv.at(2)];
            of_its_kind.push_back(std::make_unique<Child>(argv));
            return {};
        });
    }
    Child& last(const std::string& who) { return *started_.at(who).back(); }
    std::size_t starts_of(const std::string& who) { return started_[who].size(); }

    model::Assignment assignment(const std::string& device, const std::string& rules = "",
                                 const std::string& line = settings) const {
        const auto number = static_cast<std::uint64_t>(device.back() - '0');
        model::Assignment made{model::DeviceName(device), model::PartitionName("of-" + device), number,
                               line_.device(), *model::parse_serial_line(line)};
        made.rules = *model::parse_line_rules(rules);
        return made;
    }
    void assign(const std::string& device, const std::string& rules = "",
                const std::string& line = settings) {
        const auto done = lines_->assign(assignment(device, rules, line));
        ASSERT_TRUE(done) << done.error().text();
    }
    void release(const std::string& device, std::uint64_t token = 99) {
        const auto done = lines_->release(model::DeviceName(device), token);
        ASSERT_TRUE(done) << done.error().text();
    }
    std::filesystem::path socket(const std::string& device) const {
        return layout_.serial_socket(model::DeviceName(device));
    }
    std::filesystem::path control(const std::string& device) const {
        return layout_.serial_control(model::DeviceName(device));
    }
    bool comes(const std::string& device) const {
        return state_when(control(device), [](const auto& state) { return state.present; }).has_value();
    }
    std::optional<OwnerState> goes(const std::string& device) const {
        return state_when(control(device), [](const auto& state) { return !state.present; });
    }
    Hold hold(const std::string& device) const { return lines_->look().at(model::DeviceName(device)); }
    TurnCounts counts(const std::string& device) const {
        const auto held = hold(device);
        EXPECT_TRUE(held.turns) << held.error;
        return held.turns.value_or(LineTurns{}).counts;
    }

    Line line_;
    model::Layout layout_;
    std::map<std::string, std::vector<std::unique_ptr<Child>>> started_;
    std::unique_ptr<SerialLines> lines_;
};

class TwoAtALine : public SharedLine {
  protected:
    void SetUp() override {
        assign("line-1");
        assign("line-2");
        ASSERT_TRUE(comes("line-1"));
        ASSERT_TRUE(comes("line-2"));
    }
    void start_again_with(const std::string& line) {
        for (const char* device : {"line-1", "line-2"}) release(device);
        for (const char* device : {"line-1", "line-2"}) assign(device, "", line);
        ASSERT_TRUE(comes("line-1") && comes("line-2"));
    }
    std::optional<Field> field_{std::in_place, line_.device()};
};

TEST_F(TwoAtALine, each_reads_its_own_registers_a_thousand_times_and_none_is_mixed) {
    const auto ask = [&](const std::string& device, int from) {
        Master master(socket(device));
        int right = 0;
        for (int i = 0; i < 1000; ++i) right += master.reads_its_own(from + i, 1 + i % 8) ? 1 : 0;
        EXPECT_EQ(right, 1000) << device;
    };
    {
        const std::jthread one(ask, "line-1", 0);
        const std::jthread two(ask, "line-2", 2000);
    }
    for (const char* device : {"line-1", "line-2"}) {
        const auto held = hold(device);
        ASSERT_TRUE(held.turns);
        EXPECT_EQ(held.turns->devices, 2U);
        EXPECT_EQ(held.turns->counts.turns, 1000U);
        EXPECT_EQ(held.turns->counts.answered, 1000U);
        EXPECT_GT(held.turns->counts.waited, 0U) << "they were at it together";
        EXPECT_GE(held.turns->counts.waited_for, held.turns->counts.longest_wait);
    }
    EXPECT_EQ(field_->asked(), 2000U) << "each request was on the line once";
    EXPECT_EQ(starts_of("arbiter"), 1U);
}

TEST_F(TwoAtALine, who_asks_what_is_not_answered_hears_silence_and_the_other_its_answers) {
    start_again_with("115200 8N1; in turns of 1000 ms");
    const Fd guest = connect_guest(socket("line-1"));
    Master master(socket("line-2"));
    for (int i = 0; i < 3; ++i) {
        send_all(guest.get(), std::string("\x01\x03\x0f\xff\0\x01\xb7\x2e", 8));  // Field::mute
        EXPECT_TRUE(master.reads_its_own(i, 4));
    }
    EXPECT_TRUE(master.reads_its_own(100, 4)) << "after whatever the other one still had on the line";
    const auto ended = counts("line-1");
    EXPECT_GE(ended.timed_out + ended.given_up, 1U);
    EXPECT_EQ(ended.answered, 0U);
    EXPECT_EQ(counts("line-2").answered, 4U);
}

TEST_F(TwoAtALine, who_floods_the_line_has_its_turns_and_no_more) {
    std::atomic<bool> enough = false;
    std::jthread flood([&] {
        const Fd guest = connect_guest(socket("line-1"));
        while (!enough) send_all(guest.get(), std::string("\x01\x03\0\0\0\x01\x84\x0a", 8));
    });
    Master master(socket("line-2"));
    int right = 0;
    for (int i = 0; i < 100; ++i) right += master.reads_its_own(2000 + i, 8) ? 1 : 0;
    enough = true;
    flood.join();
    EXPECT_EQ(right, 100);
    EXPECT_EQ(counts("line-2").answered, 100U);
    EXPECT_GT(counts("line-1").given_up, 0U);
}

TEST_F(TwoAtALine, a_late_answer_is_nobodys) {
    start_again_with("115200 8N1; in turns of 1000 ms");
    const Fd guest = connect_guest(socket("line-1"));
    field_->be_slow(1500ms);
    send_all(guest.get(), std::string("\x01\x03\0\x07\0\x01\x35\xcb", 8));
    // Bytes that come when nobody asks any more.
    std::optional<LineTurns> seen;
    for (const auto end = std::chrono::steady_clock::now() + 10s; std::chrono::steady_clock::now() < end;) {
        seen = hold("line-1").turns;
        if (seen && seen->stray_bytes >= 7) break;
    }
    ASSERT_TRUE(seen);
    EXPECT_EQ(seen->counts.timed_out, 1U);
    EXPECT_EQ(seen->stray_bytes, 7U) << "unit, function, count, one register, checksum";
    field_->be_slow(0ms);
    Master master(socket("line-2"));
    EXPECT_TRUE(master.reads_its_own(300, 5));
    EXPECT_EQ(hold("line-1").to_guest_bytes, 0U);
}

TEST_F(TwoAtALine, an_owner_that_is_killed_takes_nothing_from_the_other_and_is_made_anew) {
    start_again_with("115200 8N1; in turns of 1000 ms");
    Master other(socket("line-2"));
    ASSERT_TRUE(other.reads_its_own(0, 8));
    const auto arbiter = last("arbiter").pid();
    {
        const Fd guest = connect_guest(socket("line-1"));
        field_->be_silent(true);
        send_all(guest.get(), std::string("\x01\x03\0\0\0\x01\x84\x0a", 8));
        while (field_->asked() < 2) std::this_thread::yield();
        last("line-1").signal(SIGKILL);
        last("line-1").wait();
        field_->be_silent(false);
    }
    EXPECT_TRUE(other.reads_its_own(10, 8)) << "when the time for the other's answer is over";
    EXPECT_FALSE(hold("line-1").serving);
    EXPECT_TRUE(hold("line-2").serving);
    assign("line-1", "", "115200 8N1; in turns of 1000 ms");
    ASSERT_TRUE(comes("line-1"));
    Master again(socket("line-1"));
    EXPECT_TRUE(again.reads_its_own(20, 8));
    EXPECT_TRUE(other.reads_its_own(30, 8));
    EXPECT_EQ(last("arbiter").pid(), arbiter);
    EXPECT_EQ(starts_of("line-2"), 2U) << "not once more than at the beginning of this";
}

TEST_F(TwoAtALine, when_the_arbiter_is_killed_both_are_told_and_both_go_on_with_the_next_one) {
    Master one(socket("line-1"));
    Master two(socket("line-2"));
    ASSERT_TRUE(one.reads_its_own(0, 8) && two.reads_its_own(10, 8));
    last("arbiter").signal(SIGKILL);
    last("arbiter").wait();
    for (const char* device : {"line-1", "line-2"}) {
        const auto state = goes(device);
        ASSERT_TRUE(state);
        EXPECT_EQ(state->error, line_.device().string() + ": no process gives turns at the line");
        EXPECT_FALSE(hold(device).serving);
    }
    assign("line-1");
    assign("line-2");
    ASSERT_TRUE(comes("line-1") && comes("line-2"));
    EXPECT_TRUE(one.reads_its_own(0, 8)) << "its guest stayed connected";
    EXPECT_TRUE(two.reads_its_own(10, 8));
    EXPECT_EQ(starts_of("line-1"), 1U);
    EXPECT_EQ(starts_of("line-2"), 1U);
    EXPECT_EQ(starts_of("arbiter"), 2U);
}

TEST_F(TwoAtALine, an_adapter_that_is_pulled_out_is_missed_by_both_and_comes_back_to_both) {
    Master one(socket("line-1"));
    Master two(socket("line-2"));
    ASSERT_TRUE(one.reads_its_own(0, 8) && two.reads_its_own(10, 8));
    field_.reset();
    for (const char* device : {"line-1", "line-2"}) {
        const auto state = state_when(control(device), [](const auto& now) {
            return !now.present && now.error.find("no device") != std::string::npos;
        });
        ASSERT_TRUE(state) << device;
        EXPECT_NE(state->error.find(line_.device().string()), std::string::npos) << state->error;
        EXPECT_TRUE(hold(device).serving) << "all is done that can be";
    }
    field_.emplace(line_.device());
    ASSERT_TRUE(comes("line-1") && comes("line-2"));
    EXPECT_TRUE(one.reads_its_own(0, 8));
    EXPECT_TRUE(two.reads_its_own(10, 8));
    EXPECT_EQ(starts_of("arbiter"), 1U);
}

TEST_F(TwoAtALine, each_has_a_guard_of_its_own) {
    release("line-1");
    assign("line-1", "modbus; unit 1 read holding-registers 0-9");
    ASSERT_TRUE(comes("line-1"));
    Master guarded(socket("line-1"));
    Master free(socket("line-2"));
    EXPECT_TRUE(guarded.reads_its_own(0, 8));
    EXPECT_FALSE(guarded.write(3, 3));
    EXPECT_FALSE(guarded.read(9, 2));
    EXPECT_TRUE(free.write(2000, 2000));
    EXPECT_EQ(hold("line-1").guard->refused, 2U);
    EXPECT_EQ(counts("line-1").turns, 1U) << "what is refused never has a turn";
    EXPECT_EQ(field_->asked(), 2U);
}

TEST_F(TwoAtALine, one_that_leaves_disturbs_nobody_and_the_last_one_leaves_nothing) {
    Master two(socket("line-2"));
    ASSERT_TRUE(two.reads_its_own(0, 8));
    release("line-1");
    EXPECT_TRUE(two.reads_its_own(0, 8));
    EXPECT_EQ(hold("line-2").turns->devices, 1U);
    EXPECT_EQ(starts_of("arbiter"), 1U);
    release("line-2");
    EXPECT_EQ(last("arbiter").wait(), 0);
    EXPECT_TRUE(std::filesystem::is_empty(layout_.shared_lines()));
    EXPECT_TRUE(std::filesystem::is_empty(layout_.run / "serial"));
}

TEST_F(TwoAtALine, a_new_driver_adopts_what_the_last_one_left) {
    make_driver();
    assign("line-1");
    assign("line-2");
    EXPECT_TRUE(hold("line-1").serving && hold("line-2").serving);
    for (const char* who : {"arbiter", "line-1", "line-2"}) EXPECT_EQ(starts_of(who), 1U) << who;
}

// As on a gateway that is starved. To end it would cut them all.
TEST_F(TwoAtALine, an_arbiter_that_is_late_is_left_where_it_is) {
    last("arbiter").signal(SIGSTOP);
    EXPECT_FALSE(hold("line-1").serving);
    const std::jthread later([&] {
        std::this_thread::sleep_for(1500ms);  // longer than a look
        last("arbiter").signal(SIGCONT);
    });
    assign("line-1");
    EXPECT_EQ(starts_of("arbiter"), 1U);
    EXPECT_TRUE(hold("line-1").serving && hold("line-2").serving);
}

TEST_F(TwoAtALine, another_setting_takes_another_arbiter_and_one_alone_takes_none) {
    start_again_with("19200 8E1; in turns of 10000 ms");
    EXPECT_EQ(starts_of("arbiter"), 2U);
    for (const char* device : {"line-1", "line-2"}) release(device);
    assign("line-1", "", "19200 8E1");
    ASSERT_TRUE(comes("line-1")) << hold("line-1").error;
    Master alone(socket("line-1"));
    EXPECT_TRUE(alone.reads_its_own(0, 8));
    EXPECT_EQ(starts_of("arbiter"), 2U);
    EXPECT_FALSE(hold("line-1").turns);
}

// Nobody else's owner could open it: none has the capability to.
TEST_F(TwoAtALine, a_terminal_is_its_owners_alone) {
    for (const char* device : {"line-1", "line-2"}) {
        const auto terminal = SharedLines(layout_.shared_lines(), {}).terminal(assignment(device));
        const Fd fd(::open(terminal.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
        ASSERT_TRUE(fd) << "we have that capability";
        int exclusive = 0;
        ASSERT_EQ(::ioctl(fd.get(), TIOCGEXCL, &exclusive), 0);
        EXPECT_EQ(exclusive, 1);
    }
}

TEST_F(TwoAtALine, is_tested_by_nobody_because_all_would_hear_the_pattern) {
    const auto result = lines_->test(model::DeviceName("line-1"), 16);
    ASSERT_TRUE(result) << result.error().text();
    EXPECT_EQ(result->refused, "several partitions have the line, and would hear the pattern");
    EXPECT_EQ(field_->asked(), 0U);
}

TEST_F(TwoAtALine, the_arbiter_has_no_capability_and_few_system_calls) {
    std::ifstream status("/proc/" + std::to_string(last("arbiter").pid()) + "/status");
    std::map<std::string, std::string> values;
    for (std::string key, value; status >> key && std::getline(status, value);) values[key] = value;
    EXPECT_NE(values["CapEff:"].find("0000000000000000"), std::string::npos) << values["CapEff:"];
    EXPECT_EQ(values["Seccomp:"], "\t2");
}

// What is killed between two steps is found and gone on from.
TEST_F(SharedLine, an_arbiter_that_nobody_has_any_more_is_ended_by_the_next_step) {
    const Field field(line_.device());
    assign("line-1");
    ASSERT_TRUE(comes("line-1"));
    // As if the manager had been killed after it had removed the owner and its record.
    last("line-1").signal(SIGKILL);
    last("line-1").wait();
    std::filesystem::remove_all(layout_.run / "serial");
    assign("line-2", "", "115200 8N1");
    EXPECT_EQ(last("arbiter").wait(), 0);
    EXPECT_TRUE(comes("line-2"));
}

TEST_F(SharedLine, who_comes_as_the_ninth_is_told_so) {
    for (int i = 1; i <= 8; ++i) assign("line-" + std::to_string(i));
    const auto ninth = lines_->assign(assignment("line-9"));
    ASSERT_FALSE(ninth);
    EXPECT_NE(ninth.error().text().find("does not take the device in"), std::string::npos);
    EXPECT_EQ(hold("line-1").turns->devices, 8U);
}

}  // namespace
}  // namespace bulkhead::passthrough
