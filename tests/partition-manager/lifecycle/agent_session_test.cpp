#include "partition-manager/lifecycle/agent_session.hpp"

#include <gtest/gtest.h>

#include "tests/partition-manager/lifecycle/agent_wire.hpp"

namespace bulkhead::lifecycle {
namespace {

using namespace std::chrono_literals;

// Host and agent, joined as by QEMU.
class AgentSessionTest : public testing::Test {
  protected:
    AgentSessionTest() : loop_(*Loop::open()), wire_(folder_.path() / "agent.sock") {}

    void start() {
        agent_ = std::make_unique<AgentProcess>(wire_.port(), folder_.path());
        connect();
    }
    void connect() {
        AgentCallbacks callbacks;
        callbacks.output = [this](const OutputLine& line) {
            lines_.push_back((line.reading ? "reading " : "") + line.text);
            dropped_ += line.dropped;
        };
        session_ = std::make_unique<AgentSession>(*loop_, clock_, model::PartitionName("robot"),
                                                  folder_.path() / "agent.sock", std::move(callbacks));
    }
    void application(const std::string& script, std::map<std::string, std::string> config = {}) {
        write_application(folder_.path() / "app", script);
        agent::v1::Configure wanted;
        wanted.set_partition("robot");
        wanted.mutable_application()->set_path("app");
        for (const auto& [key, value] : config)
            (*wanted.mutable_application()->mutable_config())[key] = value;
        ASSERT_TRUE(session_->configure(wanted));
    }
    // Runs the loop until `condition` holds; false after 20 s.
    bool until(const std::function<bool()>& condition) {
        bool held = false;
        const auto check = loop_->every(5ms, [&] {
            held = condition();
            if (held) loop_->stop();
        });
        const auto limit = loop_->after(20s, [&] { loop_->stop(); });
        std::ignore = loop_->run();
        loop_->cancel(check);
        loop_->cancel(limit);
        return held;
    }
    bool printed(const std::string& line) const { return std::ranges::find(lines_, line) != lines_.end(); }
    const ApplicationReport& report() const {
        static const ApplicationReport none;
        return session_->state().heartbeat ? session_->state().heartbeat->application : none;
    }

