#include "cli/client.hpp"
#include "cli/commands.hpp"
#include "cli/document.hpp"
#include "cli/terminal.hpp"

namespace bulkhead::cli {
namespace {

Outcome<Exit> run(Context& context) {
    const auto document = read_document(context.args);
    if (!document) return std::unexpected(document.error());
    api::MeasureRequest request;
    request.set_document(document->content);
    request.set_document_name(document->name);
    const auto measured = context.client.measure(request);
    if (!measured) return std::unexpected(measured.error());
    context.terminal.out(measured->references() + (measured->references().ends_with('\n') ? "" : "\n"));
    return Exit::done;
}

}  // namespace

Command measure_command() {
    return {
        .name = "measure",
        .summary = "Show what a gateway would measure for a spec",
        .description =
            "Digests of programs, images and command lines, as JSON: the reference values that IT reviews\n"
            "and signs. Run it on a gateway that you trust, such as one that you have just set up.",
        .options = {file_option()},
        .examples = {{"bulkhead measure -f factory.yaml >references.json", "Before signing"}},
        .run = run};
}

}  // namespace bulkhead::cli
