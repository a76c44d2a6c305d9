#include <algorithm>

#include "cli/client.hpp"
#include "cli/commands.hpp"
#include "cli/lists.hpp"
#include "cli/output.hpp"
#include "cli/terminal.hpp"

namespace bulkhead::cli {
namespace {

Outcome<Exit> run_doctor(Context& context) {
    const auto diagnosis = context.client.diagnose();
    if (!diagnosis) return std::unexpected(diagnosis.error());
    const Format format = format_of(context.args);
    const Terminal& terminal = context.terminal;
    if (for_people(format))
        terminal.out(capability_table(*diagnosis).text(terminal.colour_out(), terminal.width()));
    else
        terminal.out(machine_text(*diagnosis, format));
    const auto missing = std::ranges::count_if(diagnosis->items(), [](const api::Capability& item) {
        return item.verdict() == api::Capability::missing;
    });
    if (missing == 0) return Exit::done;
    terminal.err(std::to_string(missing) + " missing that " + (missing == 1 ? "is" : "are") + " needed.\n");
    return Exit::failed;
}

}  // namespace

Command doctor_command() {
    return {.name = "doctor",
            .summary = "Show what this host can and can't do",
            .description =
                "By name: yes, no (nothing needs it now), or MISSING (the applied spec needs it), and what\n"
                "mends it. Exits 1 if anything is missing.",
            .options = {output_option({"table", "json", "yaml"})},
            .examples = {{"bulkhead doctor", "Is this box fit for it?"}},
            .run = run_doctor};
}

}  // namespace bulkhead::cli
