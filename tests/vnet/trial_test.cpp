// Explaining and proving over the switch that runs: what it says is what happens, and nothing happens by
// saying it.
#include "vnet/trial.hpp"

#include "tests/vnet/lab.hpp"
#include "vnet/explain/drop_name.hpp"
#include "vnet/explain/rates.hpp"
#include "vnet/explain/words.hpp"
#include "vnet/proof/agreement.hpp"
#include "vnet/proof/intent.hpp"

namespace bulkhead::vnet::test {
namespace {

using explain::Verdict;

class Trying : public Plant {
  protected:
    std::vector<Trial> attempt(const model::Port& port, const std::vector<Bytes>& frames) {
        auto tried = driver->try_frames(port.name, frames);
        EXPECT_TRUE(tried) << tried.error().text();
        return tried ? std::move(tried->trials) : std::vector<Trial>(frames.size());
    }
    Trial attempt(const model::Port& port, const Bytes& frame) { return attempt(port, {frame}, 0); }
    Trial attempt(const model::Port& port, const std::vector<Bytes>& frames, std::size_t at) {
        return attempt(port, frames).at(at);
    }
    static std::string text(const Trial& trial) {
        if (trial.decision.verdict == Verdict::dropped)
            return "dropped: " + std::string(explain::drop_name(trial.decision.reason));
        return trial.decision.verdict == Verdict::passes ? "passes" : "answered";
    }
    // By the data and by the program.
    void expect(const model::Port& port, const Bytes& frame, const std::string& verdict) {
        SCOPED_TRACE(explain::describe_frame(frame));
        const Trial trial = attempt(port, frame);
        EXPECT_EQ(text(trial), verdict);
        ASSERT_TRUE(trial.said) << trial.not_run;
        EXPECT_EQ(verdict_text(trial.said->verdict), verdict);
        EXPECT_EQ(disagreement(trial), "");
        if (verdict == "passes") {
            EXPECT_EQ(trial.leaves, true);
            EXPECT_FALSE(trial.second);
        }
    }
};

TEST_F(Trying, both_answers_are_what_would_happen) {
    expect(robot, opening(robot, admin, 40000, 8883), "passes");
    expect(robot, icmp(robot, admin, 8), "passes");
    expect(robot, opening(robot, beyond, 40000, 443), "passes");
    expect(robot, opening(robot, plc, 40000, 502), "passes");
    expect(robot, arp_request(robot, admin), "answered");
    expect(robot, opening(robot, admin, 40000, 22), "dropped: service");
    expect(robot, opening(robot, press, 40000, 8883), "dropped: no_conduit");
    expect(press, opening(press, robot, 40000, 8883), "dropped: no_conduit");
    expect(press, opening(press, plc, 40000, 502), "dropped: no_conduit");
    expect(admin, opening(admin, robot, 40000, 8883), "dropped: service");
    expect(admin, udp(admin, press, 514, 5000), "dropped: direction");
    expect(robot, tcp(robot, admin, 40000, 8883), "dropped: no_connection");
    expect(robot, opening(press, admin, 40000, 8883), "dropped: source_mac");
}

TEST_F(Trying, a_connection_that_is_open_counts) {
    const Bytes answer = numbered(tcp(admin, robot, 8883, 40000, syn | ack), 9000, 1001);
    expect(admin, answer, "dropped: no_connection");
    robot_guest->send(numbered(opening(robot, admin, 40000, 8883), 1000, 0));
    const Trial trial = attempt(admin, answer);
    EXPECT_EQ(trial.decision.state, switch_opening);
    expect(admin, answer, "passes");
    expect(admin, numbered(tcp(admin, robot, 8883, 40000, syn | ack), 9000, 0x70000000),
           "dropped: tcp_state");
}

// What is above a rate is told as it would be dropped, and asking spends nothing.
TEST_F(Trying, a_bucket_that_is_empty_counts) {
    model::Port noisy = press;
    noisy.rate = 80;  // 10 B/s, and a burst of 128 KiB
    execute(model::CreatePort{noisy});
    const Bytes frame = udp(press, admin, 5000, 514, 1400);
    for (int i = 0; i < 10; ++i) expect(press, frame, "passes");
    const auto full = attempt(press, frame).moment.buckets;
    ASSERT_EQ(full.size(), 1U);
    EXPECT_EQ(explain::tokens_in(full[0].second, clock_of_the_switch()), full[0].second.burst);
    while (dropped(press, "rate") == 0) {
        press_guest->send(frame);
        admin_guest->receive();
    }
    expect(press, frame, "dropped: rate");
    expect(robot, opening(robot, admin, 40000, 8883), "passes");
}

TEST_F(Trying, a_conduit_that_carries_no_more_counts) {
    model::Rule slow = rule(robot, admin, model::Transport::udp, 9000, "slow");
    slow.rate = 80;
    open(slow);
    const Bytes frame = udp(robot, admin, 5000, 9000, 1400);
    expect(robot, frame, "passes");
    while (dropped(robot, "rate") == 0) {
        robot_guest->send(frame);
        admin_guest->receive();
    }
    expect(robot, frame, "dropped: rate");
    expect(robot, opening(robot, admin, 40000, 8883), "passes");
}

TEST_F(Trying, a_quota_that_is_used_up_counts) {
    model::Port small = robot;
    small.connections = 2;
    execute(model::CreatePort{small});
    for (unsigned short port = 40000; port < 40002; ++port) {
        expect(robot, opening(robot, admin, port, 8883), "passes");
        robot_guest->send(opening(robot, admin, port, 8883));
    }
    expect(robot, opening(robot, admin, 40002, 8883), "dropped: connections_full");
    expect(robot, opening(robot, admin, 40001, 8883), "passes");
}

TEST_F(Trying, nothing_is_changed_and_nothing_is_sent) {
    const auto before = driver->traffic().value();
    attempt(robot, {opening(robot, admin, 40000, 8883), opening(robot, press, 40000, 22),
                    arp_request(robot, admin), icmp(robot, admin, 8)});
    const auto after = driver->traffic().value();
    EXPECT_TRUE(driver->flows(100).value().empty());
    EXPECT_EQ(before.denials.size(), after.denials.size());
    for (const auto& [name, counted] : after.ports) {
        EXPECT_EQ(counted.received, before.ports.at(name).received) << name.str();
        EXPECT_EQ(counted.dropped, before.ports.at(name).dropped) << name.str();
    }
    for (const auto& [id, counted] : after.conduits)
        EXPECT_EQ(counted.packets, before.conduits.at(id).packets);
    expect_silence();
}

TEST_F(Trying, what_the_kernel_does_not_run_is_judged_by_the_data_alone_and_said_so) {
    Bytes cut = opening(robot, admin, 40000, 8883);
    cut.resize(30);
    const Trial trial = attempt(robot, cut);
    EXPECT_FALSE(trial.said);
    EXPECT_NE(trial.not_run.find("ends within its IP header"), std::string::npos) << trial.not_run;
    EXPECT_EQ(text(trial), "dropped: runt");
    EXPECT_FALSE(attempt(robot, Bytes(4000, 0)).said);
}

TEST_F(Trying, another_answer_of_the_program_is_a_disagreement) {
    Trial trial = attempt(robot, opening(robot, admin, 40000, 8883));
    ASSERT_TRUE(trial.said);
    const auto said = *trial.said;
    trial.said->verdict = 1 + switch_drop_service;
    EXPECT_EQ(disagreement(trial), "the data says passes, the program dropped: service");
    trial.said = said;
    ++trial.said->rule;
    EXPECT_NE(disagreement(trial), "");
    trial.said = said;
    trial.leaves = false;
    EXPECT_NE(disagreement(trial), "");
}

TEST_F(Trying, a_port_that_is_not_there) {
    const auto tried = driver->try_frames(model::PortName("bhnobody-0"), {opening(robot, admin, 1, 8883)});
    ASSERT_FALSE(tried);
    EXPECT_EQ(tried.error().code, Code::not_found);
}

// What is seen of the kernel is what is meant, after everything that rules go through.
TEST_F(Trying, the_kernel_holds_what_is_meant) {
    const auto agree = [&] {
        const auto sight = driver->sight();
        ASSERT_TRUE(sight) << sight.error().text();
        for (const auto& finding : proof::differences(sight->wanted, sight->there))
            ADD_FAILURE() << finding.table << ": " << finding.what;
        for (const auto& finding : proof::disagreements(sight->there))
            ADD_FAILURE() << finding.table << ": " << finding.what;
        EXPECT_TRUE(sight->flaws.empty());
    };
    agree();
    execute(model::CloseConduit{model::ConduitName("logs"), {logs}});
    agree();
    execute(model::OpenConduit{model::ConduitName("logs"), {logs}});
    execute(model::DeletePort{press.name});
    agree();
}

TEST_F(Trying, what_can_be_reached_is_what_the_rules_say) {
    const auto sight = driver->sight().value();
    std::set<model::Rule> meant;
    for (const auto& [number, rule] : sight.rules) meant.insert(rule);
    const auto reached = proof::reach(sight.there);
    EXPECT_TRUE(reached.contradictions.empty());
    EXPECT_TRUE(proof::unmeant(reached, sight.ports, meant).empty());
    EXPECT_TRUE(proof::unmet(reached, sight.ports, meant).empty());
    // The packet of every way does pass, in the kernel.
    for (const auto& edge : reached.edges) {
        if (edge.way != proof::Way::opens) continue;
        const auto& witness = edge.witnesses.front();
        for (const auto& [slot, placed] : sight.ports)
            if (placed.ifindex == witness.ifindex) expect(placed.port, witness.frame, "passes");
    }
}

}  // namespace
}  // namespace bulkhead::vnet::test
