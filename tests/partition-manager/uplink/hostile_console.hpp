// A console that speaks TLS as it should and then says what it likes, and a gateway on its line.
#pragma once

#include <gmock/gmock.h>
#include <grpcpp/server_builder.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "bulkhead/v1alpha1/control.grpc.pb.h"
#include "bulkhead/v1alpha1/fleet.grpc.pb.h"
#include "bulkhead/v1alpha1/switch.grpc.pb.h"
#include "partition-manager/apply/events.hpp"
#include "partition-manager/uplink/uplink.hpp"
#include "tests/partition-manager/apply/fixture.hpp"

namespace bulkhead::uplink {

using namespace std::chrono_literals;

struct RunningClock final : Clock {
    MonotonicTime monotonic() const override { return std::chrono::steady_clock::now(); }
    UtcTime utc() const override { return {}; }
};

// Something that happens on another thread.
template <class Condition>
bool comes_true(Condition condition) {
    const auto end = std::chrono::steady_clock::now() + 20s;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end) return false;
        std::this_thread::sleep_for(10ms);
    }
    return true;
}

// Lets the test speak on each connection, after the gateway's Hello and the console's Welcome.
class Console final : public v1alpha1::GatewayLink::Service {
  public:
    using Stream = grpc::ServerReaderWriter<v1alpha1::FromConsole, v1alpha1::FromGateway>;

    Console() {
        const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
        const auto ca_key = crypto::generate_tls_key().value();
        ca = crypto::make_ca(
                 ca_key, {.common_name = "ca", .is_ca = true, .not_before = now - 1h, .not_after = now + 1h})
                 .value();
        const auto key = crypto::generate_tls_key().value();
        const auto leaf = crypto::issue_certificate(ca, ca_key, crypto::public_key_of(key).value(),
                                                    {.common_name = "console",
                                                     .names = {"127.0.0.1"},
                                                     .is_server = true,
                                                     .not_before = now - 1h,
                                                     .not_after = now + 1h})
                              .value();
        certificate_for = [ca = ca, ca_key, now](const std::string& own) {
            return crypto::issue_certificate(
                       ca, ca_key, crypto::public_key_of(own).value(),
                       {.common_name = "press-line-3", .not_before = now - 1h, .not_after = now + 1h})
                .value();
        };
        grpc::SslServerCredentialsOptions options;
        options.pem_key_cert_pairs.push_back({key, leaf + ca});
        int port = 0;
        grpc::ServerBuilder builder;
        builder.AddListeningPort("127.0.0.1:0", grpc::SslServerCredentials(options), &port);
        builder.RegisterService(this);
        server_ = builder.BuildAndStart();
        address = "127.0.0.1:" + std::to_string(port);
    }
    ~Console() override { server_->Shutdown(std::chrono::system_clock::now()); }

    grpc::Status Connect(grpc::ServerContext*, Stream* stream) override {
        v1alpha1::FromGateway hello;
        if (!stream->Read(&hello)) return {};
        ++connections;
        v1alpha1::FromConsole message;
        *message.mutable_welcome() = welcome;
        if (stream->Write(message)) speak(*stream);
        return {};
    }

    v1alpha1::ConsoleWelcome welcome;
    std::function<void(Stream&)> speak;
    std::function<std::string(const std::string&)> certificate_for;
    std::string ca, address;
    std::atomic<int> connections = 0;

  private:
    std::unique_ptr<grpc::Server> server_;
};

class OwnControl final : public v1alpha1::Control::Service {
  public:
    grpc::Status SetLock(grpc::ServerContext* context, const v1alpha1::SetLockRequest*,
                         v1alpha1::SetLockReply*) override {
        note(*context);
        return {};
    }
    grpc::Status TestDevice(grpc::ServerContext* context, const v1alpha1::TestDeviceRequest* request,
                            v1alpha1::DeviceTest*) override {
        note(*context);
        return {grpc::StatusCode::FAILED_PRECONDITION, "a virtual machine has " + request->device()};
    }
    std::mutex mutex;
    std::string actor;

  private:
    void note(const grpc::ServerContext& context) {
        const auto found = context.client_metadata().find(actor_key);
        const std::scoped_lock lock(mutex);
        if (found != context.client_metadata().end()) actor = {found->second.data(), found->second.size()};
    }
};

// A capture that has always more to tell, as fast as it is taken.
class OwnSwitch final : public v1alpha1::Switch::Service {
  public:
    static constexpr std::size_t piece_size = 10'000;
    grpc::Status Capture(grpc::ServerContext* context, const v1alpha1::CaptureRequest*,
                         grpc::ServerWriter<v1alpha1::CapturePiece>* writer) override {
        const auto tenant_said = context->client_metadata().find(tenant_key);
        if (tenant_said != context->client_metadata().end()) {
            const std::scoped_lock lock(mutex);
            tenant = {tenant_said->second.data(), tenant_said->second.size()};
        }
        v1alpha1::CapturePiece piece;
        piece.set_data(std::string(piece_size, 'x'));
        while (writer->Write(piece)) {
        }
        left = true;
        return {};
    }
    std::mutex mutex;
    std::string tenant;
    std::atomic<bool> left = false;
};

