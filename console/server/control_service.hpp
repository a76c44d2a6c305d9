// Control, as the console answers it for its fleet: the same API that a gateway has. Each call but GetVersion
// needs a session.
#pragma once

#include <chrono>

#include "bulkhead/v1alpha1/control.grpc.pb.h"
#include "console/server/answers.hpp"
#include "console/server/fleet.hpp"
#include "console/server/places.hpp"

namespace bulkhead::console {

class ControlService final : public api::Control::Service {
  public:
    // While a stream runs, its session is looked at again every `beat`.
    explicit ControlService(Fleet& fleet, std::chrono::milliseconds beat = std::chrono::seconds{10})
        : fleet_(fleet), beat_(beat) {}
    grpc::Status GetVersion(grpc::ServerContext*, const api::GetVersionRequest*, api::Version*) override;
    grpc::Status GetStatus(grpc::ServerContext*, const api::GetStatusRequest*, api::Status*) override;
    grpc::Status Diagnose(grpc::ServerContext*, const api::DiagnoseRequest*, api::Diagnosis*) override;
    grpc::Status Plan(grpc::ServerContext*, const api::PlanRequest*, api::PlanReply*) override;
    grpc::Status Apply(grpc::ServerContext*, const api::ApplyRequest*,
                       grpc::ServerWriter<api::Progress>*) override;
    grpc::Status TearDown(grpc::ServerContext*, const api::TearDownRequest*,
                          grpc::ServerWriter<api::Progress>*) override;
    grpc::Status SetRun(grpc::ServerContext*, const api::SetRunRequest*,
                        grpc::ServerWriter<api::Progress>*) override;
    grpc::Status SetLock(grpc::ServerContext*, const api::SetLockRequest*, api::SetLockReply*) override;
    grpc::Status ListGateways(grpc::ServerContext*, const api::ListRequest*, api::GatewayList*) override;
    grpc::Status Measure(grpc::ServerContext*, const api::MeasureRequest*, api::Measurements*) override;
    grpc::Status PushBundle(grpc::ServerContext*, grpc::ServerReader<api::BundleChunk>*,
                            api::StoredBundle*) override;
    grpc::Status ListBundles(grpc::ServerContext*, const api::ListBundlesRequest*, api::BundleList*) override;
    grpc::Status RemoveBundle(grpc::ServerContext*, const api::RemoveBundleRequest*,
                              api::StoredBundle*) override;
    grpc::Status Enrol(grpc::ServerContext*, const api::EnrolCommand*, api::EnrolResult*) override;
    grpc::Status ListPartitions(grpc::ServerContext*, const api::ListRequest*, api::PartitionList*) override;
    grpc::Status ListDevices(grpc::ServerContext*, const api::ListRequest*, api::DeviceList*) override;
    grpc::Status ListZones(grpc::ServerContext*, const api::ListRequest*, api::ZoneList*) override;
    grpc::Status ListConduits(grpc::ServerContext*, const api::ListRequest*, api::ConduitList*) override;
    grpc::Status ListEvents(grpc::ServerContext*, const api::ListEventsRequest*, api::EventList*) override;
    grpc::Status Logs(grpc::ServerContext*, const api::LogsRequest*,
                      grpc::ServerWriter<api::LogLine>*) override;
    grpc::Status Attach(grpc::ServerContext*,
                        grpc::ServerReaderWriter<api::ConsoleOutput, api::ConsoleInput>*) override;

  private:
    template <class Request, class Reply>
    grpc::Status list(const grpc::ServerContext& context,
                      Answer<Reply> (Fleet::*method)(const Viewer&, const Request&), const Request& request,
                      Reply& reply);
    // One request; each answer goes to `on_message`, which says whether there is anybody left to read.
    grpc::Status relay(grpc::ServerContext& context, const std::string& gateway, const std::string& partition,
                       const std::string& method, const std::string& request,
                       const std::function<bool(const std::string&)>& on_message);
    // The only gateway on which a partition of this name is seen, if none was named.
    Answer<std::string> gateway_of(const Viewer& viewer, const std::string& gateway,
                                   const std::string& partition);

    // Who may follow a relayed call now; a thread serves each.
    Answer<std::shared_ptr<void>> place_of(const Viewer& viewer);
    // Until the call ends, nobody is left to read, or the session has ended.
    grpc::Status pass_on(grpc::ServerContext& context, Answers& answers,
                         const std::function<bool(const std::string&)>& on_message);

    static constexpr std::size_t most_calls = 64;
    static constexpr std::size_t most_calls_of_one = 16;
    Fleet& fleet_;
    const std::chrono::milliseconds beat_;
    Places places_{most_calls, most_calls_of_one};
};

}  // namespace bulkhead::console
