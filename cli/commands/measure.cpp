#include "cli/client.hpp"
#include "cli/commands.hpp"
#include "cli/document.hpp"
#include "cli/terminal.hpp"

namespace bulkhead::cli {
namespace {

Outcome<Exit> run_measure(Context& context) {
    const auto document = read_document(context.args);
    if (!document) return std::unexpected(document.error());
    api::MeasureRequest request;
    request.set_document(document->content);
    request.set_document_name(document->name);
    const auto measured = context.client.measure(request);
    if (!measured) return std::unexpected(measured.error());
    context.terminal.out(measured->references());
    if (!measured->references().ends_with('\n')) context.terminal.out("\n");
    return Exit::done;
}

}  // namespace

Command measure_command() {
    return {
        .name = "measure",
        .summary = "Print the digests that this gateway would measure for a spec",
        .description =
            "Reference values, as JSON: what a start of each partition would write into the TPM's log here.\n"
            "Review them on a gateway that you trust, and sign them with the spec (bulkhead sign). A "
            "console\n"
            "then tells any other kernel, image or command line from them.",
        .options = {file_option(), values_option()},
        .examples = {{"bulkhead measure -f factory.yaml > references.json", "Keep them for signing"}},
        .run = run_measure};
}

}  // namespace bulkhead::cli
