#include "cli/client.hpp"

#include <grpcpp/grpcpp.h>
#include <unistd.h>

#include <mutex>
#include <thread>

#include "base/units.hpp"
#include "base/unix_socket.hpp"
#include "bulkhead/v1alpha1/control.grpc.pb.h"
#include "bulkhead/v1alpha1/fleet.grpc.pb.h"
#include "bulkhead/v1alpha1/switch.grpc.pb.h"
#include "channel/pinned_channel.hpp"

namespace bulkhead::cli {
namespace {

constexpr std::string_view start_it = "start the manager: systemctl start bulkheadd (or bulkheadd, as root)";

// gRPC only says "unavailable"; the socket itself tells why.
Failure unreachable(const std::filesystem::path& socket) {
    Error error{Code::unavailable, "no manager answers", socket.string(), {}, std::string(start_it)};
    if (::access(socket.c_str(), F_OK) == 0 && ::access(socket.c_str(), R_OK | W_OK) != 0) {
        error.what = "you may not talk to the manager";
        error.wanted = "root, or a member of the socket's group";
        error.mend = "sudo bulkhead ...";
    } else if (const auto connected = connect_unix(socket); !connected) {
        if (connected.error().code == Code::invalid) return Failure(connected.error(), Exit::unreachable);
        error.what += " (" + connected.error().what + ")";
    }
    return Failure(error, Exit::unreachable);
}

// "failed to connect to all addresses; last error: UNKNOWN: ipv4:127.0.0.1:1: ...: Connection refused": the
// end is what a person can use.
std::string cause_of(const std::string& message) {
    const auto colon = message.rfind(": ");
    return colon == std::string::npos ? message : message.substr(colon + 2);
}

std::string code_of(grpc::StatusCode code) {
    switch (code) {
        case grpc::StatusCode::CANCELLED:
            return "cancelled";
        case grpc::StatusCode::INVALID_ARGUMENT:
            return "invalid";
        case grpc::StatusCode::NOT_FOUND:
            return "not_found";
        case grpc::StatusCode::PERMISSION_DENIED:
        case grpc::StatusCode::FAILED_PRECONDITION:
            return "refused";
        case grpc::StatusCode::UNIMPLEMENTED:
            return "unsupported";
        case grpc::StatusCode::DEADLINE_EXCEEDED:
            return "timeout";
        default:
            return "internal";
    }
}

}  // namespace

struct Client::Wire {
    Endpoint endpoint;
    std::shared_ptr<channel::Handshake> handshake;  // a console's; shared with gRPC's threads
    Milliseconds patience;
    std::shared_ptr<grpc::Channel> channel;
    std::unique_ptr<api::Control::Stub> stub;
    std::unique_ptr<api::Switch::Stub> switch_stub;
    std::mutex mutex;
    grpc::ClientContext* current = nullptr;
    bool cancelled = false;

    // Makes a call's context cancellable for as long as the call lasts.
    class Call {
      public:
        Call(Wire& wire, std::optional<Milliseconds> limit) : wire_(wire), limit_(limit) {
            if (limit) context.set_deadline(std::chrono::system_clock::now() + *limit);
            if (!wire_.endpoint.session.empty())
                context.AddMetadata("authorization", "Bearer " + wire_.endpoint.session);
            const std::lock_guard lock(wire_.mutex);
            wire_.current = &context;
            if (wire_.cancelled) context.TryCancel();
        }
        ~Call() {
            const std::lock_guard lock(wire_.mutex);
            wire_.current = nullptr;
        }
        Call(const Call&) = delete;
        Call& operator=(const Call&) = delete;

        Outcome<void> outcome(const grpc::Status& status) const {
            if (status.ok()) return {};
            return std::unexpected(wire_.failure(status, limit_));
        }
        grpc::ClientContext context;

      private:
        Wire& wire_;
        std::optional<Milliseconds> limit_;
    };

