#include "cli/completion.hpp"

#include "base/text.hpp"
#include "cli/client.hpp"
#include "cli/commands.hpp"
#include "cli/contexts.hpp"
#include "cli/terminal.hpp"

namespace bulkhead::cli {
namespace {

Outcome<Exit> run_completion(Context& context) {
    context.terminal.out(completion_script(context.args.text("SHELL")));
    return Exit::done;
}

template <class List, class Says>
std::vector<Candidate> names(const Outcome<List>& list, const Says& says) {
    std::vector<Candidate> found;
    if (!list) return found;  // whoever presses Tab wants no error
    for (const auto& item : list->items())
        if (!item.name().empty()) found.push_back({item.name(), says(item)});
    return found;
}

std::vector<Candidate> tenants(const Outcome<api::PartitionList>& list) {
    std::vector<Candidate> found;
    if (!list) return found;
    for (const auto& item : list->items()) {
        const Candidate candidate{item.tenant(), ""};
        if (std::ranges::find(found, candidate) == found.end()) found.push_back(candidate);
    }
    return found;
}

std::vector<Candidate> volumes(const Outcome<api::PartitionList>& list) {
    std::vector<Candidate> found;
    if (!list) return found;
    for (const auto& item : list->items())
        for (const auto& volume : item.volumes())
            found.push_back({item.name() + "/" + volume.name(), volume.size()});
    return found;
}

std::vector<Candidate> contexts() {
    std::vector<Candidate> found;
    const auto path = contexts_path();
    const auto read = path ? read_contexts(*path) : Result<Contexts>(Contexts());
    if (read)
        for (const auto& endpoint : read->all) found.push_back({endpoint.context, endpoint.text()});
    return found;
}

std::vector<Candidate> live_names(Client& client, Values kind) {
    switch (kind) {
        case Values::partition:
            return names(client.partitions({}), [](const auto& p) { return p.tenant() + ", " + p.state(); });
        case Values::gateway:
            return names(client.gateways({}), [](const auto& g) { return g.site() + ", " + g.connection(); });
        case Values::context:
            return contexts();
        case Values::device:
            return names(client.devices({}), [](const auto& d) { return d.partition(); });
        case Values::zone:
            return names(client.zones({}), [](const auto& z) { return z.subnet(); });
        case Values::conduit:
            return names(client.conduits({}), [](const auto& c) { return c.from() + " to " + c.to(); });
        case Values::tenant:
            return tenants(client.partitions({}));
        case Values::volume:
            return volumes(client.partitions({}));
        default:
            return {};
    }
}

Outcome<Exit> run_complete(Context& context) {
    const auto found = complete(context.commands, context.args.all("words"),
                                [&](Values kind) { return live_names(context.client, kind); });
    for (const auto& [word, says] : found.candidates)
        context.terminal.out(printable(word, 256) + "\t" + printable(says, 256) + "\n");
    if (found.files) context.terminal.out(":files\n");
    return Exit::done;
}

}  // namespace

Command completion_command() {
    return {
        .name = "completion",
        .summary = "Print the completion script of a shell",
        .description =
            "It completes the names of partitions, devices, zones, conduits, tenants and volumes as they\n"
            "are at that moment.",
        .arguments =
            {{.name = "SHELL", .help = "bash or zsh", .values = Values::word, .words = {"bash", "zsh"}}},
        .examples = {{"source <(bulkhead completion bash)", "For this shell"},
                     {"bulkhead completion zsh > ~/.zfunc/_bulkhead", "For every zsh"}},
        .run = run_completion};
}

Command complete_command() {
    return {.name = "__complete",
            .summary = "Words that could come next",
            .run = run_complete,
            .hidden = true,
            .raw = true};
}

}  // namespace bulkhead::cli
