// Rounds of attestation over a gateway's line, with real TPMs, while what IT signed changes.
#include <gtest/gtest.h>

#include "console/server/gateway_line.hpp"
#include "console/store/sqlite_store.hpp"
#include "spec/validate.hpp"
#include "tests/attestation/gateway_bed.hpp"
#include "tests/console/folder.hpp"
#include "tests/console/server/fleet_fixture.hpp"

namespace bulkhead::console {
namespace {

using attestation::RecordType;

const std::string name = "press-3";
const std::string conduit =
    "conduits:\n"
    "  - {name: readings, from: robot-cell, to: historian, allow: [tcp/8883], because: \"IT collects\"}\n";

// One that runs generation 1, all of it trusted. Generation 2 has a conduit between its partitions.
class RoundsTest : public testing::Test {
  protected:
    void SetUp() override {
        store_ = SqliteStore::open(folder_ / "console.db").value();
        AuthorityOptions options;
        options.folder = folder_.path();
        options.names = {"localhost"};
        authority_ = Authority::open(*store_, clock_, options).value();
        enrolment_ = std::make_unique<Enrolment>(
            EnrolmentParts{*store_, roster_, watchers_, *authority_, clock_}, std::string());
        ASSERT_TRUE(
            store_->add_it_key({key_.verify_key().id(), key_.verify_key().pem(), "user:admin", "now"}));
        GatewayRow row;
        row.name = name;
        row.ek_public = "ek";
        row.ak_public = bed_.host->ak_public();
        row.anchor = "software";
        row.enrolled_at = "2030-01-01T00:00:00.000Z";
        ASSERT_TRUE(store_->add_gateway(row));
        roster_.put(state_of(row, {}));
        bed_.spec = spec::read_spec(plant_yaml(name), "plant.yaml").value();
        bed_.start("robot-cell");
        bed_.start("historian");
        sign(1);
        connect(1);
        report("applied", 1);
        round();  // activates
        ASSERT_EQ(round(), "trusted trusted");
    }
    void sign(std::uint64_t generation, const std::string& more = {}) {
        const auto references = attestation::to_json(bed_.references);
        ASSERT_TRUE(
            store_->set_desired(name, generation, signed_desired(key_, name, generation, references, more)));
    }
    void connect(std::uint64_t generation) {
        if (line_) line_->closed();
        line_ = std::make_shared<GatewayLine>(
            LineParts{*store_, roster_, lines_, watchers_, leases_, *enrolment_, clock_, seconds{2}, {}},
            PeerIdentity{name, "01", "TLS key of " + name, {}},
            GatewayLine::Wire{[this](api::FromConsole message) { sent_.push_back(std::move(message)); },
                              [](const Error& why) { ADD_FAILURE() << why.text(); }});
        line_->begin();
        api::FromGateway message;
        message.mutable_hello()->set_gateway(name);
        message.mutable_hello()->set_generation(generation);
        line_->received(message);
    }
    void report(const std::string& phase, std::uint64_t generation) {
        api::FromGateway message;
        *message.mutable_report() = plant_report(name);
        message.mutable_report()->mutable_status()->set_phase(phase);
        message.mutable_report()->mutable_status()->set_signed_generation(generation);
        line_->received(message);
    }
    void take(std::uint64_t generation) {
        api::FromGateway message;
        message.mutable_desired_result()->set_generation(generation);
        line_->received(message);
    }
    // Of generation 2, under the running partition.
    void open_conduit(const std::string& partition) {
        const auto after = spec::read_spec(plant_yaml(name) + conduit, "plant.yaml").value();
        const auto facts = attestation::spec_facts(after, *after.find(model::PartitionName(partition)));
        bed_.measure(RecordType::net_change, {{"uuid", bed_.guest(partition).uuid},
                                              {"partition", partition},
                                              {"switch_policy", facts.at("switch_policy")}});
    }
    // The gateway's answer to the next question.
    api::FromGateway answer() {
        clock_.pass(seconds{2});
        line_->tick();
        api::FromGateway message;
        for (auto& sent : std::exchange(sent_, {}))
            if (sent.has_challenge()) *message.mutable_evidence() = bed_.answer(sent.challenge());
        EXPECT_TRUE(message.has_evidence()) << "nothing was asked";
        return message;
    }
    // What the console says to it: of robot-cell, and of historian.
    std::string judged(const api::FromGateway& answer) {
        line_->received(answer);
        std::map<std::string, std::string> results;
        for (const auto& sent : std::exchange(sent_, {})) {
            for (const auto& item : sent.results().items()) results[item.partition()] = item.attestation();
            if (sent.has_activate_guest()) activate(sent.activate_guest());
        }
        return results["robot-cell"] + " " + results["historian"];
    }
    std::string round() { return judged(answer()); }
    void activate(const api::ActivateGuest& request) {
        api::FromGateway message;
        auto& activated = *message.mutable_guest_activated();
        activated.set_partition(request.partition());
        activated.set_uuid(request.uuid());
        activated.set_activated(
            bed_.guest(request.partition()).tpm->activate(request.credential(), request.secret()).value());
        line_->received(message);
    }

    testing_support::GatewayBed bed_{name};
    const crypto::SigningKey key_ = crypto::SigningKey::generate();
    Folder folder_;
    SetClock clock_;
    std::unique_ptr<SqliteStore> store_;
    std::unique_ptr<Authority> authority_;
    std::unique_ptr<Enrolment> enrolment_;
    Roster roster_;
    Lines lines_;
    Watchers watchers_;
    Leases leases_;
    std::vector<api::FromConsole> sent_;
    std::shared_ptr<GatewayLine> line_;
};

TEST_F(RoundsTest, no_moment_of_a_signed_change_is_an_alarm) {
    sign(2, conduit);
    EXPECT_EQ(round(), "trusted trusted") << "it is on its way there";
    report("applying", 2);
    open_conduit("robot-cell");
    EXPECT_EQ(round(), "trusted trusted") << "half of it is carried out";
    open_conduit("historian");
    EXPECT_EQ(round(), "trusted trusted") << "all of it, and the gateway has not said so";
    report("applied", 2);
    take(2);
    EXPECT_EQ(round(), "trusted trusted");
}

TEST_F(RoundsTest, what_is_left_of_the_former_state_is_one_when_the_gateway_is_through) {
    sign(2, conduit);
    open_conduit("robot-cell");
    take(2);
    EXPECT_EQ(round(), "trusted trusted") << "its last report is of the former one";
    report("applying", 2);
    EXPECT_EQ(round(), "trusted trusted");
    report("drifting", 2);
    EXPECT_EQ(round(), "trusted untrusted");
}

TEST_F(RoundsTest, evidence_of_before_the_change_may_arrive_after_it) {
    const auto late = answer();
    sign(2, conduit);
    open_conduit("robot-cell");
    open_conduit("historian");
    take(2);
    report("applied", 2);
    EXPECT_EQ(judged(late), "trusted trusted");
    EXPECT_EQ(round(), "trusted trusted");
}

TEST_F(RoundsTest, a_gateway_that_connects_again_in_the_middle_is_still_on_its_way) {
    sign(2, conduit);
    report("applying", 2);
    connect(2);
    EXPECT_EQ(round(), "trusted trusted");
    open_conduit("robot-cell");
    open_conduit("historian");
    report("applied", 2);
    EXPECT_EQ(round(), "trusted trusted");
}

TEST_F(RoundsTest, a_change_that_nobody_signed_is_an_alarm_at_once) {
    open_conduit("robot-cell");
    EXPECT_EQ(round(), "untrusted trusted");
}

}  // namespace
}  // namespace bulkhead::console
