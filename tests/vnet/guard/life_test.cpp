// A guard's life: made, told, killed, adopted, taken away; and what explains and proves it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <thread>

#include "base/file.hpp"
#include "base/helper_connection.hpp"
#include "partition-manager/plan/render.hpp"
#include "tests/vnet/guard/site.hpp"
#include "vnet/proof/agreement.hpp"
#include "vnet/proof/intent.hpp"

namespace bulkhead::vnet::guard::test {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

// A process that does nothing for a while.
class Stopped {
  public:
    explicit Stopped(pid_t pid) : pid_(pid) { EXPECT_EQ(::kill(pid_, SIGSTOP), 0); }
    ~Stopped() { EXPECT_EQ(::kill(pid_, SIGCONT), 0); }
    Stopped(const Stopped&) = delete;
    Stopped& operator=(const Stopped&) = delete;

  private:
    const pid_t pid_;
};

class GuardLife : public GuardedSite {
  protected:
    void set_rules(const std::string& rules) { spec.conduits[0].guard = *model::parse_modbus_guard(rules); }
    bool is_proved() {
        const auto sight = driver->sight();
        EXPECT_TRUE(sight) << sight.error().text();
        std::set<model::Rule> meant;
        for (const auto& [rule, conduit] : plan::rules_of(spec)) meant.insert(rule);
        const auto reach = proof::reach(sight->there);
        return sight->flaws.empty() && reach.contradictions.empty() &&
               proof::differences(sight->wanted, sight->there).empty() &&
               proof::disagreements(sight->there).empty() &&
               proof::unmeant(reach, sight->ports, meant).empty() &&
               proof::unmet(reach, sight->ports, meant).empty();
    }
};

TEST_F(GuardLife, outlives_the_manager_and_is_taken_over_as_it_is) {
    Client client(recipes_pen->pid(), controller);
    ASSERT_EQ(client.read(1, 7), 7);
    guard_driver = std::make_unique<GuardDriver>(
        guards, [](const auto&) { return fail(Code::internal, "nothing is to be started"); });
    EXPECT_EQ(planned().apply(spec), 0U);
    EXPECT_EQ(client.read(1, 8), 8);
    EXPECT_EQ(counts(acme, "set-points").passed, 2U);
}

TEST_F(GuardLife, takes_other_rules_and_cuts_only_whom_they_are_for) {
    const pid_t before = pid_of(acme);
    spec.conduits.push_back(spec.conduits[0]);
    spec.conduits.back().name = model::ConduitName("more");
    spec.conduits.back().allow = {{model::Transport::tcp, 503}};
    Client client(recipes_pen->pid(), controller);
    Client other(press_pen->pid(), controller);
    ASSERT_EQ(client.read(1, 7), 7);
    ASSERT_EQ(other.read(1, 17), 17);
    converge();
    EXPECT_EQ(client.read(1, 7), 7) << "a conduit more is nothing to this one";
    set_rules("unit 1 read holding-registers 8");
    converge();
    EXPECT_EQ(client.read(1, 7), -1000) << "not under the old rules";
    Client again(recipes_pen->pid(), controller);
    EXPECT_EQ(again.read(1, 7), -2);
    EXPECT_EQ(again.read(1, 8), 8);
    EXPECT_EQ(other.read(1, 17), 17) << "another's guard";
    EXPECT_EQ(pid_of(acme), before);
}

// With a guard or without one is another way through the switch: neither goes on as the other.
TEST_F(GuardLife, cuts_what_was_straight_when_it_comes_and_what_was_guarded_when_it_goes) {
    const auto rules = spec.conduits[0].guard;
    spec.conduits[0].guard.reset();
    converge();
    Client straight(recipes_pen->pid(), controller);
    ASSERT_EQ(straight.write(1, 7, 5), 5) << "nobody looks";
    spec.conduits[0].guard = rules;
    converge();
    EXPECT_EQ(straight.write(1, 7, 6), -1000);
    EXPECT_EQ(plc->held(7), 5);
    Client guarded(recipes_pen->pid(), controller);
    EXPECT_EQ(guarded.write(1, 7, 6), -2);
    EXPECT_EQ(guarded.read(1, 7), 5);
    EXPECT_EQ(plc->held(7), 5);
}

TEST_F(GuardLife, is_made_anew_when_it_was_killed_or_its_leg_was) {
    kill_guard(acme);
    EXPECT_THAT(planned().look().guards.at(acme).error, HasSubstr("does not answer"));
    EXPECT_FALSE(is_proved()) << "its conduit leads nowhere";
    converge();
    EXPECT_TRUE(is_proved());
    const pid_t before = pid_of(acme);
    ASSERT_EQ(std::system(("ip link del " + model::guard_port_name(acme).str()).c_str()), 0);
    converge();
    EXPECT_NE(pid_of(acme), before);
    Client client(recipes_pen->pid(), controller);
    EXPECT_EQ(client.read(1, 7), 7);
    EXPECT_EQ(client.write(1, 7, 1), -2);
}

// As on a gateway that is starved. To end it would cut the connections in use.
TEST_F(GuardLife, is_left_where_it_is_when_it_is_late) {
    const pid_t before = pid_of(acme);
    Client client(recipes_pen->pid(), controller);
    ASSERT_EQ(client.read(1, 7), 7);
    auto hung = std::make_unique<Stopped>(before);
    EXPECT_THAT(planned().look().guards.at(acme).error, HasSubstr("does not answer"));
    const std::jthread later([&] {
        std::this_thread::sleep_for(std::chrono::seconds(5));  // longer than two looks
        hung.reset();
    });
    converge();
    EXPECT_EQ(pid_of(acme), before);
    EXPECT_EQ(client.read(1, 8), 8);
}

// That its pair went with it may be said of a guard that has ended, and of no other: who takes the pair of
// one that is slow was at the switch.
TEST_F(GuardLife, a_pair_that_goes_while_its_guard_hangs_is_tampering) {
    const auto port = model::guard_port_name(acme).str();
    driver->other_ends_by([&](const model::Port& each) { return guard_driver->is_there(each.tenant); });
    EXPECT_FALSE(*driver->has_drifted());
    const Stopped hung(pid_of(acme));
    EXPECT_TRUE(guard_driver->is_there(acme));
    // Nor may it be said of one at whose door so many wait that it takes no more.
    std::vector<HelperConnection> waiting;
    auto one_more = HelperConnection::open(guards.guard_control(acme), "guard");
    for (; one_more; one_more = HelperConnection::open(guards.guard_control(acme), "guard"))
        waiting.push_back(std::move(*one_more));
    EXPECT_EQ(one_more.error().code, Code::timeout) << one_more.error().text();
    ASSERT_EQ(std::system(("ip link del " + port).c_str()), 0);
    EXPECT_TRUE(*driver->has_drifted());
    EXPECT_THAT(driver->take_findings(), Contains(HasSubstr("port " + port + ": its interface is gone")));
}

TEST_F(GuardLife, a_pair_that_goes_with_its_guard_is_no_tampering) {
    driver->other_ends_by([&](const model::Port& port) { return guard_driver->is_there(port.tenant); });
    EXPECT_FALSE(*driver->has_drifted());
    kill_guard(acme);
    EXPECT_TRUE(*driver->has_drifted());
    EXPECT_THAT(driver->take_findings(), IsEmpty());
}

// Killed after any of its effects, a manager finds on the next start what is to be done, and does it.
TEST_F(GuardLife, a_manager_that_died_at_any_step_of_the_making_heals) {
    const auto file = guards.guard_config(acme);
    const auto order = read_file(file, 1 << 20).value();
    auto other = model::parse_guard_text(order).value();
    other.conduits.front().guard = *model::parse_modbus_guard("unit 9 functions 8");
    // An order that the process has not heard of yet.
    ASSERT_TRUE(write_file_atomically(file, model::guard_text(other), 0600));
    EXPECT_EQ(planned().look().guards.at(acme).error, "it was told something else");
    converge();
    EXPECT_EQ(read_file(file, 1 << 20).value(), order);
    // Half of the removal: the process has ended, the order stands.
    kill_guard(acme);
    const auto conduit = spec.conduits[0];
    spec.conduits.erase(spec.conduits.begin());
    converge();
    EXPECT_FALSE(std::filesystem::exists(file));
    // The order alone, of a guard whose process never began.
    ASSERT_TRUE(write_file_atomically(file, order, 0600));
    spec.conduits.insert(spec.conduits.begin(), conduit);
    converge();
    Client client(recipes_pen->pid(), controller);
    EXPECT_EQ(client.read(1, 7), 7);
}

TEST_F(GuardLife, leaves_nothing_behind) {
    const auto port = model::guard_port_name(acme).str();
    for (auto& each : spec.conduits) each.guard.reset();
    converge();
    EXPECT_THAT(planned().look().guards, IsEmpty());
    EXPECT_TRUE(std::filesystem::is_empty(guards.guards()));
    EXPECT_FALSE(std::filesystem::exists("/sys/class/net/" + port));
    EXPECT_FALSE(std::filesystem::exists("/sys/class/net/" + model::guard_leg_name(acme).str()));
}

TEST_F(GuardLife, is_explained_and_proved_over_the_switch_that_runs) {
    EXPECT_TRUE(is_proved());
    model::Port machine;
    machine.mac = *model::parse_mac("02:00:00:00:03:28");
    machine.address = *model::parse_ipv4(controller);
    const auto recipes = port_of("recipes");
    const auto tried = driver->try_frames(recipes.name, {vnet::test::opening(recipes, machine, 40000, 502)});
    ASSERT_TRUE(tried) << tried.error().text();
    const auto& trial = tried->trials.front();
    EXPECT_EQ(trial.decision.verdict, explain::Verdict::passes);
    EXPECT_EQ(disagreement(trial), "");
    EXPECT_FALSE(trial.second);
    EXPECT_EQ(tried->sight.rules.at(trial.decision.rule).via, model::guard_port_name(acme));
    // And it is no proof any more if the guard's place is somebody else's.
    auto wrong = spec;
    wrong.conduits[0].guard.reset();
    std::swap(spec, wrong);
    EXPECT_FALSE(is_proved()) << "the flow was meant to be straight";
}

// Refusals are events, and who asks in vain can't fill the list of them.
TEST_F(GuardLife, tells_of_refusals_now_and_then) {
    Client client(recipes_pen->pid(), controller);
    const auto now = std::chrono::steady_clock::now();
    EXPECT_THAT(guard_driver->take_refusals(now), IsEmpty());
    EXPECT_EQ(client.write(1, 7, 1), -2);
    ASSERT_EQ(guard_driver->take_refusals(now).size(), 1U);
    EXPECT_EQ(client.write(1, 7, 1), -2);
    EXPECT_EQ(client.write(1, 8, 1), -2);
    EXPECT_THAT(guard_driver->take_refusals(now + GuardDriver::pause / 2), IsEmpty());
    const auto later = guard_driver->take_refusals(now + GuardDriver::pause);
    ASSERT_EQ(later.size(), 1U);
    EXPECT_THAT(later[0].text, HasSubstr("2 requests were refused, last: unit 1, function 6"));
}

}  // namespace
}  // namespace bulkhead::vnet::guard::test
