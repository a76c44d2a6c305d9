// bulkhead-line: owns one serial line that several partitions have, and gives them their turns.
#include "base/log.hpp"
#include "passthrough/line/arbiter.hpp"
#include "passthrough/line/confinement.hpp"
#include "passthrough/line/options.hpp"
#include "passthrough/owner_process.hpp"

int main(int argc, char** argv) {
    using namespace bulkhead;
    namespace line = passthrough::line;
    log::set_program("bulkhead-line");
    const auto options =
        line::parse_options(std::span<const char* const>(argv, static_cast<std::size_t>(argc)).subspan(1));
    if (!options) {
        log::error(options.error().text());
        return 2;
    }
    return passthrough::serve({.open = [&](Loop& loop) { return line::Arbiter::open(loop, *options); },
                               .confine = line::confine,
                               .log =
                                   [&](std::string_view what) {
                                       log::info(what,
                                                 {{"at", options->at}, {"as", to_string(options->line)}});
                                   }});
}
