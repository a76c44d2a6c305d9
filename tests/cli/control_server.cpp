#include "tests/cli/control_server.hpp"

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <thread>

namespace bulkhead::cli {
namespace {

void add_device(api::PartitionView& partition, const std::string& name, const std::string& path) {
    auto& device = *partition.add_devices();
    device.set_name(name);
    device.set_guest_path(path);
    device.set_present(true);
    device.set_line("9600 8N1");
    device.set_token(7);
}

api::PartitionView& add_partition(api::PartitionList& list, const std::string& name,
                                  const std::string& tenant, const std::string& zone, std::uint64_t since,
                                  const std::string& reading) {
    auto& partition = *list.add_items();
    partition.set_gateway("press-line-3");
    partition.set_name(name);
    partition.set_tenant(tenant);
    partition.set_state("running");
    partition.set_health("ok");
    partition.set_since("2031-05-04T12:00:00.000Z");
    partition.set_since_seconds(since);
    partition.add_zones(zone);
    partition.mutable_application()->set_last_output(reading);
    return partition;
}

api::Step& add_step(api::PlanReply& plan, const std::string& action, const std::string& kind,
                    const std::string& subject, const std::string& detail, const std::string& disruption) {
    auto& step = *plan.add_steps();
    step.set_id(static_cast<std::uint32_t>(plan.steps_size()));
    step.set_action(action);
    step.set_kind(kind);
    step.set_subject(subject);
    step.set_detail(detail);
    step.set_disruption(disruption);
    step.set_partition(subject.substr(0, subject.find('/')));
    return step;
}

api::ErrorDetail detail(const std::string& code, const std::string& what, const std::string& where) {
    api::ErrorDetail error;
    error.set_code(code);
    error.set_what(what);
    error.set_where(where);
    return error;
}

grpc::Status with_errors(grpc::StatusCode code, const std::vector<api::ErrorDetail>& errors) {
    api::ErrorList list;
    for (const auto& error : errors) *list.add_errors() = error;
    return {code, errors.front().what(), list.SerializeAsString()};
}

grpc::Status spec_errors() {
    auto unit = detail("invalid", "memory: '192MB' has a decimal unit", "factory.yaml:14:9");
    unit.set_wanted("a binary unit: 192MiB");
    unit.set_mend("write memory: 192MiB");
    return with_errors(grpc::StatusCode::INVALID_ARGUMENT,
                       {unit, detail("invalid", "unknown key 'memroy'", "factory.yaml:9:5")});
}

void wait_for_cancel(const grpc::ServerContext& context) {
    while (!context.IsCancelled()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
}

}  // namespace

api::Status canned_status() {
    api::Status status;
    status.set_apiversion("bulkhead/v1alpha1");
    status.set_gateway("press-line-3");
    status.set_site("hall-2");
    status.set_accelerator("tcg");
    status.set_accelerator_reason("CPU has no vmx/svm");
    status.set_generation(1);
    status.set_phase("applied");
    status.set_partitions(3);
    status.set_partitions_ok(3);
    status.set_hypervisor("libvirt 9.0.0, QEMU 7.2.22");
    return status;
}

api::PartitionList canned_partitions() {
    api::PartitionList list;
    list.set_apiversion("bulkhead/v1alpha1");
    add_device(add_partition(list, "robot-cell", "acme", "acme-cell", 12, "spindle 1480 rpm"), "rs485-1",
               "/dev/ttyS1");
    add_device(add_partition(list, "press", "borealis", "borealis-cell", 11, "0x181 force 12.4 kN"), "can-1",
               "slcan0");
    add_partition(list, "it-admin", "it", "management", 12, "robot-cell spindle 1480 rpm");
    return list;
}

api::PlanReply canned_plan() {
    api::PlanReply plan;
    plan.set_apiversion("bulkhead/v1alpha1");
    plan.set_from_generation(1);
    add_step(plan, "create", "volume", "robot-cell/data", "64MiB", "none");
    add_step(plan, "release", "device", "can-1", "from press", "detach").set_partition("press");
    add_step(plan, "stop", "partition", "robot-cell", "", "restart");
    auto& define =
        add_step(plan, "define", "partition", "robot-cell", "1 cpu, 256MiB, partition-base", "none");
    define.set_reason("memory 192MiB -> 256MiB");
    define.add_after(1);
    define.add_after(3);
    add_step(plan, "start", "partition", "robot-cell", "", "none").add_after(4);
    add_step(plan, "open", "conduit", "readings", "tcp/8883", "live");
    auto& restart = *plan.add_refusals();
    restart.set_step(3);
    restart.set_rule("disruption-by-name");
    restart.set_what("robot-cell runs and would be restarted");
    restart.set_mend("allow it with --allow-restart robot-cell");
    auto& detach = *plan.add_refusals();
    detach.set_step(2);
    detach.set_rule("disruption-by-name");
    detach.set_what("can-1 would be taken from press, which runs");
    plan.add_notes("the volume press/old is kept");
    return plan;
}

ControlServer::ControlServer(const std::filesystem::path& socket) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("unix:" + socket.string(), grpc::InsecureServerCredentials());
    builder.RegisterService(this);
    builder.RegisterService(&switch_answers);
    server_ = builder.BuildAndStart();
}

ControlServer::~ControlServer() {
    server_->Shutdown(std::chrono::system_clock::now());
}

api::ApplyRequest ControlServer::last_apply() const {
    const std::lock_guard lock(mutex_);
    return apply_;
}

api::SetLockRequest ControlServer::last_lock() const {
    const std::lock_guard lock(mutex_);
    return lock_;
}

std::string ControlServer::console_input() const {
    const std::lock_guard lock(mutex_);
    return console_;
}

grpc::Status ControlServer::GetVersion(grpc::ServerContext*, const api::GetVersionRequest*,
                                       api::Version* reply) {
    reply->set_apiversion("bulkhead/v1alpha1");
    reply->set_version("0.1.0");
    reply->set_state_schema(1);
    return grpc::Status::OK;
}

grpc::Status ControlServer::GetStatus(grpc::ServerContext*, const api::GetStatusRequest*,
                                      api::Status* reply) {
    if (busy)
        return with_errors(grpc::StatusCode::UNAVAILABLE,
                           {detail("unavailable", "libvirtd does not answer", "libvirt")});
    *reply = canned_status();
    return grpc::Status::OK;
}

grpc::Status ControlServer::Diagnose(grpc::ServerContext*, const api::DiagnoseRequest*,
                                     api::Diagnosis* reply) {
    auto& tun = *reply->add_items();
    tun.set_name("tun/tap");
    tun.set_verdict(api::Capability::yes);
    auto& bpf = *reply->add_items();
    bpf.set_name("BPF");
    bpf.set_verdict(api::Capability::missing);
    bpf.set_detail("CONFIG_NET_CLS_BPF is off");
    bpf.set_mend("boot a kernel that has it");
    return grpc::Status::OK;
}

grpc::Status ControlServer::Plan(grpc::ServerContext*, const api::PlanRequest*, api::PlanReply* reply) {
    if (spec_is_wrong) return spec_errors();
    if (!equal) *reply = canned_plan();
    return grpc::Status::OK;
}

grpc::Status ControlServer::Apply(grpc::ServerContext* context, const api::ApplyRequest* request,
                                  grpc::ServerWriter<api::Progress>* writer) {
    {
        const std::lock_guard lock(mutex_);
        apply_ = *request;
    }
    if (spec_is_wrong) return spec_errors();
    api::Progress progress;
    if (!equal) *progress.mutable_steps() = canned_plan().steps();
    const auto steps = progress.steps();
    writer->Write(progress);
    progress.clear_steps();
    for (const auto& step : steps) {
        *progress.mutable_step() = step;
        progress.set_state(api::Progress::started);
        writer->Write(progress);
        if (hangs) {
            wait_for_cancel(*context);
            return grpc::Status::CANCELLED;
        }
        const bool failed = step_fails && step.action() == "define";
        progress.set_state(failed ? api::Progress::failed : api::Progress::done);
        if (failed)
            *progress.mutable_error() = detail("io", "libvirt refused the domain", "partition/robot-cell");
        writer->Write(progress);
        if (failed) break;
    }
    progress.clear_step();
    progress.set_state(api::Progress::finished);
    progress.set_generation(2);
    writer->Write(progress);
    return grpc::Status::OK;
}

grpc::Status ControlServer::TearDown(grpc::ServerContext*, const api::TearDownRequest*,
                                     grpc::ServerWriter<api::Progress>* writer) {
    api::Progress progress;
    progress.set_state(api::Progress::finished);
    writer->Write(progress);
    return grpc::Status::OK;
}

grpc::Status ControlServer::SetRun(grpc::ServerContext*, const api::SetRunRequest* request,
                                   grpc::ServerWriter<api::Progress>*) {
    if (request->run() == api::SetRunRequest::start) return grpc::Status::OK;
    auto locked = detail("locked", "press is locked by anna: tool change", "partition/press");
    locked.set_mend("bulkhead unlock press");
    return with_errors(grpc::StatusCode::FAILED_PRECONDITION, {locked});
}

grpc::Status ControlServer::SetLock(grpc::ServerContext*, const api::SetLockRequest* request,
                                    api::SetLockReply*) {
    const std::lock_guard lock(mutex_);
    lock_ = *request;
    return grpc::Status::OK;
}

grpc::Status ControlServer::ListPartitions(grpc::ServerContext*, const api::ListRequest* request,
                                           api::PartitionList* reply) {
    const auto all = canned_partitions();
    reply->set_apiversion(all.apiversion());
    const bool well = !never_healthy && --polls_until_healthy <= 0;
    for (const auto& partition : all.items()) {
        if (!request->name().empty() && request->name() != partition.name()) continue;
        if (!request->tenant().empty() && request->tenant() != partition.tenant()) continue;
        auto& item = *reply->add_items();
        item = partition;
        if (well || partition.name() != "robot-cell") continue;
        item.set_health("degraded");
        item.set_reason("no answer from unit 1 for 5 s");
    }
    if (!twice) return grpc::Status::OK;
    api::PartitionList fleet;
    for (const auto* gateway : {"press-line-3", "press-line-4"})
        for (auto item : reply->items()) {
            if (!request->gateway().empty() && request->gateway() != gateway) continue;
            item.set_gateway(gateway);
            *fleet.add_items() = item;
        }
    *reply->mutable_items() = fleet.items();
    return grpc::Status::OK;
}

grpc::Status ControlServer::ListDevices(grpc::ServerContext*, const api::ListRequest*,
                                        api::DeviceList* reply) {
    for (const auto* name : {"rs485-1", "can-1"}) reply->add_items()->set_name(name);
    return grpc::Status::OK;
}

grpc::Status ControlServer::ListEvents(grpc::ServerContext*, const api::ListEventsRequest* request,
                                       api::EventList* reply) {
    auto& event = *reply->add_items();
    event.set_code("partition.started");
    event.set_partition(request->partition());
    event.set_text("limit " + std::to_string(request->limit()));
    reply->set_next("t42");
    return grpc::Status::OK;
}

grpc::Status ControlServer::Logs(grpc::ServerContext* context, const api::LogsRequest* request,
                                 grpc::ServerWriter<api::LogLine>* writer) {
    api::LogLine line;
    line.set_time("12:00:00");
    line.set_text("\x1B]0;owned\x07spindle 1480 rpm");
    writer->Write(line);
    if (request->follow()) wait_for_cancel(*context);
    return grpc::Status::OK;
}

grpc::Status ControlServer::Attach(grpc::ServerContext*,
                                   grpc::ServerReaderWriter<api::ConsoleOutput, api::ConsoleInput>* stream) {
    api::ConsoleInput input;
    api::ConsoleOutput output;
    stream->Read(&input);
    output.set_data("login on " + input.partition() + "\r\n");
    stream->Write(output);
    while (stream->Read(&input)) {
        {
            const std::lock_guard lock(mutex_);
            console_ += input.data();
        }
        if (input.data().find('Q') != std::string::npos) return grpc::Status::OK;  // the other side hangs up
        output.set_data("echo:" + input.data());
        stream->Write(output);
    }
    return grpc::Status::OK;
}

}  // namespace bulkhead::cli
