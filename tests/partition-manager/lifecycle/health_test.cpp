#include "partition-manager/lifecycle/health.hpp"

#include <gtest/gtest.h>

namespace bulkhead::lifecycle {
namespace {

using namespace std::chrono_literals;

struct Scene {
    AgentState agent;
    HealthFacts facts;
    Scene() {
        facts.now = MonotonicTime{} + 1h;
        facts.power = model::Power::running;
        facts.intent = Intent::start;
        facts.powered_for = 5min;
        facts.application_wanted = true;
        agent.hello = AgentHello{};
        agent.heartbeat = AgentHeartbeat{};
        agent.heartbeat->application.state = ApplicationState::running;
        agent.heartbeat->devices = {{"rs485-1", true}};
        agent.last_heard = facts.now - 1s;
        agent.configure_error = "";
        facts.devices = {{"rs485-1", true, ""}};
        facts.agent = &agent;
    }
    Verdict verdict() const { return judge(facts); }
};

Verdict degraded(std::string why) {
    return {State::running, Health::degraded, std::move(why)};
}

TEST(Health, is_ok_with_a_fresh_heartbeat_a_running_application_and_its_devices) {
    EXPECT_EQ(Scene{}.verdict(), (Verdict{State::running, Health::ok, ""}));
}

TEST(Health, is_degraded_in_the_words_of_the_application) {
    Scene scene;
    scene.agent.heartbeat->application.degraded = "no answer from unit 1 for 5 s";
    EXPECT_EQ(scene.verdict(), degraded("no answer from unit 1 for 5 s"));
}

TEST(Health, tells_of_a_device_that_is_withheld_before_the_application_does) {
    Scene scene;
    scene.agent.heartbeat->application.degraded = "no answer from unit 1 for 5 s";
    scene.facts.devices[0].present = false;
    scene.facts.devices[0].withheld = true;
    EXPECT_EQ(scene.verdict(), degraded("device rs485-1 is withheld: the partition is not trusted"));
}

TEST(Health, names_a_device_that_is_gone_on_either_side) {
    Scene scene;
    scene.agent.heartbeat->devices[0].present = false;
    EXPECT_EQ(scene.verdict(), degraded("device rs485-1 is missing in the guest"));
    scene.facts.devices[0].present = false;
    EXPECT_EQ(scene.verdict(), degraded("device rs485-1 is gone"));
    scene.facts.devices[0].error = "no such path";
    EXPECT_EQ(scene.verdict(), degraded("device rs485-1: no such path"));
}

TEST(Health, tells_how_an_application_ended_or_why_it_does_not_start) {
    Scene scene;
    auto& application = scene.agent.heartbeat->application;
    application = {ApplicationState::backing_off, 3, -11, "", ""};
    EXPECT_EQ(scene.verdict(), degraded("application ended with signal 11, restarts 3"));
    application.exit_code = 2;
    EXPECT_EQ(scene.verdict(), degraded("application ended with code 2, restarts 3"));
    application = {ApplicationState::failed, 0, 0, "no such file", ""};
    EXPECT_EQ(scene.verdict(), degraded("application can't be started: no such file"));
}

TEST(Health, needs_no_application_where_none_is_wanted) {
    Scene scene;
    scene.facts.application_wanted = false;
    scene.agent.heartbeat->application.state = ApplicationState::none;
    EXPECT_EQ(scene.verdict().health, Health::ok);
}

TEST(Health, is_unknown_when_three_heartbeats_are_late) {
    Scene scene;
    scene.agent.last_heard = scene.facts.now - 2999ms;
    EXPECT_EQ(scene.verdict().health, Health::ok);
    scene.agent.last_heard = scene.facts.now - 3s;
    EXPECT_EQ(scene.verdict(), (Verdict{State::running, Health::unknown, "no heartbeat for 3 s"}));
}

TEST(Health, is_no_agent_after_a_minute_without_any_word) {
    Scene scene;
    scene.facts.agent = nullptr;
    scene.facts.powered_for = 59s;
    EXPECT_EQ(scene.verdict(), (Verdict{State::booting, Health::unknown, "its agent has not spoken yet"}));
    scene.facts.powered_for = 60s;
    EXPECT_EQ(scene.verdict().state, State::running);
    EXPECT_EQ(scene.verdict().health, Health::no_agent);
}

TEST(Health, says_that_the_guest_could_not_be_set_up) {
    Scene scene;
    scene.agent.configure_error = "can't mount volume 'data'";
    EXPECT_EQ(scene.verdict(), degraded("not set up: can't mount volume 'data'"));
}

TEST(Health, is_unknown_until_the_guest_has_been_set_up) {
    Scene scene;
    scene.agent.configure_error.reset();
    EXPECT_EQ(scene.verdict(), (Verdict{State::running, Health::unknown, "the agent is setting it up"}));
    scene.agent.configure_error = "";
    EXPECT_EQ(scene.verdict().health, Health::ok);
}

TEST(Health, follows_power_and_intent_where_it_does_not_run) {
    Scene scene;
    auto& facts = scene.facts;
    facts.intent = Intent::stop;
    EXPECT_EQ(scene.verdict().state, State::stopping);
    facts.power = model::Power::off;
    facts.started_before = true;
    EXPECT_EQ(scene.verdict().state, State::stopped);
    facts.intent = Intent::rest;
    facts.started_before = false;
    EXPECT_EQ(scene.verdict().state, State::defined);
    facts.intent = Intent::start;
    EXPECT_EQ(scene.verdict().state, State::starting);
    facts.start_failed = true;
    EXPECT_EQ(scene.verdict().state, State::failed);
    facts.power = model::Power::paused;
    EXPECT_EQ(scene.verdict().state, State::failed);
}

}  // namespace
}  // namespace bulkhead::lifecycle
