#include "cli/client.hpp"
#include "cli/commands.hpp"
#include "cli/interrupt.hpp"
#include "cli/progress.hpp"
#include "cli/terminal.hpp"
#include "cli/wait.hpp"

namespace bulkhead::cli {
namespace {

// The gateway's name must be typed: a "y" comes too easily.
Outcome<bool> agreed(Context& context) {
    if (context.args.has("yes")) return true;
    if (!context.terminal.can_ask())
        return std::unexpected(Failure(Error{Code::refused,
                                             "teardown removes everything, volumes too",
                                             {},
                                             "a terminal to ask on, or --yes",
                                             "bulkhead teardown --yes"}));
    const auto status = context.client.status();
    if (!status) return std::unexpected(status.error());
    const std::string name = status->gateway().empty() ? "yes" : status->gateway();
    const auto answer = context.terminal.ask(
        "This removes " + std::to_string(status->partitions()) +
            " partitions, their volumes and all that is on them.\nType " + name + " to go on: ",
        context.interrupt);
    return answer && *answer == name;
}

Outcome<Exit> run_teardown(Context& context) {
    const auto limit = timeout_of(context.args);
    if (!limit) return std::unexpected(limit.error());
    const auto yes = agreed(context);
    if (!yes) return std::unexpected(yes.error());
    if (!*yes) {
        context.terminal.err("Nothing was changed.\n");
        return Exit::failed;
    }
    ProgressView view(context.terminal);
    const auto gone =
        say_if_left(view.verdict(context.client.tear_down(*limit, [&](const auto& p) { view.on(p); })),
                    context.terminal, context.interrupt);
    view.clear();
    if (!gone) return std::unexpected(gone.error());
    context.terminal.err("Everything that Bulkhead made here is gone.\n");
    return Exit::done;
}

}  // namespace

Command teardown_command() {
    return {
        .name = "teardown",
        .summary = "Remove everything that Bulkhead made on this gateway",
        .description =
            "Partitions, their volumes and data, ports, conduits, the stored spec. Asks on a terminal and\n"
            "is refused elsewhere without --yes. Refused while anything is locked.",
        .options = {{.name = "yes", .letter = 'y', .help = "Don't ask"}, timeout_option()},
        .examples = {{"bulkhead teardown --yes", "Without a question"}},
        .run = run_teardown};
}

}  // namespace bulkhead::cli
