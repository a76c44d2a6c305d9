#include "base/file.hpp"
#include "cli/client.hpp"
#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "cli/packet_file.hpp"
#include "cli/switch_text.hpp"
#include "cli/terminal.hpp"

namespace bulkhead::cli {
namespace {

Outcome<void> fill_frames(const Invocation& args, api::ExplainRequest& request) {
    const bool words = args.has("FRAME");
    if (words == args.has("pcap"))
        return fail_usage(words ? "explain: FRAME and --pcap are both given" : "explain: FRAME is missing",
                          "say one of them: 'tcp 10.20.1.5:40000 > 10.20.9.2:8883', or --pcap FILE");
    request.set_words(args.text("FRAME"));
    if (words) return {};
    const auto path = args.text("pcap");
    const auto bytes = read_file(path, longest_packet_file);
    if (!bytes) return std::unexpected(Failure(bytes.error()));
    const auto packets = read_packets(*bytes, path);
    if (!packets) return std::unexpected(Failure(packets.error()));
    if (packets->empty())
        return std::unexpected(Failure(Error{Code::invalid, "there is no packet in it", path, {}, {}}));
    for (const auto& packet : *packets) request.add_frames(packet);
    return {};
}

Outcome<Exit> run_explain(Context& context) {
    api::ExplainRequest request;
    request.set_interface(context.args.text("INTERFACE"));
    if (auto filled = fill_frames(context.args, request); !filled) return std::unexpected(filled.error());
    const auto explanation = context.client.explain(request);
    if (!explanation) return std::unexpected(explanation.error());
    const Format format = format_of(context.args);
    const Terminal& terminal = context.terminal;
    if (for_people(format))
        terminal.out(explanation_text(*explanation, terminal.colour_out(), terminal.width()));
    else
        terminal.out(machine_text(*explanation, format));
    const auto wrong = explanation->disagreements();
    if (wrong == 0) return Exit::done;
    return std::unexpected(
        Failure(Error{Code::internal,
                      "the switch's program and its data disagree about " + std::to_string(wrong) +
                          (wrong == 1 ? " frame" : " frames"),
                      explanation->interface(),
                      {},
                      "the switch is defective or was tampered with: bulkhead prove --all, and report it"}));
}

}  // namespace

Command explain_command() {
    return {
        .name = "explain",
        .summary = "Say what the switch would do with a frame, and why",
        .description =
            "The frame is judged as if it came in over the interface now, twice: by the switch's data, and\n"
            "by the program that runs in the kernel, over the same data and what it remembers.\n"
            "Nothing is sent and nothing changes, no counter either. The answer names the rule, its\n"
            "conduit, the conduit's place in the spec in force, and the counter. Should the two disagree,\n"
            "that is an error and the event switch.disagreement. Rates and quotas count as they are at the\n"
            "moment; asking spends nothing of them.\n\n"
            "FRAME is one of\n"
            "  tcp ADDRESS:PORT > ADDRESS:PORT [FLAGS]   syn (if absent), ack, fin, rst, with commas\n"
            "  udp ADDRESS:PORT > ADDRESS:PORT\n"
            "  icmp ADDRESS > ADDRESS                    an echo request; icmp-reply: its answer\n"
            "  arp ADDRESS > ADDRESS                     who has the second? ND for IPv6\n"
            "An IPv6 address with a port stands in brackets. MAC addresses and tags are those that the\n"
            "sender would use.\n\n"
            "Exits 0 whatever the verdict is, and 1 if the two disagree.",
        .arguments = {{.name = "INTERFACE",
                       .help = "Over which it comes in: a partition, PARTITION/ZONE, a host, or its own name",
                       .values = Values::partition},
                      {.name = "FRAME", .help = "In words, as one argument", .optional = true}},
        .options = {{.name = "pcap",
                     .value = "FILE",
                     .help = "Instead of FRAME: each packet of a capture (pcap, pcapng), at most 1000",
                     .values = Values::file},
                    output_option({"table", "json", "yaml"})},
        .examples = {{"bulkhead explain robot-cell 'tcp 10.20.1.5:40000 > 10.20.9.2:8883'",
                      "May the robot send its readings?"},
                     {"bulkhead explain press --pcap lost.pcapng", "Why did none of these arrive?"}},
        .run = run_explain};
}

}  // namespace bulkhead::cli
