#include "cli/client.hpp"
#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "cli/permits.hpp"
#include "cli/plan_text.hpp"
#include "cli/terminal.hpp"

namespace bulkhead::cli {
namespace {

Outcome<Exit> compare(Context& context) {
    const auto document = read_document(context.args);
    if (!document) return std::unexpected(document.error());
    const auto plan = context.client.plan(plan_request(*document, context.args));
    if (!plan) return std::unexpected(plan.error());
    const Format format = format_of(context.args);
    const Terminal& terminal = context.terminal;
    if (!for_people(format))
        terminal.out(machine_text(*plan, format));
    else if (!plan->steps().empty())
        terminal.out(plan_text(*plan, {terminal.colour_out(), format == Format::wide, document->name}));
    return plan->steps().empty() ? Exit::done : Exit::failed;
}

// As diff(1): 2 for whatever went wrong, so that 1 means "different" and nothing else.
Outcome<Exit> run_diff(Context& context) {
    auto outcome = compare(context);
    if (!outcome) outcome.error().exit = Exit::usage;
    return outcome;
}

}  // namespace

Command diff_command() {
    return {.name = "diff",
            .summary = "Tell whether the gateway matches a spec",
            .description =
                "Prints nothing and exits 0 if it does, prints the difference and exits 1 if it does not,\n"
                "and exits 2 if there was any error.",
            .options = {file_option(), values_option(), output_option({"table", "wide", "json", "yaml"})},
            .examples = {{"bulkhead diff -f factory.yaml || echo drifted", "In a script"}},
            .run = run_diff};
}

}  // namespace bulkhead::cli