// Never answers: a TPM that takes its time.
struct SlowRounds final : Rounds {
    void collect(const attest::v1::Challenge&, const std::string&,
                 std::function<void(Result<attest::v1::Evidence>)> done) override {
        const std::scoped_lock lock(mutex);
        rounds.push_back(std::move(done));
    }
    void activate_guest(const v1alpha1::ActivateGuest&,
                        std::function<void(v1alpha1::GuestActivated)> done) override {
        const std::scoped_lock lock(mutex);
        activations.push_back(std::move(done));
    }
    void results(const v1alpha1::AttestationResults&) override {}
    std::size_t asked() {
        const std::scoped_lock lock(mutex);
        return rounds.size();
    }
    std::mutex mutex;
    std::vector<std::function<void(Result<attest::v1::Evidence>)>> rounds;
    std::vector<std::function<void(v1alpha1::GuestActivated)>> activations;
};

// A call that somebody at the console makes, in one message.
inline v1alpha1::FromConsole whole_call(const std::string& method, const std::string& actor,
                                        const google::protobuf::MessageLite& request) {
    v1alpha1::FromConsole message;
    auto& call = *message.mutable_call();
    call.set_id(1);
    call.set_method(method);
    call.set_actor(actor);
    call.set_message(request.SerializeAsString());
    call.set_half_close(true);
    return message;
}

struct HostileConsole : testing::Test {
    void SetUp() override {
        identity = Identity::open(folder / "uplink").value();
        const auto facts = crypto::read_certificate(console.ca, "ca").value();
        ASSERT_TRUE(identity->put({.gateway = "press-line-3",
                                   .console = console.address,
                                   .pin = facts.sha256,
                                   .ca_pem = console.ca,
                                   .certificate = console.certificate_for(identity->key().value())}));
        grpc::ServerBuilder builder;
        builder.RegisterService(&control);
        builder.RegisterService(&switches);
        server = builder.BuildAndStart();
    }
    void TearDown() override {
        done = true;
        if (uplink) uplink->stop();
    }
    void connect() {
        uplink = std::make_unique<Uplink>(
            UplinkParts{*identity, spool, clock, nullptr, &rounds, [] { return v1alpha1::GatewayReport(); },
                        [] { return std::uint64_t{0}; },
                        [this](std::string envelope, std::function<void(Errors)> taken) {
                            const std::scoped_lock lock(rounds.mutex);
                            desired.emplace_back(std::move(envelope), std::move(taken));
                        },
                        [this] { return server->InProcessChannel({}); }});
        uplink->start();
    }
    // Reads what the gateway sends, until the test is over.
    void drain(Console::Stream& stream) {
        v1alpha1::FromGateway message;
        while (!done && stream.Read(&message)) note(message);
    }
    static v1alpha1::FromConsole capture(std::uint32_t window, const std::string& tenant = {}) {
        v1alpha1::FromConsole message;
        auto& call = *message.mutable_call();
        call.set_id(1);
        call.set_method("Capture");
        call.set_actor("user:vera");
        call.set_tenant(tenant);
        call.set_window(window);
        v1alpha1::CaptureRequest request;
        request.set_subject("robot-cell");
        call.set_message(request.SerializeAsString());
        call.set_half_close(true);
        return message;
    }
    void note(const v1alpha1::FromGateway& message) {
        if (message.has_report()) ++reports;
        if (message.has_events()) ++event_batches;
        if (message.has_call()) captured += message.call().message().size();
        if (!message.has_call() || !message.call().end()) return;
        {
            const std::scoped_lock lock(rounds.mutex);
            for (const auto& error : message.call().errors()) call_errors.push_back(error.what());
        }
        ++calls_ended;
    }

    apply::Folder folder;
    RunningClock clock;
    std::unique_ptr<storage::Database> database = apply::Fixture::opened(folder);
    apply::Events events{*database, clock, "boot"};
    Spool spool{*database};
    std::unique_ptr<Identity> identity;
    OwnControl control;
    OwnSwitch switches;
    std::unique_ptr<grpc::Server> server;
    SlowRounds rounds;
    std::vector<std::pair<std::string, std::function<void(Errors)>>> desired;
    std::atomic<bool> done = false;
    // Of consoles that speak to the end, which comes after the test's body.
    std::atomic<int> written = 0;
    std::atomic<bool> beaten = false;
    std::atomic<int> calls_ended = 0;
    std::atomic<std::size_t> captured = 0;  // bytes
    std::atomic<int> reports = 0;
    std::atomic<int> event_batches = 0;
    std::vector<std::string> call_errors;
    Console console;
    std::unique_ptr<Uplink> uplink;
};

}  // namespace bulkhead::uplink
