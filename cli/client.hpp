// The manager's API as plain calls. The only module that knows gRPC.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "bulkhead/v1alpha1/fleet.pb.h"
#include "bulkhead/v1alpha1/switch.pb.h"
#include "cli/endpoint.hpp"
#include "cli/failure.hpp"

namespace bulkhead::cli {

namespace api = bulkhead::v1alpha1;

class Client {
  public:
    using Milliseconds = std::chrono::milliseconds;
    using OnProgress = std::function<void(const api::Progress&)>;

    // Does not connect yet. `patience`: the deadline of calls that answer at once.
    explicit Client(Endpoint endpoint, Milliseconds patience = std::chrono::seconds(15));
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    Outcome<api::Version> version();
    Outcome<api::Status> status();
    Outcome<api::Diagnosis> diagnose();
    Outcome<api::PlanReply> plan(const api::PlanRequest& request);
    Outcome<api::Measurements> measure(const api::MeasureRequest& request);
    // Takes as long as the line.
    Outcome<api::DeviceTest> test_device(const api::TestDeviceRequest& request);
    Outcome<api::SetLockReply> set_lock(const api::SetLockRequest& request);
    Outcome<api::GatewayList> gateways(const api::ListRequest& request);
    Outcome<api::EnrolResult> enrol(const api::EnrolCommand& request);
    // A console's. The CA that its handshake showed is what a first contact pins.
    Outcome<api::SignInReply> sign_in(const std::string& user, const std::string& password);
    Outcome<void> sign_out();
    std::string ca_pem() const;
    const Endpoint& endpoint() const;
    Outcome<api::PartitionList> partitions(const api::ListRequest& request);
    Outcome<api::DeviceList> devices(const api::ListRequest& request);
    Outcome<api::ZoneList> zones(const api::ListRequest& request);
    Outcome<api::ConduitList> conduits(const api::ListRequest& request);
    Outcome<api::EventList> events(const api::ListEventsRequest& request);

    // Of a gateway's switch. A console is not asked: Code::unsupported.
    Outcome<api::Explanation> explain(const api::ExplainRequest& request);
    Outcome<api::Proof> prove(const api::ProveRequest& request);
    Outcome<api::DenialList> denials(const api::ListRequest& request);
    Outcome<api::FlowList> flows(const api::ListRequest& request);
    Outcome<api::RouterList> routers(const api::ListRequest& request);

    // Of a gateway, or by a console. Until a limit of the request is reached or `on_piece` returns false,
    // which is no failure.
    Outcome<void> capture(const api::CaptureRequest& request,
                          const std::function<bool(const api::CapturePiece&)>& on_piece);

    // These return when the manager is done or `limit` has passed; what was begun goes on there.
    Outcome<void> apply(const api::ApplyRequest& request, Milliseconds limit, const OnProgress& on_progress);
    Outcome<void> tear_down(Milliseconds limit, const OnProgress& on_progress);
    Outcome<void> set_run(const api::SetRunRequest& request, Milliseconds limit,
                          const OnProgress& on_progress);

    // `next` gives the bundle piece by piece, and an empty piece at its end.
    Outcome<api::StoredBundle> push_bundle(const std::function<std::string_view()>& next);
    Outcome<api::BundleList> bundles();
    Outcome<api::StoredBundle> remove_bundle(const std::string& reference);

    // Until the end of the past lines, or for ever if it follows.
    Outcome<void> logs(const api::LogsRequest& request,
                       const std::function<void(const api::LogLine&)>& on_line);
    // `next_input` blocks until there is some and returns nothing to detach. `on_output` runs on another
    // thread, and `on_closed` too, when the other side has ended: make next_input return.
    Outcome<void> attach(const std::string& partition, const std::string& gateway,
                         const std::function<std::optional<std::string>()>& next_input,
                         const std::function<void(std::string_view)>& on_output,
                         const std::function<void()>& on_closed);

    // From any thread: ends the call in progress and every later one. Those fail with code "cancelled".
    void cancel();

  private:
    struct Wire;
    std::unique_ptr<Wire> wire_;
};

}  // namespace bulkhead::cli
