#include "partition-manager/daemon/control_service.hpp"

#include <optional>

#include <algorithm>

#include "base/units.hpp"
#include "bulkhead/v1alpha1/api_version.hpp"
#include "partition-manager/apply/schema.hpp"
#include "partition-manager/daemon/bundle_upload.hpp"
#include "partition-manager/daemon/console.hpp"
#include "partition-manager/daemon/convert.hpp"
#include "partition-manager/daemon/listener.hpp"
#include "partition-manager/daemon/mailbox.hpp"
#include "rpc/status.hpp"

namespace bulkhead::daemon {
namespace {

using std::chrono::milliseconds;

grpc::Status ended() {
    return {grpc::StatusCode::ABORTED,
            "bulkheadd is stopping; it goes on with what was begun when it is started again"};
}

}  // namespace

grpc::Status ControlService::GetVersion(grpc::ServerContext*, const v1alpha1::GetVersionRequest*,
                                        v1alpha1::Version* reply) {
    reply->set_apiversion(v1alpha1::api_version);
    reply->set_version(BULKHEAD_VERSION);
    reply->set_state_schema(static_cast<std::uint32_t>(apply::schema_version()));
    return {};
}

grpc::Status ControlService::GetStatus(grpc::ServerContext*, const v1alpha1::GetStatusRequest*,
                                       v1alpha1::Status* reply) {
    *reply = parts_.views.status();
    return {};
}

grpc::Status ControlService::Diagnose(grpc::ServerContext*, const v1alpha1::DiagnoseRequest*,
                                      v1alpha1::Diagnosis* reply) {
    *reply = parts_.diagnosis.run();
    *reply->add_items() = parts_.secrets.capability();
    return {};
}

grpc::Status ControlService::Plan(grpc::ServerContext*, const v1alpha1::PlanRequest* request,
                                  v1alpha1::PlanReply* reply) {
    const auto permits = from_message(request->permits());
    if (!permits) return rpc::to_status(permits.error());
    auto future = parts_.worker.submit(
        [&] { return parts_.requests.plan({request->document(), request->document_name()}, *permits); });
    try {
        const auto judged = future.get();
        if (!judged) return rpc::to_status(judged.error());
        reply->set_apiversion(v1alpha1::api_version);
        reply->set_from_generation(parts_.board.current()->generation);
        fill(*reply, *judged);
        return {};
    } catch (const std::future_error&) {
        return ended();
    }
}

// The operation goes on to its end even if the caller has gone.
grpc::Status ControlService::stream(const Operation& operation,
                                    grpc::ServerWriter<v1alpha1::Progress>& writer) {
    Mailbox<v1alpha1::Progress> mailbox;
    auto future = parts_.worker.submit([&] {
        return operation([&](const OperationProgress& progress) { mailbox.put(to_message(progress)); });
    });
    v1alpha1::Progress last;
    const auto send_next = [&](milliseconds patience) {
        const auto message = mailbox.take(patience);
        if (!message) return false;
        last.set_operation(message->operation());
        writer.Write(*message);
        return true;
    };
    // A worker that was told to stop drops the task: then the future is ready, and holds that.
    while (future.wait_for(milliseconds(0)) != std::future_status::ready) send_next(milliseconds(100));
    while (send_next(milliseconds(0))) {
    }
    try {
        const auto result = future.get();
        if (!result) return rpc::to_status(result.error());
        last.set_state(v1alpha1::Progress::finished);
        last.set_generation(parts_.board.current()->generation);
        writer.Write(last);
        return {};
    } catch (const std::future_error&) {
        return ended();
    }
}

grpc::Status ControlService::Apply(grpc::ServerContext* context, const v1alpha1::ApplyRequest* request,
                                   grpc::ServerWriter<v1alpha1::Progress>* writer) {
    const auto permits = from_message(request->permits());
    if (!permits) return rpc::to_status(permits.error());
    const std::string actor = actor_of(*context);
    return stream(
        [&](const OperationSink& sink) {
            return parts_.requests.apply({request->document(), request->document_name()}, *permits, actor,
                                         sink, request->break_glass());
        },
        *writer);
}

grpc::Status ControlService::TearDown(grpc::ServerContext* context, const v1alpha1::TearDownRequest*,
                                      grpc::ServerWriter<v1alpha1::Progress>* writer) {
    const std::string actor = actor_of(*context);
    return stream([&](const OperationSink& sink) { return parts_.requests.tear_down(actor, sink); }, *writer);
}

grpc::Status ControlService::PushBundle(grpc::ServerContext* context,
                                        grpc::ServerReader<v1alpha1::BundleChunk>* reader,
                                        v1alpha1::StoredBundle* reply) {
    const auto stored = receive_bundle(parts_.bundles, *context, *reader, uploading_);
    if (!stored) return rpc::to_status(stored.error());
    const auto& document = stored->document;
    reply->set_name(document.name.str());
    reply->set_version(document.version);
    reply->set_tenant(document.tenant.str());
    reply->set_digest("sha256:" + stored->reference.digest);
    reply->set_reference(stored->reference.str());
    const auto noted = parts_.events.append({"bundle.stored",
                                             actor_of(*context),
                                             document.tenant,
                                             {},
                                             {},
                                             stored->reference.str() + " " + document.version});
    return noted ? grpc::Status() : rpc::to_status(noted.error());
}

grpc::Status ControlService::ListBundles(grpc::ServerContext*, const v1alpha1::ListBundlesRequest*,
                                         v1alpha1::BundleList* reply) {
    auto list = parts_.bundles.list();
    if (!list) return rpc::to_status(list.error());
    *reply = std::move(*list);
    return {};
}

grpc::Status ControlService::RemoveBundle(grpc::ServerContext* context,
                                          const v1alpha1::RemoveBundleRequest* request,
                                          v1alpha1::StoredBundle* reply) {
    auto future = parts_.worker.submit([&] { return parts_.bundles.remove(request->reference()); });
    try {
        auto gone = future.get();
        if (!gone) return rpc::to_status(gone.error());
        *reply = std::move(*gone);
    } catch (const std::future_error&) {
        return ended();
    }
    const auto noted =
        parts_.events.append({"bundle.removed", actor_of(*context), {}, {}, {}, reply->reference()});
    return noted ? grpc::Status() : rpc::to_status(noted.error());
}

grpc::Status ControlService::SetRun(grpc::ServerContext* context, const v1alpha1::SetRunRequest* request,
                                    grpc::ServerWriter<v1alpha1::Progress>* writer) {
    const auto run = request->run() == v1alpha1::SetRunRequest::start  ? Requests::Run::start
                     : request->run() == v1alpha1::SetRunRequest::stop ? Requests::Run::stop
                                                                       : Requests::Run::restart;
    const std::string actor = actor_of(*context);
    return stream(
        [&](const OperationSink& sink) {
            return parts_.requests.set_run(model::PartitionName(request->partition()), run, actor, sink);
        },
        *writer);
}

grpc::Status ControlService::SetLock(grpc::ServerContext* context, const v1alpha1::SetLockRequest* request,
                                     v1alpha1::SetLockReply*) {
    const std::string actor = actor_of(*context);
    const model::PartitionName partition(request->partition());
    auto future = parts_.worker.submit([&] {
        return request->locked() ? parts_.requests.lock(partition, actor, request->reason())
                                 : parts_.requests.unlock(partition, actor);
    });
    try {
        const auto result = future.get();
        return result ? grpc::Status() : rpc::to_status(result.error());
    } catch (const std::future_error&) {
        return ended();
    }
}

grpc::Status ControlService::ListGateways(grpc::ServerContext*, const v1alpha1::ListRequest* request,
                                          v1alpha1::GatewayList* reply) {
    *reply = parts_.centre.gateways(parts_.views.status(), *request);
    return {};
}

// On gRPC's thread: the worker goes on meanwhile.
grpc::Status ControlService::Enrol(grpc::ServerContext*, const v1alpha1::EnrolCommand* request,
                                   v1alpha1::EnrolResult* reply) {
    auto result = parts_.centre.enrol(*request);
    if (!result) return rpc::to_status(result.error());
    *reply = std::move(*result);
    return {};
}

grpc::Status ControlService::Measure(grpc::ServerContext*, const v1alpha1::MeasureRequest* request,
                                     v1alpha1::Measurements* reply) {
    auto future = parts_.worker.submit([&] {
        return parts_.requests.measure({request->document(), request->document_name()}, parts_.measure);
    });
    try {
        auto measured = future.get();
        if (!measured) return rpc::to_status(measured.error());
        reply->set_references(std::move(*measured));
        return {};
    } catch (const std::future_error&) {
        return ended();
    }
}

grpc::Status ControlService::ListPartitions(grpc::ServerContext*, const v1alpha1::ListRequest* request,
                                            v1alpha1::PartitionList* reply) {
    *reply = parts_.views.partitions(*request);
    return {};
}

grpc::Status ControlService::ListDevices(grpc::ServerContext*, const v1alpha1::ListRequest* request,
                                         v1alpha1::DeviceList* reply) {
    *reply = parts_.views.devices(*request);
    return {};
}

// On gRPC's thread: it takes as long as the line, and the worker goes on meanwhile.
grpc::Status ControlService::TestDevice(grpc::ServerContext* context,
                                        const v1alpha1::TestDeviceRequest* request,
                                        v1alpha1::DeviceTest* reply) {
    auto test = test_device(parts_.tester, *parts_.board.current(), *request, caller_of(*context));
    if (!test) return rpc::to_status(test.error());
    *reply = std::move(*test);
    return {};
}

grpc::Status ControlService::ListZones(grpc::ServerContext*, const v1alpha1::ListRequest* request,
                                       v1alpha1::ZoneList* reply) {
    *reply = parts_.views.zones(*request);
    return {};
}

grpc::Status ControlService::ListConduits(grpc::ServerContext*, const v1alpha1::ListRequest* request,
                                          v1alpha1::ConduitList* reply) {
    *reply = parts_.views.conduits(*request);
    return {};
}

grpc::Status ControlService::ListEvents(grpc::ServerContext*, const v1alpha1::ListEventsRequest* request,
                                        v1alpha1::EventList* reply) {
    std::optional<std::uint64_t> after;
    if (!request->page_token().empty()) {
        const auto parsed = parse_number(request->page_token(), 0, UINT64_MAX);
        if (!parsed) return rpc::to_status(parsed.error());
        after = *parsed;
    }
    const std::size_t limit = request->limit() == 0 ? 100 : std::min<std::size_t>(request->limit(), 1000);
    const auto page = parts_.events.page(
        {model::PartitionName(request->partition()), model::TenantName(request->tenant()), after, limit});
    if (!page) return rpc::to_status(page.error());
    *reply = parts_.views.events(*page);
    return {};
}

grpc::Status ControlService::Logs(grpc::ServerContext* context, const v1alpha1::LogsRequest* request,
                                  grpc::ServerWriter<v1alpha1::LogLine>* writer) {
    // Looks at the caller's departure this often; lines come at once.
    constexpr std::chrono::milliseconds patience{500};
    const auto output = parts_.guests.output(model::PartitionName(request->partition()));
    if (!output)
        return rpc::to_status(Error{Code::not_found,
                                    "there is no partition '" + request->partition() + "'",
                                    {},
                                    {},
                                    "bulkhead get partitions"});
    const auto write = [&](const lifecycle::LoggedLine& line) {
        v1alpha1::LogLine message;
        message.set_time(rfc3339(line.time));
        message.set_text(line.text);
        return writer->Write(message);
    };
    std::uint64_t last = output->last_number();
    for (const auto& line : output->tail(request->lines() == 0 ? 100 : request->lines())) {
        last = std::max(last, line.number);
        if (!write(line)) return {};
    }
    while (request->follow() && !context->IsCancelled() && !parts_.stop.stop_requested())
        for (const auto& line : output->after(last, patience, parts_.stop)) {
            last = line.number;
            if (!write(line)) return {};
        }
    return {};
}

grpc::Status ControlService::Attach(
    grpc::ServerContext* context,
    grpc::ServerReaderWriter<v1alpha1::ConsoleOutput, v1alpha1::ConsoleInput>* stream) {
    v1alpha1::ConsoleInput first;
    if (!stream->Read(&first))
        return {grpc::StatusCode::INVALID_ARGUMENT, "the first message names the partition"};
    const model::PartitionName partition(first.partition());
    auto future = parts_.worker.submit([&] { return parts_.open_console(partition); });
    try {
        auto console = future.get();
        if (!console) return rpc::to_status(console.error());
        return relay_console(std::move(*console), *context, *stream, parts_.stop);
    } catch (const std::future_error&) {
        return ended();
    }
}

}  // namespace bulkhead::daemon
