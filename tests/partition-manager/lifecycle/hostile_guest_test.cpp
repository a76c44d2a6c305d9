// Promise: a guest that floods, lies or stalls is read at most 400 times and then 200 times a second, of
// which 256 KiB and then 128 KiB a second are taken in, and costs the daemon under 1 MiB.
#include <gtest/gtest.h>
#include <linux/sockios.h>
#include <malloc.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <ctime>

#include "partition-manager/lifecycle/agent_session.hpp"
#include "tests/partition-manager/lifecycle/agent_wire.hpp"

namespace bulkhead::lifecycle {
namespace {

using namespace std::chrono_literals;

constexpr auto attack_time = 3s;

enum class Pace { as_fast_as_it_goes, each_when_the_last_was_read };

// Takes the host's Welcome, then sends `attack(session)` over and over, as fast as it is taken.
class HostileGuest {
  public:
    using Attack = std::function<std::string(std::uint32_t session)>;
    HostileGuest(const std::filesystem::path& socket, Attack attack, Pace pace)
        : listener_(*listen_unix(socket, 0600)),
          thread_([this, attack = std::move(attack), pace] { run(attack, pace); }) {}
    ~HostileGuest() {
        end_ = true;
        thread_.join();
    }

  private:
    void run(const Attack& attack, Pace pace) {
        Fd host;
        std::uint32_t session = 0;
        while (!end_) {
            pollfd waiting{host ? host.get() : listener_.get(), POLLIN, 0};
            if (host && session != 0) waiting.events = POLLOUT;
            ::poll(&waiting, 1, 20);
            if (!host) host = Fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
            if (host && session == 0) session = learn(host);
            if (session == 0) continue;
            const std::string bytes = attack(session);
            for (std::size_t at = 0; at < bytes.size() && !end_;) {
                const ssize_t count = ::send(host.get(), bytes.data() + at, bytes.size() - at, MSG_NOSIGNAL);
                if (count > 0) at += static_cast<std::size_t>(count);
                if (count <= 0) ::poll(&waiting, 1, 20);
            }
            while (pace == Pace::each_when_the_last_was_read && !end_ && unread(host) > 0)
                std::this_thread::yield();
        }
    }
    static int unread(const Fd& host) {
        int bytes = 0;
        return ::ioctl(host.get(), SIOCOUTQ, &bytes) == 0 ? bytes : 0;
    }
    static std::uint32_t learn(const Fd& host) {
        std::array<std::byte, 256> welcome{};
        const ssize_t count = ::read(host.get(), welcome.data(), welcome.size());
        if (count <= 0) return 0;
        FrameReader reader;
        reader.feed(std::span(welcome).first(static_cast<std::size_t>(count)));
        const auto frame = reader.next();
        return frame ? frame->session : 0;
    }

