// One real machine with a TPM of its own, from its measured start to evidence that the console's verifier
// believes. Runs inside tests/system/private-libvirtd; the host's TPM is a swtpm.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pwd.h>
#include <sys/stat.h>

#include <cstdlib>
#include <future>
#include <thread>

#include "attestation/credential.hpp"
#include "attestation/verifier.hpp"
#include "base/file.hpp"
#include "crypto/encoding.hpp"
#include "images/file_digests.hpp"
#include "images/store.hpp"
#include "partition-manager/apply/schema.hpp"
#include "partition-manager/daemon/launcher.hpp"
#include "partition-manager/hypervisor/accelerator.hpp"
#include "partition-manager/hypervisor/capabilities.hpp"
#include "partition-manager/hypervisor/driver.hpp"
#include "partition-manager/hypervisor/reach.hpp"
#include "partition-manager/lifecycle/agent_session.hpp"
#include "partition-manager/plan/render.hpp"
#include "partition-manager/trust/attester.hpp"
#include "tests/attestation/software_tpm.hpp"

namespace bulkhead::trust {
namespace {

using namespace std::chrono_literals;
using attestation::Status;

const model::PartitionName press("press");
const std::string uid = "3f2b1c00-5a5e-4d7e-9a10-0123456789ab";
const std::string tls_key = "a DER";

uid_t qemu_uid() {
    const passwd* user = ::getpwnam(hypervisor::qemu_user);
    return user == nullptr ? 0 : user->pw_uid;
}

class AttestedStart : public testing::Test {
  protected:
    void SetUp() override {
        const char* image = std::getenv("BULKHEAD_TEST_IMAGE");
        if (image == nullptr) GTEST_SKIP() << "BULKHEAD_TEST_IMAGE names no folder of a partition image";
        ASSERT_EQ(::chmod(folder_.path().c_str(), 0711), 0);
        layout_ = {.state = folder_.path() / "state",
                   .run = folder_.path() / "run",
                   .images = std::filesystem::path(image).parent_path(),
                   .owner = "trust-test"};
        ASSERT_TRUE(make_folder(layout_.state, 0711));
        ASSERT_TRUE(make_folder(layout_.run, 0711));
        database_ = *storage::Database::open(layout_.database());
        ASSERT_TRUE(apply::migrate(*database_));
        host_ = *HostAnchor::open(tpm_.tcti());
        log_ =
            *MeasurementLog::open(*database_, *host_, boot_id(), *boot_facts(*host_),
                                  [](const std::string&, const std::string& text) { ADD_FAILURE() << text; });
        vtpms_ =
            std::make_unique<Vtpms>(Vtpms::Options{layout_, "/usr/bin/swtpm",
                                                   [this](const auto& argv, const auto& fds, uid_t user) {
                                                       return launcher_.start(argv, {fds, user});
                                                   },
                                                   daemon::first_own_user, daemon::own_users, qemu_uid()},
                                    *database_, *host_);
        spec_ = std::make_shared<model::Spec>(make_spec());
        measurer_ = *Measurer::open({*database_, *log_, *vtpms_,
                                     [this](const std::filesystem::path& path) { return digests_.of(path); },
                                     "/usr/bin/swtpm", [this] { return spec_; }});
        driver_.emplace(libvirt_, driver_options());
        define();
    }
    void TearDown() override {
        loop_->stop();
        if (looping_.joinable()) looping_.join();
        session_.reset();
        if (driver_) {
            EXPECT_TRUE(driver_->destroy_all());
        }
        if (vtpms_) vtpms_->stop(press);
    }

