#include "console/server/control_service.hpp"

#include <thread>

#include "console/server/people_service.hpp"
#include "console/server/rpc_status.hpp"

namespace bulkhead::console {
namespace {

constexpr const char* api_version = "bulkhead/v1alpha1";
// Looks at the caller's departure this often; answers come at once.
constexpr std::chrono::milliseconds patience{500};

RelayEvents events_into(const std::shared_ptr<Answers>& answers) {
    return {
        [answers](std::string message) {
            if (!answers->put(std::move(message)))
                answers->end({Error{Code::unavailable, "the answers were not read fast enough", {}, {}, {}}});
        },
        [answers](const Errors& errors) { answers->end(errors); }};
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
    if (!answer) return to_status(answer.error());
    reply = std::move(*answer);
    return {};
}

Answer<std::string> ControlService::gateway_of(const Viewer& viewer, const std::string& gateway,
                                               const std::string& partition) {
    if (!gateway.empty()) return gateway;
    api::ListRequest request;
    request.set_name(partition);
    request.set_page_size(2);
    BULKHEAD_TRY_ASSIGN(const auto found, fleet_.partitions(viewer, request));
    if (found.items().empty())
        return fail(Code::not_found, "there is no partition '" + partition + "'", {}, {},
                    "bulkhead get partitions");
    if (found.items_size() > 1)
        return fail(Code::invalid, "more than one gateway has a partition '" + partition + "'", {},
                    "one of them", "--gateway " + found.items(0).gateway());
    return found.items(0).gateway();
}

Answer<std::shared_ptr<void>> ControlService::place_of(const Viewer& viewer) {
    if (auto place = places_.take(viewer.user)) return place;
    return fail(Code::unavailable, "too many logs are followed and consoles open", {},
                std::to_string(most_calls_of_one) + " at most by one user", "end one that nobody needs");
}

grpc::Status ControlService::pass_on(grpc::ServerContext& context, Answers& answers,
                                     const std::function<bool(const std::string&)>& on_message) {
    const auto session = bearer_of(context);
    auto looked = std::chrono::steady_clock::now();
    while (!context.IsCancelled()) {
        if (std::chrono::steady_clock::now() >= looked + beat_) {
            if (!fleet_.viewer_of(session)) return not_signed_in();
            looked = std::chrono::steady_clock::now();
        }
        if (const auto message = answers.take(std::min(patience, beat_))) {
            if (!on_message(*message)) return {};
        } else if (const auto errors = answers.ended()) {
            return errors->empty() ? grpc::Status() : to_status(*errors);
        }
    }
    return grpc::Status::CANCELLED;
}

grpc::Status ControlService::GetVersion(grpc::ServerContext*, const api::GetVersionRequest*,
                                        api::Version* reply) {
    reply->set_apiversion(api_version);
    reply->set_version(BULKHEAD_VERSION);
    return {};
}

grpc::Status ControlService::GetStatus(grpc::ServerContext* context, const api::GetStatusRequest*,
                                       api::Status* reply) {
    const auto viewer = fleet_.viewer_of(bearer_of(*context));
    if (!viewer) return not_signed_in();
    auto status = fleet_.status(*viewer, {});
    if (!status) return to_status(status.error());
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
    if (!generation) return to_status(generation.error());
    api::Progress progress;
    progress.set_state(api::Progress::finished);
    progress.set_generation(*generation);
    writer->Write(progress);
    return {};
}

grpc::Status ControlService::relay(grpc::ServerContext& context, const std::string& gateway,
                                   const std::string& partition, const std::string& method,
                                   const std::string& request,
                                   const std::function<bool(const std::string&)>& on_message) {
    const auto viewer = fleet_.viewer_of(bearer_of(context));
    if (!viewer) return not_signed_in();
    const auto named = gateway_of(*viewer, gateway, partition);
    if (!named) return to_status(named.error());
    const auto place = place_of(*viewer);
    if (!place) return to_status(place.error());
    const auto answers = std::make_shared<Answers>();
    const auto call = fleet_.call(*viewer, *named, partition, method, request, events_into(answers));
    if (!call) return to_status(call.error());
    return pass_on(context, *answers, on_message);
}

grpc::Status ControlService::SetRun(grpc::ServerContext* context, const api::SetRunRequest* request,
                                    grpc::ServerWriter<api::Progress>* writer) {
    return relay(*context, request->gateway(), request->partition(), "SetRun", request->SerializeAsString(),
                 write_to<api::Progress>(*writer));
}

grpc::Status ControlService::SetLock(grpc::ServerContext* context, const api::SetLockRequest* request,
                                     api::SetLockReply* reply) {
    return relay(*context, request->gateway(), request->partition(), "SetLock", request->SerializeAsString(),
                 [reply](const std::string& bytes) { return reply->ParseFromString(bytes); });
}

grpc::Status ControlService::Logs(grpc::ServerContext* context, const api::LogsRequest* request,
                                  grpc::ServerWriter<api::LogLine>* writer) {
    return relay(*context, request->gateway(), request->partition(), "Logs", request->SerializeAsString(),
                 write_to<api::LogLine>(*writer));
}

grpc::Status ControlService::Attach(grpc::ServerContext* context,
                                    grpc::ServerReaderWriter<api::ConsoleOutput, api::ConsoleInput>* stream) {
    const auto viewer = fleet_.viewer_of(bearer_of(*context));
    if (!viewer) return not_signed_in();
    api::ConsoleInput first;
    if (!stream->Read(&first))
        return to_status(Error{Code::invalid, "the first message names the partition", {}, {}, {}});
    const auto gateway = gateway_of(*viewer, first.gateway(), first.partition());
    if (!gateway) return to_status(gateway.error());
    const auto place = place_of(*viewer);
    if (!place) return to_status(place.error());
    const auto answers = std::make_shared<Answers>();
    const auto call = fleet_.call(*viewer, *gateway, first.partition(), "Attach", first.SerializeAsString(),
                                  events_into(answers));
    if (!call) return to_status(call.error());
    std::thread reader([&] {
        api::ConsoleInput input;
        while (stream->Read(&input)) (*call)->write(input.SerializeAsString());
        (*call)->half_close();
    });
    const auto status = pass_on(*context, *answers, write_to<api::ConsoleOutput>(*stream));
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
