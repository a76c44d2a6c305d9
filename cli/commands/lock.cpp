#include "base/text.hpp"
#include "cli/client.hpp"
#include "cli/commands.hpp"
#include "cli/terminal.hpp"

namespace bulkhead::cli {
namespace {

Outcome<Exit> set_lock(Context& context, bool locked) {
    const std::string partition = context.args.text("PARTITION");
    api::SetLockRequest request;
    request.set_partition(partition);
    request.set_locked(locked);
    request.set_gateway(context.args.text("gateway"));
    request.set_reason(context.args.text("reason"));
    if (const auto set = context.client.set_lock(request); !set) return std::unexpected(set.error());
    context.terminal.err(partition + (locked ? " is locked: nothing may disturb it.\n" : " is unlocked.\n"));
    return Exit::done;
}

Outcome<Exit> run_lock(Context& context) {
    if (trimmed(context.args.text("reason")).empty())
        return fail_usage("lock: a reason is missing", "say why with --reason 'tool change until 14:00'");
    return set_lock(context, true);
}

Outcome<Exit> run_unlock(Context& context) {
    return set_lock(context, false);
}

Option reason_option(std::string help) {
    return {.name = "reason", .value = "TEXT", .help = std::move(help)};
}

}  // namespace

Command lock_command() {
    return {
        .name = "lock",
        .summary = "Let nothing disturb a partition",
        .description =
            "While it is locked nobody can stop, restart or change it or take its devices, no matter what\n"
            "a spec says or allows. The reason is shown to whoever tries.",
        .arguments = {{.name = "PARTITION", .help = "Which one", .values = Values::partition}},
        .options = {reason_option("Why; required"), gateway_option()},
        .examples = {{"bulkhead lock press --reason 'tool change until 14:00'", "Before hands go in"}},
        .run = run_lock};
}

Command unlock_command() {
    return {.name = "unlock",
            .summary = "Take the lock away again",
            .arguments = {{.name = "PARTITION", .help = "Which one", .values = Values::partition}},
            .options = {reason_option("Why, for the record"), gateway_option()},
            .examples = {{"bulkhead unlock press", "When the hands are out again"}},
            .run = run_unlock};
}

}  // namespace bulkhead::cli
