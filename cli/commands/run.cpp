#include "cli/client.hpp"
#include "cli/commands.hpp"
#include "cli/interrupt.hpp"
#include "cli/progress.hpp"
#include "cli/terminal.hpp"
#include "cli/wait.hpp"

namespace bulkhead::cli {
namespace {

Outcome<Exit> set_run(Context& context, api::SetRunRequest::Run run, const std::string& done) {
    const auto limit = timeout_of(context.args);
    if (!limit) return std::unexpected(limit.error());
    const std::string partition = context.args.text("PARTITION");
    api::SetRunRequest request;
    request.set_partition(partition);
    request.set_run(run);
    request.set_gateway(context.args.text("gateway"));
    ProgressView view(context.terminal);
    const auto asked =
        say_if_left(view.verdict(context.client.set_run(request, *limit, [&](const auto& p) { view.on(p); })),
                    context.terminal, context.interrupt);
    view.clear();
    if (!asked) return std::unexpected(asked.error());
    if (context.args.has("wait")) {
        const auto up =
            say_if_left(wait_until_settled(context, partition, *limit, context.args.text("gateway")),
                        context.terminal, context.interrupt);
        if (!up) return std::unexpected(up.error());
    }
    if (context.interrupt.signal() == 0) context.terminal.err(partition + " " + done + ".\n");
    return Exit::done;
}

Outcome<Exit> run_start(Context& context) {
    return set_run(context, api::SetRunRequest::start, "is started");
}
Outcome<Exit> run_stop(Context& context) {
    return set_run(context, api::SetRunRequest::stop, "is stopped");
}
Outcome<Exit> run_restart(Context& context) {
    return set_run(context, api::SetRunRequest::restart, "is restarted");
}

Argument partition_argument() {
    return {.name = "PARTITION", .help = "Which one", .values = Values::partition};
}

}  // namespace

Command start_command() {
    return {.name = "start",
            .summary = "Start a partition",
            .description = "It is kept running from now on, also after the gateway was restarted.",
            .arguments = {partition_argument()},
            .options = {wait_option(), timeout_option(), gateway_option()},
            .examples = {{"bulkhead start robot-cell --wait", "Start, and come back when it is ok"}},
            .run = run_start};
}

Command stop_command() {
    return {.name = "stop",
            .summary = "Stop a partition, until it is started",
            .description =
                "The guest is asked to shut down. It stays stopped until a person starts it, also after the\n"
                "gateway was restarted. Refused while it is locked.",
            .arguments = {partition_argument()},
            .options = {timeout_option(), gateway_option()},
            .examples = {{"bulkhead stop robot-cell", "Before the robot is worked on"}},
            .run = run_stop};
}

Command restart_command() {
    return {.name = "restart",
            .summary = "Stop a partition and start it again",
            .description = "Refused while it is locked.",
            .arguments = {partition_argument()},
            .options = {wait_option(), timeout_option(), gateway_option()},
            .examples = {{"bulkhead restart press --wait", "Restart, and come back when it is ok"}},
            .run = run_restart};
}

}  // namespace bulkhead::cli
