// A whole console on a real socket, with real clients and a real swtpm.
#include <grpcpp/client_context.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>
#include <thread>

#include "bulkhead/v1alpha1/fleet.grpc.pb.h"
#include "channel/pinned_channel.hpp"
#include "console/server/centre.hpp"
#include "console/server/rpc_server.hpp"
#include "console/store/sqlite_store.hpp"
#include "partition-manager/uplink/enrolment.hpp"
#include "tests/attestation/software_tpm.hpp"
#include "tests/console/folder.hpp"
#include "tests/console/server/plant.hpp"

namespace bulkhead::console {
namespace {

using std::chrono::seconds;

// The host's TPM, as the uplink asks it.
class TpmAttestor final : public uplink::Attestor {
  public:
    TpmAttestor() : tpm_(attestation::HostTpm::open(state_.tcti()).value()) {}
    std::string trust_anchor() const override { return "software"; }
    std::string ek_public() const override { return tpm_->ek_public(); }
    std::string ak_public() const override { return ak_.empty() ? tpm_->ak_public() : ak_; }
    Result<std::string> ek_certificate() override { return std::string(); }
    Result<attestation::Quote> quote(std::string_view qualifying) override {
        return tpm_->quote(qualifying, {0, 13});
    }
    Result<std::string> activate(std::string_view credential, std::string_view secret) override {
        return tpm_->activate(credential, secret);
    }
    Result<std::string> sign(std::string_view message) override { return tpm_->sign(message); }
    Result<std::string> seal(std::string_view secret) override { return tpm_->seal(secret); }
    Result<std::string> unseal(std::string_view sealed) override { return tpm_->unseal(sealed); }
    std::string ak_;  // shown instead of its own

  private:
    testing_support::SoftwareTpm state_;
    std::unique_ptr<attestation::HostTpm> tpm_;
};

// One end of GatewayLink::Connect.
struct Gateway {
    Gateway(const uplink::Membership& member, const std::string& key)
        : channel(
              channel::open_pinned({member.console, member.pin, member.ca_pem, key, member.certificate, {}})),
          stub(api::GatewayLink::NewStub(channel.channel)) {
        context.set_deadline(std::chrono::system_clock::now() + seconds{30});
        stream = stub->Connect(&context);
    }
    ~Gateway() {
        context.TryCancel();
        stream->Finish();
    }
    std::optional<api::FromConsole> next() {
        api::FromConsole message;
        if (!stream->Read(&message)) return std::nullopt;
        return message;
    }
    // The next message of this kind.
    std::optional<api::FromConsole> next(api::FromConsole::MessageCase kind) {
        while (auto message = next())
            if (message->message_case() == kind) return message;
        return std::nullopt;
    }
    std::optional<api::ConsoleWelcome> hello(const std::string& name, std::uint64_t generation = 0) {
        api::FromGateway message;
        message.mutable_hello()->set_gateway(name);
        message.mutable_hello()->set_generation(generation);
        stream->Write(message);
        const auto answer = next(api::FromConsole::kWelcome);
        if (!answer) return std::nullopt;
        return answer->welcome();
    }
    std::uint64_t send_events(std::uint64_t first, std::uint64_t last) {
        api::FromGateway message;
        for (auto id = first; id <= last; ++id) {
            message.mutable_events()->add_items()->set_id(id);
            message.mutable_events()->mutable_items()->rbegin()->set_code("partition.started");
        }
        stream->Write(message);
        const auto answer = next(api::FromConsole::kEventsAck);
        return answer ? answer->events_ack().id() : 0;
    }

    channel::Channel channel;
    std::unique_ptr<api::GatewayLink::Stub> stub;
    grpc::ClientContext context;
    std::unique_ptr<grpc::ClientReaderWriter<api::FromGateway, api::FromConsole>> stream;
};

class CentreTest : public testing::Test {
  protected:
    static void SetUpTestSuite() { require_tls_1_3(); }
    void SetUp() override { open(); }
    void open(seconds lifetime = std::chrono::days{30}) {
        centre.reset();
        options.listen = "127.0.0.1:0";
        options.certificate_lifetime = lifetime;
        auto opened = Centre::open(folder / "state", options, clock);
        ASSERT_TRUE(opened) << opened.error().text();
        centre = std::move(*opened);
    }
    crypto::JoinString token() {
        return crypto::parse_join_string(centre->fleet().create_token(admin, seconds{60})->join).value();
    }
    Result<uplink::Joined> join(const crypto::JoinString& with, const std::string& name, TpmAttestor& tpm) {
        return uplink::join_console(with, name, key, tpm);
    }
    bool accepts(const std::string& version) const {
        const auto command =
            "echo | timeout 20 openssl s_client -connect 127.0.0.1:" + std::to_string(centre->port()) +
            " -alpn h2 -CAfile " + (folder / "state/ca.pem").string() + " -verify_return_error " + version +
            " 2>/dev/null | grep -q '^New, TLSv1'";
        return std::system(command.c_str()) == 0;
    }

