#include "base/text.hpp"
#include "base/units.hpp"
#include "cli/client.hpp"
#include "cli/commands.hpp"
#include "cli/style.hpp"
#include "cli/terminal.hpp"

namespace bulkhead::cli {
namespace {

constexpr std::size_t longest_log_line = 65536;

Outcome<Exit> run_logs(Context& context) {
    const auto& args = context.args;
    const Terminal& terminal = context.terminal;
    api::LogsRequest request;
    request.set_partition(args.text("PARTITION"));
    request.set_gateway(args.text("gateway"));
    request.set_follow(args.has("follow"));
    const auto lines = parse_number(args.text("lines"), 1, 100'000);
    if (!lines) return fail_usage("--lines: " + lines.error().what, "a number from 1 to 100000");
    request.set_lines(static_cast<std::uint32_t>(*lines));
    const auto read = context.client.logs(request, [&](const api::LogLine& line) {
        // A guest wrote this: nothing in it may drive the terminal.
        terminal.out(styled(printable(line.time(), 64), Style::dim, terminal.colour_out()) + "  " +
                     printable(line.text(), longest_log_line) + "\n");
        if (request.follow()) (void)terminal.flush();
    });
    if (!read) return std::unexpected(read.error());
    return Exit::done;
}

}  // namespace

Command logs_command() {
    return {.name = "logs",
            .summary = "Print what a partition's application wrote",
            .arguments = {{.name = "PARTITION", .help = "Whose", .values = Values::partition}},
            .options =
                {{.name = "follow", .letter = 'f', .help = "Go on with new lines as they come"},
                 {.name = "lines", .letter = 'n', .value = "N", .help = "Lines of the past", .preset = "100"},
                 gateway_option()},
            .examples = {{"bulkhead logs robot-cell -f -n 20", "The last 20 lines, then new ones"}},
            .run = run_logs};
}

}  // namespace bulkhead::cli