    TemporaryFolder folder_;
    SystemClock clock_;
    std::unique_ptr<Loop> loop_;
    AgentWire wire_;
    std::unique_ptr<AgentProcess> agent_;
    std::unique_ptr<AgentSession> session_;
    std::vector<std::string> lines_;
    std::uint64_t dropped_ = 0;
};

TEST_F(AgentSessionTest, says_hello_and_keeps_a_heartbeat) {
    start();
    ASSERT_TRUE(until([&] { return session_->state().counters.frames >= 3; }));
    EXPECT_EQ(session_->state().hello->version, BULKHEAD_VERSION);
    EXPECT_EQ(session_->state().hello->boot_id, boot_id());
    EXPECT_GT(session_->state().heartbeat->memory_total_kib, 0U);
    EXPECT_EQ(session_->state().counters.refused_frames, 0U);
    EXPECT_EQ(session_->state().counters.refused_bytes, 0U);
}

TEST_F(AgentSessionTest, runs_the_application_with_its_config_and_streams_what_it_prints) {
    start();
    application(
        "echo \"period $BULKHEAD_PERIOD\"; echo 'reading: spindle 1480 rpm'; echo oops >&2; exec sleep 60",
        {{"period", "1s"}});
    ASSERT_TRUE(until([&] { return printed("reading spindle 1480 rpm") && printed("oops"); }));
    EXPECT_TRUE(printed("period 1s"));
    EXPECT_EQ(session_->state().last_reading, "spindle 1480 rpm");
    EXPECT_EQ(session_->state().configure_error, "");
}

TEST_F(AgentSessionTest, an_application_says_that_it_is_degraded_and_that_it_is_well_again) {
    start();
    application("echo 'degraded: no answer from unit 1 for 5 s'; while [ ! -e " +
                (folder_.path() / "mended").string() + " ]; do sleep 0.1; done; echo ok; exec sleep 60");
    ASSERT_TRUE(until([&] { return report().degraded == "no answer from unit 1 for 5 s"; }));
    std::ofstream(folder_.path() / "mended") << "";
    ASSERT_TRUE(until([&] { return report().degraded.empty(); }));
    EXPECT_EQ(report().state, ApplicationState::running);
}

TEST_F(AgentSessionTest, starts_an_application_again_and_reports_how_it_ended) {
    start();
    application("exit 3");
    ASSERT_TRUE(until([&] { return report().restarts >= 1; }));
    EXPECT_EQ(report().exit_code, 3);
}

TEST_F(AgentSessionTest, reports_an_application_that_is_not_there_and_one_whose_name_is_a_path) {
    start();
    agent::v1::Configure wanted;
    wanted.mutable_application()->set_path("absent");
    ASSERT_TRUE(session_->configure(wanted));
    ASSERT_TRUE(until([&] { return report().state == ApplicationState::failed; }));
    EXPECT_NE(report().error.find("absent"), std::string::npos);
    wanted.mutable_application()->set_path("../../bin/sh");
    ASSERT_TRUE(session_->configure(wanted));
    ASSERT_TRUE(until([&] { return report().error.find("no name") != std::string::npos; }));
}

TEST_F(AgentSessionTest, reports_a_forbidden_system_call_by_name_and_the_application_goes_on) {
    start();
    application("unshare -m true || echo still here; exec sleep 60");
    ASSERT_TRUE(
        until([&] { return session_->state().violations.contains("unshare") && printed("still here"); }));
    // The heartbeat says it up to a second later.
    EXPECT_TRUE(until([&] { return report().state == ApplicationState::running; }));
    EXPECT_EQ(report().restarts, 0U);
}

TEST_F(AgentSessionTest, an_application_has_no_capability_and_gets_none) {
    start();
    application("grep -E 'CapEff|CapBnd|NoNewPrivs|Seccomp:' /proc/self/status; exec sleep 60");
    ASSERT_TRUE(until([&] { return printed("Seccomp:2"); }));
    EXPECT_TRUE(printed("CapEff:0000000000000000"));
    EXPECT_TRUE(printed("NoNewPrivs:1"));
    EXPECT_TRUE(::geteuid() != 0 || printed("CapBnd:0000000000000000"));
}

TEST_F(AgentSessionTest, a_chatty_application_is_cut_to_bounded_lines_at_a_bounded_rate) {
    start();
    application("head -c 5000 /dev/zero | tr '\\0' x; echo; while :; do echo chatter; done");
    ASSERT_TRUE(until([&] { return dropped_ > 1000; }));
    EXPECT_EQ(lines_.front().size(), 1024U);
    EXPECT_TRUE(
        until([&, before = session_->state().last_heard] { return session_->state().last_heard != before; }));
}

TEST_F(AgentSessionTest, a_new_session_of_the_host_takes_over_and_old_frames_are_stale) {
    start();
    application("while :; do echo x; sleep 0.01; done");
    ASSERT_TRUE(until([&] { return printed("x"); }));
    session_.reset();
    lines_.clear();
    connect();
    ASSERT_TRUE(until([&] { return session_->state().hello && !lines_.empty(); }));
    EXPECT_EQ(report().restarts, 0U);
}

TEST_F(AgentSessionTest, an_agent_that_was_restarted_is_welcomed_again) {
    start();
    ASSERT_TRUE(until([&] { return session_->state().last_heard.has_value(); }));
    agent_.reset();
    agent_ = std::make_unique<AgentProcess>(wire_.port(), folder_.path());
    const auto before = *session_->state().last_heard + 1500ms;
    EXPECT_TRUE(until([&] { return *session_->state().last_heard > before; }));
    EXPECT_GE(session_->state().counters.deadlines, 1U);
}

TEST_F(AgentSessionTest, shuts_down_with_sigterm_and_takes_children_along) {
    start();
    application("trap 'echo bye; exit 0' TERM; sleep 1000 & echo $! > " +
                (folder_.path() / "child").string() + "; echo up; while :; do sleep 0.1; done");
    ASSERT_TRUE(until([&] { return printed("up"); }));
    ASSERT_TRUE(session_->shutdown(10s));
    ASSERT_TRUE(until([&] { return printed("bye"); }));
    EXPECT_EQ(agent_->wait(), 0);
    pid_t child = 0;
    std::ifstream(folder_.path() / "child") >> child;
    ASSERT_GT(child, 0);
    // Reaped by whoever adopts it; a zombie is dead enough.
    std::ifstream stat("/proc/" + std::to_string(child) + "/stat");
    std::string text;
    std::getline(stat, text);
    EXPECT_TRUE(text.empty() || text.find(") Z") != std::string::npos) << text;
}

TEST_F(AgentSessionTest, kills_an_application_that_will_not_stop) {
    start();
    application("trap '' TERM; echo up; while :; do sleep 0.1; done");
    ASSERT_TRUE(until([&] { return printed("up"); }));
    ASSERT_TRUE(session_->shutdown(300ms));
    ASSERT_TRUE(until([&] { return report().exit_code == -SIGKILL; }));
    EXPECT_EQ(agent_->wait(), 0);
}

TEST_F(AgentSessionTest, refuses_a_configuration_larger_than_a_frame) {
    connect();
    agent::v1::Configure wanted;
    (*wanted.mutable_application()->mutable_config())["x"] = std::string(70'000, 'x');
    EXPECT_FALSE(session_->configure(wanted));
}

}  // namespace
}  // namespace bulkhead::lifecycle
