#include "console/server/passage.hpp"

#include <set>

#include "base/text.hpp"
#include "console/server/capture_subject.hpp"
#include "console/server/people_service.hpp"
#include "console/server/unanswered.hpp"
#include "rpc/status.hpp"

namespace bulkhead::console {
namespace {

// Looks at the caller's departure this often; answers come at once.
constexpr std::chrono::milliseconds patience{500};
// Of answers that are under way to one person.
constexpr std::uint32_t window = 512 * 1024;

RelayEvents events_into(const std::shared_ptr<Answers>& answers) {
    return {
        [answers](std::string message) {
            if (!answers->put(std::move(message)))
                answers->end({Error{Code::unavailable, "the answers were not read fast enough", {}, {}, {}}});
        },
        [answers](const Errors& errors) { answers->end(errors); }, window};
}

template <class List>
void add_gateways(const List& list, std::set<std::string>& gateways) {
    for (const auto& item : list.items()) gateways.insert(item.gateway());
}

// Two are enough to know that there is more than one.
api::ListRequest named(const std::string& name) {
    api::ListRequest request;
    request.set_name(name);
    request.set_page_size(2);
    return request;
}

template <class List>
Answer<std::string> only_gateway(const List& found, const std::string& kind, const std::string& name) {
    if (found.items().empty())
        return fail(Code::not_found, "there is no " + kind + " '" + printable(name, 64) + "'", {}, {},
                    "bulkhead get " + kind + "s");
    if (found.items_size() > 1)
        return fail(Code::invalid, "more than one gateway has a " + kind + " '" + printable(name, 64) + "'",
                    {}, "one of them", "--gateway " + found.items(0).gateway());
    return found.items(0).gateway();
}

}  // namespace

Answer<std::string> Passage::gateway_of(const Viewer& viewer, const std::string& gateway,
                                        const std::string& partition) {
    if (!gateway.empty()) return gateway;
    BULKHEAD_TRY_ASSIGN(const auto found, fleet_.partitions(viewer, named(partition)));
    return only_gateway(found, "partition", partition);
}

Answer<std::string> Passage::gateway_with_device(const Viewer& viewer, const std::string& gateway,
                                                 const std::string& device) {
    if (!gateway.empty()) return gateway;
    BULKHEAD_TRY_ASSIGN(const auto found, fleet_.devices(viewer, named(device)));
    return only_gateway(found, "device", device);
}

Answer<std::string> Passage::gateway_with(const Viewer& viewer, const std::string& gateway,
                                          const std::string& subject) {
    if (!gateway.empty()) return gateway;
    api::ListRequest request;
    request.set_page_size(2);
    std::set<std::string> gateways;
    request.set_name(owner_named(subject));
    BULKHEAD_TRY_ASSIGN(const auto partitions, fleet_.partitions(viewer, request));
    add_gateways(partitions, gateways);
    request.set_name(name_of(subject));
    BULKHEAD_TRY_ASSIGN(const auto conduits, fleet_.conduits(viewer, request));
    add_gateways(conduits, gateways);
    // A host or a wire is known to its gateway alone.
    request.clear_name();
    if (gateways.empty()) {
        BULKHEAD_TRY_ASSIGN(const auto all, fleet_.gateways(viewer, request));
        if (all.items_size() == 1) return all.items(0).name();
        return fail(Code::not_found, "there is no partition or conduit '" + printable(subject, 64) + "'", {},
                    {}, "of any other interface name the gateway: --gateway NAME");
    }
    if (gateways.size() > 1)
        return fail(Code::invalid, "more than one gateway has '" + subject + "'", {}, "one of them",
                    "--gateway " + *gateways.begin());
    return *gateways.begin();
}

Answer<Passage::Open> Passage::open(const Viewer& viewer, const Asked& asked) {
    Open open;
    open.place = places_.take(viewer.user);
    if (!open.place)
        return fail(Code::unavailable, "too many logs are followed, captures run and consoles are open", {},
                    std::to_string(most_calls_of_one) + " at most by one user", "end one that nobody needs");
    open.answers = std::make_shared<Answers>();
    BULKHEAD_TRY_ASSIGN(open.call, fleet_.call(viewer, asked.gateway, asked.partition, asked.method,
                                               asked.request, events_into(open.answers)));
    return open;
}

grpc::Status Passage::pass_on(grpc::ServerContext& context, Open& open, const OnMessage& on_message) {
    const auto session = bearer_of(context);
    auto looked = std::chrono::steady_clock::now();
    while (!context.IsCancelled()) {
        if (std::chrono::steady_clock::now() >= looked + beat_) {
            if (!fleet_.viewer_of(session)) return not_signed_in();
            looked = std::chrono::steady_clock::now();
        }
        if (const auto message = open.answers->take(std::min(patience, beat_))) {
            if (!on_message(*message)) return {};
            open.call->taken(message->size());
        } else if (const auto errors = open.answers->ended()) {
            return errors->empty() ? grpc::Status() : rpc::to_status(*errors);
        }
    }
    return grpc::Status::CANCELLED;
}

grpc::Status Passage::relay(grpc::ServerContext& context, const Asked& asked, const OnMessage& on_message) {
    const auto viewer = fleet_.viewer_of(bearer_of(context));
    if (!viewer) return not_signed_in();
    auto opened = open(*viewer, asked);
    if (!opened) return rpc::to_status(opened.error());
    return pass_on(context, *opened, on_message);
}

}  // namespace bulkhead::console
