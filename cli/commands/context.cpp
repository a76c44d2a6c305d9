#include "cli/commands.hpp"
#include "cli/contexts.hpp"
#include "cli/table.hpp"
#include "cli/terminal.hpp"

namespace bulkhead::cli {
namespace {

std::string list_text(const Contexts& contexts, bool colour) {
    Table table({{"CONTEXT"}, {"CURRENT"}, {"SPEAKS TO"}, {"USER"}, {"SESSION"}});
    for (const auto& endpoint : contexts.all)
        table.row({endpoint.context, endpoint.context == contexts.current ? "yes" : "no",
                   endpoint.is_console() ? endpoint.console : endpoint.socket.string(), endpoint.user,
                   endpoint.session.empty() ? "" : "signed in"});
    return table.text(colour);
}

Outcome<Exit> run_context(Context& context) {
    const auto path = contexts_path();
    if (!path) return std::unexpected(Failure(path.error()));
    auto contexts = read_contexts(*path);
    if (!contexts) return std::unexpected(Failure(contexts.error()));
    const std::string action = context.args.text("ACTION");
    const std::string name = context.args.text("NAME");
    if (action == "list") {
        context.terminal.out(list_text(*contexts, context.terminal.colour_out()));
        if (contexts->current.empty())
            context.terminal.err("No context is current: commands speak to this machine's manager.\n");
        return Exit::done;
    }
    if (action == "add") {
        const std::string socket = context.args.text("socket");
        if (name.empty() || socket.empty())
            return fail_usage("context add: name or socket is missing",
                              "bulkhead context add NAME --socket PATH; a console: bulkhead login HOST:PORT");
        Endpoint endpoint;
        endpoint.context = name;
        endpoint.socket = socket;
        contexts->put(std::move(endpoint));
    } else if (action == "use" && name.empty()) {
        contexts->current.clear();
    } else {
        if (!contexts->find(name))
            return std::unexpected(Failure(no_such_context(*contexts, name).error(), Exit::usage));
        if (action == "use") contexts->current = name;
        if (action == "remove") contexts->remove(name);
        if (action == "remove" && contexts->current == name) contexts->current.clear();
    }
    if (auto kept = write_contexts(*path, *contexts); !kept) return std::unexpected(Failure(kept.error()));
    context.terminal.err(contexts->current.empty() ? "No context is current.\n"
                                                   : "The current context is " + contexts->current + ".\n");
    return Exit::done;
}

}  // namespace

Command context_command() {
    return {
        .name = "context",
        .summary = "Choose the console or gateway that commands speak to",
        .description =
            "list shows all of them; use NAME makes one current, and without a name none, so that commands\n"
            "speak to this machine's manager again; add NAME --socket PATH is for a gateway's socket; "
            "consoles\n"
            "are added by bulkhead login. They stand in $XDG_CONFIG_HOME/bulkhead/contexts.yaml.",
        .arguments = {{.name = "ACTION",
                       .help = "list, use, add or remove",
                       .values = Values::word,
                       .words = {"list", "use", "add", "remove"}},
                      {.name = "NAME", .help = "Which one", .values = Values::context, .optional = true}},
        .examples = {{"bulkhead context use plant", "From now on"},
                     {"bulkhead --context plant get gateways", "Only this once"}},
        .run = run_context,
        .own_context = true};
}

}  // namespace bulkhead::cli