    Failure failure(const grpc::Status& status, std::optional<Milliseconds> limit) const {
        if (status.error_code() == grpc::StatusCode::UNAUTHENTICATED && handshake)
            return Failure(Error{Code::refused,
                                 endpoint.session.empty() ? "nobody is signed in" : "the session has ended",
                                 endpoint.console,
                                 {},
                                 "bulkhead login --context " + endpoint.context},
                           Exit::failed);
        api::ErrorList list;
        if (!status.error_details().empty() && list.ParseFromString(status.error_details()) &&
            list.errors_size() > 0) {
            Failure failure;
            for (const auto& detail : list.errors()) failure.problems.push_back(problem_of(detail));
            return failure;
        }
        // UNAVAILABLE without words of the manager: gRPC could not reach it, or lost it.
        if (status.error_code() == grpc::StatusCode::UNAVAILABLE)
            return handshake ? console_unreachable(status) : unreachable(endpoint.socket);
        Problem problem{code_of(status.error_code()), status.error_message(), {}, {}, {}};
        if (status.error_code() == grpc::StatusCode::UNIMPLEMENTED && problem.what.empty()) {
            problem.what = "the manager does not know this call";
            problem.mend = "it is older than this command: bulkhead version";
        }
        if (status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED && limit) {
            problem.what = "the manager did not finish within " +
                           human_age(std::chrono::duration_cast<std::chrono::seconds>(*limit));
            problem.mend = "what was begun goes on; look at it with: bulkhead status";
        }
        return Failure({problem}, Exit::failed);
    }

    Failure console_unreachable(const grpc::Status& status) const {
        if (const auto problem = handshake->problem()) return Failure(*problem, Exit::unreachable);
        return Failure(Error{Code::unavailable,
                             "no console answers (" + cause_of(status.error_message()) + ")",
                             endpoint.console,
                             {},
                             "see whether bulkhead-console runs there"},
                       Exit::unreachable);
    }

    template <class Request, class Reply>
    Outcome<Reply> ask(grpc::Status (api::Control::Stub::*method)(grpc::ClientContext*, const Request&,
                                                                  Reply*),
                       const Request& request) {
        Call call(*this, patience);
        Reply reply;
        const grpc::Status status = (stub.get()->*method)(&call.context, request, &reply);
        if (auto outcome = call.outcome(status); !outcome) return std::unexpected(outcome.error());
        return reply;
    }

    template <class Request, class Reply>
    Outcome<Reply> ask_switch(grpc::Status (api::Switch::Stub::*method)(grpc::ClientContext*, const Request&,
                                                                        Reply*),
                              const Request& request) {
        Call call(*this, patience);
        Reply reply;
        const grpc::Status status = (switch_stub.get()->*method)(&call.context, request, &reply);
        if (auto outcome = call.outcome(status); !outcome) return std::unexpected(outcome.error());
        return reply;
    }

    // What a gateway's switch alone can answer.
    template <class Request, class Reply>
    Outcome<Reply> ask_own_switch(grpc::Status (api::Switch::Stub::*method)(grpc::ClientContext*,
                                                                            const Request&, Reply*),
                                  const Request& request) {
        if (!handshake) return ask_switch(method, request);
        return std::unexpected(
            Failure(Error{Code::unsupported,
                          "a console does not look into a gateway's switch",
                          endpoint.console,
                          {},
                          "use bulkhead on the gateway itself, with --context of its socket"}));
    }

    template <class Item, class Reader, class OnItem>
    Outcome<void> read_all(Call& call, const Reader& reader, const OnItem& on_item) {
        Item item;
        while (reader->Read(&item)) on_item(item);
        return call.outcome(reader->Finish());
    }

