#include "base/file.hpp"
#include "cli/client.hpp"
#include "cli/commands.hpp"
#include "cli/terminal.hpp"

namespace bulkhead::cli {
namespace {

constexpr std::size_t it_key_limit = std::size_t{64} * 1024;

Outcome<Exit> run_enroll(Context& context) {
    api::EnrolCommand request;
    request.set_join(context.args.text("STRING"));
    request.set_gateway(context.args.text("name"));
    if (context.args.has("it-key")) {
        auto pem = read_file(context.args.text("it-key"), it_key_limit);
        if (!pem) return std::unexpected(Failure(pem.error()));
        request.set_it_key(std::move(*pem));
    }
    const auto result = context.client.enrol(request);
    if (!result) return std::unexpected(result.error());
    context.terminal.err(
        "Gateway " + result->gateway() + " has joined the console " + result->console() +
        "; its certificate lasts until " + result->not_after() + ".\n" +
        (result->trust_anchor() == "software"
             ? "Its TPM is software: it shows the path, and proves nothing against root here.\n"
             : "") +
        "From now on its spec is what IT signs and the console sends.\n");
    return Exit::done;
}

}  // namespace

Command enroll_command() {
    return {
        .name = "enroll",
        .summary = "Let this gateway join a console",
        .description =
            "STRING comes from the console (bulkhead-console token create) and serves once. The console's\n"
            "certificate is checked against it before anything is sent, and the gateway proves itself by "
            "its\n"
            "TPM. IT's public key comes from you and never from the console: the gateway takes only specs\n"
            "that it signed, so that a stolen console can't change it.",
        .arguments = {{.name = "STRING", .help = "bulkhead-join-v1,HOST:PORT,PIN,TOKEN"}},
        .options = {{.name = "it-key",
                     .value = "FILE",
                     .help = "Public key that IT signs specs with (several in one file are fine)",
                     .values = Values::file},
                    {.name = "name",
                     .value = "NAME",
                     .help = "Name of the gateway; that of its spec, or of the host, if absent"}},
        .examples = {{"bulkhead enroll 'bulkhead-join-v1,console.example:7443,...' --it-key it.pub",
                      "Once, on the gateway"}},
        .run = run_enroll};
}

}  // namespace bulkhead::cli
