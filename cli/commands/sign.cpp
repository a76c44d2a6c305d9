#include <ctime>

#include "base/clock.hpp"
#include "base/file.hpp"
#include "base/units.hpp"
#include "cli/commands.hpp"
#include "cli/document.hpp"
#include "cli/permits.hpp"
#include "cli/terminal.hpp"
#include "spec/desired.hpp"
#include "spec/validate.hpp"

namespace bulkhead::cli {
namespace {

constexpr std::size_t references_limit = 1024 * 1024;

Result<model::Permits> permits_for(const Invocation& args) {
    model::Permits permits;
    for (const auto& name : args.all("allow-restart")) permits.restart.insert(model::PartitionName(name));
    for (const auto& name : args.all("allow-detach")) permits.detach.insert(model::DeviceName(name));
    for (const auto& name : args.all("delete-volume")) {
        const auto slash = name.find('/');
        if (slash == std::string::npos)
            return fail(Code::invalid, "'" + name + "' is not the name of a volume", "--delete-volume",
                        "PARTITION/VOLUME");
        permits.delete_volumes.insert(
            {model::PartitionName(name.substr(0, slash)), model::VolumeName(name.substr(slash + 1))});
    }
    return permits;
}

// Without a number: the seconds of this machine's clock, so that each is greater than the one before.
Result<std::uint64_t> generation_of(const Invocation& args) {
    if (args.has("generation")) return parse_number(args.text("generation"), 1, UINT64_MAX / 2);
    return static_cast<std::uint64_t>(std::time(nullptr));
}

Outcome<Exit> run_sign(Context& context) {
    const auto& args = context.args;
    const auto document = read_document(args);
    if (!document) return std::unexpected(document.error());
    if (!args.has("key")) return fail_usage("sign: the key is missing", "name it with --key FILE");
    const auto spec = spec::read_spec(document->content, document->name);
    if (!spec) return std::unexpected(failure_of(spec.error()));
    const auto key = crypto::SigningKey::read(args.text("key"));
    if (!key) return std::unexpected(Failure(key.error()));
    spec::Desired desired;
    desired.gateway = spec->gateway;
    desired.document = document->content;
    desired.document_name = document->name;
    desired.signed_at = rfc3339(SystemClock().utc());
    const auto generation = generation_of(args);
    if (!generation) return fail_usage("--generation: " + generation.error().what, "a number from 1 on");
    desired.generation = *generation;
    auto permits = permits_for(args);
    if (!permits) return std::unexpected(Failure(permits.error(), Exit::usage));
    desired.permits = std::move(*permits);
    if (args.has("references")) {
        auto references = read_file(args.text("references"), references_limit);
        if (!references) return std::unexpected(Failure(references.error()));
        desired.references = std::move(*references);
    }
    const auto envelope = spec::sign_desired(desired, *key);
    const std::string out = args.text("out");
    if (out.empty() || out == "-") {
        context.terminal.out(envelope + "\n");
    } else if (auto written = write_file_atomically(out, envelope + "\n"); !written) {
        return std::unexpected(Failure(written.error()));
    }
    context.terminal.err("Signed generation " + std::to_string(desired.generation) + " for gateway " +
                         desired.gateway.str() + " with " + key->verify_key().id() + ".\n");
    if (desired.references.empty())
        context.terminal.err("Without --references nothing of it can be attested.\n");
    return Exit::done;
}

}  // namespace

Command sign_command() {
    std::vector<Option> options{
        file_option(),
        values_option(),
        {.name = "key", .value = "FILE", .help = "IT's secret key", .values = Values::file},
        {.name = "references",
         .value = "FILE",
         .help = "What may be measured, as bulkhead measure prints it; reviewed by you",
         .values = Values::file},
        {.name = "generation",
         .value = "N",
         .help = "Greater than any before; the time in seconds, if absent"},
        {.name = "out",
         .letter = 'o',
         .value = "FILE",
         .help = "The envelope; stdout, if absent",
         .values = Values::file}};
    for (auto& option : permit_options()) options.push_back(std::move(option));
    return {
        .name = "sign",
        .summary = "Sign a gateway's spec, as IT",
        .description =
            "Validates the spec and signs it with all that belongs to it: the gateway's name, a generation,\n"
            "the reference values of its attestation, and what may be disturbed for it. Needs no gateway "
            "and\n"
            "no console: keep the key away from both.",
        .options = std::move(options),
        .examples =
            {{"bulkhead sign -f factory.yaml --key it.key --references references.json -o signed.json",
              "Then: bulkhead --context plant apply -f signed.json"},
             {"for site in sites/*.yaml; do bulkhead sign -f switch.yaml --values $site --key it.key -o "
              "$site.signed; done",
              "One definition for many gateways"}},
        .run = run_sign};
}

}  // namespace bulkhead::cli