    static model::Spec make_spec() {
        model::Spec spec;
        spec.gateway = model::GatewayName("press-line-3");
        spec.tenants = {{model::TenantName("acme"), {}}};
        model::Partition partition;
        partition.name = press;
        partition.tenant = model::TenantName("acme");
        partition.image = model::ImageName("partition-base");
        partition.memory = 192_MiB;
        spec.partitions = {partition};
        return spec;
    }
    hypervisor::MachineDriver::Options driver_options() {
        hypervisor::MachineDriver::Options options{
            layout_, hypervisor::choose_accelerator(), hypervisor::probe_host_support(), {}, 0ms};
        options.tpm = true;
        options.before_start = [this](const model::MachineFacts& facts) {
            return measurer_->before_start(facts);
        };
        options.after_observe = [this](const model::Observed& seen) { measurer_->follow(seen); };
        return options;
    }
    void define() {
        plan::Known known;
        known.tpm = true;
        known.uids[press] = uid;
        const auto images = images::ImageStore(layout_.images, clock_).verified();
        ASSERT_TRUE(images) << images.error().text();
        known.images = *images;
        const auto desired = plan::render(*spec_, known);
        ASSERT_TRUE(desired) << desired.error().text();
        machine_ = desired->machines.at(press);
        const auto facts = driver_->facts_of(machine_);
        ASSERT_TRUE(facts) << facts.error().text();
        references_ = *measurer_->references({*facts}, *spec_);
        const auto defined = driver_->execute(model::DefineMachine{machine_});
        ASSERT_TRUE(defined) << defined.error().text();
    }
    // Until its agent has said Hello, on a loop of its own thread.
    void start() {
        const auto started = driver_->execute(model::StartMachine{press});
        ASSERT_TRUE(started) << started.error().text();
        std::promise<void> hello;
        auto said = hello.get_future();
        lifecycle::AgentCallbacks callbacks;
        callbacks.changed = [this, &hello, once = false]() mutable {
            if (once || !session_ || !session_->state().hello) return;
            once = true;
            hello.set_value();
        };
        callbacks.quote = [this](const lifecycle::QuoteAnswer& answer) {
            on_quote_({answer.error, answer.attest, answer.signature, answer.pcrs, answer.ak_public,
                       answer.ek_public});
        };
        callbacks.activated = [this](const lifecycle::ActivateAnswer& answer) {
            on_activation_({answer.error, answer.activated});
        };
        session_ = std::make_unique<lifecycle::AgentSession>(
            *loop_, clock_, press, layout_.agent_socket(press), std::move(callbacks));
        looping_ = std::thread([this] { std::ignore = loop_->run(); });
        ASSERT_EQ(said.wait_for(90s), std::future_status::ready) << "the agent did not speak";
        attester_.emplace(Attester::Parts{
            *loop_,
            host_->ak_name(),
            [this](auto qualifying, const auto& pcrs) { return host_->quote(qualifying, pcrs); },
            *log_,
            *measurer_,
            [this](const auto&, const agent::v1::QuoteRequest& request, auto done) {
                on_quote_ = std::move(done);
                return session_->ask(request);
            },
            [this](const auto&, const agent::v1::ActivateRequest& request, auto done) {
                on_activation_ = std::move(done);
                return session_->ask(request);
            },
            [](const std::function<void()>& work) { work(); },
            {}});
    }
    attest::v1::Challenge challenge() {
        attest::v1::Challenge made;
        made.set_round(++round_);
        made.set_nonce(std::string(32, static_cast<char>(round_)));
        made.add_host_pcrs(attestation::measurement_pcr);
        for (const unsigned pcr : {0U, 7U}) made.add_guest_pcrs(pcr);
        return made;
    }
    attest::v1::Evidence collect(const attest::v1::Challenge& challenge) {
        std::promise<Result<attest::v1::Evidence>> promise;
        auto answer = promise.get_future();
        attester_->collect(challenge, "press-line-3", tls_key, [&](Result<attest::v1::Evidence> evidence) {
            promise.set_value(std::move(evidence));
        });
        EXPECT_EQ(answer.wait_for(30s), std::future_status::ready);
        auto evidence = answer.get();
        EXPECT_TRUE(evidence) << evidence.error().text();
        return evidence.value_or(attest::v1::Evidence{});
    }
    attestation::Judgement judge(const attest::v1::Evidence& evidence,
                                 const attest::v1::Challenge& challenge) {
        const std::map<std::string, std::string> nowhere;
        return attestation::verify(evidence, {challenge, known_, {{*spec_, references_}}, nowhere});
    }
    // As the console does after a first round.
    void activate(const attestation::ActivationNeeded& needed) {
        const auto credential = attestation::make_credential(needed.ek_public, needed.ak_public);
        ASSERT_TRUE(credential) << credential.error().text();
        v1alpha1::ActivateGuest request;
        request.set_partition(needed.partition);
        request.set_uuid(needed.uuid);
        request.set_credential(credential->id_object);
        request.set_secret(credential->encrypted_secret);
        std::promise<v1alpha1::GuestActivated> promise;
        auto answer = promise.get_future();
        attester_->activate_guest(
            request, [&](const v1alpha1::GuestActivated& activated) { promise.set_value(activated); });
        ASSERT_EQ(answer.wait_for(30s), std::future_status::ready);
        const auto activated = answer.get();
        EXPECT_EQ(activated.error(), "");
        ASSERT_EQ(activated.activated(), credential->secret);
        known_.guests[needed.uuid].ak_name = crypto::to_hex(*attestation::name_of(needed.ak_public));
    }

