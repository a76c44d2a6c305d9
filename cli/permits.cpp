#include "cli/permits.hpp"

namespace bulkhead::cli {

std::vector<Option> permit_options() {
    return {{.name = "allow-restart",
             .value = "PARTITION",
             .help = "This partition may be restarted or stopped",
             .values = Values::partition,
             .many = true},
            {.name = "allow-detach",
             .value = "DEVICE",
             .help = "This device may be taken from a running partition",
             .values = Values::device,
             .many = true},
            {.name = "delete-volume",
             .value = "PARTITION/VOLUME",
             .help = "This volume may be deleted with what is on it",
             .values = Values::volume,
             .many = true}};
}

api::Permits permits_of(const Invocation& args) {
    api::Permits permits;
    for (const auto& name : args.all("allow-restart")) permits.add_restart(name);
    for (const auto& name : args.all("allow-detach")) permits.add_detach(name);
    for (const auto& name : args.all("delete-volume")) permits.add_delete_volumes(name);
    return permits;
}

api::PlanRequest plan_request(const Document& document, const Invocation& args) {
    api::PlanRequest request;
    request.set_document(document.content);
    request.set_document_name(document.name);
    *request.mutable_permits() = permits_of(args);
    return request;
}

api::ApplyRequest apply_request(const Document& document, const Invocation& args) {
    api::ApplyRequest request;
    request.set_document(document.content);
    request.set_document_name(document.name);
    *request.mutable_permits() = permits_of(args);
    request.set_break_glass(args.text("break-glass"));
    request.set_gateway(args.text("gateway"));
    return request;
}

}  // namespace bulkhead::cli
