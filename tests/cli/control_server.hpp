// A manager with canned answers behind the real gRPC service, for tests of the command's own process.
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "bulkhead/v1alpha1/control.grpc.pb.h"
#include "tests/cli/switch_answers.hpp"

namespace bulkhead::cli {

namespace api = bulkhead::v1alpha1;

api::Status canned_status();
api::PartitionList canned_partitions();
api::PlanReply canned_plan();  // with a restart, a detach and their refusals

class ControlServer final : public api::Control::Service {
  public:
    explicit ControlServer(const std::filesystem::path& socket);
    ~ControlServer() override;

    // What the tests turn.
    std::atomic<bool> spec_is_wrong = false;
    std::atomic<bool> equal = false;  // plans have no steps
    std::atomic<bool> step_fails = false;
    std::atomic<bool> never_healthy = false;
    std::atomic<bool> hangs = false;  // apply begins a step and stays there
    std::atomic<bool> busy = false;   // an UNAVAILABLE with words of the manager
    std::atomic<bool> twice = false;  // the same partitions on two gateways, as on a console
    std::atomic<int> polls_until_healthy = 2;
    SwitchAnswers switch_answers;

    // What it was asked.
    api::ApplyRequest last_apply() const;
    api::SetLockRequest last_lock() const;
    std::string console_input() const;

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
    grpc::Status ListPartitions(grpc::ServerContext*, const api::ListRequest*, api::PartitionList*) override;
    grpc::Status ListDevices(grpc::ServerContext*, const api::ListRequest*, api::DeviceList*) override;
    grpc::Status ListEvents(grpc::ServerContext*, const api::ListEventsRequest*, api::EventList*) override;
    grpc::Status Logs(grpc::ServerContext*, const api::LogsRequest*,
                      grpc::ServerWriter<api::LogLine>*) override;
    grpc::Status Attach(grpc::ServerContext*,
                        grpc::ServerReaderWriter<api::ConsoleOutput, api::ConsoleInput>*) override;

  private:
    mutable std::mutex mutex_;
    api::ApplyRequest apply_;
    api::SetLockRequest lock_;
    std::string console_;
    std::unique_ptr<grpc::Server> server_;
};

}  // namespace bulkhead::cli
