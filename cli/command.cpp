#include "cli/command.hpp"

#include <algorithm>

namespace bulkhead::cli {

std::string Invocation::text(std::string_view name) const {
    const auto found = values_.find(name);
    return found == values_.end() || found->second.empty() ? std::string() : found->second.back();
}

std::vector<std::string> Invocation::all(std::string_view name) const {
    const auto found = values_.find(name);
    return found == values_.end() ? std::vector<std::string>() : found->second;
}

const Command* find_command(const std::vector<Command>& commands, std::string_view name) {
    const auto found = std::ranges::find(commands, name, &Command::name);
    return found == commands.end() ? nullptr : &*found;
}

const std::vector<Option>& global_options() {
    static const std::vector<Option> options{
        {.name = "socket",
         .value = "PATH",
         .help = "Where the manager listens; $BULKHEAD_SOCKET, or else /run/bulkhead/control.sock",
         .values = Values::file},
        {.name = "context",
         .value = "NAME",
         .help = "Speak to this console or gateway instead of the current one; see bulkhead context",
         .values = Values::context},
        {.name = "help", .letter = 'h', .help = "Show this help"},
    };
    return options;
}

Option gateway_option() {
    return {.name = "gateway",
            .value = "NAME",
            .help = "Of a console's fleet: this gateway",
            .values = Values::gateway};
}

Option output_option(std::vector<std::string> formats) {
    std::string help = "One of:";
    for (const auto& format : formats) help += (&format == &formats.front() ? " " : ", ") + format;
    const std::string preset = formats.front();
    return {.name = "output",
            .letter = 'o',
            .value = "FORMAT",
            .help = std::move(help),
            .values = Values::word,
            .words = std::move(formats),
            .preset = preset};
}

}  // namespace bulkhead::cli
