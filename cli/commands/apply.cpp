#include <algorithm>

#include "cli/client.hpp"
#include "cli/commands.hpp"
#include "cli/interrupt.hpp"
#include "cli/permits.hpp"
#include "cli/plan_text.hpp"
#include "cli/progress.hpp"
#include "cli/terminal.hpp"
#include "cli/wait.hpp"
#include "spec/desired.hpp"

namespace bulkhead::cli {
namespace {

// Data that is gone can't be had back: the one thing that is asked about although it was named already.
Outcome<bool> may_delete(Context& context, const Document& document) {
    const Terminal& terminal = context.terminal;
    if (context.args.has("yes") || !terminal.can_ask() || !context.args.has("delete-volume")) return true;
    const auto plan = context.client.plan(plan_request(document, context.args));
    if (!plan) return std::unexpected(plan.error());
    const bool deletes = std::ranges::any_of(plan->steps(), [](const api::Step& step) {
        return step.kind() == "volume" && step.action() == "delete";
    });
    if (!deletes) return true;
    terminal.err(plan_text(*plan, {terminal.colour_err(), false, document.name}));
    const auto answer = terminal.ask("Delete the volumes and all that is on them? [y/N] ", context.interrupt);
    return answer && (*answer == "y" || *answer == "yes");
}

Outcome<Exit> send_signed(Context& context, const Document& document, std::chrono::milliseconds limit) {
    const auto end = std::chrono::steady_clock::now() + limit;
    const auto desired = spec::peek_desired(document.content, document.name);
    if (!desired) return std::unexpected(Failure(desired.error()));
    const std::string gateway = desired->gateway.str();
    auto request = apply_request(document, context.args);
    request.set_gateway(gateway);
    const auto sent = context.client.apply(request, limit, [](const api::Progress&) {});
    if (!sent) return std::unexpected(sent.error());
    context.terminal.err("The console has generation " + std::to_string(desired->generation) +
                         " for gateway " + gateway + ".\n");
    if (!context.args.has("wait")) return Exit::done;
    const auto left = [&] {
        return std::max(
            std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now()),
            std::chrono::milliseconds(0));
    };
    auto taken = say_if_left(wait_until_taken(context, gateway, desired->generation, left()),
                             context.terminal, context.interrupt);
    if (!taken) return std::unexpected(taken.error());
    auto up =
        say_if_left(wait_until_settled(context, "", left(), gateway), context.terminal, context.interrupt);
    if (!up) return std::unexpected(up.error());
    if (context.interrupt.signal() == 0) context.terminal.err("All partitions of " + gateway + " are up.\n");
    return Exit::done;
}

Outcome<Exit> run_apply(Context& context) {
    const auto limit = timeout_of(context.args);
    if (!limit) return std::unexpected(limit.error());
    const auto document = read_document(context.args);
    if (!document) return std::unexpected(document.error());
    const auto agreed = may_delete(context, *document);
    if (!agreed) return std::unexpected(agreed.error());
    if (!*agreed) {
        context.terminal.err("Nothing was changed.\n");
        return Exit::failed;
    }
    if (context.client.endpoint().is_console()) return send_signed(context, *document, *limit);
    const auto begin = std::chrono::steady_clock::now();
    ProgressView view(context.terminal);
    auto applied = context.client.apply(apply_request(*document, context.args), *limit,
                                        [&](const api::Progress& progress) { view.on(progress); });
    view.clear();
    applied = say_if_left(view.verdict(std::move(applied)), context.terminal, context.interrupt);
    if (!applied) return std::unexpected(applied.error());
    const std::string generation =
        view.generation() == 0 ? "" : "   generation " + std::to_string(view.generation());
    context.terminal.err((view.empty() ? "Nothing to do: the gateway is as the spec wants it." : "Applied.") +
                         generation + "\n");
    if (!context.args.has("wait")) return Exit::done;
    const auto used =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
    auto up =
        say_if_left(wait_until_settled(context, "", std::max(*limit - used, std::chrono::milliseconds(0))),
                    context.terminal, context.interrupt);
    if (!up) return std::unexpected(up.error());
    if (context.interrupt.signal() == 0) context.terminal.err("All partitions are up.\n");
    return Exit::done;
}

}  // namespace

Command apply_command() {
    std::vector<Option> options{file_option(), values_option()};
    for (auto& option : permit_options()) options.push_back(std::move(option));
    options.push_back({.name = "wait", .help = "Then wait until every partition is running and ok"});
    options.push_back(timeout_option());
    options.push_back({.name = "break-glass",
                       .value = "REASON",
                       .help = "Change an enrolled gateway without IT's signature, and say why"});
    options.push_back({.name = "yes", .letter = 'y', .help = "Don't ask before volumes are deleted"});
    return {
        .name = "apply",
        .summary = "Make the gateway match a spec",
        .description =
            "Makes a plan and executes it. A spec with an error, or a plan with a step that is not allowed,\n"
            "changes nothing at all. What would restart a partition, take a device from one that runs or\n"
            "delete a volume must be allowed by name; what the plant has locked is never touched.\n\n"
            "Applied twice, the second time does nothing. If you stop watching, the manager goes on.\n\n"
            "A console takes signed envelopes (bulkhead sign) and passes them on; so does an enrolled "
            "gateway,\n"
            "offline too. Anything else it takes only with --break-glass REASON: that works without the "
            "console,\n"
            "is on record there, and counts as drift until IT's next signed generation.",
        .options = std::move(options),
        .examples = {{"bulkhead apply -f factory.yaml --wait", "Apply, and come back when all is up"},
                     {"bulkhead apply -f factory.yaml --allow-restart robot-cell,press",
                      "Two partitions may be restarted"},
                     {"generate-spec | bulkhead apply -f - --yes", "From a pipe, without questions"}},
        .run = run_apply};
}

}  // namespace bulkhead::cli
