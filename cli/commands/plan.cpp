#include "cli/client.hpp"
#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "cli/permits.hpp"
#include "cli/plan_text.hpp"
#include "cli/terminal.hpp"

namespace bulkhead::cli {
namespace {

Outcome<Exit> run_plan(Context& context) {
    const auto document = read_document(context.args);
    if (!document) return std::unexpected(document.error());
    const auto plan = context.client.plan(plan_request(*document, context.args));
    if (!plan) return std::unexpected(plan.error());
    const Format format = format_of(context.args);
    const Terminal& terminal = context.terminal;
    if (for_people(format)) {
        PlanStyle style{terminal.colour_out(), format == Format::wide, document->name};
        terminal.out(plan_text(*plan, style));
        terminal.out(notes_text(*plan, terminal.colour_out()));
        style.colour = terminal.colour_err();
        terminal.err(refusals_text(*plan, style));
    } else {
        terminal.out(machine_text(*plan, format));
    }
    return plan->refusals().empty() ? Exit::done : Exit::failed;
}

}  // namespace

Command plan_command() {
    std::vector<Option> options{file_option(), values_option(),
                                output_option({"table", "wide", "json", "yaml"})};
    for (auto& option : permit_options()) options.push_back(std::move(option));
    return {.name = "plan",
            .summary = "Show what applying a spec would do",
            .description =
                "Checks the spec against the gateway as it is now and prints the steps in their order:\n"
                "+ makes, - takes away, ~ changes. What would disturb something that runs is marked\n"
                "[restart] or [detach], and is refused unless it is allowed by name.\n\n"
                "Changes nothing. Exits 1 if apply would refuse.",
            .options = std::move(options),
            .examples = {{"bulkhead plan -f factory.yaml", "What would change?"},
                         {"bulkhead plan -f factory.yaml --allow-restart robot-cell -o wide",
                          "The same with a restart allowed, and the order of the steps"}},
            .run = run_plan};
}

}  // namespace bulkhead::cli
