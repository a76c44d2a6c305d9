// The control API. Handlers unpack, hand over, and pack; they run on gRPC's threads.
#pragma once

#include <atomic>
#include <functional>

#include "bulkhead/v1alpha1/control.grpc.pb.h"
#include "partition-manager/daemon/bundles.hpp"
#include "partition-manager/daemon/centre.hpp"
#include "partition-manager/daemon/device_test.hpp"
#include "partition-manager/daemon/diagnosis.hpp"
#include "partition-manager/daemon/guests.hpp"
#include "partition-manager/daemon/requests.hpp"
#include "partition-manager/daemon/views.hpp"
#include "partition-manager/daemon/worker.hpp"

namespace bulkhead::daemon {

struct ControlParts {
    Worker& worker;
    Requests& requests;
    Board& board;
    Guests& guests;
    apply::Events& events;
    const Views& views;
    const Diagnosis& diagnosis;
    std::function<Result<Fd>(const model::PartitionName&)> open_console;
    Centre& centre;
    const Secrets& secrets;
    Requests::Measure measure;  // on the worker
    std::stop_token stop;
    const Bundles& bundles;
    DeviceTester tester;
};

class ControlService final : public v1alpha1::Control::Service {
  public:
    explicit ControlService(ControlParts parts) : parts_(std::move(parts)) {}

    grpc::Status GetVersion(grpc::ServerContext*, const v1alpha1::GetVersionRequest*,
                            v1alpha1::Version*) override;
    grpc::Status GetStatus(grpc::ServerContext*, const v1alpha1::GetStatusRequest*,
                           v1alpha1::Status*) override;
    grpc::Status Diagnose(grpc::ServerContext*, const v1alpha1::DiagnoseRequest*,
                          v1alpha1::Diagnosis*) override;
    grpc::Status Plan(grpc::ServerContext*, const v1alpha1::PlanRequest*, v1alpha1::PlanReply*) override;
    grpc::Status Apply(grpc::ServerContext*, const v1alpha1::ApplyRequest*,
                       grpc::ServerWriter<v1alpha1::Progress>*) override;
    grpc::Status TearDown(grpc::ServerContext*, const v1alpha1::TearDownRequest*,
                          grpc::ServerWriter<v1alpha1::Progress>*) override;
    grpc::Status PushBundle(grpc::ServerContext*, grpc::ServerReader<v1alpha1::BundleChunk>*,
                            v1alpha1::StoredBundle*) override;
    grpc::Status ListBundles(grpc::ServerContext*, const v1alpha1::ListBundlesRequest*,
                             v1alpha1::BundleList*) override;
    grpc::Status RemoveBundle(grpc::ServerContext*, const v1alpha1::RemoveBundleRequest*,
                              v1alpha1::StoredBundle*) override;
    grpc::Status SetRun(grpc::ServerContext*, const v1alpha1::SetRunRequest*,
                        grpc::ServerWriter<v1alpha1::Progress>*) override;
    grpc::Status SetLock(grpc::ServerContext*, const v1alpha1::SetLockRequest*,
                         v1alpha1::SetLockReply*) override;
    grpc::Status ListGateways(grpc::ServerContext*, const v1alpha1::ListRequest*,
                              v1alpha1::GatewayList*) override;
    grpc::Status Enrol(grpc::ServerContext*, const v1alpha1::EnrolCommand*, v1alpha1::EnrolResult*) override;
    grpc::Status Measure(grpc::ServerContext*, const v1alpha1::MeasureRequest*,
                         v1alpha1::Measurements*) override;
    grpc::Status ListPartitions(grpc::ServerContext*, const v1alpha1::ListRequest*,
                                v1alpha1::PartitionList*) override;
    grpc::Status ListDevices(grpc::ServerContext*, const v1alpha1::ListRequest*,
                             v1alpha1::DeviceList*) override;
    grpc::Status TestDevice(grpc::ServerContext*, const v1alpha1::TestDeviceRequest*,
                            v1alpha1::DeviceTest*) override;
    grpc::Status ListZones(grpc::ServerContext*, const v1alpha1::ListRequest*, v1alpha1::ZoneList*) override;
    grpc::Status ListConduits(grpc::ServerContext*, const v1alpha1::ListRequest*,
                              v1alpha1::ConduitList*) override;
    grpc::Status ListEvents(grpc::ServerContext*, const v1alpha1::ListEventsRequest*,
                            v1alpha1::EventList*) override;
    grpc::Status Logs(grpc::ServerContext*, const v1alpha1::LogsRequest*,
                      grpc::ServerWriter<v1alpha1::LogLine>*) override;
    grpc::Status Attach(grpc::ServerContext*,
                        grpc::ServerReaderWriter<v1alpha1::ConsoleOutput, v1alpha1::ConsoleInput>*) override;

  private:
    using Operation = std::function<std::expected<void, Errors>(const OperationSink&)>;
    grpc::Status stream(const Operation& operation, grpc::ServerWriter<v1alpha1::Progress>& writer);

    ControlParts parts_;
    std::atomic_flag uploading_;
};

}  // namespace bulkhead::daemon
