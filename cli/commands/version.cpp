#include "base/text.hpp"
#include "cli/client.hpp"
#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "cli/terminal.hpp"

namespace bulkhead::cli {
namespace {

Outcome<Exit> run_version(Context& context) {
    const Format format = format_of(context.args);
    const Terminal& terminal = context.terminal;
    if (for_people(format)) terminal.out("bulkhead    " BULKHEAD_VERSION "\n");
    const auto version = context.client.version();
    if (!version) return std::unexpected(version.error());
    if (for_people(format))
        terminal.out("bulkheadd   " + printable(version->version(), 64) + "   " +
                     printable(version->apiversion(), 64) + "   state schema " +
                     std::to_string(version->state_schema()) + "\n");
    else
        terminal.out(machine_text(*version, format));
    return Exit::done;
}

}  // namespace

Command version_command() {
    return {.name = "version",
            .summary = "Show the versions of this program and of the manager",
            .description =
                "json and yaml print the manager's alone; bulkhead --version prints this program's alone.",
            .options = {output_option({"table", "json", "yaml"})},
            .examples = {{"bulkhead version", "For a bug report"}},
            .run = run_version};
}

}  // namespace bulkhead::cli