    Fd listener_;
    std::atomic<bool> end_ = false;
    std::thread thread_;
};

double cpu_seconds() {
    timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

struct Cost {
    double seconds = 0;    // that it took
    std::size_t held = 0;  // bytes, at most
    AgentState state;
};

Cost cost_of(const HostileGuest::Attack& attack, Pace pace = Pace::as_fast_as_it_goes) {
    const TemporaryFolder folder;
    const SystemClock clock;
    auto loop = *Loop::open();
    const HostileGuest guest(folder.path() / "agent.sock", attack, pace);
    const std::size_t before = ::mallinfo2().uordblks;
    AgentSession session(*loop, clock, model::PartitionName("press"), folder.path() / "agent.sock", {});
    Cost cost;
    loop->every(20ms, [&] {
        const std::size_t now = ::mallinfo2().uordblks;
        cost.held = std::max(cost.held, now > before ? now - before : 0);
    });
    loop->after(attack_time, [&] { loop->stop(); });
    const MonotonicTime start = clock.monotonic();
    const double busy = cpu_seconds();
    EXPECT_TRUE(loop->run());
    cost.seconds = std::chrono::duration<double>(clock.monotonic() - start).count();
    cost.state = session.state();
    std::printf("%.2f %% of a core, %zu KiB\n", (cpu_seconds() - busy) / cost.seconds * 100,
                cost.held / 1024);
    return cost;
}

// Most that may be used in that time, by the rate.
double most(const Rate& rate, double seconds) {
    return rate.at_once + rate.per_second * seconds;
}

void expect_cheap(const Cost& cost) {
    const auto& counters = cost.state.counters;
    EXPECT_GT(counters.reads, 0U) << "nobody attacked";
    EXPECT_LE(static_cast<double>(counters.reads), most(AgentSession::reads, cost.seconds) + 1);
    EXPECT_LE(static_cast<double>(counters.bytes),
              most(AgentSession::bytes, cost.seconds) + AgentSession::read_size);
    EXPECT_LT(cost.held, 1024U * 1024);
}

std::string frames(std::uint32_t session, const agent::v1::FromAgent& message, int count) {
    std::string all;
    const std::string one = encode_frame(session, message.SerializeAsString());
    for (int i = 0; i < count; ++i) all += one;
    return all;
}

TEST(HostileGuest, that_floods_with_heartbeats_is_cheap) {
    agent::v1::FromAgent message;
    message.mutable_heartbeat()->set_uptime_ms(1);
    const auto cost = cost_of([&](std::uint32_t session) { return frames(session, message, 100); });
    expect_cheap(cost);
    EXPECT_GT(cost.state.counters.pauses, 0U);
    EXPECT_GT(cost.state.counters.frames, 500U);
}

TEST(HostileGuest, that_floods_with_the_largest_heartbeats_is_cheap) {
    agent::v1::FromAgent message;
    while (message.ByteSizeLong() < 60'000) message.mutable_heartbeat()->add_devices()->set_name("x");
    expect_cheap(cost_of([&](std::uint32_t session) { return frames(session, message, 1); }));
}

TEST(HostileGuest, that_floods_with_empty_entries_is_cheap) {
    // Two bytes on the wire, about a hundred in memory after decoding.
    agent::v1::FromAgent message;
    for (int i = 0; i < 30'000; ++i) message.mutable_heartbeat()->add_devices();
    expect_cheap(cost_of([&](std::uint32_t session) { return frames(session, message, 1); }));
}

TEST(HostileGuest, that_sends_garbage_is_cheap) {
    std::string garbage(64 * 1024, '\0');
    std::uint32_t random = 1;
    for (char& c : garbage) c = static_cast<char>((random = random * 1664525U + 1013904223U) >> 24);
    const auto cost = cost_of([&](std::uint32_t) { return garbage; });
    expect_cheap(cost);
    EXPECT_EQ(cost.state.counters.frames, 0U);
    EXPECT_GT(cost.state.counters.refused_bytes, 0U);
}

TEST(HostileGuest, that_nests_bad_frames_is_cheap) {
    std::string header = encode_frame(1, "").substr(0, frame_header_size);
    header[8] = '\xF0';
    header[9] = '\xFF';
    std::string nested;
    while (nested.size() < 64 * 1024) nested += header;
    expect_cheap(cost_of([&](std::uint32_t) { return nested; }));
}

TEST(HostileGuest, that_lies_about_lengths_is_cheap) {
    expect_cheap(cost_of([](std::uint32_t session) {
        std::string frame = encode_frame(session, "x");
        frame[11] = '\x7F';
        return frame + frame + frame;
    }));
}

TEST(HostileGuest, that_sends_half_frames_drop_by_drop_is_cheap) {
    const std::string half = encode_frame(1, std::string(60'000, 'x'));
    std::size_t at = 0;
    const auto cost = cost_of([&](std::uint32_t) { return half.substr(at++ % 1000, 1); },
                              Pace::each_when_the_last_was_read);
    expect_cheap(cost);
    EXPECT_GT(cost.state.counters.pauses, 0U);
}

TEST(HostileGuest, cannot_make_a_small_message_large_in_memory) {
    for (const int entries : {4'000, 30'000}) {
        agent::v1::FromAgent message;
        for (int i = 0; i < entries; ++i) message.mutable_heartbeat()->add_devices();
        const std::string payload = message.SerializeAsString();
        // As the decoder makes it, with what the allocator adds.
        agent::v1::FromAgent decoded;
        const bool taken = decode_agent_message(payload).has_value();
        EXPECT_EQ(taken, entries == 4'000);
        if (taken) {
            ASSERT_TRUE(decoded.ParseFromString(payload));
            EXPECT_LT(decoded.heartbeat().devices_size() * (sizeof(agent::v1::DevicePresence) + 32),
                      512U * 1024);
        }
    }
}

TEST(HostileGuest, of_a_stale_session_is_counted_and_believed_in_nothing) {
    agent::v1::FromAgent message;
    message.mutable_output()->set_text("forged");
    const auto cost = cost_of([&](std::uint32_t session) { return frames(session + 1, message, 10); });
    expect_cheap(cost);
    EXPECT_GT(cost.state.counters.stale_frames, 0U);
    EXPECT_EQ(cost.state.last_line, "");
}

TEST(HostileGuest, cannot_put_control_characters_or_endless_lists_into_the_hosts_mind) {
    agent::v1::FromAgent message;
    message.mutable_hello()->set_kernel("6.1\x1b[2J\n" + std::string(7'000, 'k'));
    auto hello = decode_agent_message(message.SerializeAsString());
    ASSERT_TRUE(hello);
    EXPECT_EQ(std::get<AgentHello>(*hello).kernel, "6.1[2J" + std::string(58, 'k'));
    message.mutable_hello()->set_kernel(std::string(10'000, 'k'));
    EXPECT_FALSE(decode_agent_message(message.SerializeAsString())) << "no message of ours is that long";
    for (int i = 0; i < 1000; ++i) message.mutable_heartbeat()->add_disks()->set_used_kib(5);
    auto beat = decode_agent_message(message.SerializeAsString());
    ASSERT_TRUE(beat);
    EXPECT_EQ(std::get<AgentHeartbeat>(*beat).disks.size(), 16U);
    EXPECT_EQ(std::get<AgentHeartbeat>(*beat).disks[0].used_kib, 0U);
    message.mutable_heartbeat()->mutable_application()->set_state(
        static_cast<agent::v1::ApplicationState::State>(77));
    EXPECT_FALSE(decode_agent_message(message.SerializeAsString()));
    EXPECT_FALSE(decode_agent_message(""));
    EXPECT_FALSE(decode_agent_message("\xFF\xFF\xFF"));
}

}  // namespace
}  // namespace bulkhead::lifecycle
