#include "cli/man.hpp"

#include "cli/commands.hpp"
#include "cli/terminal.hpp"

namespace bulkhead::cli {
namespace {

Outcome<Exit> run_man(Context& context) {
    context.terminal.out(man_page(context.commands));
    return Exit::done;
}

}  // namespace

Command man_command() {
    return {.name = "__man", .summary = "The manual page", .run = run_man, .hidden = true};
}

}  // namespace bulkhead::cli
