#include "cli/man.hpp"

#include "cli/commands.hpp"
#include "cli/terminal.hpp"

namespace bulkhead::cli {
namespace {

Outcome<Exit> run(Context& context) {
    context.terminal.out(man_page(context.commands));
    return Exit::done;
}

}  // namespace

Command man_command() {
    return {.name = "__man", .summary = "The manual page", .run = run, .hidden = true};
}

}  // namespace bulkhead::cli
