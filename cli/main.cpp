#include <chrono>
#include <cstdlib>
#include <string>
#include <vector>

#include "cli/client.hpp"
#include "cli/commands.hpp"
#include "cli/contexts.hpp"
#include "cli/help.hpp"
#include "cli/interrupt.hpp"
#include "cli/parse.hpp"
#include "cli/terminal.hpp"

namespace {

using namespace bulkhead::cli;

// What is named comes before what is set, and that before the current context.
Outcome<Endpoint> endpoint_of(const Command& command, const Invocation& args) {
    Endpoint endpoint;
    const char* variable = std::getenv("BULKHEAD_SOCKET");
    endpoint.socket = args.has("socket")      ? args.text("socket")
                      : variable && *variable ? variable
                                              : "/run/bulkhead/control.sock";
    const bool named = args.has("context") && !command.own_context;
    if (command.own_context || (!named && (args.has("socket") || (variable && *variable)))) return endpoint;
    const auto path = contexts_path();
    if (!path && !named) return endpoint;
    if (!path) return std::unexpected(Failure(path.error()));
    const auto contexts = read_contexts(*path);
    if (!contexts) return std::unexpected(Failure(contexts.error()));
    const std::string name = named ? args.text("context") : contexts->current;
    if (name.empty()) return endpoint;
    if (const auto* found = contexts->find(name)) return *found;
    return std::unexpected(Failure(no_such_context(*contexts, name).error(), Exit::usage));
}

Outcome<Exit> run(const std::vector<Command>& commands, const std::vector<std::string>& words,
                  const Terminal& terminal, Interrupt& interrupt) {
    const auto parsed = parse(commands, words);
    if (!parsed) return std::unexpected(parsed.error());
    const auto& [command, args] = *parsed;
    if (args.has("version")) {
        terminal.out("bulkhead " BULKHEAD_VERSION "\n");
        return Exit::done;
    }
    if (args.has("help")) {
        const bool colour = terminal.colour_out();
        terminal.out(command ? help_text(*command, colour) : help_text(commands, colour));
        return Exit::done;
    }
    // Nobody waits long for a Tab.
    auto endpoint = endpoint_of(*command, args);
    if (!endpoint) return std::unexpected(endpoint.error());
    if (!endpoint->context.empty() && !command->hidden) terminal.err(endpoint->text() + "\n");
    Client client(std::move(*endpoint), std::chrono::seconds(command->hidden ? 1 : 30));
    interrupt.on_signal([&client] { client.cancel(); });
    Context context{commands, args, client, terminal, interrupt};
    auto outcome = command->run(context);
    interrupt.on_signal({});
    return outcome;
}

}  // namespace

int main(int argc, char** argv) {
    ::setenv("GRPC_VERBOSITY", "NONE", 0);  // its own log lines are no errors of ours
    const std::vector<Command> commands = all_commands();
    const Terminal terminal;
    Interrupt interrupt;
    auto outcome = run(commands, {argv + 1, argv + argc}, terminal, interrupt);
    // What the interruption broke off is no news.
    if (!outcome && interrupt.signal() == 0)
        terminal.err(failure_text(outcome.error(), terminal.colour_err()));
    if (const auto flushed = terminal.flush(); !flushed && outcome) {
        terminal.err(failure_text(Failure(flushed.error()), terminal.colour_err()));
        outcome = Exit::failed;
    }
    if (interrupt.signal() != 0) interrupt.die();
    return static_cast<int>(outcome ? *outcome : outcome.error().exit);
}
