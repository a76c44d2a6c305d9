#include "cli/client.hpp"
#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "cli/switch_text.hpp"
#include "cli/terminal.hpp"

namespace bulkhead::cli {
namespace {

Outcome<api::ProveRequest> request_of(const Invocation& args) {
    const std::string mend = "say --all, or --no-path with two ends";
    if (args.has("all") == args.has("no-path"))
        return fail_usage(args.has("all") ? "prove: --all and --no-path are both given"
                                          : "prove: what is to be proved is missing",
                          mend);
    api::ProveRequest request;
    request.set_all(args.has("all"));
    request.set_from(args.text("FROM"));
    request.set_to(args.text("TO"));
    if (request.all() && !request.from().empty()) return fail_usage("prove: --all takes no ends", mend);
    if (!request.all() && request.to().empty()) return fail_usage("prove: an end is missing", mend);
    return request;
}

Outcome<Exit> run_prove(Context& context) {
    const auto request = request_of(context.args);
    if (!request) return std::unexpected(request.error());
    const auto proof = context.client.prove(*request);
    if (!proof) return std::unexpected(proof.error());
    const Format format = format_of(context.args);
    const Terminal& terminal = context.terminal;
    const std::string subject =
        request->all() ? "anybody > anybody" : request->from() + " > " + request->to();
    if (for_people(format))
        terminal.out(proof_text(*proof, subject, terminal.colour_out()));
    else
        terminal.out(machine_text(*proof, format));
    return proof->proved() ? Exit::done : Exit::failed;
}

}  // namespace

Command prove_command() {
    return {
        .name = "prove",
        .summary = "Prove over the kernel's state that no packet gets from one end to another",
        .description =
            "The switch's maps are read from the kernel. They tell only finitely many kinds of frames\n"
            "apart: one of each is judged, from everywhere to everywhere, and so all are. Passing on\n"
            "counts too: by a partition with several interfaces, by routers and the networks beyond them,\n"
            "by the cable that joins machines behind a network card.\n\n"
            "  --no-path FROM TO   no packet gets from the one to the other, not even as an answer\n"
            "  --all               nobody reaches anybody but as the conduits of the spec in force say,\n"
            "                      and those let pass\n\n"
            "Says \"no packet can\" and how many kinds of frames were judged, or prints a packet that gets\n"
            "through. Nothing is proved while the kernel's state is not what it should be: an interface\n"
            "without its programs, an entry of a map that nobody meant. Exits 0 if it is proved, else 1.",
        .arguments = {{.name = "FROM",
                       .help = "A partition, host, zone or tenant; KIND/NAME where names are alike",
                       .values = Values::partition,
                       .optional = true},
                      {.name = "TO", .help = "Another", .values = Values::partition, .optional = true}},
        .options = {{.name = "no-path", .help = "From FROM to TO no packet can go"},
                    {.name = "all", .help = "All that can be reached is what the conduits say"},
                    output_option({"table", "json", "yaml"})},
        .examples = {{"bulkhead prove --no-path robot-cell press", "Are the two vendors apart?"},
                     {"bulkhead prove --all", "Does the kernel do what the spec says, and nothing else?"}},
        .run = run_prove};
}

}  // namespace bulkhead::cli