    // A stream of Progress; its last message may carry the error that ended the operation.
    template <class Reader>
    Outcome<void> watch(Call& call, const Reader& reader, const OnProgress& on_progress) {
        std::optional<Problem> ended;
        auto outcome = read_all<api::Progress>(call, reader, [&](const api::Progress& progress) {
            if (progress.state() == api::Progress::finished && progress.has_error())
                ended = problem_of(progress.error());
            on_progress(progress);
        });
        if (outcome && ended) return std::unexpected(Failure({*ended}, Exit::failed));
        return outcome;
    }
};

Client::Client(Endpoint endpoint, Milliseconds patience) : wire_(std::make_unique<Wire>()) {
    wire_->endpoint = std::move(endpoint);
    wire_->patience = patience;
    if (wire_->endpoint.is_console()) {
        auto opened = channel::open_pinned({.address = wire_->endpoint.console, .pin = wire_->endpoint.pin});
        wire_->channel = std::move(opened.channel);
        wire_->handshake = std::move(opened.handshake);
    } else {
        grpc::ChannelArguments arguments;
        arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
        wire_->channel = grpc::CreateCustomChannel("unix:" + wire_->endpoint.socket.string(),
                                                   grpc::InsecureChannelCredentials(), arguments);
    }
    wire_->stub = api::Control::NewStub(wire_->channel);
    wire_->switch_stub = api::Switch::NewStub(wire_->channel);
}

Client::~Client() = default;

void Client::cancel() {
    const std::lock_guard lock(wire_->mutex);
    wire_->cancelled = true;
    if (wire_->current) wire_->current->TryCancel();
}

Outcome<api::Version> Client::version() {
    return wire_->ask(&api::Control::Stub::GetVersion, api::GetVersionRequest());
}
Outcome<api::Status> Client::status() {
    return wire_->ask(&api::Control::Stub::GetStatus, api::GetStatusRequest());
}

Outcome<api::Diagnosis> Client::diagnose() {
    return wire_->ask(&api::Control::Stub::Diagnose, api::DiagnoseRequest());
}
Outcome<api::PlanReply> Client::plan(const api::PlanRequest& request) {
    return wire_->ask(&api::Control::Stub::Plan, request);
}
Outcome<api::SetLockReply> Client::set_lock(const api::SetLockRequest& request) {
    return wire_->ask(&api::Control::Stub::SetLock, request);
}
Outcome<api::DeviceTest> Client::test_device(const api::TestDeviceRequest& request) {
    Wire::Call call(*wire_, std::chrono::seconds(120));
    api::DeviceTest reply;
    const grpc::Status status = wire_->stub->TestDevice(&call.context, request, &reply);
    if (auto outcome = call.outcome(status); !outcome) return std::unexpected(outcome.error());
    return reply;
}
Outcome<api::GatewayList> Client::gateways(const api::ListRequest& request) {
    return wire_->ask(&api::Control::Stub::ListGateways, request);
}
Outcome<api::Measurements> Client::measure(const api::MeasureRequest& request) {
    return wire_->ask(&api::Control::Stub::Measure, request);
}
Outcome<api::EnrolResult> Client::enrol(const api::EnrolCommand& request) {
    Wire::Call call(*wire_, std::chrono::seconds(120));  // a hardware TPM takes its time
    api::EnrolResult reply;
    const grpc::Status status = wire_->stub->Enrol(&call.context, request, &reply);
    if (auto outcome = call.outcome(status); !outcome) return std::unexpected(outcome.error());
    return reply;
}

Outcome<api::SignInReply> Client::sign_in(const std::string& user, const std::string& password) {
    Wire::Call call(*wire_, wire_->patience);
    api::SignInRequest request;
    request.set_user(user);
    request.set_password(password);
    api::SignInReply reply;
    const auto status = api::Accounts::NewStub(wire_->channel)->SignIn(&call.context, request, &reply);
    if (auto outcome = call.outcome(status); !outcome) return std::unexpected(outcome.error());
    return reply;
}

Outcome<void> Client::sign_out() {
    Wire::Call call(*wire_, wire_->patience);
    api::SignOutReply reply;
    return call.outcome(api::Accounts::NewStub(wire_->channel)->SignOut(&call.context, {}, &reply));
}

std::string Client::ca_pem() const {
    return wire_->handshake ? wire_->handshake->ca_pem() : std::string();
}

const Endpoint& Client::endpoint() const {
    return wire_->endpoint;
}

Outcome<api::PartitionList> Client::partitions(const api::ListRequest& request) {
    return wire_->ask(&api::Control::Stub::ListPartitions, request);
}
Outcome<api::DeviceList> Client::devices(const api::ListRequest& request) {
    return wire_->ask(&api::Control::Stub::ListDevices, request);
}
Outcome<api::ZoneList> Client::zones(const api::ListRequest& request) {
    return wire_->ask(&api::Control::Stub::ListZones, request);
}
Outcome<api::ConduitList> Client::conduits(const api::ListRequest& request) {
    return wire_->ask(&api::Control::Stub::ListConduits, request);
}
Outcome<api::EventList> Client::events(const api::ListEventsRequest& request) {
    return wire_->ask(&api::Control::Stub::ListEvents, request);
}

Outcome<api::Explanation> Client::explain(const api::ExplainRequest& request) {
    return wire_->ask_own_switch(&api::Switch::Stub::Explain, request);
}
Outcome<api::Proof> Client::prove(const api::ProveRequest& request) {
    return wire_->ask_own_switch(&api::Switch::Stub::Prove, request);
}
Outcome<api::DenialList> Client::denials(const api::ListRequest& request) {
    return wire_->ask_switch(&api::Switch::Stub::ListDenials, request);
}
Outcome<api::FlowList> Client::flows(const api::ListRequest& request) {
    return wire_->ask_own_switch(&api::Switch::Stub::ListFlows, request);
}
Outcome<api::RouterList> Client::routers(const api::ListRequest& request) {
    return wire_->ask_switch(&api::Switch::Stub::ListRouters, request);
}
Outcome<void> Client::capture(const api::CaptureRequest& request,
                              const std::function<bool(const api::CapturePiece&)>& on_piece) {
    Wire::Call call(*wire_, std::nullopt);
    const auto reader = wire_->switch_stub->Capture(&call.context, request);
    api::CapturePiece piece;
    bool left = false;
    while (reader->Read(&piece))
        if (!left && !on_piece(piece)) {
            left = true;
            call.context.TryCancel();
        }
    const auto status = reader->Finish();
    if (left) return {};
    return call.outcome(status);
}

Outcome<void> Client::apply(const api::ApplyRequest& request, Milliseconds limit,
                            const OnProgress& on_progress) {
    Wire::Call call(*wire_, limit);
    return wire_->watch(call, wire_->stub->Apply(&call.context, request), on_progress);
}

Outcome<void> Client::tear_down(Milliseconds limit, const OnProgress& on_progress) {
    Wire::Call call(*wire_, limit);
    return wire_->watch(call, wire_->stub->TearDown(&call.context, api::TearDownRequest()), on_progress);
}

Outcome<void> Client::set_run(const api::SetRunRequest& request, Milliseconds limit,
                              const OnProgress& on_progress) {
    Wire::Call call(*wire_, limit);
    return wire_->watch(call, wire_->stub->SetRun(&call.context, request), on_progress);
}

Outcome<api::StoredBundle> Client::push_bundle(const std::function<std::string_view()>& next) {
    Wire::Call call(*wire_, std::nullopt);
    api::StoredBundle stored;
    const auto writer = wire_->stub->PushBundle(&call.context, &stored);
    api::BundleChunk chunk;
    // A refusal ends the stream early; Finish() says why.
    for (auto piece = next(); !piece.empty(); piece = next()) {
        chunk.set_data(std::string(piece));
        if (!writer->Write(chunk)) break;
    }
    writer->WritesDone();
    if (const auto ended = call.outcome(writer->Finish()); !ended) return std::unexpected(ended.error());
    return stored;
}

Outcome<api::BundleList> Client::bundles() {
    return wire_->ask(&api::Control::Stub::ListBundles, api::ListBundlesRequest());
}

Outcome<api::StoredBundle> Client::remove_bundle(const std::string& reference) {
    api::RemoveBundleRequest request;
    request.set_reference(reference);
    return wire_->ask(&api::Control::Stub::RemoveBundle, request);
}

Outcome<void> Client::logs(const api::LogsRequest& request,
                           const std::function<void(const api::LogLine&)>& on_line) {
    Wire::Call call(*wire_, request.follow() ? std::nullopt : std::optional(wire_->patience));
    return wire_->read_all<api::LogLine>(call, wire_->stub->Logs(&call.context, request), on_line);
}

Outcome<void> Client::attach(const std::string& partition, const std::string& gateway,
                             const std::function<std::optional<std::string>()>& next_input,
                             const std::function<void(std::string_view)>& on_output,
                             const std::function<void()>& on_closed) {
    Wire::Call call(*wire_, std::nullopt);
    const auto stream = wire_->stub->Attach(&call.context);
    api::ConsoleInput input;
    input.set_partition(partition);
    input.set_gateway(gateway);
    bool detached = false;
    bool open = stream->Write(input);
    std::thread reading([&] {
        api::ConsoleOutput output;
        while (stream->Read(&output)) on_output(output.data());
        on_closed();
    });
    input.clear_partition();
    input.clear_gateway();
    while (open) {
        auto typed = next_input();
        detached = !typed;
        if (detached) break;
        input.set_data(std::move(*typed));
        open = stream->Write(input);
    }
    if (detached) call.context.TryCancel();
    reading.join();
    const grpc::Status status = stream->Finish();
    if (detached && status.error_code() == grpc::StatusCode::CANCELLED) return {};
    return call.outcome(status);
}

}  // namespace bulkhead::cli
