#include "base/name.hpp"
#include "cli/client.hpp"
#include "cli/commands.hpp"
#include "cli/describe_text.hpp"
#include "cli/output.hpp"
#include "cli/terminal.hpp"

namespace bulkhead::cli {
namespace {

template <class List>
Outcome<Exit> show(Context& context, Outcome<List> (Client::*call)(const api::ListRequest&)) {
    const std::string kind = context.args.text("KIND");
    const std::string name = context.args.text("NAME");
    const auto list = (context.client.*call)({});
    if (!list) return std::unexpected(list.error());
    const Format format = format_of(context.args);
    const Terminal& terminal = context.terminal;
    std::vector<std::string> known;
    for (const auto& item : list->items()) {
        known.push_back(item.name());
        if (item.name() != name) continue;
        terminal.out(for_people(format) ? describe(item, terminal.colour_out()) : machine_text(item, format));
        return Exit::done;
    }
    const std::string near = nearest(name, known);
    return std::unexpected(Failure(Error{
        Code::not_found,
        "there is no " + kind + " " + name,
        {},
        {},
        near.empty() ? "see them all with: bulkhead get " + kind + "s" : "did you mean " + near + "?"}));
}

Outcome<Exit> run(Context& context) {
    const std::string kind = context.args.text("KIND");
    if (kind == "partition") return show(context, &Client::partitions);
    if (kind == "device") return show(context, &Client::devices);
    if (kind == "zone") return show(context, &Client::zones);
    return show(context, &Client::conduits);
}

}  // namespace

Command describe_command() {
    return {
        .name = "describe",
        .summary = "Show one thing in full",
        .arguments = {{.name = "KIND",
                       .help = "partition, device, zone or conduit",
                       .values = Values::word,
                       .words = {"partition", "device", "zone", "conduit"}},
                      {.name = "NAME", .help = "Its name", .values = Values::named_by_kind}},
        .options = {output_option({"table", "json", "yaml"})},
        .examples = {{"bulkhead describe partition robot-cell", "Limits, devices, addresses, drops, agent"}},
        .run = run};
}

}  // namespace bulkhead::cli
