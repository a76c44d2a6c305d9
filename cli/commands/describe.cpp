#include "base/name.hpp"
#include "cli/client.hpp"
#include "cli/commands.hpp"
#include "cli/describe_text.hpp"
#include "cli/output.hpp"
#include "cli/terminal.hpp"

namespace bulkhead::cli {
namespace {

// A name is a gateway's own: over a fleet there may be many of it.
template <class List>
std::unexpected<Failure> more_than_one(const std::string& kind, const List& list) {
    std::string gateways;
    for (const auto& item : list.items()) gateways += (gateways.empty() ? "" : ", ") + item.gateway();
    const auto& first = list.items(0);
    return std::unexpected(
        Failure(Error{Code::invalid,
                      "more than one gateway has a " + kind + " " + first.name(),
                      {},
                      "one of " + gateways,
                      "bulkhead describe " + kind + " " + first.name() + " --gateway " + first.gateway()}));
}

template <class View>
bool is_called(const View& view, const std::string& name) {
    // What no spec declares has an id alone.
    if constexpr (requires { view.id(); })
        if (view.id() == name) return true;
    return view.name() == name;
}

template <class List>
Outcome<Exit> show(Context& context, Outcome<List> (Client::*call)(const api::ListRequest&)) {
    const std::string kind = context.args.text("KIND");
    const std::string name = context.args.text("NAME");
    api::ListRequest request;
    request.set_name(name);
    request.set_gateway(context.args.text("gateway"));
    const auto list = (context.client.*call)(request);
    if (!list) return std::unexpected(list.error());
    List named;
    for (const auto& item : list->items())
        if (is_called(item, name)) *named.add_items() = item;
    if (named.items_size() > 1) return more_than_one(kind, named);
    if (named.items_size() == 1) {
        const auto& item = named.items(0);
        const Format format = format_of(context.args);
        const Terminal& terminal = context.terminal;
        terminal.out(for_people(format) ? describe(item, terminal.colour_out()) : machine_text(item, format));
        return Exit::done;
    }
    std::vector<std::string> known;
    request.clear_name();
    if (const auto all = (context.client.*call)(request); all)
        for (const auto& item : all->items())
            if (!item.name().empty()) known.push_back(item.name());
    const std::string near = nearest(name, known);
    return std::unexpected(Failure(Error{
        Code::not_found,
        "there is no " + kind + " " + name,
        {},
        {},
        near.empty() ? "see them all with: bulkhead get " + kind + "s" : "did you mean " + near + "?"}));
}

Outcome<Exit> run_describe(Context& context) {
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
                      {.name = "NAME",
                       .help = "Its name; of a device also its id",
                       .values = Values::named_by_kind}},
        .options = {output_option({"table", "json", "yaml"}), gateway_option()},
        .examples = {{"bulkhead describe partition robot-cell", "Limits, devices, addresses, drops, agent"},
                     {"bulkhead describe device pci:0000:00:02.0",
                      "Group, driver, resets, and why it can't be assigned"}},
        .run = run_describe};
}

}  // namespace bulkhead::cli