    Folder folder;
    SystemClock clock;
    ServeOptions options;
    std::unique_ptr<Centre> centre;
    const Viewer admin{"admin", Role::it_admin, {}};
    const std::string key = crypto::generate_tls_key().value();
};

TEST(Descriptors, a_console_takes_as_many_as_it_may) {
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    const rlimit few{256, before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
    take_all_descriptors();
    rlimit now{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &now), 0);
    EXPECT_EQ(now.rlim_cur, before.rlim_max);
    ::setrlimit(RLIMIT_NOFILE, &before);
}

TEST_F(CentreTest, speaks_tls_1_3_and_refuses_1_2) {
    EXPECT_TRUE(accepts("-tls1_3"));
    EXPECT_FALSE(accepts("-tls1_2"));
}

TEST_F(CentreTest, a_gateway_joins_once_with_its_token_and_its_tpm) {
    TpmAttestor tpm;
    const auto first = token();
    auto wrong_pin = first;
    wrong_pin.pin = std::string(64, '0');
    EXPECT_FALSE(join(wrong_pin, "press-3", tpm));
    const auto joined = join(first, "press-3", tpm);
    ASSERT_TRUE(joined) << joined.error().text();
    EXPECT_EQ(joined->membership.trust_anchor, "software");
    const auto why = [](const auto& result) {
        return result ? std::string("joined") : result.error().text();
    };
    TpmAttestor other;
    EXPECT_NE(why(join(first, "press-4", other)).find("used already"), std::string::npos);
    EXPECT_NE(why(join(token(), "press-4", tpm)).find("this TPM is enrolled already, as gateway 'press-3'"),
              std::string::npos);
    EXPECT_NE(why(join(token(), "press-3", other)).find("another TPM is enrolled already"),
              std::string::npos);
    // An AK of another TPM: its own can't open the challenge.
    other.ak_ = tpm.ak_public();
    EXPECT_FALSE(join(token(), "press-4", other));
    other.ak_ = std::string(90, 'x');
    EXPECT_FALSE(join(token(), "press-4", other));
    EXPECT_EQ(centre->fleet().gateways(admin, {})->items_size(), 1);
    const auto audit = *centre->fleet().audit(admin, 0, 100);
    EXPECT_TRUE(std::ranges::any_of(audit, [](const auto& row) { return row.action == "gateway.enrolled"; }));
}

TEST_F(CentreTest, a_line_needs_the_current_certificate_of_an_enrolled_gateway) {
    TpmAttestor tpm;
    auto member = join(token(), "press-3", tpm).value().membership;
    {
        auto stranger = member;
        stranger.certificate.clear();
        Gateway without(stranger, "");
        EXPECT_FALSE(without.hello("press-3"));
    }
    {
        Gateway gateway(member, key);
        EXPECT_FALSE(gateway.hello("press-4"));  // not the certificate's
    }
    {
        Gateway gateway(member, key);
        EXPECT_TRUE(gateway.hello("press-3"));
    }
    // Renewed by the TPM alone; the first use of the new certificate ends the old one.
    const auto grant = uplink::renew_by_tpm(member, key, tpm);
    ASSERT_TRUE(grant) << grant.error().text();
    {
        Gateway old(member, key);
        EXPECT_TRUE(old.hello("press-3"));
    }
    auto renewed = member;
    renewed.certificate = grant->certificate;
    {
        Gateway gateway(renewed, key);
        EXPECT_TRUE(gateway.hello("press-3"));
    }
    {
        Gateway old(member, key);
        EXPECT_FALSE(old.hello("press-3"));
    }
    ASSERT_TRUE(centre->fleet().remove_gateway(admin, "press-3"));
    Gateway removed(renewed, key);
    EXPECT_FALSE(removed.hello("press-3"));
}

TEST_F(CentreTest, a_gateway_whose_certificate_expired_comes_back_by_its_tpm) {
    open(seconds{1});
    TpmAttestor tpm;
    auto member = join(token(), "press-3", tpm).value().membership;
    const auto expires = crypto::read_certificate(member.certificate, "test")->not_after;
    std::this_thread::sleep_until(expires +
                                  std::chrono::milliseconds{1100});  // the wall clock is what TLS asks
    {
        Gateway expired(member, key);
        EXPECT_FALSE(expired.hello("press-3"));
    }
    open(std::chrono::days{30});
    member.console = centre->address();
    const auto grant = uplink::renew_by_tpm(member, key, tpm);
    ASSERT_TRUE(grant) << grant.error().text();
    member.certificate = grant->certificate;
    Gateway gateway(member, key);
    const auto welcome = gateway.hello("press-3");
    ASSERT_TRUE(welcome);
    EXPECT_FALSE(welcome->renew());
}

TEST_F(CentreTest, the_newest_line_wins_and_events_are_stored_once) {
    TpmAttestor tpm;
    const auto member = join(token(), "press-3", tpm).value().membership;
    auto first = std::make_unique<Gateway>(member, key);
    EXPECT_EQ(first->hello("press-3")->events_have(), 0u);
    EXPECT_EQ(first->send_events(1, 5), 5u);
    Gateway second(member, key);
    EXPECT_EQ(second.hello("press-3")->events_have(), 5u);
    while (first->next()) {
    }
    first.reset();
    EXPECT_EQ(second.send_events(3, 8), 8u);  // some again: the answer to the first was lost
    std::vector<std::uint64_t> ids;
    const auto list = centre->fleet().events(admin, {});
    for (const auto& event : list->items()) ids.push_back(event.id());
    EXPECT_EQ(ids, (std::vector<std::uint64_t>{1, 2, 3, 4, 5, 6, 7, 8}));
    EXPECT_EQ(centre->fleet().gateways(admin, {})->items(0).connection(), "connected");
}

TEST_F(CentreTest, a_line_carries_desired_states_reports_and_calls) {
    TpmAttestor tpm;
    const auto signer = crypto::SigningKey::generate();
    {
        auto store = SqliteStore::open(folder / "state/console.db").value();
        ASSERT_TRUE(store->add_it_key({signer.verify_key().id(), signer.verify_key().pem(), "uid:0", "now"}));
    }
    const auto member = join(token(), "press-3", tpm).value().membership;
    const auto envelope = signed_desired(signer, "press-3", 7);
    ASSERT_TRUE(centre->fleet().set_desired(admin, envelope));  // before it is connected
    Gateway gateway(member, key);
    ASSERT_TRUE(gateway.hello("press-3"));
    const auto desired = gateway.next(api::FromConsole::kDesired);
    ASSERT_TRUE(desired);
    EXPECT_EQ(desired->desired().envelope(), envelope);
    api::FromGateway message;
    message.mutable_desired_result()->set_generation(7);
    message.mutable_desired_result()->add_errors()->set_what("robot-cell is locked");
    gateway.stream->Write(message);
    gateway.send_events(1, 1);  // handled in order: what came before it is in
    EXPECT_EQ(centre->fleet().gateways(admin, {})->items(0).desired_errors(0).what(), "robot-cell is locked");
    message.mutable_desired_result()->clear_errors();
    gateway.stream->Write(message);
    *message.mutable_report() = plant_report("press-3");
    gateway.stream->Write(message);
    gateway.send_events(2, 2);
    const auto view = centre->fleet().gateways(admin, {})->items(0);
    EXPECT_EQ(view.generation_applied(), 7u);
    EXPECT_EQ(view.desired_errors_size(), 0);
    EXPECT_EQ(view.health(), "ok");

    api::SetLockRequest request;
    request.set_partition("robot-cell");
    std::atomic<bool> ended = false;
    const auto call =
        centre->fleet().call(admin, "press-3", "robot-cell", "SetLock", request.SerializeAsString(),
                             {[](const std::string&) {},
                              [&](const Errors& errors) {
                                  EXPECT_EQ(errors.front().code, Code::locked);
                                  ended = true;
                                  ended.notify_all();
                              }});
    ASSERT_TRUE(call) << call.error().text();
    const auto asked = gateway.next(api::FromConsole::kCall);
    ASSERT_TRUE(asked);
    EXPECT_EQ(asked->call().actor(), "user:admin");
    message.mutable_call()->set_id(asked->call().id());
    message.mutable_call()->set_end(true);
    message.mutable_call()->add_errors()->set_code("locked");
    gateway.stream->Write(message);
    ended.wait(false);
}

TEST_F(CentreTest, a_round_begins_at_once_and_evidence_that_proves_nothing_is_untrusted) {
    TpmAttestor tpm;
    const auto signer = crypto::SigningKey::generate();
    {
        auto store = SqliteStore::open(folder / "state/console.db").value();
        ASSERT_TRUE(store->add_it_key({signer.verify_key().id(), signer.verify_key().pem(), "uid:0", "now"}));
    }
    const auto member = join(token(), "press-3", tpm).value().membership;
    ASSERT_TRUE(centre->fleet().set_desired(
        admin, signed_desired(signer, "press-3", 1, attestation::to_json(attestation::References{}))));
    Gateway gateway(member, key);
    ASSERT_TRUE(gateway.hello("press-3", 1));
    const auto challenge = gateway.next(api::FromConsole::kChallenge);
    ASSERT_TRUE(challenge);
    EXPECT_EQ(challenge->challenge().nonce().size(), 32u);
    api::FromGateway message;
    message.mutable_evidence()->set_round(challenge->challenge().round());
    gateway.stream->Write(message);
    const auto results = gateway.next(api::FromConsole::kResults);
    ASSERT_TRUE(results);
    EXPECT_EQ(results->results().items(0).attestation(), "untrusted");
    EXPECT_NE(results->results().items(0).reason(), "");
    EXPECT_EQ(centre->fleet().attestation(admin, "press-3", "")->attestation(), "untrusted");
    EXPECT_EQ(centre->fleet().history(admin, "press-3", "", 1)->front().value, "untrusted");
}

}  // namespace
}  // namespace bulkhead::console
