#include "partition-manager/daemon/guests.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

#include "base/frame.hpp"
#include "base/unix_socket.hpp"
#include "tests/partition-manager/apply/folder.hpp"
#include "tests/partition-manager/daemon/gated_owner.hpp"
#include "tests/partition-manager/daemon/scene.hpp"

namespace bulkhead::daemon {
namespace {

using namespace std::chrono_literals;
using Values = std::map<std::string, std::string>;
using Told = std::vector<Values>;

// An agent that says hello and remembers which secrets it was told.
class TalkativeAgent {
  public:
    TalkativeAgent(Loop& loop, const std::filesystem::path& socket)
        : loop_(loop), listener_(listen_unix(socket, 0600).value()) {
        EXPECT_TRUE(loop_.watch(listener_.get(), EPOLLIN, [this](std::uint32_t) { accept(); }));
    }
    ~TalkativeAgent() {
        hang_up();
        loop_.unwatch(listener_.get());
    }
    TalkativeAgent(const TalkativeAgent&) = delete;
    TalkativeAgent& operator=(const TalkativeAgent&) = delete;

    void hang_up() {
        if (host_) loop_.unwatch(host_.get());
        host_.reset();
    }
    Told told;
    unsigned hellos = 0;

  private:
    void accept() {
        hang_up();
        host_ = Fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
        reader_ = {};
        EXPECT_TRUE(loop_.watch(host_.get(), EPOLLIN, [this](std::uint32_t) { read(); }));
    }
    void read() {
        std::array<std::byte, 8192> chunk{};
        const auto count = ::read(host_.get(), chunk.data(), chunk.size());
        if (count <= 0) return hang_up();
        reader_.feed(std::span(chunk).first(static_cast<std::size_t>(count)));
        while (const auto frame = reader_.next()) take(*frame);
    }
    void take(const Frame& frame) {
        agent::v1::FromHost message;
        ASSERT_TRUE(message.ParseFromString(frame.payload));
        if (message.has_secrets())
            told.emplace_back(message.secrets().values().begin(), message.secrets().values().end());
        if (!message.has_welcome()) return;
        agent::v1::FromAgent answer;
        answer.mutable_hello()->set_agent_version("1");
        answer.mutable_hello()->set_boot_id("a boot");
        const auto bytes = encode_frame(frame.session, answer.SerializeAsString());
        ASSERT_EQ(::send(host_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
                  static_cast<ssize_t>(bytes.size()));
        ++hellos;
    }

    Loop& loop_;
    Fd listener_;
    Fd host_;
    FrameReader reader_;
};

// The partition robot-cell alone, whose application has a secret; what it may read is the test's.
struct GuestsTest : testing::Test {
    GuestsTest() {
        layout.run = folder / "run";
        std::filesystem::create_directories(layout.run / "agent");
        agent = std::make_unique<TalkativeAgent>(*loop, layout.agent_socket(name));
        auto spec = *factory_snapshot().spec;
        std::erase_if(spec.partitions, [this](const auto& partition) { return partition.name != name; });
        spec.conduits.clear();
        spec.partitions.front().devices.clear();
        spec.partitions.front().application->secrets["token"] = "sealed";
        snapshot.spec = std::make_shared<const model::Spec>(spec);
        snapshot.starts[name] = 1;
        board.publish(snapshot);
        guests = make_guests();
    }
    std::unique_ptr<Guests> make_guests() {
        auto made = std::make_unique<Guests>(*loop, clock, layout, board, [this](const apply::Event& event) {
            if (event.code.starts_with("secret.")) events.push_back(event.code + " " + event.text);
        });
        made->secrets_from([this](const model::Spec&, const model::Partition&) { return may_read; });
        made->follow();
        return made;
    }
    // Runs the loop until `condition` holds; false after 10 s.
    bool until(const std::function<bool()>& condition) {
        bool held = false;
        const auto check = loop->every(5ms, [&] {
            held = condition();
            if (held) loop->stop();
        });
        const auto limit = loop->after(10s, [&] { loop->stop(); });
        EXPECT_TRUE(loop->run());
        loop->cancel(check);
        loop->cancel(limit);
        return held;
    }
    bool says_hello(unsigned times) {
        return until([&] { return agent->hellos == times; });
    }

