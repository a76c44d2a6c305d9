#include "base/units.hpp"
#include "cli/client.hpp"
#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "cli/terminal.hpp"

namespace bulkhead::cli {
namespace {

std::string in_words(const api::DeviceTest& test) {
    return test.device() + ", " + test.line() + ": sent " + std::to_string(test.sent()) + " bytes, heard " +
           std::to_string(test.heard()) + ", of them wrong " + std::to_string(test.wrong()) + "; took " +
           std::to_string(test.took_ms()) + " ms, the line needs " + std::to_string(test.line_ms()) +
           " ms\n" + (test.passed() ? "passed: " : "failed: ") + test.verdict() + "\n";
}

Outcome<Exit> run_test(Context& context) {
    api::TestDeviceRequest request;
    request.set_gateway(context.args.text("gateway"));
    request.set_device(context.args.text("NAME"));
    if (const auto text = context.args.text("bytes"); !text.empty()) {
        const auto bytes = parse_number(text, 1, 4096);
        if (!bytes) return fail_usage("test: '" + text + "' is no number of bytes", "from 1 to 4096");
        request.set_bytes(static_cast<std::uint32_t>(*bytes));
    }
    const auto test = context.client.test_device(request);
    if (!test) return std::unexpected(test.error());
    const Format format = format_of(context.args);
    context.terminal.out(for_people(format) ? in_words(*test) : machine_text(*test, format));
    return test->passed() ? Exit::done : Exit::failed;
}

}  // namespace

Command test_command() {
    return {.name = "test",
            .summary = "Send a pattern out of a serial line and listen for it",
            .description =
                "The process that owns the line sends random bytes and wants to hear the same: over a loop "
                "plug that\n"
                "joins sending to receiving, or as an RS-485 port that hears itself. Whatever is at the "
                "line hears\n"
                "them too: take the machine off it first. Refused while a running partition has the line, "
                "or a lock\n"
                "is on it. Exits with 1 unless all came back.",
            .arguments = {{.name = "KIND", .help = "device", .values = Values::word, .words = {"device"}},
                          {.name = "NAME", .help = "Its name in the spec", .values = Values::named_by_kind}},
            .options = {{.name = "bytes", .value = "N", .help = "How many; 256 if absent, at most 4096"},
                        gateway_option(),
                        output_option({"table", "json", "yaml"})},
            .examples = {{"bulkhead test device rs485-1", "After wiring, with a loop plug at the port"}},
            .run = run_test};
}

}  // namespace bulkhead::cli
