// Control, as the console answers it for its fleet: the same API that a gateway has. Each call but GetVersion
// needs a session.
#pragma once

#include "bulkhead/v1alpha1/control.grpc.pb.h"
#include "console/server/fleet.hpp"
#include "console/server/passage.hpp"

namespace bulkhead::console {

class ControlService final : public api::Control::Service {
  public:
    // Both outlive this.
    ControlService(Fleet& fleet, Passage& passage) : fleet_(fleet), passage_(passage) {}
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
    grpc::Status TestDevice(grpc::ServerContext*, const api::TestDeviceRequest*, api::DeviceTest*) override;
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
    // One request about a partition; each answer goes to `on_message`, which says whether there is anybody
    // left to read.
    grpc::Status relay(grpc::ServerContext& context, Asked asked, const Passage::OnMessage& on_message);

    Fleet& fleet_;
    Passage& passage_;
};

}  // namespace bulkhead::console
