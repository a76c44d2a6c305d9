#include "console/server/control_service.hpp"

#include <thread>

#include "bulkhead/v1alpha1/api_version.hpp"
#include "console/server/people_service.hpp"
#include "console/server/unanswered.hpp"
#include "rpc/status.hpp"

namespace bulkhead::console {
namespace {

template <class Request>
Asked asked_of(const char* method, const Request& request) {
    return {request.gateway(), request.partition(), method, request.SerializeAsString()};
}

template <class Message, class Writer>
auto write_to(Writer& writer) {
    return [&writer](const std::string& bytes) {
        Message message;
        return message.ParseFromString(bytes) && writer.Write(message);
    };
}

}  // namespace

template <class Request, class Reply>
grpc::Status ControlService::list(const grpc::ServerContext& context,
                                  Answer<Reply> (Fleet::*method)(const Viewer&, const Request&),
                                  const Request& request, Reply& reply) {
    const auto viewer = fleet_.viewer_of(bearer_of(context));
    if (!viewer) return not_signed_in();
    auto answer = (fleet_.*method)(*viewer, request);
    if (!answer) return rpc::to_status(answer.error());
    reply = std::move(*answer);
    return {};
}

grpc::Status ControlService::GetVersion(grpc::ServerContext*, const api::GetVersionRequest*,
                                        api::Version* reply) {
    reply->set_apiversion(api::api_version);
    reply->set_version(BULKHEAD_VERSION);
    return {};
}

grpc::Status ControlService::GetStatus(grpc::ServerContext* context, const api::GetStatusRequest*,
                                       api::Status* reply) {
    const auto viewer = fleet_.viewer_of(bearer_of(*context));
    if (!viewer) return not_signed_in();
    auto status = fleet_.status(*viewer, {});
    if (!status) return rpc::to_status(status.error());
    *reply = std::move(*status);
    return {};
}

grpc::Status ControlService::Diagnose(grpc::ServerContext*, const api::DiagnoseRequest*, api::Diagnosis*) {
    return on_a_gateway_only("look at a host");
}

grpc::Status ControlService::Plan(grpc::ServerContext*, const api::PlanRequest*, api::PlanReply*) {
    return on_a_gateway_only("plan: only a gateway knows what is there");
}

grpc::Status ControlService::TearDown(grpc::ServerContext*, const api::TearDownRequest*,
                                      grpc::ServerWriter<api::Progress>*) {
    return on_a_gateway_only("tear a gateway down");
}

grpc::Status ControlService::Measure(grpc::ServerContext*, const api::MeasureRequest*, api::Measurements*) {
    return on_a_gateway_only("measure: reference values must not come from here");
}

grpc::Status ControlService::PushBundle(grpc::ServerContext*, grpc::ServerReader<api::BundleChunk>*,
                                        api::StoredBundle*) {
    return on_a_gateway_only("store a bundle");
}

grpc::Status ControlService::ListBundles(grpc::ServerContext*, const api::ListBundlesRequest*,
                                         api::BundleList*) {
    return on_a_gateway_only("see which bundles were pushed");
}

grpc::Status ControlService::RemoveBundle(grpc::ServerContext*, const api::RemoveBundleRequest*,
                                          api::StoredBundle*) {
    return on_a_gateway_only("remove a bundle");
}

grpc::Status ControlService::Enrol(grpc::ServerContext*, const api::EnrolCommand*, api::EnrolResult*) {
    return on_a_gateway_only("join another console");
}

grpc::Status ControlService::Apply(grpc::ServerContext* context, const api::ApplyRequest* request,
                                   grpc::ServerWriter<api::Progress>* writer) {
    const auto viewer = fleet_.viewer_of(bearer_of(*context));
    if (!viewer) return not_signed_in();
    const auto generation = fleet_.set_desired(*viewer, request->document());
    if (!generation) return rpc::to_status(generation.error());
    api::Progress progress;
    progress.set_state(api::Progress::finished);
    progress.set_generation(*generation);
    writer->Write(progress);
    return {};
}

grpc::Status ControlService::relay(grpc::ServerContext& context, Asked asked,
                                   const Passage::OnMessage& on_message) {
    const auto viewer = fleet_.viewer_of(bearer_of(context));
    if (!viewer) return not_signed_in();
    auto named = passage_.gateway_of(*viewer, asked.gateway, asked.partition);
    if (!named) return rpc::to_status(named.error());
    asked.gateway = *std::move(named);
    return passage_.relay(context, asked, on_message);
}

grpc::Status ControlService::SetRun(grpc::ServerContext* context, const api::SetRunRequest* request,
                                    grpc::ServerWriter<api::Progress>* writer) {
    return relay(*context, asked_of("SetRun", *request), write_to<api::Progress>(*writer));
}

grpc::Status ControlService::SetLock(grpc::ServerContext* context, const api::SetLockRequest* request,
                                     api::SetLockReply* reply) {
    return relay(*context, asked_of("SetLock", *request),
                 [reply](const std::string& bytes) { return reply->ParseFromString(bytes); });
}

// Whether the line is free, and not locked, is known to its gateway.
grpc::Status ControlService::TestDevice(grpc::ServerContext* context, const api::TestDeviceRequest* request,
                                        api::DeviceTest* reply) {
    const auto viewer = fleet_.viewer_of(bearer_of(*context));
    if (!viewer) return not_signed_in();
    const auto gateway = passage_.gateway_with_device(*viewer, request->gateway(), request->device());
    if (!gateway) return rpc::to_status(gateway.error());
    return passage_.relay(*context, {*gateway, {}, "TestDevice", request->SerializeAsString()},
                          [reply](const std::string& bytes) { return reply->ParseFromString(bytes); });
}

grpc::Status ControlService::Logs(grpc::ServerContext* context, const api::LogsRequest* request,
                                  grpc::ServerWriter<api::LogLine>* writer) {
    return relay(*context, asked_of("Logs", *request), write_to<api::LogLine>(*writer));
}

grpc::Status ControlService::Attach(grpc::ServerContext* context,
                                    grpc::ServerReaderWriter<api::ConsoleOutput, api::ConsoleInput>* stream) {
    const auto viewer = fleet_.viewer_of(bearer_of(*context));
    if (!viewer) return not_signed_in();
    api::ConsoleInput first;
    if (!stream->Read(&first))
        return rpc::to_status(Error{Code::invalid, "the first message names the partition", {}, {}, {}});
    auto asked = asked_of("Attach", first);
    auto gateway = passage_.gateway_of(*viewer, asked.gateway, asked.partition);
    if (!gateway) return rpc::to_status(gateway.error());
    asked.gateway = *std::move(gateway);
    auto open = passage_.open(*viewer, asked);
    if (!open) return rpc::to_status(open.error());
    std::thread reader([&] {
        api::ConsoleInput input;
        while (stream->Read(&input)) open->call->write(input.SerializeAsString());
        open->call->half_close();
    });
    const auto status = passage_.pass_on(*context, *open, write_to<api::ConsoleOutput>(*stream));
    context->TryCancel();  // ends the reader's wait, if the other end began it
    reader.join();
    return status;
}

grpc::Status ControlService::ListGateways(grpc::ServerContext* context, const api::ListRequest* request,
                                          api::GatewayList* reply) {
    return list(*context, &Fleet::gateways, *request, *reply);
}
grpc::Status ControlService::ListPartitions(grpc::ServerContext* context, const api::ListRequest* request,
                                            api::PartitionList* reply) {
    return list(*context, &Fleet::partitions, *request, *reply);
}
grpc::Status ControlService::ListDevices(grpc::ServerContext* context, const api::ListRequest* request,
                                         api::DeviceList* reply) {
    return list(*context, &Fleet::devices, *request, *reply);
}
grpc::Status ControlService::ListZones(grpc::ServerContext* context, const api::ListRequest* request,
                                       api::ZoneList* reply) {
    return list(*context, &Fleet::zones, *request, *reply);
}
grpc::Status ControlService::ListConduits(grpc::ServerContext* context, const api::ListRequest* request,
                                          api::ConduitList* reply) {
    return list(*context, &Fleet::conduits, *request, *reply);
}
grpc::Status ControlService::ListEvents(grpc::ServerContext* context, const api::ListEventsRequest* request,
                                        api::EventList* reply) {
    return list(*context, &Fleet::events, *request, *reply);
}

}  // namespace bulkhead::console