    apply::Folder folder;
    SystemClock clock;
    std::unique_ptr<Loop> loop = Loop::open().value();
    model::Layout layout;
    Board board;
    Snapshot snapshot = factory_snapshot();
    const model::PartitionName name{"robot-cell"};
    std::optional<Values> may_read;
    std::vector<std::string> events;
    std::unique_ptr<TalkativeAgent> agent;
    std::unique_ptr<Guests> guests;
};

TEST_F(GuestsTest, are_told_their_secrets_once_and_when_they_are_taken_back) {
    ASSERT_TRUE(says_hello(1));
    EXPECT_EQ(agent->told, Told()) << "nobody knows yet";
    may_read = Values{{"token", "hunter2"}};
    guests->follow();
    guests->follow();
    ASSERT_TRUE(until([&] { return !agent->told.empty(); }));
    EXPECT_EQ(agent->told, (Told{{{"token", "hunter2"}}}));
    may_read.reset();  // stale
    guests->follow();
    may_read = Values();
    guests->follow();
    ASSERT_TRUE(until([&] { return agent->told.size() >= 2; }));
    EXPECT_EQ(agent->told, (Told{{{"token", "hunter2"}}, {}}));
}

TEST_F(GuestsTest, that_were_given_secrets_by_an_earlier_manager_are_told_when_they_are_taken_back) {
    may_read = Values();  // the first word of the console after a restart of the manager
    ASSERT_TRUE(until([&] { return !agent->told.empty(); }));
    EXPECT_EQ(agent->told, (Told{{}}));
}

TEST_F(GuestsTest, get_no_secrets_that_were_meant_for_whoever_answered_before) {
    may_read = Values{{"token", "hunter2"}};
    ASSERT_TRUE(until([&] { return agent->told.size() == 1; }));
    may_read.reset();  // another start, of which nobody knows anything
    agent->hang_up();
    ASSERT_TRUE(says_hello(2));
    EXPECT_EQ(agent->told.size(), 1U);
    may_read = Values{{"token", "hunter2"}};
    guests->follow();
    ASSERT_TRUE(until([&] { return agent->told.size() == 2; }));
}

TEST_F(GuestsTest, leave_on_record_the_names_of_secrets_and_nothing_of_what_they_say) {
    may_read = Values{{"token", "hunter2"}};
    ASSERT_TRUE(until([&] { return agent->told.size() == 1; }));
    may_read = Values();
    guests->follow();
    EXPECT_THAT(events, testing::ElementsAre("secret.given the application may read token",
                                             "secret.withheld the application may read no secret"));
}

struct GatedGuestsTest : GuestsTest {
    GatedGuestsTest() {
        std::filesystem::create_directories(layout.serial_control(line).parent_path());
        auto spec = *snapshot.spec;
        spec.devices = {{line, model::DeviceKind::serial, "/dev/ttyS1"}};
        spec.partitions.front().devices = {{.device = line, .terms = {true, model::OnLoss::detach}}};
        snapshot.spec = std::make_shared<const model::Spec>(spec);
        board.publish(snapshot);
        guests = std::make_unique<Guests>(*loop, clock, layout, board, [this](const apply::Event& event) {
            if (event.code.starts_with("device.")) events.push_back(event.code + " " + event.text);
        });
        guests->gates_from([this](const model::PartitionName&, const model::DeviceUse&) { return gate; });
        guests->follow();
    }
    void set(passthrough::Gate next) {
        gate = next;
        guests->follow();
    }
    bool is_present() const { return guests->view(name)->devices.at(line).present; }

    const model::DeviceName line{"plc"};
    passthrough::Gate gate = passthrough::Gate::closed;
};

TEST_F(GatedGuestsTest, get_and_lose_a_device_as_they_are_trusted) {
    using enum passthrough::Gate;
    GatedOwner owner(*loop, layout.serial_control(line), line);
    ASSERT_TRUE(until([&] { return !is_present(); }));
    EXPECT_TRUE(guests->view(name)->devices.at(line).withheld);
    EXPECT_TRUE(owner.gates.empty()) << "it is closed";
    set(open);
    ASSERT_TRUE(until([&] { return is_present(); }));
    set(receive_only);
    ASSERT_TRUE(until([&] { return events.size() == 2; }));
    EXPECT_TRUE(is_present());
    set(closed);
    ASSERT_TRUE(until([&] { return !is_present(); }));
    EXPECT_EQ(owner.gates, (std::vector{open, receive_only, closed}));
    EXPECT_THAT(events, testing::ElementsAre(
                            "device.granted plc: the partition is trusted, and has it",
                            "device.receive_only plc: the partition is not trusted, and only hears it",
                            "device.withheld plc: the partition is not trusted, and has it no more"));
}

TEST_F(GatedGuestsTest, have_their_device_again_after_its_owner_was_started_anew) {
    using enum passthrough::Gate;
    gate = open;
    auto owner = std::make_unique<GatedOwner>(*loop, layout.serial_control(line), line);
    ASSERT_TRUE(until([&] { return owner->gates == std::vector{open}; }));
    owner = std::make_unique<GatedOwner>(*loop, layout.serial_control(line), line);
    ASSERT_TRUE(until([&] { return owner->gates == std::vector{open}; }));
}

}  // namespace
}  // namespace bulkhead::daemon