    testing_support::TemporaryFolder folder_;
    testing_support::SoftwareTpm tpm_;
    daemon::Launcher launcher_ = *daemon::Launcher::fork({{"/usr/bin/swtpm", true}});
    SystemClock clock_;
    images::FileDigests digests_{clock_};
    model::Layout layout_;
    std::unique_ptr<storage::Database> database_;
    std::unique_ptr<HostAnchor> host_;
    std::unique_ptr<MeasurementLog> log_;
    std::unique_ptr<Vtpms> vtpms_;
    std::shared_ptr<const model::Spec> spec_;  // as Measurer takes it
    std::unique_ptr<Measurer> measurer_;
    hypervisor::Connection libvirt_{"qemu:///system"};
    std::optional<hypervisor::MachineDriver> driver_;
    model::Machine machine_;
    attestation::References references_;
    attestation::KnownHost known_;
    std::unique_ptr<Loop> loop_ = *Loop::open();
    std::unique_ptr<lifecycle::AgentSession> session_;
    std::function<void(GuestQuote)> on_quote_;
    std::function<void(GuestActivation)> on_activation_;
    std::thread looping_;
    std::optional<Attester> attester_;
    std::uint64_t round_ = 0;
};

TEST_F(AttestedStart, ends_in_evidence_that_the_verifier_believes) {
    ASSERT_NO_FATAL_FAILURE(start());
    known_.gateway = "press-line-3";
    known_.ak_public = host_->ak_public();
    known_.tls_public_key = tls_key;

    auto asked = challenge();
    auto evidence = collect(asked);
    ASSERT_EQ(evidence.guests_size(), 1);
    ASSERT_EQ(evidence.guests(0).absent(), "");
    EXPECT_TRUE(attestation::check_quote(evidence.guests(0).quote().attest(),
                                         evidence.guests(0).quote().signature(),
                                         evidence.guests(0).ak_public(),
                                         attestation::guest_qualifying(asked.nonce(), uid, host_->ak_name(),
                                                                       evidence.guests(0).start_number())));

    auto first = judge(evidence, asked);
    EXPECT_EQ(first.host.status, Status::trusted)
        << (first.host.finding ? first.host.finding->reason + ": " + first.host.finding->text : "");
    ASSERT_EQ(first.activations.size(), 1U);
    known_ = first.known;
    ASSERT_NO_FATAL_FAILURE(activate(first.activations.front()));

    asked = challenge();
    const auto second = judge(collect(asked), asked);
    const auto& verdict = second.partitions.at("press");
    EXPECT_EQ(verdict.status, Status::trusted)
        << (verdict.finding ? verdict.finding->reason + ": " + verdict.finding->text : "");

    // Another kernel would have another digest: the references know only this one.
    references_.images["partition-base"]["kernel"] = std::string(64, '0');
    EXPECT_EQ(judge(evidence, asked).partitions.at("press").status == Status::trusted, false);
}

TEST_F(AttestedStart, is_followed_by_its_stop_in_the_log) {
    const auto started = driver_->execute(model::StartMachine{press});
    ASSERT_TRUE(started) << started.error().text();
    EXPECT_EQ(measurer_->runs().size(), 1U);
    ASSERT_TRUE(driver_->execute(model::StopMachine{press}));
    model::Observed seen;
    ASSERT_TRUE(driver_->observe(seen));
    EXPECT_TRUE(measurer_->runs().empty());
    const auto records = *attestation::parse_log(log_->bytes());
    ASSERT_EQ(records.size(), 3U);
    EXPECT_EQ(records[1].type, attestation::RecordType::partition_start);
    EXPECT_EQ(records[2].type, attestation::RecordType::partition_stop);
    EXPECT_EQ(records[1].facts.at("start_number"), records[2].facts.at("start_number"));
}

TEST_F(AttestedStart, does_not_happen_when_it_can_not_be_measured) {
    ASSERT_TRUE(vtpms_->ensure(press, uid));
    std::filesystem::remove(layout_.vtpm(uid) / "key.sealed");
    const auto refused = driver_->execute(model::StartMachine{press});
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().text(), testing::HasSubstr("the key of its state is gone"));
    model::Observed seen;
    ASSERT_TRUE(driver_->observe(seen));
    EXPECT_EQ(seen.machines.at(press).power, model::Power::off);
    EXPECT_EQ(attestation::parse_log(log_->bytes())->size(), 1U);
}

}  // namespace
}  // namespace bulkhead::trust
