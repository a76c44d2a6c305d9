#include "base/name.hpp"
#include "base/units.hpp"
#include "cli/client.hpp"
#include "cli/commands.hpp"
#include "cli/lists.hpp"
#include "cli/output.hpp"
#include "cli/switch_text.hpp"
#include "cli/terminal.hpp"

namespace bulkhead::cli {
namespace {

template <class List>
using ListCall = Outcome<List> (Client::*)(const api::ListRequest&);
template <class List>
using ListTable = Table (*)(const List&, bool wide);

template <class View>
const std::string& name_of(const View& view) {
    return view.name();
}
const std::string& name_of(const api::RouterView& router) {
    return router.tenant();
}

std::unexpected<Failure> no_such(const std::string& kind, const std::string& name,
                                 const std::vector<std::string>& known) {
    const std::string near = nearest(name, known);
    return std::unexpected(Failure(Error{
        Code::not_found,
        "there is no " + kind + " " + name,
        {},
        {},
        near.empty() ? "see them all with: bulkhead get " + kind + "s" : "did you mean " + near + "?"}));
}

// What the server filters, sorts and pages by.
Outcome<void> fill_filters(const Invocation& args, api::ListRequest& request) {
    request.set_gateway(args.text("gateway"));
    request.set_site(args.text("site"));
    for (const auto& label : args.all("label")) request.add_labels(label);
    request.set_search(args.text("search"));
    request.set_health(args.text("health"));
    request.set_attestation(args.text("attestation"));
    request.set_sort(args.text("sort"));
    request.set_page_token(args.text("page"));
    if (!args.has("limit")) return {};
    const auto limit = parse_number(args.text("limit"), 1, 1000);
    if (!limit) return fail_usage("--limit: " + limit.error().what, "a number from 1 to 1000");
    request.set_page_size(static_cast<std::uint32_t>(*limit));
    return {};
}

template <class List>
Outcome<List> ask(Context& context, ListCall<List> call) {
    api::ListRequest request;
    request.set_tenant(context.args.text("tenant"));
    request.set_name(context.args.text("NAME"));
    if (auto filled = fill_filters(context.args, request); !filled) return std::unexpected(filled.error());
    return (context.client.*call)(request);
}

// For programs, or as a table; what is above the table was printed already.
template <class List>
void show(Context& context, const std::string& kind, const List& list, ListTable<List> table) {
    const Format format = format_of(context.args);
    const Terminal& terminal = context.terminal;
    if (!for_people(format)) return terminal.out(machine_text(list, format));
    terminal.out(table(list, format == Format::wide).text(terminal.colour_out(), terminal.width()));
    if (list.items().empty()) terminal.err("There are no " + kind + "s.\n");
}

template <class List>
Outcome<Exit> get(Context& context, const std::string& kind, ListCall<List> call, ListTable<List> table) {
    const auto list = ask(context, call);
    if (!list) return std::unexpected(list.error());
    const std::string name = context.args.text("NAME");
    if (list->items().empty() && !name.empty()) {
        std::vector<std::string> known;
        if (const auto all = (context.client.*call)({}); all)
            for (const auto& item : all->items())
                if (!name_of(item).empty()) known.push_back(name_of(item));
        return no_such(kind, name, known);
    }
    const bool people = for_people(format_of(context.args));
    if (people && kind == "partition" && !context.client.endpoint().is_console()) {
        const auto status = context.client.status();
        if (!status) return std::unexpected(status.error());
        context.terminal.out(gateway_line(*status, context.terminal.colour_out()));
    }
    show(context, kind, *list, table);
    if (people && !list->next().empty())
        context.terminal.err("More: bulkhead get " + kind + "s --page " + list->next() + "\n");
    return Exit::done;
}

// Of the switch: lists whose NAME is that of an end, and that say how many there are in all. A gateway shows
// the latest of them, a console pages.
template <class List>
Outcome<Exit> get_traffic(Context& context, const std::string& kind, ListCall<List> call,
                          ListTable<List> table) {
    const auto list = ask(context, call);
    if (!list) return std::unexpected(list.error());
    show(context, kind, *list, table);
    if (!for_people(format_of(context.args))) return Exit::done;
    const auto shown = static_cast<std::uint64_t>(list->items_size());
    if (!list->next().empty())
        context.terminal.err("More: bulkhead get " + kind + "s --page " + list->next() + "\n");
    else if (shown < list->total() && !context.args.has("page"))
        context.terminal.err("The latest " + std::to_string(shown) + " of " + std::to_string(list->total()) +
                             "; more with --limit, fewer with NAME or --tenant\n");
    return Exit::done;
}

Outcome<Exit> get_events(Context& context) {
    const auto& args = context.args;
    api::ListEventsRequest request;
    request.set_tenant(args.text("tenant"));
    request.set_partition(args.text("NAME"));
    request.set_page_token(args.text("page"));
    request.set_gateway(args.text("gateway"));
    request.set_code(args.text("code"));
    request.set_search(args.text("search"));
    if (args.has("limit")) {
        const auto limit = parse_number(args.text("limit"), 1, 1000);
        if (!limit) return fail_usage("--limit: " + limit.error().what, "a number from 1 to 1000");
        request.set_limit(static_cast<std::uint32_t>(*limit));
    }
    const auto list = context.client.events(request);
    if (!list) return std::unexpected(list.error());
    const Format format = format_of(args);
    const Terminal& terminal = context.terminal;
    if (!for_people(format)) {
        terminal.out(machine_text(*list, format));
        return Exit::done;
    }
    terminal.out(event_table(*list, format == Format::wide).text(terminal.colour_out(), terminal.width()));
    if (!list->next().empty()) terminal.err("More: bulkhead get events --page " + list->next() + "\n");
    return Exit::done;
}

Outcome<Exit> run_get(Context& context) {
    const std::string kind = context.args.text("KIND");
    if (kind == "gateways") return get(context, "gateway", &Client::gateways, gateway_table);
    if (kind == "partitions") return get(context, "partition", &Client::partitions, partition_table);
    if (kind == "devices") return get(context, "device", &Client::devices, device_table);
    if (kind == "zones") return get(context, "zone", &Client::zones, zone_table);
    if (kind == "conduits") return get(context, "conduit", &Client::conduits, conduit_table);
    if (kind == "routers") return get(context, "router", &Client::routers, router_table);
    if (kind == "denials") return get_traffic(context, "denial", &Client::denials, denial_table);
    if (kind == "flows") return get_traffic(context, "flow", &Client::flows, flow_table);
    return get_events(context);
}

}  // namespace

Command get_command() {
    return {
        .name = "get",
        .summary = "List gateways, partitions, devices, zones, conduits, routers, flows, denials or events",
        .description =
            "json and yaml print {apiVersion, items, next}; their field names are stable.\n"
            "Events: the newest, the oldest of them first; their NAME is that of a partition.\n"
            "Flows: connections that are open through the switch. Denials: what it refused, who to whom and\n"
            "why, by the names of vnet/README.md; the rarest are forgotten first. Both show the latest\n"
            "first; their NAME is that of a partition or host at either end. Routers: tenants' ways out;\n"
            "their NAME is a tenant's. A console knows the latest 100 denials of each gateway, and no "
            "flows.\n"
            "Devices: those of the spec, then what else is on the gateway's buses: free, or kept by the "
            "gateway\n"
            "and why. Bridges and hubs with -o wide. Their NAME is a device's, or an id: pci:0000:00:02.0. "
            "A\n"
            "console shows what no spec has with --gateway alone.",
        .arguments =
            {{.name = "KIND",
              .help = "gateways, partitions, devices, zones, conduits, routers, flows, denials or events",
              .values = Values::word,
              .words = {"gateways", "partitions", "devices", "zones", "conduits", "routers", "flows",
                        "denials", "events"}},
             {.name = "NAME", .help = "Only this one", .values = Values::named_by_kind, .optional = true}},
        .options = {output_option({"table", "wide", "json", "yaml"}),
                    {.name = "tenant",
                     .value = "TENANT",
                     .help = "Only what belongs to this tenant",
                     .values = Values::tenant},
                    gateway_option(),
                    {.name = "site", .value = "SITE", .help = "Only of this site"},
                    {.name = "label",
                     .value = "KEY=VALUE",
                     .help = "Only of gateways with this label; all must fit",
                     .many = true},
                    {.name = "search",
                     .value = "TEXT",
                     .help = "Part of a name, site or label; of an event's text"},
                    {.name = "health",
                     .value = "HEALTH",
                     .help = "Only these: ok, degraded, unknown",
                     .values = Values::word,
                     .words = {"ok", "degraded", "unknown", "no agent"}},
                    {.name = "attestation",
                     .value = "RESULT",
                     .help = "Only these: trusted, untrusted, stale, unknown",
                     .values = Values::word,
                     .words = {"trusted", "untrusted", "stale", "unknown"}},
                    {.name = "code", .value = "CODE", .help = "Events: only those whose code begins so"},
                    {.name = "sort",
                     .value = "BY",
                     .help = "name, site, health, attestation or last_seen; -name descends"},
                    {.name = "limit", .value = "N", .help = "At most so many (100)"},
                    {.name = "page",
                     .value = "TOKEN",
                     .help = "Go on where a list ended; of events, 0 is the beginning"}},
        .examples =
            {{"bulkhead get partitions", "Who runs here, and how are they?"},
             {"bulkhead get devices", "What is assigned to whom, and what else could be?"},
             {"bulkhead get devices --tenant acme -o wide", "Devices of one vendor, with counters"},
             {"bulkhead get denials robot-cell", "What was refused of or to the robot, and why"},
             {"bulkhead get routers", "Over which uplinks do tenants reach the outside?"},
             {"bulkhead get partitions -o json | jq -r '.items[] | select(.health != \"ok\") | .name'",
              "Names of those that are not well"}},
        .run = run_get};
}

}  // namespace bulkhead::cli
